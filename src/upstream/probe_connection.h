// ProbeConnection: a connection to an endpoint that carries probes, one at a time: a head out, an answer in, of whose
// body at most 64 KiB are read. It keeps no deadline and judges nothing. Owned by an EndpointProbe; the prober's
// thread.
#pragma once

#include <memory>
#include <string>

#include "http/h1_client_codec.h"
#include "net/loop.h"
#include "net/wire.h"
#include "upstream/health_answer.h"

namespace weir::upstream {

class ProbeConnection final : public net::Disposable,
                              private http::ClientCodecOwner,
                              private http::StreamObserver,
                              private net::Wire::Owner {
 public:
    static constexpr size_t kMostBody = 64 * 1024;

    enum class Event : uint8_t {
        answered,       // answer() is here
        no_connection,  // error() is an errno or a net::DialFault
        cut,            // the peer went, or broke the protocol, before there was an answer
        closed,         // it was idle, and its peer ended that
    };
    class Owner {
     public:
        // Behind all but `answered` it is closed. It may be closed, disposed of or asked again from within.
        virtual void on_probe(ProbeConnection& connection, Event event) = 0;

     protected:
        ~Owner() = default;
    };

    ProbeConnection(net::Loop& loop, std::unique_ptr<net::Transport> transport, Scratch& scratch, Owner& owner);

    // Sends this head, when it is connected. Not while it is asked already, or closed.
    void ask(const http::RequestHead& head);
    // Until it is asked again.
    HealthAnswer answer() const { return {status_, type_, body_}; }
    int error() const { return error_; }
    // What the last answer that was not kept from it broke; empty where the peer went.
    std::string_view refusal() const { return refusal_; }
    // It may be asked again.
    bool idle() const { return state_ == State::idle; }
    // Where it is, or was, connected to.
    const net::Address& peer() const { return peer_; }
    // It has been asked this often.
    unsigned times_asked() const { return times_asked_; }
    const http::KeepAlive& keep_alive() const { return codec_.keep_alive(); }
    // No event follows.
    void close();

 private:
    enum class State : uint8_t { connecting, idle, asked, closed };

    void output_pending() override { wire_.output_pending(); }
    void input_wanted() override { wire_.input_wanted(); }
    bool uses_pipes() const override { return false; }
    void on_stream_released(bool reusable) override;
    void on_stream() override;
    void on_connected(int error) override;
    void on_wire() override;
    void look();
    void take_in();
    void end(Event event);

    Owner& owner_;
    const http::HeadLimits head_limits_;
    http::H1ClientCodec codec_;
    net::Wire wire_;
    http::ClientStream* stream_ = nullptr;  // while it is asked
    int status_ = 0;                        // of the final head; 0: none yet
    std::string type_;
    std::string body_;
    std::string_view refusal_;
    int error_ = 0;
    net::Address peer_;
    unsigned times_asked_ = 0;
    State state_ = State::connecting;
    bool looking_ = false;
    bool again_ = false;  // something came while it looked
};

}  // namespace weir::upstream
