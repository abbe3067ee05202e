#include "proxy/client_counts.h"

#include <algorithm>

#include "base/check.h"

namespace weir::proxy {

// An IPv6 client has its whole /64 (RFC 4291 2.5.1), so that is what counts as one.
ClientCounts::Key ClientCounts::key_of(const net::Address& client) {
    Key key = client.ip().bytes();
    if (client.family() == net::Address::Family::v6) std::fill(key.begin() + 8, key.end(), uint8_t{0});
    return key;
}

bool ClientCounts::enter(const net::Address& client, unsigned most) {
    const Key key = key_of(client);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.counts.try_emplace(key, 0).first;
    if (at->second >= most) return false;
    ++at->second;
    return true;
}

void ClientCounts::leave(const net::Address& client) {
    const Key key = key_of(client);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.counts.find(key);
    CHECK(at != shard.counts.end());
    if (--at->second == 0) shard.counts.erase(at);
}

}  // namespace weir::proxy
