// Forwarding: makes the fields of an outgoing head from those of the incoming one. What concerns one connection goes
// first of all (RFC 9110 7.6.1), then what the peer may not say, and ours is set last. What is unchanged stays a view
// of the bytes that came, so that the codec copies adjacent lines together; what weir adds is one block in the arena.
// Writes no framing and no Connection (the codec does), applies no policy, sends nothing. One thread.
#pragma once

#include <string_view>

#include "base/arena.h"
#include "http/client_hop.h"
#include "http/message.h"

namespace weir::http {

// An OPTIONS whose Max-Forwards is used up: it is answered here (RFC 9110 7.6.2).
bool is_last_hop(const RequestHead& in);

// A request that was at this process before: its Via has our pseudonym (RFC 9110 7.6.3).
bool passed_here(const Fields& fields, std::string_view pseudonym);

// Fills `out` with what the backend gets of a request. `in.target` is normalised; the views look
// into `in` and `arena`.
void forward_request_fields(const RequestHead& in, const ClientHop& hop, Fields& out, Arena& arena);

// What weir adds to a final response. Empty texts add nothing.
struct ResponseHop {
    std::string_view date;  // for a response without one (RFC 9110 6.6.1)
    std::string_view request_id;
};

// Fills `out` with what the client gets of a response, informational ones too.
void forward_response_fields(const ResponseHead& in, const ResponseHop& hop, Fields& out, Arena& arena);

// Fills `out` with what passes of a trailer section in either direction: nothing that concerns one connection, and no
// name that only weir may say. The views look into `in`.
void forward_trailers(const Fields& in, Fields& out);

}  // namespace weir::http
