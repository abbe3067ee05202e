// H1Writer: heads, chunk frames and trailers as HTTP/1 text (RFC 9112 2 to 7). A head is written in one run into the
// worker's scratch: lines that came side by side and go on unchanged are copied together, so a forwarded head is a
// handful of copies and one segment of the send. Bodies stay views. Decides nothing: framing and connection options
// come as arguments; fields that name them are not expected in a head.
#pragma once

#include <cstdint>

#include "base/piece.h"
#include "base/scratch.h"
#include "http/message.h"

namespace weir::http {

// How a body is delimited on this connection.
struct H1Framing {
    enum class Kind : uint8_t {
        none,         // no content; a Content-Length is written only when `declared`
        length,       // Content-Length
        chunked,      // Transfer-Encoding: chunked
        until_close,  // nothing is written
    };
    Kind kind = Kind::none;
    uint64_t length = 0;
    bool declared = false;
};

// The connection option that a head ends with.
enum class ConnectionOption : uint8_t { none, close, keep_alive };

// Each returns the bytes to send.
Piece write_request_head(Scratch& scratch, const RequestHead& head, const H1Framing& framing);
Piece write_response_head(Scratch& scratch, const ResponseHead& head, const H1Framing& framing,
                          ConnectionOption option);
// "1a2b\r\n", what stands before a chunk of `size` bytes; size > 0. Behind the data comes kChunkEnd.
Piece write_chunk_size(Scratch& scratch, size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
// The last chunk and the trailer section; `trailers` may be null.
Piece write_last_chunk(Scratch& scratch, const Fields* trailers);

}  // namespace weir::http
