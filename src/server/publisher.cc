#include "server/publisher.h"

#include <utility>

namespace weir::server {

void Publisher::publish(upstream::Pool& pool) {
    const auto old = retired_.insert(retired_.end(), {pool.renew(), workers_.size()});
    if (workers_.empty()) retired_.erase(old);
    for (auto& worker : workers_) {
        worker->adopt(pool, [this, old] {
            loop_.post([this, old] {
                if (--old->workers == 0) retired_.erase(old);
            });
        });
    }
}

}  // namespace weir::server
