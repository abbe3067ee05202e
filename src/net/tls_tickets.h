// TicketKeys: what session tickets are sealed with (RFC 5077 4): AES-256 and an HMAC of SHA-256. The first key seals,
// all of them open, so that keys may be changed while tickets are under way, and a fleet with the same keys resumes
// each other's sessions. Immutable once a TlsServer has them. A value.
#pragma once

#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "base/result.h"

struct ssl_ctx_st;

namespace weir::net {

struct TicketKey {
    static constexpr size_t kBytes = 80;  // a file of one: name, HMAC key, AES key, as nginx has them
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> mac;
    std::array<unsigned char, 32> cipher;

    static Result<TicketKey> parse(std::string_view bytes);
    static TicketKey random();
};

using TicketKeys = std::vector<TicketKey>;

// Since its peers shook hands in full a session is resumed for so long, however often its ticket was renewed (RFC 8446
// 4.6.1); one with a client certificate no longer than that is good.
constexpr std::chrono::seconds kLongestSession = std::chrono::hours(24);

// Has `context` seal and open its tickets with `keys`, which live as long as it does.
void use_ticket_keys(ssl_ctx_st* context, const TicketKeys& keys);

}  // namespace weir::net
