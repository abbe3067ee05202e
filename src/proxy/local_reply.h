// LocalReply: a response that weir makes itself: a short problem document (RFC 9457) or HTML page by Accept, with the
// request id, and Proxy-Status (RFC 9209) on errors. Nothing internal is told to clients. Fills a head and a body;
// sends nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/scratch.h"
#include "http/message.h"
#include "proxy/outcome.h"

namespace weir::proxy {

struct LocalReply {
    Outcome outcome = Outcome::local;
    uint16_t status = 0;                  // 0: the outcome's
    std::span<const http::Field> fields;  // more of them
    const Piece* body = nullptr;  // instead of weir's own document, whose type `fields` say; null: that document
};

// The standard phrase of a status, "Unknown" for one that has none (RFC 9110 15).
std::string_view reason_phrase(int status);

// Writes the reply's head into `head` (texts in `arena`) and returns its body. `request` may be half understood (a
// refused head). `date` and `request_id` are what the exchange has.
Piece make_local_reply(const LocalReply& reply, const http::RequestHead& request, std::string_view request_id,
                       std::string_view date, Arena& arena, Scratch& scratch, http::ResponseHead& head);

}  // namespace weir::proxy
