#include "base/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace weir {

void random_bytes(std::span<unsigned char> into) {
    CHECK(RAND_bytes(into.data(), static_cast<int>(into.size())) == 1);
}

uint64_t random_seed() {
    std::array<unsigned char, 8> bytes;
    random_bytes(bytes);
    uint64_t seed = 0;
    for (const unsigned char byte : bytes) seed = seed << 8 | byte;
    return seed;
}

Digest hmac_sha256(std::string_view key, std::string_view text) {
    Digest digest;
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr) != nullptr);
    return digest;
}

std::string_view RequestIds::make(WallTime now, char* into) {
    constexpr size_t kRandom = 10;
    if (used_ + kRandom > bytes_.size()) {
        source_(bytes_);
        used_ = 0;
    }
    std::array<unsigned char, 16> id;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    for (size_t i = 0; i < 6; ++i) id[i] = static_cast<unsigned char>(static_cast<uint64_t>(ms) >> (40 - 8 * i));
    std::copy_n(bytes_.data() + used_, kRandom, id.data() + 6);
    used_ += kRandom;
    id[6] = static_cast<unsigned char>(0x70 | (id[6] & 0x0f));
    id[8] = static_cast<unsigned char>(0x80 | (id[8] & 0x3f));

    constexpr size_t kGroups[] = {4, 2, 2, 2, 6};
    const unsigned char* from = id.data();
    char* to = into;
    for (const size_t size : kGroups) {
        if (to != into) *to++ = '-';
        to = write_hex({from, size}, to);
        from += size;
    }
    return {into, kSize};
}

}  // namespace weir
