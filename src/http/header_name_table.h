// The table behind header_name.h, seen by the parser too: a known name is found by one hash and one compare, and a
// compare that succeeds has also proved that every byte of the name is a token's and that a colon follows.
// Made at compile time from kHeaderNames; a name that collides does not compile (then a new factor must be found).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/header_name.h"

namespace weir::http::header_table {

inline constexpr size_t kNames = static_cast<size_t>(HeaderName::count_);

// By HeaderName.
inline constexpr std::array<std::string_view, kNames> kHeaderNames = {
    "",
    "accept",
    "accept-encoding",
    "accept-language",
    "age",
    "alt-svc",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "host",
    "http2-settings",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "location",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "proxy-status",
    "range",
    "referer",
    "retry-after",
    "sec-websocket-key",
    "sec-websocket-version",
    "server",
    "set-cookie",
    "te",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-accel-buffering",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
    "x-request-id",
};

// Two blocks of sixteen: the name, a colon, and bytes that match whatever stands there.
struct alignas(16) Row {
    char text[32];
    char fold[32];  // the bits to set before comparing: case of a letter, every bit behind the colon
};

inline constexpr size_t kLongest = 31;  // with the colon a name fits its row

constexpr Row make_row(std::string_view name) {
    Row row{};
    for (size_t i = 0; i < sizeof row.text; ++i) {
        const char c = i < name.size() ? name[i] : i == name.size() ? ':' : '\xff';
        row.text[i] = c;
        row.fold[i] = i > name.size() ? '\xff' : c >= 'a' && c <= 'z' ? '\x20' : '\0';
    }
    return row;
}

constexpr std::array<Row, kNames> make_rows() {
    std::array<Row, kNames> rows{};
    for (size_t i = 0; i < kNames; ++i) rows[i] = make_row(kHeaderNames[i]);
    return rows;
}
inline constexpr std::array<Row, kNames> kRows = make_rows();

// Of a name of two bytes or more, whatever its case: its first two bytes, its last two and its size, mixed by a factor
// that was searched for until no two names met.
constexpr uint8_t slot_of(const char* name, size_t size) {
    const auto byte = [name](size_t i) { return uint32_t{static_cast<uint8_t>(name[i])}; };
    const uint32_t ends = byte(0) | byte(1) << 8 | byte(size - 2) << 16 | byte(size - 1) << 24;
    return static_cast<uint8_t>(((ends | 0x20202020) + 2 * static_cast<uint32_t>(size)) * 0xba754e5b >> 24);
}

constexpr std::array<HeaderName, 256> make_slots() {
    std::array<HeaderName, 256> slots{};
    for (size_t i = 1; i < kNames; ++i)
        slots[slot_of(kHeaderNames[i].data(), kHeaderNames[i].size())] = static_cast<HeaderName>(i);
    return slots;
}
inline constexpr std::array<HeaderName, 256> kSlots = make_slots();

// The only known name that these bytes can be, or `other`. Of a name of two bytes or more.
constexpr HeaderName candidate(const char* name, size_t size) {
    return kSlots[slot_of(name, size)];
}

constexpr bool every_name_has_its_slot() {
    for (size_t i = 1; i < kNames; ++i) {
        const std::string_view name = kHeaderNames[i];
        if (name.size() < 2 || name.size() > kLongest ||
            candidate(name.data(), name.size()) != static_cast<HeaderName>(i))
            return false;
    }
    return true;
}
static_assert(every_name_has_its_slot());

}  // namespace weir::http::header_table
