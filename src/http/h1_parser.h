// H1Parser: HTTP/1 heads and trailer sections (RFC 9112 2 to 5), strict and incremental. It reads in place: fields are
// views into the bytes it was given. It refuses what is ambiguous and repairs nothing, and it refuses at the first byte
// after which nothing valid can follow, also within a line that is not whole yet; so the answer is the same however
// the bytes were cut. A call costs at most the current line again.
// It decides nothing about bodies (framing.h) or targets (target.h), and owns no bytes. One thread, owned by a codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/fields.h"
#include "http/message.h"
#include "http/reasons.h"
#include "http/refusal.h"

namespace weir::http {

// The limits of a head (contract: limits.header_bytes, limits.headers) and of a trailer section. `bytes` counts all of
// it: start line, fields, line ends and the empty line.
struct HeadLimits {
    size_t bytes = 32 * 1024;
    size_t fields = 100;
};

class H1Parser final {
 public:
    // Empty lines that a client may send before a request line (RFC 9112 2.2 asks for one; old clients send one
    // behind a POST). Before a response there is none.
    static constexpr size_t kEmptyLines = 2;

    enum class State : uint8_t { more, done, refused };

    explicit H1Parser(HeadLimits limits) : limits_(limits) {}

    // Each begins a new head; `into` is cleared, filled while lines come in, and complete when a parse returns done.
    void begin_request(RequestHead& into);
    void begin_response(ResponseHead& into);
    void begin_trailers(Fields& into);

    // `data` is all that has come of this head so far: the same bytes as in the last call, perhaps at another
    // address, and more behind them. After `done` consumed() is the size of the head, its empty line included.
    // The views of the head look into `data` of the last call.
    State parse(const char* data, size_t size);
    size_t consumed() const { return consumed_; }
    const Refusal& refusal() const { return *refusal_; }
    // Nothing of a head came yet (leading empty lines before a request line do not count, RFC 9112 2.2).
    bool untouched() const { return untouched_; }

 private:
    enum class Kind : uint8_t { request, response, trailers };
    // How reading a line, or a part of one, went. `next`: on to the next part; `done`: of a line its end, of lines all.
    enum class Step : uint8_t { next, more, done, refused };
    struct Name {
        size_t size = 0;
        HeaderName id = HeaderName::other;
        bool odd = false;
    };

    void begin(Kind kind, Fields& fields);
    void follow(const char* data);
    Step read(const char*& at, const char* end);
    [[gnu::cold]] Step refuse(Reason reason);
    Step too_long();
    Step line_end(const char* at, const char* end);

    // Each reads from `at` and moves it behind what it read when it returns `next`.
    Step request_line(const char*& at, const char* end);
    Step empty_lines(const char*& at, const char* end);
    Step method(const char*& at, const char* end);
    Step target(const char*& at, const char* end);
    Step version(const char*& at, const char* end);
    Step supported(const char* at, uint8_t& minor);
    Step request_line_end(const char*& at, const char* end);
    Step status_line(const char*& at, const char* end);
    Step status(const char*& at, const char* end);
    Step reason(const char*& at, const char* end);
    Step field_lines(const char*& at, const char* end);
    Step field_line(const char*& at, const char* end);
    Step name(const char* at, const char* end, Name& name);
    Step text(const char*& at, const char* end, Reason on_control);

    HeadLimits limits_;
    Kind kind_ = Kind::request;
    bool in_fields_ = false;  // the start line was read
    bool untouched_ = true;
    State state_ = State::more;
    uint8_t empty_lines_ = 0;
    const char* base_ = nullptr;  // `data` of the last call
    size_t line_ = 0;             // where the current line begins
    size_t consumed_ = 0;
    Fields* fields_ = nullptr;
    RequestHead* request_ = nullptr;
    ResponseHead* response_ = nullptr;
    const Refusal* refusal_ = &kNoRefusal;
};

}  // namespace weir::http
