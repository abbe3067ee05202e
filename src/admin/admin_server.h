// AdminServer: the daemon's own small HTTP server for operators and scrapers: /metrics, /healthz, /readyz.
// evhttp on a thread and an event_base of its own, so that a scrape of a thousand series takes no time from a worker.
// It reads only; and it answers no Host that a browser could have been tricked into (421).
// Owned by the daemon, started and ended by the control thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>

#include "base/result.h"

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

    // Listens on `address` (forms: bind.h) and answers from then on. `daemon` outlives the server. Past
    // kMaxConnections nothing is accepted until one has gone.
    static Result<std::unique_ptr<AdminServer>> start(std::string_view address, Daemon& daemon);
    // Closes all, waits for the thread.
    ~AdminServer();
    AdminServer(const AdminServer&) = delete;
    AdminServer& operator=(const AdminServer&) = delete;

    uint16_t port() const { return port_; }

 private:
    AdminServer(Daemon& daemon, int fd, uint16_t port);
    void run();
    void answer(evhttp_request* request);
    void pause_when_full();

    Daemon& daemon_;
    const uint16_t port_;
    const int stop_;  // an eventfd: libevent without its locks may not be touched from another thread
    event_base* base_;
    evhttp* http_;
    evconnlistener* listener_;
    event* stop_event_;
    std::thread thread_;
};

}  // namespace weir::admin
