// Engine: what one worker needs on the way of a request: its loop, connections to clients, connection pools, counters,
// log ring, ids, and the snapshot that new exchanges are born under. The server runs one per worker thread; a test runs
// one on manual time and in-memory transports. It owns downstream connections and connection pools. One thread.
#pragma once

#include <memory>
#include <vector>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/log_pace.h"
#include "base/recycler.h"
#include "http/date.h"
#include "http/h1_server_codec.h"
#include "net/loop.h"
#include "proxy/crowd_watch.h"
#include "proxy/downstream_connection.h"
#include "proxy/exchange.h"
#include "proxy/snapshot.h"
#include "telemetry/access_log.h"
#include "telemetry/registry.h"
#include "upstream/connection_pool.h"
#include "upstream/roster.h"

namespace weir::proxy {

// A snapshot and how many exchanges were born under it. A plain count: only this worker touches it.
struct SnapshotPin {
    std::shared_ptr<const Snapshot> snapshot;
    size_t exchanges = 0;
};

// A head while it is put together, with the texts made for it. It is void once it was sent, so one per worker does, and
// that one stays in the cache.
struct Draft {
    http::RequestHead request;
    http::ResponseHead response;
    Arena texts;
};

class Engine final : private net::Job, private net::TimerOwner, public policy::Resumer {
 public:
    class Owner {
     public:
        // The last connection went while draining.
        virtual void on_drained() = 0;
        // A client's connection was closed, and with it its descriptor.
        virtual void on_connection_closed() = 0;
        // Many have gone, and what they needed is free: malloc keeps it.
        virtual void on_crowd_gone() = 0;

     protected:
        ~Owner() = default;
    };
    struct Parts {
        net::Loop& loop;
        net::Dialer& dialer;
        telemetry::AccessLog& access_log;
        telemetry::WorkerCells& cells;
        std::string_view pseudonym;              // in Via; lives as long as the engine
        unsigned worker;                         // its index, for cells
        Owner* owner;                            // may be null
        upstream::HealthHints* hints = nullptr;  // likewise
    };

    explicit Engine(const Parts& parts);
    ~Engine();

    // What is known of a pool's endpoints from now on; before any snapshot that names the pool. Both outlive this, the
    // set until another one is adopted.
    void adopt(upstream::Pool& pool, const upstream::EndpointSet& set);
    // New exchanges are born under it from now on.
    void adopt(std::shared_ptr<const Snapshot> snapshot);
    // A client's connection; `plan` outlives it. False: its client has too many, and it is closed already.
    bool accept(std::unique_ptr<net::Transport> transport, const ListenerPlan& plan);

    // Closes the connection that has been silent for longest, for one that waits to be accepted. False: all that can be
    // seen of are at work, or were a moment ago.
    bool make_room();

    // Closes idle connections and, after their answer, the others.
    void drain();
    bool draining() const { return draining_; }
    // Closes everything now; returns how many exchanges were cut.
    size_t cut();
    size_t connections() const { return connection_count_; }
    size_t exchanges() const { return running_exchanges_; }

    // For connections and exchanges.
    net::Loop& loop() { return parts_.loop; }
    http::H1Workshop& workshop() { return workshop_; }
    // Valid until it is asked for again. Its texts are new; what its heads held, their maker overwrites.
    Draft& draft() {
        draft_.texts.reset();
        return draft_;
    }
    RequestIds& request_ids() { return request_ids_; }
    telemetry::AccessLog& access_log() { return parts_.access_log; }
    std::string_view date() { return date_.at(parts_.loop.wall()); }
    // Who we are in Via: one word, this process's own.
    std::string_view pseudonym() const { return parts_.pseudonym; }
    template <typename Series>
    auto& cells(Series& series) const {
        return series.cells(parts_.worker);
    }
    upstream::ConnectionPool& connections(upstream::Endpoint& endpoint);
    upstream::Roster& roster(const upstream::Pool& pool) { return *rosters_[pool.id()]; }
    // The current snapshot, kept until unpin(); or one that is kept already, once more.
    SnapshotPin& pin();
    static SnapshotPin& pin(SnapshotPin& again) {
        ++again.exchanges;
        return again;
    }
    void unpin(SnapshotPin& pin);
    // The exchange's place; it is found there until delist().
    uint32_t enlist(Exchange& exchange);
    void delist(uint32_t index);
    // A number for an exchange that begins; never 0, the number of none.
    uint32_t new_generation() { return ++generations_ == 0 ? ++generations_ : generations_; }
    // Any thread; the exchange is resumed in a later turn.
    void resume(uint32_t index, uint32_t generation) override;
    std::unique_ptr<Exchange> take_exchange();
    // A finished one; it is used again after this turn.
    void retire(std::unique_ptr<Exchange> exchange);
    // The TLS handshake of a client's connection is over, well or not.
    void count_handshake(const DownstreamConnection& connection, const net::TlsFacts& facts);
    // It is idle from now on.
    void on_connection_idle(DownstreamConnection& connection) { connections_.move_back(connection); }
    void on_connection_closed(DownstreamConnection& connection);

 private:
    static constexpr Duration kShort = std::chrono::milliseconds(10);  // from one look for free buffers to the next
    static constexpr Duration kSpared = std::chrono::seconds(2);       // between two requests nobody is cut off so soon
    static constexpr int kLooks = 256;                                 // for an idle connection, at most

    void run_job() override;  // at the end of each turn
    void on_timer(net::Timer& timer) override;
    void wait_for_buffers();
    void read_again();
    bool may_tidy() const;
    void tidy_later();
    void tidy();
    void drop_old_snapshots();

    Parts parts_;
    http::H1Workshop workshop_;
    Draft draft_;
    RequestIds request_ids_;
    http::DateText date_;
    std::vector<std::unique_ptr<upstream::ConnectionPool>> pools_;  // by Endpoint::id
    std::vector<std::unique_ptr<upstream::Roster>> rosters_;        // by Pool::id
    std::vector<std::unique_ptr<SnapshotPin>> pins_;                // the current one last
    std::vector<Exchange*> by_index_;                               // all there are, in use or not
    std::vector<uint32_t> free_indexes_;
    uint32_t generations_ = 0;
    Recycler<Exchange> exchanges_;
    std::vector<std::unique_ptr<Exchange>> retired_;
    net::Timer short_of_buffers_;  // armed: some connections wait for buffers to read into
    LogPace told_short_;
    LogPace told_full_;
    LogPace told_handshake_;
    List<DownstreamConnection, DownstreamConnection> connections_;  // the idle ones among them by how long they are
    size_t connection_count_ = 0;
    CrowdWatch crowd_;
    net::Timer tidy_;
    size_t running_exchanges_ = 0;
    bool draining_ = false;
};

}  // namespace weir::proxy
