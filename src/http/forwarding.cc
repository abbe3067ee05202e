#include "http/forwarding.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "http/connection_options.h"

namespace weir::http {

namespace {

using Name = HeaderName;

// Of one connection (RFC 9110 7.6.1), and framing, which the codec writes anew. Trailer stays: it speaks of the message
// (RFC 9110 6.6.2).
constexpr HeaderSet kHopByHop(Name::connection, Name::keep_alive, Name::proxy_connection, Name::te, Name::upgrade,
                              Name::http2_settings, Name::transfer_encoding, Name::content_length);
// Set anew on every request.
constexpr HeaderSet kOursInRequests(Name::forwarded, Name::x_forwarded_for, Name::x_real_ip, Name::x_request_id,
                                    Name::max_forwards);
// Kept from a trusted proxy.
constexpr HeaderSet kOursUnlessTrusted(Name::x_forwarded_proto, Name::x_forwarded_host, Name::x_forwarded_port);
// A name that a backend may read as one of these is not forwarded (X-Forwarded-* and X-Client-Cert-* neither).
constexpr HeaderSet kNoDoubles(Name::keep_alive, Name::proxy_connection, Name::http2_settings, Name::transfer_encoding,
                               Name::content_length, Name::max_forwards, Name::x_real_ip, Name::x_request_id);

constexpr std::string_view kForwardedNames = "x-forwarded-";
constexpr std::string_view kClientCertNames = "x-client-cert-";

// The name, read as CGI and WSGI do, is one that only weir may say.
bool doubles_ours(std::string_view name) {
    std::array<char, 32> read;  // longer than any of them
    const size_t size = std::min(name.size(), read.size());
    std::transform(name.begin(), name.begin() + static_cast<ptrdiff_t>(size), read.begin(),
                   [](char c) { return c == '_' || c == '.' ? '-' : lower(c); });
    const std::string_view start(read.data(), size);
    if (start.substr(0, kForwardedNames.size()) == kForwardedNames) return true;
    if (start.substr(0, kClientCertNames.size()) == kClientCertNames) return true;
    return kNoDoubles.has(find_header_name(start));
}

// A name that weir does not know by heart and that a client may not say: only a certificate's verifier speaks of it,
// only a trusted proxy of how the request reached it.
bool only_ours(std::string_view name, bool trusted) {
    if (name.size() < 2 || lower(name[0]) != 'x' || name[1] != '-') return false;
    return starts_with_ignoring_case(name, kClientCertNames) ||
           (!trusted && starts_with_ignoring_case(name, kForwardedNames));
}

// Writes whole lines one behind the other and adds them as fields that leave as they stand.
class LineBlock final {
 public:
    LineBlock(Arena& arena, size_t room, Fields& out) : at_(arena.take(room)), end_(at_ + room), out_(out) {}
    ~LineBlock() { CHECK(at_ <= end_); }

    void begin(std::string_view name) {
        name_ = at_;
        name_size_ = name.size();
        put(name);
        put(": ");
        value_ = at_;
    }
    void put(std::string_view text) {
        if (text.empty()) return;
        CHECK(text.size() <= static_cast<size_t>(end_ - at_));
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    void put(uint16_t number) { at_ = write_decimal(number, at_); }
    // A whole one. Once in the binary, not at each of its callers: the way of a request is to fit the caches.
    [[gnu::noinline]] void line(HeaderName id, std::string_view name, std::string_view value) {
        begin(name);
        put(value);
        end(id);
    }
    void end(HeaderName id) {
        Field field(id, {name_, name_size_}, {value_, static_cast<size_t>(at_ - value_)});
        field.set_plain_line();
        out_.add(field);
        put("\r\n");
    }

 private:
    char* at_;
    char* const end_;
    Fields& out_;
    const char* name_ = nullptr;
    size_t name_size_ = 0;
    const char* value_ = nullptr;
};

// The lines weir adds to a request.
class RequestLines final {
 public:
    RequestLines(const RequestHead& in, const ClientHop& hop, Fields& out, Arena& arena)
        : in_(in.fields),
          hop_(hop),
          authority_(in.target.authority),
          lines_(arena, room(), out),
          via_(in.minor_version == 0 ? "1.0 " : "1.1 ") {}

    void write(bool request_id) {
        if (!hop_.peer.empty() || has(Name::x_forwarded_for)) write_for();
        if (!has(Name::x_forwarded_proto)) write(Name::x_forwarded_proto, "X-Forwarded-Proto", hop_.scheme);
        if (!has(Name::x_forwarded_host)) write(Name::x_forwarded_host, "X-Forwarded-Host", authority_);
        if (names_our_port()) {
            lines_.begin("X-Forwarded-Port");
            lines_.put(hop_.port);
            lines_.end(Name::x_forwarded_port);
        }
        write(Name::x_real_ip, "X-Real-IP", hop_.client);
        write_forwarded();
        lines_.begin("Via");
        lines_.put(via_);
        lines_.put(hop_.pseudonym);
        lines_.end(Name::via);
        if (request_id) write(Name::x_request_id, "X-Request-Id", hop_.request_id);
    }

 private:
    // What all names, signs and numbers of the lines need at most.
    static constexpr size_t kFixed = 256;

    size_t room() const {
        size_t size = kFixed + 2 * hop_.peer.size() + 2 * hop_.scheme.size() + 2 * authority_.size() +
                      hop_.client.size() + hop_.pseudonym.size() + hop_.request_id.size();
        if (!hop_.trusted()) return size;
        for (const Field& field : in_)
            if (appended_to(field)) size += field.value().size() + 2;
        return size;
    }
    static bool appended_to(const Field& field) {
        return field.id() == Name::x_forwarded_for || field.id() == Name::forwarded;
    }
    // A trusted proxy said it.
    bool has(HeaderName id) const { return hop_.trusted() && in_.has(id); }
    // Ours would contradict what a trusted proxy said of scheme and host.
    bool names_our_port() const {
        return hop_.port != 0 && !has(Name::x_forwarded_port) && !has(Name::x_forwarded_proto) &&
               !has(Name::x_forwarded_host);
    }

    void write(HeaderName id, std::string_view name, std::string_view value) {
        if (!value.empty()) lines_.line(id, name, value);
    }
    // Everything a trusted proxy said under this name, as the beginning of one list. True when something was written.
    bool put_received(HeaderName id) {
        bool any = false;
        if (!has(id)) return any;
        for (const Field& field : in_) {
            if (field.id() != id || field.value().empty()) continue;
            if (any) lines_.put(", ");
            lines_.put(field.value());
            any = true;
        }
        return any;
    }
    void write_for() {
        lines_.begin("X-Forwarded-For");
        if (put_received(Name::x_forwarded_for) && !hop_.peer.empty()) lines_.put(", ");
        lines_.put(hop_.peer);
        lines_.end(Name::x_forwarded_for);
    }
    // RFC 7239 4 and 6: an IPv6 address stands in brackets, and with a colon in quotes.
    void write_forwarded() {
        lines_.begin("Forwarded");
        if (put_received(Name::forwarded)) lines_.put(", ");
        const bool ipv6 = hop_.peer.find(':') != hop_.peer.npos;
        lines_.put(ipv6 ? "for=\"[" : "for=");
        lines_.put(hop_.peer.empty() ? "unknown" : hop_.peer);
        if (ipv6) lines_.put("]\"");
        if (!authority_.empty()) {
            lines_.put(";host=\"");
            lines_.put(authority_);
            lines_.put("\"");
        }
        lines_.put(";proto=");
        lines_.put(hop_.scheme);
        lines_.end(Name::forwarded);
    }

    const Fields& in_;
    const ClientHop& hop_;
    const std::string_view authority_;
    LineBlock lines_;
    const std::string_view via_;
};

// Host is what the target says (RFC 9112 3.2.2), and the line that came where that says the same.
void add_host(const Field& field, std::string_view authority, Fields& out) {
    out.add(field.value().data() == authority.data() ? field : Field(Name::host, "Host", authority));
}

// RFC 9110 7.6.2: one fewer with OPTIONS; what is said with other methods is left alone.
void add_max_forwards(const RequestHead& in, const ConnectionOptions& options, Fields& out, Arena& arena) {
    for (const Field& field : in.fields) {
        if (field.id() != Name::max_forwards || options.name(field)) continue;
        const auto hops = in.method == Method::options ? parse_decimal(field.value()) : std::nullopt;
        if (!hops || *hops == 0) {
            out.add(field);
            continue;
        }
        char* const text = arena.take(20);
        out.add(Field(Name::max_forwards, field.name(),
                      {text, static_cast<size_t>(write_decimal(*hops - 1, text) - text)}));
    }
}

}  // namespace

bool is_last_hop(const RequestHead& in) {
    if (in.method != Method::options || !in.fields.has(Name::max_forwards)) return false;
    return std::any_of(in.fields.begin(), in.fields.end(), [](const Field& field) {
        return field.id() == Name::max_forwards && parse_decimal(field.value()) == uint64_t{0};
    });
}

bool passed_here(const Fields& fields, std::string_view pseudonym) {
    if (!fields.has(Name::via)) return false;
    return std::any_of(fields.begin(), fields.end(), [pseudonym](const Field& field) {
        return field.id() == Name::via && field.value().find(pseudonym) != std::string_view::npos;
    });
}

void forward_request_fields(const RequestHead& in, const ClientHop& hop, Fields& out, Arena& arena) {
    out.clear();
    const ConnectionOptions options(in.fields);
    // A backend that speaks HTTP/1.1 is owed a Host, an empty one if nobody was named (RFC 9112 3.2).
    if (!in.fields.has(Name::host)) out.add(Field(Name::host, "Host", in.target.authority));
    bool request_id = true;
    for (const Field& field : in.fields) {
        const HeaderName id = field.id();
        if (kHopByHop.has(id) || options.name(field)) continue;
        if (id == Name::other) {
            if (field.odd_name() ? doubles_ours(field.name()) : only_ours(field.name(), hop.trusted())) continue;
        } else if (id == Name::host) {
            add_host(field, in.target.authority, out);
            continue;
        } else if (kOursInRequests.has(id)) {
            // The id that was kept stays the line it was.
            if (id != Name::x_request_id || field.value().data() != hop.request_id.data()) continue;
            request_id = false;
        } else if ((!hop.trusted() && kOursUnlessTrusted.has(id)) || (id == Name::expect && in.minor_version == 0)) {
            continue;  // an HTTP/1.0 client does not know what it expects (RFC 9110 10.1.1)
        }
        out.add(field);
    }
    if (in.fields.has(Name::max_forwards)) add_max_forwards(in, options, out, arena);
    RequestLines(in, hop, out, arena).write(request_id);
}

void forward_response_fields(const ResponseHead& in, const ResponseHop& hop, Fields& out, Arena& arena) {
    out.clear();
    const ConnectionOptions options(in.fields);
    for (const Field& field : in.fields) {
        const HeaderName id = field.id();
        if (kHopByHop.has(id) || options.name(field)) continue;
        if (id == Name::x_request_id && !hop.request_id.empty()) continue;
        if (field.odd_name() && doubles_ours(field.name())) continue;
        out.add(field);
    }
    if (in.informational()) return;
    constexpr size_t kFixed = 64;
    LineBlock lines(arena, kFixed + hop.date.size() + hop.request_id.size(), out);
    if (!out.has(Name::date) && !hop.date.empty()) lines.line(Name::date, "Date", hop.date);
    if (!hop.request_id.empty()) lines.line(Name::x_request_id, "X-Request-Id", hop.request_id);
}

void forward_trailers(const Fields& in, Fields& out) {
    out.clear();
    for (const Field& field : in) {
        const HeaderName id = field.id();
        if (kHopByHop.has(id) || kOursInRequests.has(id) || kOursUnlessTrusted.has(id)) continue;
        if (field.odd_name() ? doubles_ours(field.name()) : only_ours(field.name(), false)) continue;
        out.add(field);
    }
}

}  // namespace weir::http
