// Live streams: responses that have no end of their own, such as server-sent events. They are recognised by what they
// say of themselves, so that nobody has to configure them. Any thread.
#pragma once

#include "http/message.h"

namespace weir::http {

// Its length is not known, and it is text/event-stream, application/x-ndjson, gRPC, a React server component (of which
// the request says RSC too) or says X-Accel-Buffering: no.
bool is_live(const RequestHead& request, const ResponseHead& response);

}  // namespace weir::http
