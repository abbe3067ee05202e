// AdminServer: the daemon's own small HTTP server for operators and scrapers: /metrics, /healthz, /readyz.
// evhttp on a thread and an event_base of its own, so that a scrape of a thousand series takes no time from a worker.
// It reads only; and it answers no Host that a browser could have been tricked into (421).
// Owned by the daemon, started and ended by the control thread.
#pragma once

#include <thread>

struct event;
struct event_base;
struct evconnlistener;
struct evhttp;
struct evhttp_request;

namespace weir::admin {

class Daemon;

class AdminServer final {
 public:
    static constexpr int kMaxConnections = 64;

    // Accepts from `fd`, which listens and does not block, and answers from then on. `fd` stays the caller's; `daemon`
    // outlives the server. Past kMaxConnections nothing is accepted until one has gone.
    AdminServer(int fd, Daemon& daemon);
    // Closes all connections, waits for the thread.
    ~AdminServer();
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;

 private:
    void run();
    void answer(evhttp_request* request);
    void pause_when_full();

    Daemon& daemon_;
    const int stop_;  // an eventfd: libevent without its locks may not be touched from another thread
    event_base* base_;
    evhttp* http_;
    evconnlistener* listener_;
    event* stop_event_;
    std::thread thread_;
};

}  // namespace weir::admin
