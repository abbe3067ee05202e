// Upgrade: what a request wants its connection to become. Decides nothing about it. Any thread.
#pragma once

#include "http/message.h"

namespace weir::http {

// A handshake of RFC 6455 4.1 as far as one can tell without its keys: Upgrade names websocket, Connection names
// Upgrade, there is no body, and it is HTTP/1.1 (RFC 9110 7.8).
bool asks_for_websocket(const RequestHead& request);

}  // namespace weir::http
