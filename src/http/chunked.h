// ChunkedDecoder: the chunked transfer coding, read (RFC 9112 7.1). It decodes in place: the data of consecutive chunks
// is moved together at the front of what it was given, so that a read becomes one piece whatever its chunks were.
// Extensions are counted and dropped: at most 256 bytes a chunk, 16 KiB a body. Trailers are left to H1Parser.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http/reasons.h"
#include "http/refusal.h"

namespace weir::http {

class ChunkedDecoder final {
 public:
    static constexpr size_t kExtensionBytes = 256;
    static constexpr size_t kAllExtensionBytes = 16 * 1024;
    static constexpr unsigned kSizeDigits = 16;

    struct Step {
        enum class State : uint8_t { more, last_chunk, refused };
        State state;
        size_t data;      // decoded bytes, now at the front of the input
        size_t consumed;  // bytes of the input that are used up, data included
    };
    // After last_chunk the trailer section begins at input + consumed. The unconsumed rest of the input stays where it
    // was. Every byte is consumed except behind the last chunk: a cut chunk line is remembered, not left. After refused
    // nothing may be decoded any more; `data` bytes came before what was refused.
    Step decode(char* input, size_t size);
    const Refusal& refusal() const { return *refusal_; }

 private:
    // What the next byte belongs to.
    enum class At : uint8_t {
        size,
        extension,  // behind `;`: white space or the first byte of a name
        name,       // of an extension
        name_gap,   // white space behind a name: `=` or `;` follows
        equals,     // behind `=`: white space, a quote or the first byte of a value
        value,      // that is a token
        quoted,     // value
        escaped,    // byte of a quoted value
        value_end,  // behind the closing quote
        value_gap,  // white space behind a value: `;` follows
        line_lf,    // behind the CR of a chunk line
        data,
        data_cr,
        data_lf,
        end,  // behind the last chunk's line
        refused,
    };
    bool refuse(Reason reason);
    bool line_byte(char c);
    bool size_byte(char c);
    bool extension_byte(char c);
    At behind_extension(char c) const;
    void line_ends();

    At at_ = At::size;
    unsigned digits_ = 0;          // of this chunk's size
    uint64_t left_ = 0;            // of this chunk: its size while that is read, then the bytes to come
    size_t extension_bytes_ = 0;   // of this chunk
    size_t extensions_bytes_ = 0;  // of all
    const Refusal* refusal_ = &kNoRefusal;
};

}  // namespace weir::http
