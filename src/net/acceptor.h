// Acceptor: accepts on one worker from a descriptor that control has lent it, 32 a turn. Out of descriptors or
// connections it asks for one that can be spared, else it leaves the loop until one is free. It makes no Transport of
// what it accepts. The worker's thread.
#pragma once

#include <functional>
#include <string_view>

#include "base/log_pace.h"
#include "base/quota.h"
#include "net/address.h"
#include "net/event_poller.h"
#include "net/loop.h"
#include "net/wheel.h"

namespace weir::net {

class Acceptor final : private Job, private TimerOwner {
 public:
    static constexpr int kPerTurn = 32;
    // From a SYN to the place in the queue: new SYNs are dropped, these are still let in. A client with a longer round
    // trip believes that it is connected, and its request meets a reset.
    static constexpr Duration kHandshake = std::chrono::milliseconds(250);
    static constexpr int kAtFinish = 64 * 1024;                         // more than any backlog, but an end
    static constexpr Duration kRetry = std::chrono::milliseconds(100);  // when nobody tells of a freed descriptor

    using OnAccept = std::function<void(int fd, const Address& peer)>;  // takes the descriptor over
    using MakeRoom = std::function<bool()>;  // closes a connection that can be spared; false: there is none

    // `fd` listens, and stays the caller's. What is accepted inherits its options, and is one of `connections`, which
    // outlives the acceptor; who closes it gives that back. `make_room` is asked when there are no more of these, or
    // no more descriptors.
    Acceptor(EventPoller& poller, Loop& loop, int fd, Quota& connections, OnAccept on_accept, MakeRoom make_room);
    ~Acceptor() = default;
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    // The way to end without a client that was let in and then reset: turn_away(), kHandshake later finish().
    // Nobody new is let in; who is about to come in still does.
    void turn_away();
    // Accepts until EAGAIN (kAtFinish at most), then ends the listening: connects are refused.
    void finish();
    // A descriptor was closed: tries again if it ran out of something. To be called for every one, it costs nothing.
    void descriptor_freed() {
        if (starved_) retry();
    }
    // Out of descriptors, connections or memory, waiting for some.
    bool starved() const { return starved_; }

 private:
    enum class Accepted : uint8_t { one, none, starved };

    void run_job() override;
    void on_timer(Timer& timer) override;
    Accepted accept_one();
    Accepted take_one();
    void starve(std::string_view lack);
    void retry();
    void update_watch();

    Loop& loop_;
    int fd_;
    Quota& connections_;
    OnAccept on_accept_;
    MakeRoom make_room_;
    Timer retry_;
    LogPace told_;  // of what it lacks
    bool starved_ = false;
    bool finished_ = false;
    Watch watch_;
};

}  // namespace weir::net
