#include "upstream/connection_pool.h"

#include "base/check.h"

namespace weir::upstream {

Lease::Lease(UpstreamConnection& connection) : connection_(&connection) {
    connection.lend();
}

Lease& Lease::operator=(Lease&& other) noexcept {
    if (this != &other) {
        release();
        connection_ = std::exchange(other.connection_, nullptr);
    }
    return *this;
}

http::ClientStream& Lease::stream() const {
    CHECK(connection_ != nullptr);
    return connection_->stream();
}

const UpstreamConnection& Lease::connection() const {
    CHECK(connection_ != nullptr);
    return *connection_;
}

void Lease::release() {
    if (connection_ != nullptr) std::exchange(connection_, nullptr)->stream().release(http::ResetReason::cancel);
}

void LeaseWaiter::withdraw() {
    if (pool_ == nullptr) return;
    unlink();
    ConnectionPool& pool = *std::exchange(pool_, nullptr);
    --pool.waiter_count_;
    pool.drop_dial_in_vain();
}

ConnectionPool::ConnectionPool(net::Loop& loop, net::Dialer& dialer, Scratch& scratch, Endpoint& endpoint,
                               unsigned worker, HealthHints* hints)
    : loop_(loop),
      tls_(net::dialer_over_tls(dialer, endpoint.tls, endpoint.host)),
      dialer_(tls_ != nullptr ? *tls_ : dialer),
      scratch_(scratch),
      endpoint_(endpoint),
      cells_(endpoint.series.cells(worker)),
      signs_(hints, endpoint),
      at_(Whereabouts::of(endpoint)) {}

ConnectionPool::~ConnectionPool() {
    while (!waiters_.empty()) next_waiter();
    close_idle();
    for (Connections* list : {&connecting_, &busy_}) {
        list->for_each([this](UpstreamConnection& connection) {
            connection.close();
            retire(connection);
        });
    }
}

Lease ConnectionPool::acquire(const PoolPlan& plan, LeaseWaiter& waiter, Lend lend) {
    while (lend != Lend::fresh && !idle_.empty() && trusted(idle_.front())) {
        UpstreamConnection& connection = idle_.pop_front();
        --idle_count_;
        cells_.connections_idle.add(-1);
        if (connection.clean() && connection.heard_out()) {
            count_lent(connection);
            if (lend == Lend::looked_at) connection.look_before_writing();
            return Lease(connection);
        }
        learn_end(connection);
        connection.close();
        retire(connection);
    }
    auto connection = std::make_unique<UpstreamConnection>(loop_, at_.dial(loop_, dialer_), scratch_, plan, *this);
    connecting_.push_back(*connection.release());  // ours until retire()
    ++connecting_count_;
    waiters_.push_back(waiter);
    waiter.pool_ = this;
    ++waiter_count_;
    return {};
}

void ConnectionPool::move_to(Whereabouts now) {
    at_.become(std::move(now));
    const auto gone = [this](const UpstreamConnection& connection) { return !at_.contain(connection.peer()); };
    idle_.for_each([&](UpstreamConnection& connection) {
        if (!gone(connection)) return;
        connection.close();
        on_idle_over(connection);
    });
    busy_.for_each([&](UpstreamConnection& connection) {
        if (gone(connection)) connection.use_no_more();
    });
}

// The one that has waited longest leaves the line.
LeaseWaiter& ConnectionPool::next_waiter() {
    LeaseWaiter& next = waiters_.front();
    next.withdraw();
    return next;
}

// A dial that hangs holds a descriptor until connect_timeout. Clients that come and go must not heap them up.
void ConnectionPool::drop_dial_in_vain() {
    if (connecting_count_ <= waiter_count_) return;
    UpstreamConnection& youngest = connecting_.back();
    if (connecting_count_ <= waiter_count_ + youngest.most_idle()) return;
    --connecting_count_;
    youngest.close();
    retire(youngest);
}

void ConnectionPool::on_connected(UpstreamConnection& connection, int error) {
    connection.ListHook<UpstreamConnection>::unlink();
    --connecting_count_;
    signs_.dialled(error, loop_.now());
    if (error != 0) {
        retire(connection);
        // A dial whose waiter withdrew, or was served by another connection, fails nobody: the others have their own.
        if (waiter_count_ > connecting_count_) next_waiter().on_no_lease(error);
        return;
    }
    cells_.connections_total.add();
    const bool stays = endpoint_.host.empty() || settle_at(connection);
    if (!waiters_.empty()) return lend(connection, next_waiter());
    keep(connection);
    if (stays) return;
    connection.close();
    on_idle_over(connection);
}

// The endpoint may have moved while this one was dialled: then it is good for who waits, and no longer.
bool ConnectionPool::settle_at(UpstreamConnection& connection) {
    at_.prefer(connection.peer());
    if (at_.contain(connection.peer())) return true;
    connection.use_no_more();
    return false;
}

void ConnectionPool::lend(UpstreamConnection& connection, LeaseWaiter& to) {
    count_lent(connection);
    to.on_lease(Lease(connection));
}

// One request on it.
void ConnectionPool::count_lent(UpstreamConnection& connection) {
    busy_.push_front(connection);
    cells_.connections_active.add(+1);
    cells_.requests_active.add(+1);
    cells_.requests_total.add();
    if (connection.times_lent() > 0) cells_.reuse_total.add();
}

void ConnectionPool::on_returned(UpstreamConnection& connection, bool reusable) {
    connection.ListHook<UpstreamConnection>::unlink();
    cells_.connections_active.add(-1);
    cells_.requests_active.add(-1);
    if (connection.answered()) learn_answer(connection);
    if (!reusable) return retire(connection);
    keep(connection);
    // Not lent from here: a FIN or bytes that answer nothing may stand right behind the response.
    if (!waiters_.empty()) connection.hear_out();
}

void ConnectionPool::on_spare(UpstreamConnection& connection) {
    if (waiters_.empty()) return;
    connection.ListHook<UpstreamConnection>::unlink();
    --idle_count_;
    cells_.connections_idle.add(-1);
    lend(connection, next_waiter());
}

// As a spare one, in the place of the one that has waited longest when there are enough.
void ConnectionPool::keep(UpstreamConnection& connection) {
    if (leaving_) {
        connection.close();
        return retire(connection);
    }
    idle_.push_front(connection);
    ++idle_count_;
    cells_.connections_idle.add(+1);
    if (idle_count_ > connection.most_idle()) {
        UpstreamConnection& oldest = idle_.back();
        oldest.close();
        on_idle_over(oldest);
    }
}

void ConnectionPool::on_idle_over(UpstreamConnection& connection) {
    learn_end(connection);
    connection.ListHook<UpstreamConnection>::unlink();
    --idle_count_;
    cells_.connections_idle.add(-1);
    retire(connection);
}

// One that is not stays, as a witness: it may outlive what was learned.
bool ConnectionPool::trusted(const UpstreamConnection& connection) const {
    const bool learned = connection.times_lent() > 0 && !connection.announced();
    return !learned || lesson_.trusts(loop_.now() - connection.idle_since());
}

void ConnectionPool::learn_end(const UpstreamConnection& connection) {
    if (!connection.peer_ended()) return;
    signs_.idle_closed(loop_.now());
    if (connection.times_lent() > 0 && !connection.announced()) lesson_.closed(loop_.now() - connection.idle_since());
}

// Two in a row that end their connections: who says so leaves, and what is idle is closed before it does that.
void ConnectionPool::learn_answer(const UpstreamConnection& connection) {
    signs_.answered(connection.kept(), loop_.now());
    said_close_ = connection.kept() ? 0 : said_close_ + 1;
    if (said_close_ == 2) close_idle();
    if (!lesson_.known() || idle_.empty()) return;
    const UpstreamConnection& oldest = idle_.back();
    if (oldest.times_lent() > 0 && oldest.clean() && oldest.heard_out())
        lesson_.kept(loop_.now() - oldest.idle_since());
}

void ConnectionPool::read_again() {
    for (Connections* list : {&idle_, &busy_})
        list->for_each([](UpstreamConnection& connection) { connection.read_again(); });
}

void ConnectionPool::let_go(bool leaving) {
    leaving_ = leaving;
    if (leaving) close_idle();
}

void ConnectionPool::close_idle() {
    while (!idle_.empty()) {
        UpstreamConnection& connection = idle_.front();
        connection.close();
        on_idle_over(connection);
    }
}

void ConnectionPool::retire(UpstreamConnection& connection) {
    connection.ListHook<UpstreamConnection>::unlink();
    loop_.dispose(std::unique_ptr<net::Disposable>(&connection));
}

}  // namespace weir::upstream
