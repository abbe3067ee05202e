#include "net/memory_transport.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace weir::net {

// Mirrors PlainSocket flag by flag; where that one hears of an edge from epoll, this one hears of it from
// ManualPoller::wait(), which calls look().
class MemoryTransport final : public Transport, public ListHook<MemoryTransport> {
 public:
    enum class State : uint8_t { connecting, connected, refused };
    static constexpr Duration kResetWait = std::chrono::milliseconds(5);

    MemoryTransport(Loop& loop, ManualPoller& poller, const Address& peer, const Address& local, State state)
        : loop_(loop),
          poller_(poller),
          end_(std::make_shared<MemoryPeer>()),
          peer_(peer),
          local_(local),
          state_(state) {
        end_->transport_ = this;
    }
    ~MemoryTransport() override {
        end_->transport_ = nullptr;
        if (reset_on_close_ || end_->unread() > 0) {
            end_->saw_reset_ = true;
        } else {
            end_->saw_fin_ = true;
        }
    }
    const std::shared_ptr<MemoryPeer>& end() const { return end_; }

    // The peer did something; the next wait() tells of it.
    void mark() {
        if (!linked()) poller_.marked_.push_back(*this);
    }
    void look();
    void answer(State state, int error);

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
    std::optional<size_t> unread_before_end() const override {
        if (!fin_announced_ || end_read_) return std::nullopt;
        return end_->unread();
    }
    std::optional<Duration> unanswered() const override {
        ++end_->questions_;
        return end_->unanswered_;
    }
    uint64_t bytes_written() const override { return end_->received_total_; }
    // As PlainSocket and TcpDelivery judge; a segment has no end here.
    Undelivered undelivered(uint64_t mark) const override {
        if (!end_read_ && error_ == 0) return {false, false, kResetWait};
        if (!end_read_ || std::min(end_->acknowledged_, end_->received_total_) > mark) return {};
        return end_->reset_ ? Undelivered{last_write_at_ == mark, true, {}} : Undelivered{false, false, kResetWait};
    }
    bool has_news() const override { return end_->unread() > 0 || end_->finished_ || end_->reset_; }
    void shutdown_write() override { end_->saw_fin_ = true; }
    void reset() override { reset_on_close_ = true; }
    const Address& peer() const override { return peer_; }
    Address local() const override { return local_; }

 private:
    void tell_owner() {
        if (owner_ != nullptr) loop_.schedule(*owner_, lane_);
    }
    void took(size_t count) {
        end_->read_ += count;
        if (end_->unread() > 0) return;
        end_->sent_.clear();
        end_->read_ = seen_ = 0;
    }
    IoResult fail_with(int error) {
        error_ = error;
        readable_ = false;
        return {IoResult::Kind::failed};
    }

    Loop& loop_;
    ManualPoller& poller_;
    std::shared_ptr<MemoryPeer> end_;
    Job* owner_ = nullptr;
    Lane lane_ = Lane::upstream;
    Address peer_;
    Address local_;
    State state_;
    State answered_ = State::connecting;  // what look() makes of a dial
    int answered_error_ = 0;
    int error_ = 0;
    uint64_t last_write_at_ = 0;
    size_t seen_ = 0;  // bytes the peer had sent when we looked last
    bool readable_ = false;
    bool writable_ = true;
    bool fin_announced_ = false;
    bool reset_announced_ = false;
    bool end_read_ = false;
    bool paused_ = false;
    bool reset_on_close_ = false;
};

void MemoryTransport::set_owner(Job& job, Lane lane) {
    owner_ = &job;
    lane_ = lane;
    const bool dialed = answered_ != State::connecting;
    if (dialed || (readable_ && !paused_)) tell_owner();
}

void MemoryTransport::answer(State state, int error) {
    CHECK(state_ == State::connecting);
    answered_ = state;
    answered_error_ = error;
    if (owner_ == nullptr) {
        look();  // decided while it is dialed: known at once, as a refused connect on loopback is
    } else {
        mark();
    }
}

void MemoryTransport::look() {
    bool news = false;
    if (state_ == State::connecting) {
        if (answered_ == State::connecting) return;
        state_ = answered_;
        error_ = answered_error_;
        news = true;
        if (state_ == State::refused) return tell_owner();
    }
    const size_t sent = end_->sent_.size();
    if (sent != seen_ || end_->finished_ != fin_announced_ || end_->reset_ != reset_announced_) {
        readable_ = true;
        if (end_->reset_ && !reset_announced_ && (paused_ || end_read_)) {
            error_ = ECONNRESET;
            news = true;
        }
        seen_ = sent;
        news = news || (paused_ && end_->finished_ && !fin_announced_);
        fin_announced_ = end_->finished_;
        reset_announced_ = end_->reset_;
        news = news || !paused_;
    }
    if (!writable_ && (end_->window_ > 0 || end_->reset_)) {
        writable_ = true;
        news = true;
    }
    if (news) tell_owner();
}

IoResult MemoryTransport::read(char* into, size_t room) {
    CHECK(room > 0);
    ++end_->reads_;
    if (state_ == State::refused) return fail_with(error_);
    const size_t count = std::min(room, end_->unread());
    if (count > 0) {
        std::memcpy(into, end_->sent_.data() + end_->read_, count);
        if (count < room && !fin_announced_ && !reset_announced_ && error_ == 0) readable_ = false;
        took(count);
        return {IoResult::Kind::moved, count};
    }
    const bool end_first = end_->finished_ && !end_read_ && error_ == 0;
    if (end_->reset_ && !end_first) return fail_with(ECONNRESET);
    readable_ = false;
    if (!end_->finished_) return {IoResult::Kind::blocked};
    end_read_ = true;
    return {IoResult::Kind::end};
}

// As splice(2) does, a short count says nothing of the socket, and a pipe without room looks like one with nothing to
// read.
IoResult MemoryTransport::read_into(Pipe& pipe, size_t most) {
    if (state_ == State::refused || end_->unread() == 0) {
        char none;
        return read(&none, 1);
    }
    const ssize_t put = ::write(pipe.in(), end_->sent_.data() + end_->read_, std::min(most, end_->unread()));
    if (put <= 0) return {IoResult::Kind::blocked};
    ++end_->pipings_;
    const auto count = static_cast<size_t>(put);
    pipe.filled(count);
    took(count);
    return {IoResult::Kind::piped, count};
}

IoResult MemoryTransport::write_from(Pipe& pipe, size_t count) {
    std::string bytes(std::min(count, end_->window_), '\0');
    if (state_ == State::connected && error_ == 0 && !end_->reset_ && !bytes.empty()) {
        ++end_->pipings_;
        const ssize_t got = ::read(pipe.out(), bytes.data(), bytes.size());
        CHECK(got == static_cast<ssize_t>(bytes.size()));
        pipe.drained(bytes.size());
    }
    const struct iovec all { bytes.data(), bytes.size() };
    const IoResult result = write(&all, 1);
    if (result.kind == IoResult::Kind::blocked) writable_ = false;
    return result;
}

IoResult MemoryTransport::write(const struct iovec* segments, int count) {
    ++end_->writes_;
    if (state_ == State::connecting) return {IoResult::Kind::blocked};
    if (error_ != 0) return {IoResult::Kind::failed};
    if (end_->reset_) {
        error_ = ECONNRESET;
        readable_ = !end_read_;
        return {IoResult::Kind::failed};
    }
    const uint64_t before = end_->received_total_;
    size_t moved = 0;
    for (int i = 0; i < count && writable_; ++i) {
        const size_t part = std::min(segments[i].iov_len, end_->window_);
        end_->received_.append(static_cast<const char*>(segments[i].iov_base), part);
        if (end_->window_ != SIZE_MAX) end_->window_ -= part;
        moved += part;
        end_->received_total_ += part;
        if (part < segments[i].iov_len) writable_ = false;
    }
    if (moved == 0) return {IoResult::Kind::blocked};
    last_write_at_ = before;
    return {IoResult::Kind::moved, moved};
}

void MemoryTransport::pause_reading(bool paused) {
    if (paused_ && !paused && readable_) tell_owner();
    paused_ = paused;
    if (!paused || !reset_announced_ || !readable_ || error_ != 0) return;
    error_ = ECONNRESET;
    tell_owner();
}

void ManualPoller::wait(Duration) {
    List<MemoryTransport, MemoryTransport> due;
    due.splice_back(marked_);
    while (!due.empty()) due.pop_front().look();
}

void MemoryPeer::send(std::string_view bytes) {
    CHECK(!finished_ && !reset_);
    if (closed() || bytes.empty()) return;
    sent_.append(bytes);
    transport_->mark();
}

void MemoryPeer::finish() {
    finished_ = true;
    if (!closed()) transport_->mark();
}

void MemoryPeer::reset() {
    reset_ = true;
    if (!closed()) transport_->mark();
}

void MemoryPeer::set_window(size_t bytes) {
    window_ = bytes;
    if (!closed()) transport_->mark();
}

void MemoryPeer::accept() {
    if (!closed()) transport_->answer(MemoryTransport::State::connected, 0);
}

void MemoryPeer::refuse(int error) {
    if (!closed()) transport_->answer(MemoryTransport::State::refused, error);
}

std::string MemoryPeer::take_received() {
    return std::exchange(received_, std::string());
}

bool MemoryPeer::paused() const {
    return !closed() && transport_->reading_paused();
}

MemoryPair make_memory_pair(Loop& loop, ManualPoller& poller, const Address& peer, const Address& local) {
    auto transport = std::make_unique<MemoryTransport>(loop, poller, peer, local, MemoryTransport::State::connected);
    auto end = transport->end();
    return {std::move(transport), std::move(end)};
}

std::unique_ptr<Transport> MemoryDialer::dial(const Address& to) {
    const Address local = Address::of(Ip::v4({127, 0, 0, 1}), 40000);
    auto transport = std::make_unique<MemoryTransport>(loop_, poller_, to, local, MemoryTransport::State::connecting);
    if (on_dial_) {
        on_dial_(to, transport->end());
    } else {
        transport->end()->accept();
    }
    return transport;
}

}  // namespace weir::net
