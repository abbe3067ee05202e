// Race: a transport that is made by trying several addresses of one endpoint, as in RFC 8305 section 5: in their order,
// the next one a quarter of a second behind the last, or at once when that one failed. The first that connects wins,
// and who owns the race takes it over; the others are closed. It moves no bytes. How long all may take is its owner's
// to say. Owned by a Wire until then; one worker.
#pragma once

#include <memory>
#include <vector>

#include "net/transport.h"

namespace weir::net {

class Race final : public Transport, private TimerOwner {
 public:
    // The Connection Attempt Delay (RFC 8305 5 and 8).
    static constexpr Duration kDelay = std::chrono::milliseconds(250);

    // `dialer` outlives it. Without addresses it has failed already, with `nowhere`.
    Race(Loop& loop, Dialer& dialer, std::vector<Address> addresses, int nowhere = 0);
    ~Race() override;

    void set_owner(Job& job, Lane lane) override;
    bool connecting() const override { return winner_ == nullptr && error_ == 0; }
    // Where all failed: of the last one, unless that could not even be tried.
    int connect_error() const override { return error_; }
    std::unique_ptr<Transport> take_over() override { return std::move(winner_); }

    // Nothing to read or write before that.
    IoResult read(char*, size_t) override { return {IoResult::Kind::blocked}; }
    IoResult write(const struct iovec*, int) override { return {IoResult::Kind::blocked}; }
    bool uses_pipes() const override { return false; }
    IoResult read_into(Pipe&, size_t) override { return {IoResult::Kind::blocked}; }
    IoResult write_from(Pipe&, size_t) override { return {IoResult::Kind::blocked}; }
    bool readable() const override { return false; }
    bool writable() const override { return false; }
    void pause_reading(bool) override {}
    bool reading_paused() const override { return false; }
    int failed() const override { return error_; }
    std::optional<size_t> unread_before_end() const override { return std::nullopt; }
    std::optional<Duration> unanswered() const override { return std::nullopt; }
    uint64_t bytes_written() const override { return 0; }
    Undelivered undelivered(uint64_t) const override { return {}; }
    bool has_news() const override { return false; }
    void shutdown_write() override {}
    void reset() override {}
    const Address& peer() const override { return nobody_; }
    Address local() const override { return nobody_; }

 private:
    // One address that is being tried.
    class Runner final : public Job {
     public:
        Runner(Race& race, std::unique_ptr<Transport> transport);
        std::unique_ptr<Transport> transport;

     private:
        void run_job() override { race_.on_runner(*this); }
        Race& race_;
    };

    void start_next();
    void on_runner(Runner& runner);
    void win(std::unique_ptr<Transport> transport);
    void note(int error);
    void lose();
    void on_timer(Timer&) override { start_next(); }

    Loop& loop_;
    Dialer& dialer_;
    const std::vector<Address> addresses_;
    size_t next_ = 0;     // of addresses_
    size_t running_ = 0;  // of runners_: the others have failed
    std::vector<std::unique_ptr<Runner>> runners_;
    std::unique_ptr<Transport> winner_;
    Timer timer_;
    Job* owner_ = nullptr;
    Lane lane_ = Lane::upstream;
    int seen_error_ = 0;  // the most telling so far
    int error_ = 0;
    Address nobody_;
};

}  // namespace weir::net
