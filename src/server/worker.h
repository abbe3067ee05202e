// Worker: a thread with a loop and an engine of its own. Connections it accepts live and die on it. Control speaks to
// it by posting. It never blocks and never reads a file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log_writer.h"
#include "net/acceptor.h"
#include "net/event_poller.h"
#include "net/socket_transport.h"
#include "net/tls_server.h"
#include "proxy/engine.h"
#include "proxy/snapshot.h"
#include "server/living.h"

namespace weir::server {

class Worker final : private proxy::Engine::Owner, private net::TimerOwner {
 public:
    struct Parts {
        unsigned index;
        unsigned workers;  // in all
        Living& living;    // both outlive the worker
        LogWriter& log;
        bool access_log;
        std::string_view pseudonym;  // lives as long as the worker
        // Called on the worker's thread: the accept queues are empty and nothing is taken any more; the last connection
        // has gone; many have.
        std::function<void()> on_accepted_all;
        std::function<void()> on_drained;
        std::function<void()> on_crowd_gone;
        upstream::HealthHints* hints = nullptr;  // null, or outlives the worker
    };

    explicit Worker(Parts parts);
    ~Worker();  // stops and joins

    // All of these are posted: control does not wait. A snapshot comes before the first listener, and brings the sets
    // of its pools along.
    void adopt(std::shared_ptr<const proxy::Snapshot> snapshot);
    // The set that `pool` has now; `done` runs on the worker's thread when the one before is not looked at any more.
    void adopt(upstream::Pool& pool, std::function<void()> done);
    // Where that endpoint is now (Names).
    void move(upstream::Endpoint& endpoint, upstream::Whereabouts now);
    // What this worker speaks TLS with on a listener, from now on; before its listen() the first time.
    void adopt_tls(const proxy::ListenerPlan& plan, std::unique_ptr<net::TlsServer> tls);
    // `fd` is lent; `plan` lives as long as the worker.
    void listen(int fd, const proxy::ListenerPlan& plan);
    // What waits in the accept queues is taken, then nothing new; connections end after their answers.
    void drain();
    // Closes everything now; `done` gets how many exchanges were cut, on the worker's thread.
    void cut(std::function<void(size_t)> done);
    void stop();

 private:
    void run();
    void accept(int socket, const net::Address& peer, const proxy::ListenerPlan& plan);
    void on_timer(net::Timer& timer) override;
    void on_drained() override { parts_.on_drained(); }
    void on_crowd_gone() override { parts_.on_crowd_gone(); }
    void on_connection_closed() override {
        parts_.living.connections.give_back(1);
        for (auto& acceptor : acceptors_) acceptor->descriptor_freed();
    }

    Parts parts_;
    SystemClock clock_;
    net::EventPoller poller_;
    net::Loop loop_;
    net::SocketDialer dialer_;
    // The thread's own, made and destroyed on it.
    std::map<const proxy::ListenerPlan*, std::unique_ptr<net::TlsServer>> tls_;  // of the listeners that speak it
    std::unique_ptr<proxy::Engine> engine_;
    std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
    net::Timer last_accepts_{loop_.wheel(), *this};  // of a drain
    std::thread thread_;                             // last: it uses all of the above
};

}  // namespace weir::server
