// Boundary: whether one direction of one connection stands between two messages. Most framing disasters are a
// connection handed on in the wrong state, so keep-alive, the pool and tunnels ask only this, and every doubt closes.
// One for each direction of each connection, kept by its codec. One thread.
#pragma once

#include "base/check.h"

namespace weir::http {

class Boundary final {
 public:
    // The first byte of a message came or was queued.
    void begin() {
        CHECK(state_ != State::within);
        if (state_ == State::clean) state_ = State::within;
    }
    // Its last byte did.
    void end() {
        if (state_ == State::within) state_ = State::clean;
    }
    // Something came that belongs to no message, or the message can not be told from the next one: never clean again.
    void spoil() { state_ = State::spoiled; }

    bool clean() const { return state_ == State::clean; }

 private:
    enum class State : unsigned char { clean, within, spoiled };
    State state_ = State::clean;
};

}  // namespace weir::http
