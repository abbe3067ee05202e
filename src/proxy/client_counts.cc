#include "proxy/client_counts.h"

#include "base/check.h"

namespace weir::proxy {

bool ClientCounts::enter(const net::Address& client, unsigned most) {
    const Key key = client.bits();
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.counts.try_emplace(key, 0).first;
    if (at->second >= most) return false;
    ++at->second;
    return true;
}

void ClientCounts::leave(const net::Address& client) {
    const Key key = client.bits();
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.counts.find(key);
    CHECK(at != shard.counts.end());
    if (--at->second == 0) shard.counts.erase(at);
}

}  // namespace weir::proxy
