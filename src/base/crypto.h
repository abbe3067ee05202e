// The room of libcrypto: random bytes, the request ids made of them, and digests. TLS is net's.
// Nothing here says what is secret; who asks for bytes keeps them. Functions: any thread; RequestIds: one each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"

namespace weir {

// Fills `into` with bytes fit for keys. A system that has none to give ends the process.
void random_bytes(std::span<unsigned char> into);
// A seed for a hash.
uint64_t random_seed();

using Digest = std::array<unsigned char, 32>;
// HMAC-SHA-256 (RFC 2104) of `text` under `key`, which may be of any length.
Digest hmac_sha256(std::string_view key, std::string_view text);

// UUIDs of version 7 (RFC 9562 5.7): the time in milliseconds, then 74 random bits. Random bytes are fetched 4 KiB at a
// time. Ids of one millisecond are in no order. One per worker.
class RequestIds final {
 public:
    static constexpr size_t kSize = 36;
    using Source = void (*)(std::span<unsigned char> into);

    explicit RequestIds(Source source = random_bytes) : source_(source) {}

    // Writes kSize characters to `into`, "0190c5e8-7d3a-7f00-8000-0123456789ab", and returns them.
    std::string_view make(WallTime now, char* into);

 private:
    static constexpr size_t kBuffer = 4096;
    Source source_;
    size_t used_ = kBuffer;
    std::array<unsigned char, kBuffer> bytes_;
};

}  // namespace weir
