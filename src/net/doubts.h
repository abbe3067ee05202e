// Doubts: the sockets of one worker whose last edge may have been a reset in disguise. libevent tells of EPOLLERR as
// READ|WRITE, just as of data; a reset that comes together with data is therefore lost when the read of that data is
// short and no other edge follows. Reading on to EAGAIN each time would cost a system call per message. Instead sockets
// that went quiet behind such an edge are asked together, with one poll(2) for many of them, a moment later.
// No timer runs while there is no doubt. Owned by the EventPoller; its thread.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/list.h"

struct event;
struct event_base;

namespace weir::net {

class PlainSocket;

class Doubts final {
 public:
    // A socket is asked one to two of these after its last edge.
    static constexpr Duration kPeriod = std::chrono::milliseconds(64);

    explicit Doubts(event_base* base);
    ~Doubts();
    Doubts(const Doubts&) = delete;
    Doubts& operator=(const Doubts&) = delete;

    // Leaves by itself, at the latest when destroyed.
    void add(PlainSocket& socket);

 private:
    void sweep();
    void arm();

    event* alarm_;
    bool armed_ = false;
    List<PlainSocket, Doubts> sockets_;
};

}  // namespace weir::net
