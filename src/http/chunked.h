// ChunkedDecoder: the chunked transfer coding, read (RFC 9112 7.1). It decodes in place: the data of consecutive chunks
// is moved together at the front of what it was given, so that a read becomes one piece whatever its chunks were.
// Extensions are counted and dropped: at most 256 bytes a chunk, 16 KiB a body. Trailers are left to H1Parser.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http/h1_parser.h"

namespace weir::http {

class ChunkedDecoder final {
 public:
    static constexpr size_t kExtensionBytes = 256;
    static constexpr size_t kAllExtensionBytes = 16 * 1024;

    struct Step {
        enum class State : uint8_t { more, last_chunk, refused };
        State state;
        size_t data;      // decoded bytes, now at the front of the input
        size_t consumed;  // bytes of the input that are used up, data included
    };
    // After last_chunk the trailer section begins at input + consumed. The unconsumed rest of the input stays where it
    // was. Every byte is consumed except behind the last chunk: a cut chunk line is remembered, not left.
    Step decode(char* input, size_t size);
    const Refusal& refusal() const { return refusal_; }

 private:
    // ...
    Refusal refusal_;
};

}  // namespace weir::http
