// Rows: bytes that must be refused, each with the one reason it must be refused for, and the feeding of bytes to the
// parser and the chunked decoder: whole, byte by byte and cut at every place, each time at another address and in a
// buffer that ends where they end, so that a sanitizer sees every byte read too many.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunked.h"
#include "http/framing.h"
#include "http/h1_parser.h"

namespace weir::http::rows {

using namespace std::string_literals;
using R = Reason;

enum class Kind { request, response, response_to_head, trailers, chunks };

struct Row {
    std::string bytes;
    Reason reason;
    const char* rfc;  // the section that the bytes break
    const char* why;  // in words, where the bytes do not say it
};

// Rows that are read in the same way: each between `before` and `after`.
struct Table {
    const char* name;
    Kind kind;
    std::string before;
    const std::vector<Row>* rows;
    std::string after;
    HeadLimits limits;
    size_t stride = 1;  // cut only at every so many bytes: for long rows
};

// How reading went: "more", "refused: REASON (STATUS)" or what was read.
using Answer = std::string;

inline Answer refused(const Refusal& refusal) {
    return "refused: " + std::string(refusal.reason) + " (" + std::to_string(refusal.status) + ")";
}
inline Answer refused(Reason reason) {
    return refused(refusal_of(reason));
}

inline std::string describe(const BodyLength& body) {
    switch (body.kind) {
        case BodyLength::Kind::none:
            return body.declared ? "none of " + std::to_string(body.bytes) : "none";
        case BodyLength::Kind::sized:
            return "sized " + std::to_string(body.bytes);
        case BodyLength::Kind::chunked:
            return "chunked";
        case BodyLength::Kind::until_close:
            return "until close";
    }
    return "";
}

// Every field with its id and flags: p for a plain line, o for an odd name.
inline std::string describe(const Fields& fields) {
    std::string text;
    for (const Field& field : fields) {
        text += "\n" + std::to_string(static_cast<int>(field.id())) + (field.plain_line() ? "p" : "-") +
                (field.odd_name() ? "o" : "-") + "[" + std::string(field.name()) + "][" + std::string(field.value()) +
                "]";
    }
    return text;
}

// What a head says, in words: "sized 5, keep, expect, 13 bytes" and then everything else.
inline Answer describe(const RequestHead& head, size_t consumed) {
    return describe(head.body) + (head.keep_alive ? ", keep" : ", close") + (head.expect_continue ? ", expect" : "") +
           "\n" + std::to_string(consumed) + " bytes, version 1." + std::to_string(head.minor_version) + ", " +
           std::string(head.method_text) + " " + std::string(head.target_text) + describe(head.fields);
}
inline Answer describe(const ResponseHead& head, size_t consumed) {
    return describe(head.body) + (head.keep_alive ? ", keep" : ", close") + "\n" + std::to_string(consumed) +
           " bytes, version 1." + std::to_string(head.minor_version) + ", " + std::to_string(head.status) + " " +
           std::string(head.reason) + describe(head.fields);
}

// A copy of bytes that ends where its allocation ends.
class Copy final {
 public:
    explicit Copy(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
        if (size_ > 0) memcpy(bytes_.get(), bytes.data(), size_);
    }
    char* data() { return bytes_.get(); }
    size_t size() const { return size_; }

 private:
    std::unique_ptr<char[]> bytes_;
    size_t size_;
};

// Reads one head or trailer section from what has come so far; the last buffer must live while the answer is made.
class HeadFeed final {
 public:
    HeadFeed(Kind kind, HeadLimits limits) : kind_(kind), parser_(limits) {
        if (kind == Kind::request) parser_.begin_request(request_);
        if (kind == Kind::response || kind == Kind::response_to_head) parser_.begin_response(response_);
        if (kind == Kind::trailers) parser_.begin_trailers(trailers_);
    }
    // All that has come; true when there is an answer.
    bool feed(std::string_view bytes) {
        auto copy = std::make_unique<Copy>(bytes);
        state_ = parser_.parse(copy->data(), copy->size());
        buffer_ = std::move(copy);  // the views now look into this one
        return state_ != H1Parser::State::more;
    }
    Answer answer() {
        if (state_ == H1Parser::State::more) return "more";
        if (state_ == H1Parser::State::refused) return refused(parser_.refusal());
        const Refusal* refusal = nullptr;
        if (kind_ == Kind::request) refusal = frame_request(request_);
        if (kind_ == Kind::response) refusal = frame_response(response_, Method::get);
        if (kind_ == Kind::response_to_head) refusal = frame_response(response_, Method::head);
        if (kind_ == Kind::trailers) refusal = check_trailers(trailers_);
        if (refusal) return refused(*refusal);
        if (kind_ == Kind::request) return describe(request_, parser_.consumed());
        if (kind_ == Kind::trailers) return std::to_string(parser_.consumed()) + " bytes" + describe(trailers_);
        return describe(response_, parser_.consumed());
    }

 private:
    Kind kind_;
    H1Parser parser_;
    RequestHead request_;
    ResponseHead response_;
    Fields trailers_;
    H1Parser::State state_ = H1Parser::State::more;
    std::unique_ptr<Copy> buffer_;
};

// Decodes a chunked body from pieces.
class ChunkFeed final {
 public:
    bool feed(std::string_view piece) {
        Copy copy(piece);
        const ChunkedDecoder::Step step = decoder_.decode(copy.data(), copy.size());
        body_.append(copy.data(), step.data);
        consumed_ += step.consumed;
        state_ = step.state;
        return state_ != ChunkedDecoder::Step::State::more;
    }
    Answer answer() const {
        if (state_ == ChunkedDecoder::Step::State::more) return "more";
        if (state_ == ChunkedDecoder::Step::State::refused) return refused(decoder_.refusal());
        return std::to_string(consumed_) + " bytes: " + body_;
    }

 private:
    ChunkedDecoder decoder_;
    ChunkedDecoder::Step::State state_ = ChunkedDecoder::Step::State::more;
    std::string body_;
    size_t consumed_ = 0;
};

// The answer when `bytes` come in pieces that end at `cuts` and at their end.
inline Answer read(Kind kind, HeadLimits limits, std::string_view bytes, std::vector<size_t> cuts) {
    cuts.push_back(bytes.size());
    if (kind == Kind::chunks) {
        ChunkFeed feed;
        size_t begin = 0;
        for (const size_t cut : cuts) {
            if (feed.feed(bytes.substr(begin, cut - begin))) break;
            begin = cut;
        }
        return feed.answer();
    }
    HeadFeed feed(kind, limits);
    for (const size_t cut : cuts)
        if (feed.feed(bytes.substr(0, cut))) break;
    return feed.answer();
}

// Calls with(answer, how) for every way of feeding `bytes`.
inline void read_in_every_way(Kind kind, HeadLimits limits, std::string_view bytes, size_t stride,
                              const std::function<void(const Answer&, const std::string&)>& with) {
    with(read(kind, limits, bytes, {}), "whole");
    std::vector<size_t> every;
    for (size_t cut = stride; cut < bytes.size(); cut += stride) every.push_back(cut);
    with(read(kind, limits, bytes, every), "in pieces of " + std::to_string(stride));
    for (const size_t cut : every) with(read(kind, limits, bytes, {cut}), "cut at " + std::to_string(cut));
}

}  // namespace weir::http::rows
