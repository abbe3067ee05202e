#include "proxy/attempt.h"

#include "base/check.h"

namespace weir::proxy {

void Attempt::begin(upstream::ConnectionPool& connections, upstream::Endpoint& endpoint, const upstream::PoolPlan& plan,
                    upstream::Lend lend) {
    CHECK(state_ == State::none);
    endpoint_ = &endpoint;
    state_ = State::waiting;
    if (upstream::Lease lease = connections.acquire(plan, *this, lend)) take(std::move(lease));
}

void Attempt::take(upstream::Lease lease) {
    lease_ = std::move(lease);
    state_ = State::leased;
    lease_.stream().observe(this);
}

void Attempt::on_lease(upstream::Lease lease) {
    take(std::move(lease));
    owner_.on_attempt();
}

void Attempt::on_no_lease(int error) {
    connect_error_ = error;
    state_ = State::no_connection;
    owner_.on_attempt();
}

void Attempt::end() {
    withdraw();
    lease_.release();
    state_ = State::none;
}

void Attempt::clear() {
    end();
    endpoint_ = nullptr;
    connect_error_ = 0;
}

}  // namespace weir::proxy
