// Publisher: hands what control has decided about a pool's endpoints to every worker, and frees the set before once
// none of them looks at it any more. Owned by the Server; the control thread.
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "net/loop.h"
#include "server/worker.h"
#include "upstream/pool.h"

namespace weir::server {

class Publisher final {
 public:
    using Workers = std::vector<std::unique_ptr<Worker>>;

    // `loop` is control's. Both outlive it.
    Publisher(net::Loop& loop, Workers& workers) : loop_(loop), workers_(workers) {}

    // The states of the pool's members hold from now on: each worker goes by them in its next turn.
    void publish(upstream::Pool& pool);
    // Sets that some worker may still look at.
    size_t retired() const { return retired_.size(); }

 private:
    struct Retired {
        std::unique_ptr<const upstream::EndpointSet> set;
        size_t workers;  // that have not adopted its successor
    };

    net::Loop& loop_;
    Workers& workers_;
    std::list<Retired> retired_;
};

}  // namespace weir::server
