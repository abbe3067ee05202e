// Answers that Node's HTTP server writes itself, before or instead of the app: their heads are always the same. They
// are told apart from an app's in log and metrics, for their causes lie elsewhere: in limits and time-outs of that
// process, or in what was sent to it. Any thread.
#pragma once

#include <optional>

#include "http/message.h"
#include "proxy/outcome.h"

namespace weir::proxy {

// node_400, node_408, node_431 or node_503 where the head is one of these, provided that no content follows it.
std::optional<Outcome> node_said(const http::ResponseHead& head);

}  // namespace weir::proxy
