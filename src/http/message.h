// What a request and a response are once the bytes are gone: heads without an HTTP version's syntax. Codecs fill and
// write them; everything above reads them. The views point into `bytes` or into the arena of whoever made them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/slab.h"
#include "http/fields.h"
#include "http/target.h"

namespace weir::http {

enum class Method : uint8_t { other, get, head, post, put, delete_, patch, options, trace, connect };

// The method of a token (case-sensitive, RFC 9110 9.1); `other` for one we do not know, which passes all the same.
Method find_method(std::string_view token);
// RFC 9110 9.2.2: GET HEAD PUT DELETE OPTIONS TRACE.
bool idempotent(Method method);

// How long a message's content is, decided once from its head (RFC 9112 6.3) and written anew on the other side.
struct BodyLength {
    enum class Kind : uint8_t {
        none,         // no content, whatever the fields say (HEAD, 204, 304, a request without CL and TE)
        sized,        // exactly `bytes`, 0 too
        chunked,      // ends by itself: chunks, or a stream's end
        until_close,  // ends with the connection: responses only
    };
    Kind kind = Kind::none;
    uint64_t bytes = 0;  // sized: the length
    bool declared =
        false;  // none: the head had a Content-Length of `bytes` that describes what is not sent (HEAD, 304)
};

struct RequestHead {
    Method method = Method::other;
    std::string_view method_text;
    std::string_view target_text;  // as it came
    Target target;
    uint8_t minor_version = 1;  // of HTTP/1; 1 for HTTP/2
    Fields fields;              // all that came, in order
    BodyLength body;
    bool keep_alive = true;  // the client lets the connection live on (RFC 9112 9.3)
    bool expect_continue = false;
    SlabRef bytes;  // what the views look into

    void clear();  // keeps capacity
    // Keeps what the log line of an exchange says, copied to `arena`, and lets the bytes go: for a head that stays
    // long.
    void shrink(Arena& arena);
};

struct ResponseHead {
    int status = 0;  // 100..599
    std::string_view reason;
    uint8_t minor_version = 1;
    Fields fields;
    BodyLength body;
    bool keep_alive = true;
    SlabRef bytes;

    bool informational() const { return status < 200; }
    void clear();
};

}  // namespace weir::http
