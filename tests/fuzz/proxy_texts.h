// What peers of a fuzzed proxy say when they say something sensible: requests and answers with holes. `@` becomes a
// mark that is nobody else's, `$` a body made of it, `#` the same as chunks without the last one, `%` the size of the
// body,
// `&` as many bytes of filling. Raw bytes of the input have only `@`.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace weir::fuzz {

inline constexpr std::array<std::string_view, 16> kRequests = {
    "GET /@ HTTP/1.1\r\nHost: a.test\r\nX-Token: @\r\n\r\n",
    "POST /@ HTTP/1.1\r\nHost: a.test\r\nX-Token: @\r\nContent-Length: %\r\n\r\n$",
    "POST /@ HTTP/1.1\r\nHost: a.test\r\nX-Token: @\r\nTransfer-Encoding: chunked\r\n\r\n#0\r\n\r\n",
    "HEAD /@ HTTP/1.1\r\nHost: a.test\r\nX-Token: @\r\n\r\n",
    "PUT /@ HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: %\r\n\r\n$",
    "POST /@ HTTP/1.1\r\nHost: a.test\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n#0\r\nX-Sum: @\r\n\r\n",
    "GET /@ HTTP/1.0\r\nX-Token: @\r\n\r\n",
    "POST /@ HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\nContent-Length: %\r\n\r\n$",
    "DELETE /@ HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 1\r\nX-Token: @\r\n\r\n",
    "GET http://a.test:80/./x/../@?q=@ HTTP/1.1\r\nHost: b.test\r\nX-Token: @\r\n\r\n",
    "GET /@ HTTP/1.1\r\nHost: a.test\r\nConnection: X-Hop, TE, keep-alive\r\nX-Hop: @\r\nTE: trailers\r\nKeep-Alive: "
    "5\r\n"
    "Upgrade: h2c\r\nHTTP2-Settings: AA\r\nX-Forwarded-For: 10.0.0.1\r\nTransfer_Encoding: chunked\r\nVia: 1.1 "
    "x\r\n\r\n",
    "POST /@ HTTP/1.1\r\nHost: a.test\r\nX-Token: @\r\nContent-Length: %9\r\n\r\n$",
    "POST /@ HTTP/1.1\r\nHost: a.test\r\nX-Token: @\r\nContent-Length: 4\r\n\r\n$",
    "GET /@ HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "PATCH /@ HTTP/1.1\r\nHost: a.test\r\nX-Long: &\r\nX-Token: @\r\nTransfer-Encoding: chunked\r\n\r\n#",
};

inline constexpr std::array<std::string_view, 16> kAnswers = {
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\nContent-Length: %\r\n\r\n$",
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\nTransfer-Encoding: chunked\r\n\r\n#0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\n\r\n$",
    "HTTP/1.1 304 Not Modified\r\nX-Answer: @\r\nContent-Length: %\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nX-Answer: @\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nX-Answer: @\r\nContent-Length: %\r\n\r\n$",
    "HTTP/1.1 103 Early Hints\r\nLink: </@>\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n#0\r\nX-Sum: @\r\n\r\n",
    "HTTP/1.0 200 OK\r\nX-Answer: @\r\nConnection: keep-alive\r\nContent-Length: %\r\n\r\n$",
    "HTTP/1.1 500 No\r\nX-Answer: @\r\nConnection: close\r\nContent-Length: %\r\n\r\n$",
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\nKeep-Alive: timeout=5, max=2\r\nContent-Length: %\r\n\r\n$",
    "HTTP/1.1 404 No\r\nX-Answer: @\r\nConnection: X-Hop\r\nX-Hop: @\r\nUpgrade: h2c\r\nDate: x\r\nX-Request-Id: @\r\n"
    "Content-Length: %\r\n\r\n$",
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\nContent-Length: %9\r\n\r\n$",
    "HTTP/1.1 200 OK\r\nX-Answer: @\r\nContent-Length: 4\r\n\r\n$",
    "HTTP/1.1 204 No Content\r\nX-Answer: @\r\nContent-Length: %\r\n\r\n$",
    "HTTP/1.1 200 OK\r\nX-Long: &\r\nX-Answer: @\r\nTransfer-Encoding: chunked\r\n\r\n#",
};

// An answer without a length in the making becomes a live stream.
inline std::string as_live(std::string answer) {
    const size_t at = answer.find("X-Answer:");
    return at == answer.npos ? answer : answer.insert(at, "Content-Type: text/event-stream\r\n");
}

struct Filling {
    std::string_view mark;
    size_t size = 0;        // of the body
    unsigned cut = 0;       // how chunks are cut: 0 to 3
    bool bodiless = false;  // an answer to HEAD
};

// `size` bytes that say, every so many, whose they are and where they stand.
inline std::string body_of(const Filling& with) {
    constexpr size_t kEach = 499;
    std::string body(with.size, '.');
    for (size_t at = 0; at < with.size; at += kEach) {
        const std::string here = std::to_string(at).append(1, ' ').append(with.mark).append(1, ' ');
        body.replace(at, std::min(here.size(), with.size - at), here, 0, with.size - at);
    }
    return body;
}

inline void append_chunks(const Filling& with, std::string& to) {
    constexpr size_t kMost = 40;
    const std::string body = body_of(with);
    const size_t sizes[] = {body.size(), 1, 1000, 16 * 1024};
    const size_t each = std::max(sizes[with.cut & 3], body.size() / kMost);
    for (size_t at = 0; at < body.size(); at += each) {
        const size_t size = std::min(each, body.size() - at);
        char number[20];
        to.append(number, std::to_chars(number, number + sizeof number, size, 16).ptr);
        to.append(with.cut == 2 ? ";a=\"b\"\r\n" : "\r\n").append(body, at, size).append("\r\n");
    }
}

inline std::string fill(std::string_view text, const Filling& with) {
    std::string result;
    result.reserve(text.size() + with.size + 64);
    for (const char c : text) {
        if (c == '@')
            result += with.mark;
        else if (c == '%')
            result += std::to_string(with.size);
        else if (c == '&')
            result.append(with.size, 'f');
        else if (c == '$' && !with.bodiless)
            result += body_of(with);
        else if (c == '#' && !with.bodiless)
            append_chunks(with, result);
        else if (c != '$' && c != '#')
            result += c;
    }
    if (with.bodiless) result.resize(std::min(result.size(), result.find("\r\n\r\n") + 4));
    return result;
}

inline std::string mark_raw(std::string_view text, std::string_view mark) {
    std::string result;
    for (const char c : text) {
        if (c == '@')
            result += mark;
        else
            result += c;
    }
    return result;
}

}  // namespace weir::fuzz
