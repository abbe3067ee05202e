#include "server/worker.h"

#include "base/check.h"
#include "base/log.h"

namespace weir::server {

Worker::Worker(Parts parts)
    : parts_(std::move(parts)), loop_(poller_, clock_), dialer_(poller_, loop_), thread_([this] { run(); }) {}

Worker::~Worker() {
    stop();
    thread_.join();
}

void Worker::run() {
    loop_.slabs().allow_pipes(SlabStore::kPipes / parts_.workers);
    loop_.slabs().share(parts_.living.buffers, parts_.workers);
    LogWriter::Attachment log = parts_.log.attach();
    telemetry::AccessLog access_log(parts_.access_log ? &log.access() : nullptr);
    telemetry::WorkerCells& cells = parts_.living.registry.worker(parts_.index);
    engine_ = std::make_unique<proxy::Engine>(
        proxy::Engine::Parts{loop_, dialer_, access_log, cells, parts_.pseudonym, parts_.index, this, parts_.hints});
    loop_.run();
    acceptors_.clear();
    engine_.reset();
    tls_.clear();
    loop_.run_disposals();  // what the engine gave up goes while the access log still stands
}

void Worker::adopt(std::shared_ptr<const proxy::Snapshot> snapshot) {
    for (const upstream::PoolPlan& plan : snapshot->pools) adopt(*plan.pool, [] {});
    loop_.post([this, snapshot = std::move(snapshot)]() mutable { engine_->adopt(std::move(snapshot)); });
}

void Worker::adopt(upstream::Pool& pool, std::function<void()> done) {
    loop_.post([this, &pool, &set = pool.set(), done = std::move(done)] {
        engine_->adopt(pool, set);
        done();
    });
}

void Worker::move(upstream::Endpoint& endpoint, upstream::Whereabouts now) {
    loop_.post(
        [this, &endpoint, now = std::move(now)]() mutable { engine_->connections(endpoint).move_to(std::move(now)); });
}

void Worker::listen(int fd, const proxy::ListenerPlan& plan) {
    loop_.post([this, fd, &plan] {
        auto on_accept = [this, &plan](int socket, const net::Address& peer) { accept(socket, peer, plan); };
        auto make_room = [this] { return engine_->make_room(); };
        acceptors_.push_back(std::make_unique<net::Acceptor>(poller_, loop_, fd, parts_.living.connections,
                                                             std::move(on_accept), std::move(make_room)));
    });
}

void Worker::adopt_tls(const proxy::ListenerPlan& plan, std::unique_ptr<net::TlsServer> tls) {
    loop_.post([this, &plan, tls = std::move(tls)]() mutable { tls_[&plan] = std::move(tls); });
}

void Worker::accept(int socket, const net::Address& peer, const proxy::ListenerPlan& plan) {
    auto transport = net::adopt_socket(poller_, loop_, socket, peer);
    if (plan.tls) {
        const auto tls = tls_.find(&plan);
        CHECK(tls != tls_.end());  // handed out before its sockets are
        transport = tls->second->accept(*dialer_.tls_workshop(), std::move(transport));
    }
    if (!engine_->accept(std::move(transport), plan)) parts_.living.connections.give_back(1);
}

void Worker::drain() {
    loop_.post([this] {
        for (auto& acceptor : acceptors_) acceptor->turn_away();
        last_accepts_.arm(loop_.now() + net::Acceptor::kHandshake);
    });
}

void Worker::on_timer(net::Timer&) {
    for (auto& acceptor : acceptors_) acceptor->finish();
    acceptors_.clear();
    parts_.on_accepted_all();
    engine_->drain();
}

void Worker::cut(std::function<void(size_t)> done) {
    loop_.post([this, done = std::move(done)] {
        last_accepts_.cancel();
        acceptors_.clear();
        done(engine_->cut());
    });
}

void Worker::stop() {
    loop_.stop();
}

}  // namespace weir::server
