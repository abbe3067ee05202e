#include "http/authority.h"

#include <array>

#include "base/ip.h"
#include "base/text.h"

namespace weir::http {

namespace {

enum Sign : uint8_t { kPlain, kUpper, kDot, kColon, kBad };

// RFC 3986 3.2.2 reg-name without escapes, and without the comma: it would read as a second element wherever fields
// are lists (X-Forwarded-Host).
constexpr std::array<uint8_t, 256> make_signs() {
    std::array<uint8_t, 256> signs{};
    for (auto& sign : signs) sign = kBad;
    for (int c = 'a'; c <= 'z'; ++c) signs[c] = kPlain;
    for (int c = '0'; c <= '9'; ++c) signs[c] = kPlain;
    for (int c = 'A'; c <= 'Z'; ++c) signs[c] = kUpper;
    for (const char c : std::string_view("-_~!$&'()*+;=")) signs[static_cast<uint8_t>(c)] = kPlain;
    signs['.'] = kDot;
    signs[':'] = kColon;
    return signs;
}
constexpr std::array<uint8_t, 256> kSigns = make_signs();

constexpr Refusal kEmpty{400, "empty host", "RFC 9110 4.2.1"};
constexpr Refusal kEmptyLabel{400, "empty label in the host", "RFC 1034 3.1"};
constexpr Refusal kBadSign{400, "invalid character in the host", "RFC 3986 3.2.2"};
constexpr Refusal kBadLiteral{400, "invalid IP literal", "RFC 3986 3.2.2"};
constexpr Refusal kBadPort{400, "invalid port", "RFC 3986 3.2.3"};

bool read_port(const char* at, const char* end, uint16_t& into) {
    constexpr int kDigits = 5;
    if (at == end) return true;
    if (end - at > kDigits) return false;
    unsigned port = 0;
    for (; at != end; ++at) {
        if (!is_digit(*at)) return false;
        port = port * 10 + static_cast<unsigned>(*at - '0');
    }
    into = static_cast<uint16_t>(port);
    return port != 0 && port <= 65535;
}

const Refusal* read_literal(std::string_view text, Authority& into) {
    const size_t close = text.find(']');
    if (close == text.npos) return &kBadLiteral;
    into.host = text.substr(1, close - 1);
    into.ipv6 = true;
    into.normal = false;
    if (!Ip::parse_bracketed(text.substr(0, close + 1))) return &kBadLiteral;
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return {};
    if (rest.front() != ':') return &kBadLiteral;
    if (!read_port(rest.data() + 1, rest.data() + rest.size(), into.port)) return &kBadPort;
    return {};
}

}  // namespace

const Refusal* read_authority(std::string_view text, Authority& into) {
    into = Authority();
    if (text.empty()) return &kEmpty;
    if (text.front() == '[') return read_literal(text, into);
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const char* label = begin;  // where the current one begins
    const char* at = begin;
    for (;; ++at) {
        while (at != end && kSigns[static_cast<uint8_t>(*at)] == kPlain) ++at;
        if (at == end) break;
        const uint8_t sign = kSigns[static_cast<uint8_t>(*at)];
        if (sign == kBad) return &kBadSign;
        if (sign == kUpper) into.normal = false;
        if (sign == kDot) {
            if (at == label) return &kEmptyLabel;
            label = at + 1;
        }
        if (sign == kColon) {
            if (!read_port(at + 1, end, into.port)) return &kBadPort;
            break;
        }
    }
    if (at == begin) return &kEmpty;
    if (label == at) --at;  // one trailing dot
    into.host = {begin, static_cast<size_t>(at - begin)};
    return {};
}

void append_normal_host(const Authority& authority, std::string& to) {
    if (authority.ipv6) {
        char text[Ip::kText];
        to.append(text, Ip::parse(authority.host)->write(text));
        return;
    }
    for (const char c : authority.host) to.push_back(lower(c));
}

}  // namespace weir::http
