// TlsNames: the hosts that a set of certificates stands for: DNS names, wildcards of one label (RFC 6125 6.4.3), and
// IP addresses. Names are lower case and without a dot at their end. A value; any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace weir::net {

class TlsNames final {
 public:
    // "shop.example.com", "*.example.com", or an address as Ip::text() has it.
    void add(std::string_view name) { names_.emplace(name); }
    // `host`: lower case, no port; an IPv6 address without brackets.
    bool cover(std::string_view host) const;
    const std::set<std::string, std::less<>>& all() const { return names_; }

 private:
    std::set<std::string, std::less<>> names_;
};

// The one wildcard that may stand for `host`, "*.example.com" for "shop.example.com"; empty: none may. An address has
// none.
std::string wildcard_of(std::string_view host);

// What is agreed on, and how it went, once a handshake is over. Texts live as long as the process.
struct TlsFacts {
    std::string_view version;         // "TLSv1.3"; empty: nothing was agreed on
    std::string_view failure;         // why there is no connection; empty: there is one
    bool resumed = false;             // a session of before
    const TlsNames* names = nullptr;  // what our certificates stand for, as long as the connection; null: we have none
};

}  // namespace weir::net
