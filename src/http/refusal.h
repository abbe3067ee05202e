// Refusal: why a message was not accepted, in one value that the parser, framing, target and chunked decoder share.
#pragma once

#include <cstdint>

namespace weir::http {

// Why a message was refused. Each is a constant: functions that may refuse return a pointer to theirs, or null, and who
// keeps one keeps the pointer. `status` is what a client is told for it (400, 408, 414, 417, 431, 505, 508); towards a
// backend any of them is a 502.
struct Refusal {
    uint16_t status = 400;
    const char* reason = "";  // static, for the log: "bare LF in the head"
    const char* rfc = "";     // static: "RFC 9112 2.2"
};

// What refusal() says of a message that was not refused.
inline constexpr Refusal kNoRefusal{};

}  // namespace weir::http
