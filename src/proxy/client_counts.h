// ClientCounts: how many connections each client address (an IPv6 /64) has at one listener, over all workers. Asked
// once a connection and only where a limit is set, so a mutex a shard does. Clients choose the keys: the hash is
// seeded, and an address goes with its last connection. Living, with its listener; any worker.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/crypto.h"
#include "base/hash.h"
#include "net/address.h"

namespace weir::proxy {

class ClientCounts final {
 public:
    // One connection more; false, and not counted, when the address has `most` already.
    bool enter(const net::Address& client, unsigned most);
    // One less; of an address that entered.
    void leave(const net::Address& client);

 private:
    using Key = std::array<uint8_t, 16>;
    static Key key_of(const net::Address& client);
    struct Hash {
        Hash() : seed(random_seed()) {}
        uint64_t seed;
        size_t operator()(const Key& key) const {
            return seeded_hash({reinterpret_cast<const char*>(key.data()), key.size()}, seed);
        }
    };
    struct Shard {
        Shard() = default;
        std::mutex mutex;
        std::unordered_map<Key, unsigned, Hash> counts;
    };
    Shard& shard_of(const Key& key) { return shards_[hash_(key) % shards_.size()]; }

    const Hash hash_;
    std::array<Shard, 16> shards_;
};

}  // namespace weir::proxy
