// Framing: how long a message is and whether its connection lives on, decided once from its head (RFC 9112 6.3, 9.3)
// and refused where two readers could disagree. Also Host and target rules that need the whole request head (RFC
// 9112 3.2). Fills body, keep_alive, expect_continue and target of a head; reads no bytes of a body.
#pragma once

#include "http/message.h"
#include "http/refusal.h"

namespace weir::http {

// After the parser's `done`. Sets body, keep_alive, expect_continue; parses the target and Host into `head.target`. The
// first refusal found is returned; the head is then only good for the log.
const Refusal* frame_request(RequestHead& head);

// `to` is the method of the request that this answers (HEAD, CONNECT).
const Refusal* frame_response(ResponseHead& head, Method to);

// A trailer section may not carry framing, routing or authentication fields (RFC 9110 6.5.1).
const Refusal* check_trailers(const Fields& trailers);

}  // namespace weir::http
