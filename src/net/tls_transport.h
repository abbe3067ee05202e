// TlsTransport: TLS over another transport, with the promises of transport.h. One read brings ciphertext and gives
// plaintext, one write makes records of all it is given and sends them at once; libssl sees no socket. What is neither
// read nor sent yet is kept in slabs; an idle connection keeps none. Not here: keys, names, what is agreed on
// (tls_server.h, tls_client.h).
// It says that bytes have moved once they are encrypted, but for the last one, which it holds back until the transport
// below took all: so its owner is not done before the kernel has everything, as with a plain socket.
// Owned by a Wire; the worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/slab.h"
#include "net/tls_handles.h"
#include "net/tls_workshop.h"
#include "net/transport.h"
#include "net/wheel.h"

namespace weir::net {

class TlsDialer;

class TlsTransport final : public Transport, private Job, private TimerOwner {
 public:
    // A server's session ticket waits for the answer to a request that is here already, and no longer.
    static constexpr Duration kTicketWait = std::chrono::milliseconds(20);

    // `ssl` is new, knows its side, and has workshop.lend_bio(); the handshake begins when `inner` is connected.
    // `dialer`: who dialled, and is told of failures; null: the server's side.
    TlsTransport(TlsWorkshop& workshop, std::unique_ptr<Transport> inner, TlsHandle<ssl_st> ssl,
                 TlsDialer* dialer = nullptr);
    ~TlsTransport() override;
    TlsTransport(const TlsTransport&) = delete;
    TlsTransport& operator=(const TlsTransport&) = delete;

    void set_owner(Job& job, Lane lane) override;
    bool connecting() const override { return state_ < State::open; }
    int connect_error() const override { return state_ == State::refused ? error_ : 0; }
    IoResult read(char* into, size_t room) override;
    bool cut() const override { return cut_; }
    IoResult write(const struct iovec* segments, int count) override;
    bool uses_pipes() const override { return false; }
    IoResult read_into(Pipe& pipe, size_t most) override;
    IoResult write_from(Pipe& pipe, size_t count) override;
    bool holds_input() const override { return in_.size > 0; }
    bool readable() const override;
    bool writable() const override { return state_ == State::open && out_.size == 0 && inner_->writable(); }
    void pause_reading(bool paused) override;
    bool reading_paused() const override { return inner_->reading_paused(); }
    int failed() const override { return error_ != 0 ? error_ : inner_->failed(); }
    // Of ciphertext: there is less to read.
    std::optional<size_t> unread_before_end() const override;
    std::optional<Duration> unanswered() const override { return inner_->unanswered(); }
    uint64_t bytes_written() const override { return inner_->bytes_written(); }
    Undelivered undelivered(uint64_t mark) const override { return inner_->undelivered(mark); }
    bool has_news() const override { return inner_->has_news(); }
    // close_notify leaves with it.
    void announce_end() override { end_announced_ = true; }
    void push() override { inner_->push(); }
    void shutdown_write() override;
    void reset() override;
    const Address& peer() const override { return inner_->peer(); }
    Address local() const override { return inner_->local(); }
    std::optional<TlsFacts> tls() const override;

 private:
    enum class State : uint8_t {
        connecting,   // the transport below
        shaking,      // hands
        turned_away,  // it spoke no TLS and was told so: waiting for its end
        open,
        refused,
    };
    // Bytes in a slab that belong to this connection alone.
    struct Held {
        SlabRef slab;
        uint32_t at = 0;
        uint32_t size = 0;
        std::span<const char> bytes() const;
        void drop(size_t count);
    };
    static constexpr size_t kMostHeld = 1024 * 1024;  // of ciphertext that the peer does not take
    static constexpr int kFetches = 16;               // reads below that bring no plaintext, in one turn

    void run_job() override;
    void on_timer(Timer& timer) override;
    void shake_hands();
    bool hear(std::span<const char>& input);
    void note_refusal();
    bool turn_away(std::span<const char> said);
    void discard();
    void refuse(int error, const char* why);
    IoResult fetch(std::span<const char>& input);
    size_t decrypt(std::span<const char> input, char* into, size_t room);
    IoResult found_end();
    void note_read_error(int result);
    void keep(std::span<const char> rest);
    bool encrypt(const struct iovec* segments, int count, size_t skip, size_t most);
    bool encrypt(const char* from, size_t size);
    bool send_output();
    bool hold(std::span<const char> more);
    bool send_held();
    bool keep_ticket();
    void say_goodbye();
    void tell_owner();

    TlsWorkshop& workshop_;
    std::unique_ptr<Transport> inner_;
    TlsDialer* const dialer_;
    TlsHandle<ssl_st> ssl_;
    Job* owner_ = nullptr;
    const char* failure_ = nullptr;        // why there is no connection
    Held in_;                              // ciphertext that was read and not decrypted yet
    Held out_;                             // ciphertext that the transport below did not take yet
    std::unique_ptr<std::string> ticket_;  // that waits; before all in out_
    Timer ticket_timer_;
    int error_ = 0;
    Lane lane_ = Lane::upstream;
    State state_ = State::connecting;
    bool plaintext_left_ = false;  // libssl has some that was not asked for yet
    bool owes_byte_ = false;       // the first byte of the next write() is encrypted already
    bool ended_ = false;           // close_notify came, or the end below
    bool untold_ = false;          // that, or an error, and no read() has said so
    bool cut_ = false;             // the end below without close_notify, of a backend
    bool said_goodbye_ = false;    // close_notify is on its way
    bool fin_wanted_ = false;      // behind what is held
    bool end_announced_ = false;   // nothing is written behind the next write
    bool reset_ = false;
    bool begun_ = false;  // the handshake: somebody has said something
};

}  // namespace weir::net
