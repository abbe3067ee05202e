// ConnectionPool: a worker's connections to one endpoint. It lends a stream now when an idle connection is clean, else
// it dials and lends when connected, or says why not. A lease is RAII: given back when its holder is done, and only a
// connection that stands at a message boundary in both directions is ever lent again. Idle connections are watched: a
// FIN or a stray byte closes them, and how long its endpoint keeps them is learned (IdleLesson). Of an endpoint with
// several addresses it keeps to the one that answered. One worker, one thread.
#pragma once

#include <memory>

#include "base/list.h"
#include "base/scratch.h"
#include "net/loop.h"
#include "net/transport.h"
#include "upstream/endpoint_signs.h"
#include "upstream/idle_lesson.h"
#include "upstream/pool.h"
#include "upstream/upstream_connection.h"
#include "upstream/whereabouts.h"

namespace weir::upstream {

// Which connections are lent.
enum class Lend : uint8_t {
    any,        // an idle one where there is one
    looked_at,  // the same; what is sent on it leaves only if its peer has not ended by then
    fresh,      // one that has just been made, or has just had an answer: the idle ones may all have been closed
};

// A connection lent for one request. Empty when default made or moved from.
class Lease final {
 public:
    Lease() = default;
    explicit Lease(UpstreamConnection& connection);
    Lease(Lease&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { release(); }

    explicit operator bool() const { return connection_ != nullptr; }
    http::ClientStream& stream() const;
    const UpstreamConnection& connection() const;
    // A stream that is not whole is cancelled: its backend hears that nobody wants it any more.
    void release();

 private:
    UpstreamConnection* connection_ = nullptr;
};

class ConnectionPool;

// Who waits for a connection. Told once, unless it withdraws before.
class LeaseWaiter : private ListHook<LeaseWaiter> {
 public:
    virtual void on_lease(Lease lease) = 0;
    // `error` is an errno: ECONNREFUSED, ETIMEDOUT (connect_timeout), EHOSTUNREACH, ...; or a net::DialFault.
    virtual void on_no_lease(int error) = 0;
    // Leaves the line; the connection that is being made for it becomes a spare one, as far as spares are wanted.
    void withdraw();

 protected:
    virtual ~LeaseWaiter() { withdraw(); }

 private:
    friend class ConnectionPool;
    friend class List<LeaseWaiter, LeaseWaiter>;
    ConnectionPool* pool_ = nullptr;  // while it stands in its line
};

class ConnectionPool final : public UpstreamConnection::Owner {
 public:
    // `hints` may be null.
    ConnectionPool(net::Loop& loop, net::Dialer& dialer, Scratch& scratch, Endpoint& endpoint, unsigned worker,
                   HealthHints* hints = nullptr);
    ~ConnectionPool();

    // A lease now, or an empty one: then `waiter` is told later. `plan` is read now and not kept.
    Lease acquire(const PoolPlan& plan, LeaseWaiter& waiter, Lend lend = Lend::any);
    // Where its endpoint, which has a host name, is from now on. Connections to where it is no more end with what they
    // do.
    void move_to(Whereabouts now);
    size_t idle() const { return idle_count_; }
    // There are buffers again; some of its connections may have waited for one.
    void read_again();
    // Closes all idle connections.
    void close_idle();
    // `leaving`: its endpoint gets nothing new. Idle connections close now, busy ones after their answers.
    void let_go(bool leaving);

 private:
    using Connections = List<UpstreamConnection, UpstreamConnection>;
    void on_connected(UpstreamConnection& connection, int error) override;
    void on_returned(UpstreamConnection& connection, bool reusable) override;
    void on_spare(UpstreamConnection& connection) override;
    void on_idle_over(UpstreamConnection& connection) override;
    bool settle_at(UpstreamConnection& connection);
    void lend(UpstreamConnection& connection, LeaseWaiter& to);
    void count_lent(UpstreamConnection& connection);
    void keep(UpstreamConnection& connection);
    void retire(UpstreamConnection& connection);
    bool trusted(const UpstreamConnection& connection) const;
    void learn_end(const UpstreamConnection& connection);
    void learn_answer(const UpstreamConnection& connection);
    LeaseWaiter& next_waiter();
    // Closes the youngest one when nobody waits for it and there are enough to be spare.
    void drop_dial_in_vain();

    friend class LeaseWaiter;
    net::Loop& loop_;
    const std::unique_ptr<net::TlsDialer> tls_;  // null: its endpoint does not speak TLS
    net::Dialer& dialer_;
    Scratch& scratch_;
    Endpoint& endpoint_;
    telemetry::EndpointCells& cells_;
    EndpointSigns signs_;
    Whereabouts at_;  // the address that answered last comes first
    IdleLesson lesson_;
    unsigned said_close_ = 0;                 // answers in a row
    List<LeaseWaiter, LeaseWaiter> waiters_;  // oldest first
    Connections connecting_;                  // one for each waiter, and a few whose waiter has gone
    Connections idle_;                        // most recently used first
    Connections busy_;
    size_t idle_count_ = 0;
    size_t waiter_count_ = 0;  // a backend that goes down fails all of them in a row: nothing there walks the lists
    size_t connecting_count_ = 0;
    bool leaving_ = false;
};

}  // namespace weir::upstream
