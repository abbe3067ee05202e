// HealthHints: what a worker sees of an endpoint that asks for a fresh look at its health. None of it is a verdict:
// whoever is told has it probed at once, and the answer decides. Declared here, heard by server; a test may do without.
// Called on a worker's thread, on the way of a request: it returns at once and may forget what comes too often.
#pragma once

#include <cstdint>

namespace weir::upstream {

struct Endpoint;

enum class HealthHint : uint8_t {
    refused,        // a connect was refused
    closed_early,   // two idle connections were closed by it within 100 ms, before their time
    said_close,     // `Connection: close` from one that used to keep connections
    still_answers,  // a connection that was there answered though connects are refused
    moved,          // its host's name has other addresses
    count_,
};

class HealthHints {
 public:
    virtual void hint(const Endpoint& endpoint, HealthHint what) = 0;

 protected:
    ~HealthHints() = default;
};

}  // namespace weir::upstream
