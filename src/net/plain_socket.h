// PlainSocket: Transport straight over a TCP or unix stream socket. Registered once with
// EV_READ|EV_WRITE|EV_CLOSED|EV_ET|EV_PERSIST; no epoll_ctl per request. EV_CLOSED is never a verdict, only recv() == 0
// is. Callbacks only mark and put the owner's job on its lane.
// Private to net/ (it shows libevent's struct event); others make one through socket_transport.h. Every idle connection
// holds one, so it is kept small. The worker's thread.
#pragma once

#include <event2/event_struct.h>

#include <cstdint>
#include <memory>

#include "base/list.h"
#include "net/event_poller.h"
#include "net/transport.h"

namespace weir::net {

class PlainSocket final : public Transport, public ListHook<Doubts> {
 public:
    // Takes over `fd`, which is connected already.
    PlainSocket(EventPoller& poller, Loop& loop, int fd, const Address& peer);
    // Opens a socket to `to`; what fails at once is connect_error().
    PlainSocket(EventPoller& poller, Loop& loop, const Address& to);
    ~PlainSocket() override;
    PlainSocket(const PlainSocket&) = delete;
    PlainSocket& operator=(const PlainSocket&) = delete;

    void set_owner(Job& job, Lane lane) override;
    bool connecting() const override { return state_ == State::connecting; }
    int connect_error() const override { return state_ == State::refused ? error_ : 0; }
    IoResult read(char* into, size_t room) override;
    IoResult write(const struct iovec* segments, int count) override;
    bool uses_pipes() const override { return true; }
    IoResult read_into(Pipe& pipe, size_t most) override;
    IoResult write_from(Pipe& pipe, size_t count) override;
    bool readable() const override { return readable_; }
    bool writable() const override { return writable_; }
    void pause_reading(bool paused) override;
    bool reading_paused() const override { return paused_; }
    int failed() const override { return error_; }
    std::optional<size_t> unread_before_end() const override;
    std::optional<Duration> unanswered() const override;
    uint64_t bytes_written() const override { return written_; }
    Undelivered undelivered(uint64_t mark) const override;
    bool has_news() const override;
    void announce_end() override { end_announced_ = true; }
    void push() override;
    void shutdown_write() override;
    void reset() override;
    const Address& peer() const override { return peer_; }
    Address local() const override;

    // --- for Doubts ----------------------------------------------------------------------------------------------
    int fd() const { return fd_; }
    // An edge came since this was asked last.
    bool moved_since_doubted();
    void settle_doubt(bool was_reset);

 private:
    enum class State : uint8_t { connecting, connected, refused };

    void open(const Address& to);
    bool enlist();
    void refuse(int error);
    void on_event(short what);
    bool notice_reset();
    int take_error() const;
    IoResult fail_with(int error);
    IoResult found_end();
    IoResult read_failed(int error);
    IoResult write_failed(int error);
    void tell_owner();
    void wrote(size_t bytes) {
        last_write_ = static_cast<uint32_t>(bytes);  // the kernel takes less than 2 GiB at once
        written_ += bytes;
    }

    event event_;
    EventPoller& poller_;
    Loop& loop_;
    Job* owner_ = nullptr;
    Address peer_;
    uint64_t written_ = 0;
    uint32_t last_write_ = 0;  // bytes
    int fd_ = -1;
    int error_ = 0;  // errno of what ended the connection, or of the connect that failed
    Lane lane_ = Lane::upstream;
    State state_;
    bool readable_ = false;
    bool writable_ = true;
    bool paused_ = false;
    bool bounded_ = false;         // its receive buffer
    bool fin_announced_ = false;   // EV_CLOSED came: read on to 0 or an error
    bool end_read_ = false;        // recv() == 0 came
    bool doubtful_ = false;        // the last edge may have been a reset
    bool news_for_owner_ = false;  // something to tell it came before it was set
    bool moved_ = false;           // an edge came since Doubts looked last
    bool end_announced_ = false;   // what is written waits for the FIN
};

}  // namespace weir::net
