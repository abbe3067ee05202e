// MessageReader: reads a stream of HTTP/1 messages by RFC 9112 alone, strictly and without hurry, so that a test can
// judge what weir makes of the same bytes. It shares no code with src/. What it refuses no proxy may pass on; of what
// it accepts a proxy may still refuse some (limits, hosts, paths). Keeps all that it read. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::support {

struct Line {
    std::string name;  // in lower case
    std::string value;
    bool operator==(const Line&) const = default;
};

struct Head {
    std::string method;
    std::string target;
    int status = 0;
    int minor = 1;
    std::vector<Line> lines;

    size_t count(std::string_view name) const {
        return static_cast<size_t>(
            std::count_if(lines.begin(), lines.end(), [name](const Line& line) { return line.name == name; }));
    }
    bool has(std::string_view name) const { return count(name) > 0; }
    // About how long it is.
    size_t size() const {
        size_t bytes = 0;
        for (const Line& line : lines) bytes += line.name.size() + line.value.size() + 8;
        return bytes;
    }
    // The first of this name, or nothing.
    std::string_view value(std::string_view name) const {
        for (const Line& line : lines)
            if (line.name == name) return line.value;
        return {};
    }
    // The elements of all lines of this name, in lower case.
    std::vector<std::string> elements(std::string_view name) const;
    // Connection says that this field is for one connection only.
    bool names_hop(std::string_view name) const {
        const std::vector<std::string> options = elements("connection");
        return std::find(options.begin(), options.end(), name) != options.end();
    }
};

struct Message {
    enum class Framing : uint8_t { none, sized, chunked, until_close };

    std::vector<Head> interim;  // the 1xx that stand in front of a response
    Head head;
    Framing framing = Framing::none;
    uint64_t length = 0;    // sized; or what is said of a body that is not sent, if `declared`
    bool declared = false;  // a Content-Length without a body: HEAD, 304
    bool keeps = true;      // another message may follow on the connection
    bool head_done = false;
    bool done = false;
    bool unusual = false;  // valid, but of a kind that a careful proxy may refuse
    std::string body;
    std::vector<Line> trailers;
    size_t wire = 0;  // bytes so far, those of `interim` too
};

class MessageReader final {
 public:
    // Whether the response with this number answers HEAD.
    using ToHead = std::function<bool(size_t number)>;

    static MessageReader of_requests() { return {true, nullptr, SIZE_MAX}; }
    // Reads at most `most` final responses; what follows is left().
    static MessageReader of_responses(ToHead to_head, size_t most = SIZE_MAX) {
        return {false, std::move(to_head), most};
    }

    void feed(std::string_view bytes) {
        if (refused()) return;
        text_ += bytes;
        while (!refused() && step()) {
        }
        text_.erase(0, at_);
        looked_ -= std::min(looked_, at_);
        at_ = 0;
    }
    // The sender's FIN.
    void end() {
        if (state_ == State::until_close) finish();
    }

    // The last one may be in the making: it is there from its first byte on.
    const std::vector<Message>& messages() const { return messages_; }
    size_t complete() const { return complete_; }
    // Empty lines in front of requests.
    size_t skipped_lines() const { return skipped_lines_; }
    bool refused() const { return why_ != nullptr; }
    const char* why() const { return refused() ? why_ : ""; }
    // What came and belongs to nothing complete yet: the beginning of a line, or what stands behind the last message.
    std::string_view left() const { return text_; }
    // Bytes stand behind the last message that was asked for.
    bool overfull() const { return complete_ == most_ && !text_.empty(); }

 private:
    enum class State : uint8_t { between, lines, sized, until_close, chunk_size, chunk_data, chunk_end, trailers };

    MessageReader(bool requests, ToHead to_head, size_t most)
        : requests_(requests), to_head_(std::move(to_head)), most_(most) {}

    Message& now() { return messages_.back(); }
    bool refuse(const char* why) {
        why_ = why;
        return false;
    }
    size_t waiting() const { return text_.size() - at_; }

    bool step();
    bool begin();
    bool take_line(std::string_view& line);
    bool field_line(std::vector<Line>& into, bool& last);
    bool request_line(std::string_view line);
    bool status_line(std::string_view line);
    bool version(std::string_view text);
    bool head_ended();
    bool frame(const Head& head, bool& framed);
    bool body_begins(bool framed);
    bool chunk_size();
    bool take_data(bool counted);
    void finish() {
        now().done = true;
        ++complete_;
        state_ = State::between;
    }

    bool requests_;
    ToHead to_head_;
    size_t most_;
    std::string text_;  // what was not taken in yet, from at_ on
    size_t at_ = 0;
    size_t looked_ = 0;  // no LF stands before
    std::vector<Message> messages_;
    Head interim_;
    size_t complete_ = 0;
    size_t skipped_lines_ = 0;
    State state_ = State::between;
    uint64_t left_ = 0;  // of a sized body or a chunk
    const char* why_ = nullptr;
};

namespace reference {

inline std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}
inline std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}
inline bool digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}
inline bool token(std::string_view text) {
    constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [kSigns](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kSigns.find(c) != kSigns.npos;
    });
}
// What a field value, a reason or a chunk extension may hold (RFC 9110 5.5).
inline bool text_bytes(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

}  // namespace reference

inline std::vector<std::string> Head::elements(std::string_view name) const {
    std::vector<std::string> found;
    for (const Line& line : lines) {
        if (line.name != name) continue;
        for (std::string_view rest = line.value; !rest.empty();) {
            const size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view element = reference::trim(rest.substr(0, comma));
            if (!element.empty()) found.push_back(reference::lower(element));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return found;
}

inline bool MessageReader::step() {
    bool last = false;
    switch (state_) {
        case State::between:
            return begin();
        case State::lines: {
            Head& head = requests_ || interim_.status == 0 ? now().head : interim_;
            if (!field_line(head.lines, last)) return false;
            return !last || head_ended();
        }
        case State::sized:
            return take_data(true);
        case State::until_close:
            return take_data(false);
        case State::chunk_size:
            return chunk_size();
        case State::chunk_data:
            return take_data(true);
        case State::chunk_end: {
            if (waiting() < 2) return false;
            if (text_.compare(at_, 2, "\r\n") != 0) return refuse("chunk data without CRLF behind it");
            at_ += 2;
            now().wire += 2;
            state_ = State::chunk_size;
            return true;
        }
        case State::trailers:
            if (!field_line(now().trailers, last)) return false;
            if (last)
                finish();
            else if (now().trailers.back().name.rfind("x-", 0) != 0)
                now().unusual = true;
            return true;
    }
    return false;
}

// The first byte of a message makes it; an empty line in front of a request is nothing (RFC 9112 2.2).
inline bool MessageReader::begin() {
    if (waiting() == 0 || complete_ == most_) return false;
    const bool begun = messages_.size() > complete_;
    if (!begun && requests_ && text_[at_] == '\r') {
        if (waiting() < 2) return false;
        ++skipped_lines_;
        if (text_[at_ + 1] != '\n') return refuse("CR without LF");
        at_ += 2;
        return true;
    }
    if (!begun) messages_.emplace_back();
    std::string_view line;
    if (!take_line(line)) return false;
    return requests_ ? request_line(line) : status_line(line);
}

// A whole line without its CRLF; it stays where it is until more is fed.
inline bool MessageReader::take_line(std::string_view& line) {
    const size_t lf = text_.find('\n', std::max(at_, looked_));
    looked_ = lf == text_.npos ? text_.size() : lf + 1;
    if (lf == text_.npos) return false;
    if (lf == at_ || text_[lf - 1] != '\r') return refuse("a line that ends in LF alone");
    line = std::string_view(text_).substr(at_, lf - 1 - at_);
    if (line.find('\r') != line.npos) return refuse("CR within a line");
    now().wire += lf + 1 - at_;
    at_ = lf + 1;
    return true;
}

inline bool MessageReader::field_line(std::vector<Line>& into, bool& last) {
    std::string_view line;
    if (!take_line(line)) return false;
    last = line.empty();
    if (last) return true;
    const size_t colon = line.find(':');
    if (colon == line.npos) return refuse("a field without a colon");
    if (!reference::token(line.substr(0, colon))) return refuse("a field name that is no token");
    const std::string_view value = reference::trim(line.substr(colon + 1));
    if (!reference::text_bytes(value)) return refuse("a control byte in a field value");
    into.push_back({reference::lower(line.substr(0, colon)), std::string(value)});
    return true;
}

inline bool MessageReader::version(std::string_view text) {
    if (text != "HTTP/1.0" && text != "HTTP/1.1") return refuse("a version that is not 1.0 or 1.1");
    (interim_.status != 0 ? interim_ : now().head).minor = text.back() - '0';
    return true;
}

inline bool MessageReader::request_line(std::string_view line) {
    const size_t first = line.find(' ');
    const size_t second = line.find(' ', first + 1);
    if (first == line.npos || second == line.npos) return refuse("a request line of fewer than three parts");
    Head& head = now().head;
    head.method = line.substr(0, first);
    head.target = line.substr(first + 1, second - first - 1);
    if (!reference::token(head.method)) return refuse("a method that is no token");
    const bool visible =
        std::all_of(head.target.begin(), head.target.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (head.target.empty() || !visible) return refuse("a target with other bytes than visible ones");
    state_ = State::lines;
    return version(line.substr(second + 1));
}

inline bool MessageReader::status_line(std::string_view line) {
    constexpr size_t kVersion = 8, kStatus = 12;
    if (line.size() < kStatus || line[kVersion] != ' ' || !reference::digits(line.substr(kVersion + 1, 3)))
        return refuse("a status line without a status of three digits");
    if (line.size() > kStatus && line[kStatus] != ' ') return refuse("no space behind the status");
    if (!reference::text_bytes(line)) return refuse("a control byte in a reason");
    const int status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    if (status < 100 || status > 599) return refuse("a status below 100 or above 599");
    interim_ = Head();
    if (status < 200)
        interim_.status = status;
    else
        now().head.status = status;
    state_ = State::lines;
    return version(line.substr(0, kVersion));
}

inline bool MessageReader::head_ended() {
    bool framed = false;
    if (interim_.status != 0) {
        if (interim_.has("content-length") || interim_.has("transfer-encoding")) return refuse("a 1xx with framing");
        if (interim_.status == 101) now().unusual = true;
        now().interim.push_back(std::move(interim_));
        interim_ = Head();
        state_ = State::between;
        return true;
    }
    const Head& head = now().head;
    if (requests_ && (head.count("host") > 1 || (head.minor == 1 && !head.has("host")))) return refuse("not one Host");
    return frame(head, framed) && body_begins(framed);
}

// RFC 9112 6.3: a message whose end two readers may find at two places is refused.
inline bool MessageReader::frame(const Head& head, bool& framed) {
    Message& message = now();
    const size_t codings = head.count("transfer-encoding");
    const size_t lengths = head.count("content-length");
    framed = codings + lengths > 0;
    if (codings + lengths > 1) return refuse("framing fields that come twice or together");
    if (codings == 1) {
        if (head.minor == 0) return refuse("Transfer-Encoding in HTTP/1.0");
        if (reference::lower(head.value("transfer-encoding")) != "chunked") return refuse("a coding but chunked");
        message.framing = Message::Framing::chunked;
    }
    if (lengths == 1) {
        const std::string_view text = head.value("content-length");
        constexpr std::string_view kMost = "9223372036854775807";
        const std::string_view number = text.substr(std::min(text.find_first_not_of('0'), text.size()));
        const bool small = number.size() < kMost.size() || (number.size() == kMost.size() && number <= kMost);
        if (!reference::digits(text) || !small) return refuse("a Content-Length that is no number below 2^63");
        message.framing = Message::Framing::sized;
        for (const char c : number) message.length = message.length * 10 + static_cast<uint64_t>(c - '0');
    }
    message.keeps = !head.names_hop("close") && (head.minor == 1 || head.names_hop("keep-alive"));
    return true;
}

inline bool MessageReader::body_begins(bool framed) {
    using Framing = Message::Framing;
    Message& message = now();
    message.head_done = true;
    const int status = message.head.status;
    if (!requests_ && (status == 204 || status == 304 || to_head_(complete_))) {
        message.declared = message.framing == Framing::sized && status != 204;
        if (status == 204 && framed && (message.framing == Framing::chunked || message.length > 0))
            message.keeps = false;  // what such a backend means nobody knows
        message.framing = Framing::none;
    } else if (!requests_ && !framed) {
        message.framing = Framing::until_close;
        message.keeps = false;
    }
    left_ = message.framing == Framing::sized ? message.length : 0;
    state_ = message.framing == Framing::chunked       ? State::chunk_size
             : message.framing == Framing::until_close ? State::until_close
                                                       : State::sized;
    if (state_ == State::sized && left_ == 0) finish();
    return true;
}

inline bool MessageReader::chunk_size() {
    std::string_view line;
    if (!take_line(line)) return false;
    const size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    if (digits == 0 || digits > 16 || (digits == 16 && line[0] > '7')) return refuse("a chunk size that is none");
    if (digits < line.size() && line[digits] != ';') return refuse("something behind a chunk size");
    if (!reference::text_bytes(line)) return refuse("a control byte in a chunk extension");
    if (digits < line.size() && line.substr(digits) != ";a=\"b\"") now().unusual = true;
    left_ = std::stoull(std::string(line.substr(0, digits)), nullptr, 16);
    state_ = left_ == 0 ? State::trailers : State::chunk_data;
    return true;
}

inline bool MessageReader::take_data(bool counted) {
    const size_t size = counted ? static_cast<size_t>(std::min<uint64_t>(left_, waiting())) : waiting();
    if (size == 0) return false;
    now().body.append(text_, at_, size);
    now().wire += size;
    at_ += size;
    if (!counted) return false;
    left_ -= size;
    if (left_ > 0) return false;
    if (state_ == State::chunk_data)
        state_ = State::chunk_end;
    else
        finish();
    return true;
}

}  // namespace weir::support
