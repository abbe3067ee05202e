#include "proxy/engine.h"

#include "base/check.h"
#include "base/log.h"

namespace weir::proxy {

Engine::Engine(const Parts& parts)
    : parts_(parts),
      workshop_(parts.loop.slabs()),
      short_of_buffers_(parts.loop.wheel(), *this),
      tidy_(parts.loop.wheel(), *this) {
    parts_.loop.at_turn_end(this);
}

Engine::~Engine() {
    cut();
    parts_.loop.at_turn_end(nullptr);
}

void Engine::adopt(upstream::Pool& pool, const upstream::EndpointSet& set) {
    if (pool.id() >= rosters_.size()) rosters_.resize(pool.id() + 1);
    auto& roster = rosters_[pool.id()];
    if (roster == nullptr) {
        roster = std::make_unique<upstream::Roster>(pool, set);
    } else {
        roster->adopt(set);
    }
    for (const upstream::EndpointSet::Member& member : set.members()) {
        const uint32_t id = member.endpoint->id;
        if (id < pools_.size() && pools_[id] != nullptr) pools_[id]->let_go(!takes_requests(member.state));
    }
}

void Engine::adopt(std::shared_ptr<const Snapshot> snapshot) {
    pins_.push_back(std::make_unique<SnapshotPin>(SnapshotPin{std::move(snapshot)}));
    drop_old_snapshots();
}

SnapshotPin& Engine::pin() {
    CHECK(!pins_.empty());
    return pin(*pins_.back());
}

void Engine::unpin(SnapshotPin& pin) {
    if (--pin.exchanges == 0 && &pin != pins_.back().get()) drop_old_snapshots();
}

void Engine::drop_old_snapshots() {
    for (size_t i = 0; i + 1 < pins_.size();) {
        if (pins_[i]->exchanges == 0) {
            pins_.erase(pins_.begin() + static_cast<ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

bool Engine::accept(std::unique_ptr<net::Transport> transport, const ListenerPlan& plan) {
    if (plan.connections_per_client > 0 && !plan.clients.enter(transport->peer(), plan.connections_per_client)) {
        LOG(debug, "{} has {} connections already (connections_per_client)", transport->peer().host_text(),
            plan.connections_per_client);
        return false;
    }
    auto* connection = new DownstreamConnection(*this, std::move(transport), plan);  // ours until it closes itself
    connections_.push_back(*connection);
    crowd_.came(++connection_count_);
    cells(*plan.series).connections_total.add();
    cells(*plan.series).connections_active.add(+1);
    if (draining_) connection->drain();
    return true;
}

// Whoever is busy when it is looked at goes to the end, where it will come to stand anyway when it is idle: it is not
// looked at again and again.
bool Engine::make_room() {
    const TimePoint spared = parts_.loop.now() - kSpared;
    for (int looks = 0; looks < kLooks && !connections_.empty(); ++looks) {
        DownstreamConnection& oldest = connections_.front();
        if (!oldest.is_silent()) {
            connections_.move_back(oldest);
            continue;
        }
        if (oldest.phase_since() > spared) return false;
        if (told_full_.due(parts_.loop.now()))
            LOG(warn, "as many connections as may be: idle ones make room (process.max_connections, LimitNOFILE)");
        oldest.leave();
        return true;
    }
    return false;
}

void Engine::count_handshake(const DownstreamConnection& connection, const net::TlsFacts& facts) {
    const ListenerPlan& plan = connection.plan();
    auto& handshakes = cells(*plan.series).handshakes(telemetry::tls_version(facts.version));
    if (facts.failure.empty()) {
        handshakes.done.add();
        if (facts.resumed) handshakes.resumed.add();
        return;
    }
    handshakes.failed.add();
    if (!told_handshake_.due(parts_.loop.now())) return;
    LOG(info, "TLS handshake with {} failed on listener {}: {}", connection.peer().host_text(), plan.name,
        facts.failure);
}

void Engine::on_connection_closed(DownstreamConnection& connection) {
    connection.ListHook<DownstreamConnection>::unlink();
    --connection_count_;
    cells(*connection.plan().series).connections_active.add(-1);
    parts_.loop.dispose(std::unique_ptr<net::Disposable>(&connection));
    if (parts_.owner == nullptr) return;
    parts_.owner->on_connection_closed();
    if (draining_ && connection_count_ == 0) parts_.owner->on_drained();
}

upstream::ConnectionPool& Engine::connections(upstream::Endpoint& endpoint) {
    if (endpoint.id >= pools_.size()) pools_.resize(endpoint.id + 1);
    auto& pool = pools_[endpoint.id];
    if (pool == nullptr)
        pool = std::make_unique<upstream::ConnectionPool>(parts_.loop, parts_.dialer, workshop_.scratch, endpoint,
                                                          parts_.worker, parts_.hints);
    return *pool;
}

uint32_t Engine::enlist(Exchange& exchange) {
    if (free_indexes_.empty()) {
        by_index_.push_back(&exchange);
        return static_cast<uint32_t>(by_index_.size() - 1);
    }
    const uint32_t index = free_indexes_.back();
    free_indexes_.pop_back();
    by_index_[index] = &exchange;
    return index;
}

void Engine::delist(uint32_t index) {
    by_index_[index] = nullptr;
    free_indexes_.push_back(index);
}

void Engine::resume(uint32_t index, uint32_t generation) {
    parts_.loop.post([this, index, generation] {
        Exchange* const exchange = by_index_[index];
        if (exchange != nullptr && exchange->generation() == generation) exchange->resume();
    });
}

std::unique_ptr<Exchange> Engine::take_exchange() {
    ++running_exchanges_;
    if (auto used = exchanges_.take()) return used;
    return std::make_unique<Exchange>(*this);
}

void Engine::retire(std::unique_ptr<Exchange> exchange) {
    --running_exchanges_;
    retired_.push_back(std::move(exchange));
}

void Engine::run_job() {
    for (auto& exchange : retired_) {
        exchange->clear();
        exchanges_.give_back(std::move(exchange));
    }
    retired_.clear();
    if (parts_.loop.slabs().was_short()) wait_for_buffers();
    if (!tidy_.armed() && may_tidy()) tidy_later();
    parts_.cells.loop_lag.observe(parts_.loop.last_turn());
    if (running_exchanges_ == 0) workshop_.scratch.rest();
}

void Engine::wait_for_buffers() {
    const TimePoint now = parts_.loop.now();
    if (!short_of_buffers_.armed()) short_of_buffers_.arm(now + kShort);
    if (told_short_.due(now)) LOG(warn, "reading pauses: all buffers are in use (process.buffers)");
}

void Engine::on_timer(net::Timer& timer) {
    if (&timer == &tidy_) return tidy();
    read_again();
}

// Whoever waited tries again; which ones these are nobody wrote down. While there are still none only an exchange goes
// on whose last bytes have left meanwhile.
void Engine::read_again() {
    if (parts_.loop.slabs().is_short()) {
        wait_for_buffers();
        for (Exchange* exchange : by_index_)
            if (exchange != nullptr) exchange->give_up_replay();
    }
    connections_.for_each([](DownstreamConnection& connection) { connection.read_again(); });
    for (auto& pool : pools_)
        if (pool != nullptr) pool->read_again();
}

bool Engine::may_tidy() const {
    return parts_.loop.slabs().may_trim() || exchanges_.may_trim() || crowd_.due(connection_count_);
}

void Engine::tidy_later() {
    crowd_.wait(connection_count_);
    tidy_.arm(parts_.loop.now() + CrowdWatch::kEvery);
}

// While there is something to tidy it comes again: what is in use now may be spare the next time.
void Engine::tidy() {
    constexpr size_t kExchange = 16 * 1024;  // with what its arena and its tables may have grown to
    const size_t trimmed = parts_.loop.slabs().trim() + workshop_.trim() + exchanges_.trim() * kExchange;
    if (crowd_.look(connection_count_, trimmed) && parts_.owner != nullptr) parts_.owner->on_crowd_gone();
}

void Engine::drain() {
    draining_ = true;
    connections_.for_each([](DownstreamConnection& connection) { connection.drain(); });
    if (connection_count_ == 0 && parts_.owner != nullptr) parts_.owner->on_drained();
}

size_t Engine::cut() {
    const size_t running = running_exchanges_;
    connections_.for_each([](DownstreamConnection& connection) { connection.cut(); });
    for (auto& pool : pools_)
        if (pool != nullptr) pool->close_idle();
    return running;
}

}  // namespace weir::proxy
