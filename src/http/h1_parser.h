// H1Parser: HTTP/1 heads and trailer sections (RFC 9112 2 to 5), strict and incremental. It reads in place: fields are
// views into the bytes it was given. It refuses what is ambiguous and repairs nothing. Lines are looked at once they
// are whole, but a bare CR, a bare LF or a control byte is refused as soon as it is seen; a call costs at most the
// current line again. It decides nothing about bodies (framing.h) or targets (target.h), and owns no bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/fields.h"
#include "http/message.h"
#include "http/refusal.h"

namespace weir::http {

// The limits of a head (contract: limits.header_bytes, limits.headers) and of a trailer section.
struct HeadLimits {
    size_t bytes = 32 * 1024;
    size_t fields = 100;
};

class H1Parser final {
 public:
    enum class State : uint8_t { more, done, refused };

    explicit H1Parser(HeadLimits limits) : limits_(limits) {}

    // Each begins a new head; `into` is cleared, filled while lines come in, and complete when a parse returns done.
    void begin_request(RequestHead& into);
    void begin_response(ResponseHead& into);
    void begin_trailers(Fields& into);

    // `data` is all that has come of this head so far: the same bytes as in the last call, perhaps at another
    // address, and more behind them. After `done` consumed() is the size of the head, its empty line included.
    State parse(const char* data, size_t size);
    size_t consumed() const { return consumed_; }
    const Refusal& refusal() const { return refusal_; }
    // Nothing of a head came yet (leading empty lines before a request line do not count, RFC 9112 2.2).
    bool untouched() const;

 private:
    // ...
    HeadLimits limits_;
    size_t consumed_ = 0;
    Refusal refusal_;
};

}  // namespace weir::http
