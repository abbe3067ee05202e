// Attempt: one try of an exchange on one endpoint: the wait for a connection, the lease, and what is known of how it
// went. It holds the lease for as long as the backend is needed, and gives it back or away. It reads no head and
// decides nothing: the exchange does. Owned by an Exchange; one thread.
#pragma once

#include "http/stream.h"
#include "upstream/connection_pool.h"

namespace weir::proxy {

class Attempt final : private upstream::LeaseWaiter, private http::StreamObserver {
 public:
    enum class State : uint8_t { none, waiting, leased, no_connection };

    class Owner {
     public:
        // Something changed: look. The attempt may be ended from within.
        virtual void on_attempt() = 0;
        // StreamObserver::starves() of the attempt's stream.
        virtual bool starves_for_response() const = 0;

     protected:
        ~Owner() = default;
    };

    explicit Attempt(Owner& owner) : owner_(owner) {}
    ~Attempt() override { end(); }

    // Asks for a connection to `endpoint`; state() says leased at once or later.
    void begin(upstream::ConnectionPool& connections, upstream::Endpoint& endpoint, const upstream::PoolPlan& plan,
               upstream::Lend lend);
    // Gives the lease back, and so cancels a stream that is not whole. The endpoint stays known.
    void end();
    void clear();

    State state() const { return state_; }
    int connect_error() const { return connect_error_; }
    upstream::Endpoint* endpoint() const { return endpoint_; }
    // Only while leased.
    http::ClientStream& stream() const { return lease_.stream(); }
    // Whether the backend can have got the request (net::Transport::undelivered); only where it was reused.
    net::Undelivered undelivered() const { return reused() ? lease_.connection().undelivered() : net::Undelivered{}; }
    // Behind a fault: by the peer's kernel; else it is one of TLS, whose process lives.
    bool was_reset() const { return lease_.connection().was_reset(); }
    // Its connection had carried a request before.
    bool reused() const { return lease_ && lease_.connection().reused(); }

 private:
    void on_lease(upstream::Lease lease) override;
    void on_no_lease(int error) override;
    void on_stream() override { owner_.on_attempt(); }
    bool starves(const http::Stream&) const override { return owner_.starves_for_response(); }
    void take(upstream::Lease lease);

    Owner& owner_;
    upstream::Endpoint* endpoint_ = nullptr;
    upstream::Lease lease_;
    int connect_error_ = 0;
    State state_ = State::none;
};

}  // namespace weir::proxy
