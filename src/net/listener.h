// Listener sockets. Control binds them and owns them for the life of the process (ListenSockets); a worker borrows one
// descriptor and accepts from it (Acceptor), 32 a turn. Own listeners: one SO_REUSEPORT socket per worker; the first of
// an address is bound without the option and gets it after bind, so that a second weir on the same address is refused
// ("address in use") and never gets half of the traffic. Out of descriptors an acceptor leaves the loop until one is
// free. Neither makes a Transport of what it accepts.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "net/event_poller.h"

namespace weir::net {

// The bound sockets of one listener, one per worker. Closed on destruction. Control thread.
class ListenSockets final {
 public:
    // "127.0.0.1:8080", "[::1]:8080"; ":8080" and "8080" bind both families with one IPv6 socket, or IPv4 alone where
    // there is no IPv6. Port 0 takes a free one. Error::code is EADDRINUSE when somebody has the address already.
    static Result<ListenSockets> bind(std::string_view address, unsigned workers, int backlog);
    ListenSockets(ListenSockets&& other) noexcept;
    ListenSockets& operator=(ListenSockets&& other) noexcept;
    ~ListenSockets();

    int fd(unsigned worker) const { return fds_[worker % fds_.size()]; }
    const Address& address() const { return address_; }  // with the real port when 0 was asked for

 private:
    ListenSockets() = default;
    Status open(bool both_families, unsigned workers);
    Status listen(int backlog);
    void close();

    std::vector<int> fds_;
    Address address_;
};

// Accepts on one worker.
class Acceptor final : private Job, private TimerOwner {
 public:
    static constexpr int kPerTurn = 32;
    // From a SYN to the place in the queue: new SYNs are dropped, these are still let in. A client with a longer round
    // trip believes that it is connected, and its request meets a reset.
    static constexpr Duration kHandshake = std::chrono::milliseconds(250);
    static constexpr int kAtFinish = 64 * 1024;                         // more than any backlog, but an end
    static constexpr Duration kRetry = std::chrono::milliseconds(100);  // when nobody tells of a freed descriptor

    using OnAccept = std::function<void(int fd, const Address& peer)>;  // takes the descriptor over

    // `fd` listens, and stays the caller's. Its options are set to what accepted sockets are to inherit.
    Acceptor(EventPoller& poller, Loop& loop, int fd, OnAccept on_accept);
    ~Acceptor() = default;
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    // The way to end without a client that was let in and then reset: turn_away(), kHandshake later finish().
    // Nobody new is let in; who is about to come in still does.
    void turn_away();
    // Accepts until EAGAIN (kAtFinish at most), then ends the listening: connects are refused.
    void finish();
    // A descriptor was closed: tries again if it ran out of them. To be called for every one, it costs nothing.
    void descriptor_freed() {
        if (starved_) retry();
    }
    // Out of descriptors or memory, waiting for some.
    bool starved() const { return starved_; }

 private:
    enum class Accepted : uint8_t { one, none, starved };

    void run_job() override;
    void on_timer(Timer& timer) override;
    Accepted accept_one();
    void starve();
    void retry();
    void update_watch();

    Loop& loop_;
    int fd_;
    OnAccept on_accept_;
    Timer retry_;
    bool starved_ = false;
    bool finished_ = false;
    Watch watch_;
};

}  // namespace weir::net
