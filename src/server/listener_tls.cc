#include "server/listener_tls.h"

#include <unistd.h>

#include <array>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "server/tls_files.h"

namespace weir::server {

namespace {

// Made at start and kept in memory: for the names under which this machine reaches itself.
Result<net::TlsIdentity> make_identity(WallTime now) {
    net::TlsNames names;
    for (const char* name : {"localhost", "127.0.0.1", "::1"}) names.add(name);
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) == 0) {
        std::string name(host.data());
        for (char& c : name) c = lower(c);
        if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == name.npos && !name.empty())
            names.add(name);
    }
    return net::TlsIdentity::self_signed(names, now);
}

}  // namespace

Status ListenerTls::read(const net::TicketKeys& own_keys, WallTime now) {
    std::vector<PartMistake> mistakes;
    net::TlsServerPlan plan = read_listener_tls(from_, files_, now, mistakes);
    for (const PartMistake& mistake : mistakes) {
        if (mistake.severity == config::Severity::error) return Unexpected{mistake.error};
        LOG(warn, "{}", mistake.error.message);
    }
    if (from_.self_signed) {
        if (!tls_.identities.empty()) {
            plan.identities = std::move(tls_.identities);  // the same as long as the process runs
        } else {
            auto identity = make_identity(now);
            if (!identity) return Unexpected{identity.error()};
            plan.identities.push_back(std::move(*identity));
        }
    }
    if (uses_own_keys()) plan.ticket_keys = own_keys;
    auto made = net::TlsServer::make(plan);
    if (!made) return Unexpected{made.error()};
    tls_ = std::move(plan);
    made_ = std::move(*made);
    return {};
}

void ListenerTls::renew_keys(const net::TicketKeys& own_keys) {
    tls_.ticket_keys = own_keys;
    made_ = nullptr;
}

std::unique_ptr<net::TlsServer> ListenerTls::take_server() {
    if (made_ != nullptr) return std::move(made_);
    auto another = net::TlsServer::make(tls_);
    CHECK(another.has_value());  // the first one could be made of the same
    return std::move(*another);
}

}  // namespace weir::server
