#include "http/target.h"

#include <algorithm>

#include "base/text.h"
#include "http/authority.h"
#include "http/message.h"
#include "http/path.h"

namespace weir::http {

namespace {

constexpr Refusal kInvalid{400, "invalid request target", "RFC 9112 3.2"};
constexpr Refusal kAsterisk{400, "asterisk-form in a request that is not OPTIONS", "RFC 9112 3.2.4"};
constexpr Refusal kAuthorityForm{400, "CONNECT needs host:port", "RFC 9112 3.2.3"};
constexpr Refusal kScheme{400, "target of another scheme than http and https", "RFC 9112 3.2.2"};
constexpr Refusal kUserinfo{400, "user information in the target", "RFC 9110 4.2.4"};

// Splits the target into scheme, authority, path and query, by its form. `raw_path` is empty where the form has none.
class TargetReader final {
 public:
    TargetReader(RequestHead& head) : head_(head), target_(head.target) {}

    const Refusal* read() {
        if (const Field* host = head_.fields.find(HeaderName::host)) {
            // Checked even where the target's own authority wins (RFC 9112 3.2).
            target_.authority = host->value();
            if (const Refusal* refusal = read_authority(target_.authority, authority_)) return refusal;
        }
        if (const Refusal* refusal = read_form(head_.target_text)) return refusal;
        target_.host = authority_.host;
        target_.port = authority_.port;
        if (!authority_.normal || !scan_.plain) return rewrite();
        return {};
    }

 private:
    const Refusal* read_form(std::string_view text) {
        if (head_.method == Method::connect) return read_authority_form(text);
        if (text.empty()) return &kInvalid;
        if (text.front() == '/') return read_path(text);
        if (text != "*") return read_absolute(text);
        if (head_.method != Method::options) return &kAsterisk;
        target_.form = Target::Form::asterisk;
        target_.path = target_.forward_path = text;
        return {};
    }

    const Refusal* read_path(std::string_view text) {
        if (const Refusal* refusal = scan_path(text, scan_)) return refusal;
        target_.path = target_.forward_path = text.substr(0, scan_.size);
        target_.query = text.substr(scan_.size);
        return check_query(target_.query);
    }

    const Refusal* read_authority_form(std::string_view text) {
        if (const Refusal* refusal = read_authority(text, authority_)) return refusal;
        if (authority_.port == 0) return &kAuthorityForm;
        target_.form = Target::Form::authority;
        target_.authority = target_.forward_path = text;
        return {};
    }

    const Refusal* read_absolute(std::string_view text) {
        target_.form = Target::Form::absolute;
        if (starts_with_ignoring_case(text, "http://")) {
            target_.scheme = "http";
        } else if (starts_with_ignoring_case(text, "https://")) {
            target_.scheme = "https";
        } else {
            return text.find("://") == text.npos ? &kInvalid : &kScheme;
        }
        const std::string_view rest = text.substr(target_.scheme.size() + 3);
        const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
        // The Host that came is replaced (RFC 9112 3.2.2).
        target_.authority = rest.substr(0, end);
        if (target_.authority.find('@') != std::string_view::npos) return &kUserinfo;
        if (const Refusal* refusal = read_authority(target_.authority, authority_)) return refusal;
        const std::string_view path = rest.substr(end);
        if (!path.empty() && path.front() == '/') return read_path(path);
        // RFC 9112 3.2.4: without path and query, OPTIONS asks about the server.
        const bool server = path.empty() && head_.method == Method::options;
        target_.path = target_.forward_path = server ? "*" : "/";
        target_.query = path;
        return check_query(path);
    }

    const Refusal* rewrite() {
        // Off the inline buffer of a small string, so that a head may be moved without its views going astray.
        constexpr size_t kLeast = 64;
        const size_t path_size = scan_.plain ? 0 : target_.path.size();
        std::string& room = target_.rewritten;
        room.clear();
        room.reserve(std::max(kLeast, authority_.host.size() + kLeast + 2 * path_size));
        if (!authority_.normal) {
            append_normal_host(authority_, room);
            target_.host = room;
        }
        if (scan_.plain) return {};
        const size_t at = room.size();
        room.resize(at + 2 * path_size);
        NormalPath normal;
        if (const Refusal* refusal = normalise_path(target_.path, room.data() + at, normal)) return refusal;
        target_.path = normal.matched;
        target_.forward_path = normal.forward;
        return {};
    }

    RequestHead& head_;
    Target& target_;
    Authority authority_;
    PathScan scan_;
};

}  // namespace

void Target::clear() {
    form = Form::origin;
    scheme = authority = host = path = forward_path = query = {};
    port = 0;
    rewritten.clear();
}

const Refusal* normalise_target(RequestHead& head) {
    head.target.clear();
    return TargetReader(head).read();
}

}  // namespace weir::http
