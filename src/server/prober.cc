#include "server/prober.h"

#include <pthread.h>

#include <utility>

#include "base/crypto.h"

namespace weir::server {

Prober::Prober(Parts parts)
    : parts_(std::move(parts)), loop_(poller_, clock_), dialer_(poller_, loop_), thread_([this] { run(); }) {}

Prober::~Prober() {
    loop_.stop();
    thread_.join();
}

void Prober::run() {
    pthread_setname_np(pthread_self(), "weir-health");
    upstream::HealthChecker::Owner& self = *this;
    checker_ = std::make_unique<upstream::HealthChecker>(loop_, dialer_, self, random_seed());
    loop_.run();
    checker_.reset();
    loop_.run_disposals();
}

void Prober::watch(upstream::HealthTarget target) {
    loop_.post([this, target = std::move(target)]() mutable { checker_->watch(std::move(target)); });
}

void Prober::move(const upstream::Endpoint& endpoint, upstream::Whereabouts to) {
    loop_.post([this, id = endpoint.id, to = std::move(to)]() mutable { checker_->move(id, std::move(to)); });
}

void Prober::hint(const upstream::Endpoint& endpoint, upstream::HealthHint what) {
    loop_.post([this, id = endpoint.id, what] { checker_->hint(id, what); });
}

}  // namespace weir::server
