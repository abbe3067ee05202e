#include "http/h1_writer.h"

#include <charconv>
#include <cstring>

namespace weir::http {

namespace {

constexpr std::string_view kVersionEnd = " HTTP/1.1\r\n";
constexpr size_t kOwnLines = 96;  // framing, connection option and the empty line need less

// Text on its way into one reserved run. Views that lie side by side are copied together.
class Run final {
 public:
    Run(Scratch& scratch, size_t most) : scratch_(scratch), start_(scratch.reserve(most)), at_(start_) {}

    void add(std::string_view text) {
        if (text.data() == waiting_.data() + waiting_.size()) {
            waiting_ = {waiting_.data(), waiting_.size() + text.size()};
            return;
        }
        settle();
        waiting_ = text;
    }
    void add(uint64_t number, int base = 10) {
        settle();
        at_ = std::to_chars(at_, at_ + 20, number, base).ptr;
    }
    Piece finish() {
        settle();
        return scratch_.take(static_cast<size_t>(at_ - start_));
    }

 private:
    void settle() {
        if (!waiting_.empty()) std::memcpy(at_, waiting_.data(), waiting_.size());
        at_ += waiting_.size();
        waiting_ = {};
    }
    Scratch& scratch_;
    char* start_;
    char* at_;
    std::string_view waiting_;
};

size_t room_for(const Fields& fields) {
    size_t size = 0;
    for (const Field& field : fields) size += field.name().size() + field.value().size() + 4;
    return size;
}

void add_fields(Run& run, const Fields& fields) {
    for (const Field& field : fields) {
        const std::string_view name = field.name();
        if (field.plain_line()) {
            run.add({name.data(), name.size() + field.value().size() + 4});
            continue;
        }
        run.add(name);
        run.add(": ");
        run.add(field.value());
        run.add("\r\n");
    }
}

void add_framing(Run& run, const H1Framing& framing) {
    if (framing.kind == H1Framing::Kind::chunked) {
        run.add("Transfer-Encoding: chunked\r\n");
    } else if (framing.kind == H1Framing::Kind::length || (framing.kind == H1Framing::Kind::none && framing.declared)) {
        run.add("Content-Length: ");
        run.add(framing.length);
        run.add("\r\n");
    }
}

// The path and query as one view where they lie side by side, which they do unless normalising changed the path.
void add_target(Run& run, const Target& target) {
    if (target.form == Target::Form::asterisk) {
        run.add("*");
        return;
    }
    run.add(target.forward_path);
    run.add(target.query);
}

}  // namespace

Piece write_request_head(Scratch& scratch, const RequestHead& head, const H1Framing& framing) {
    const Target& target = head.target;
    Run run(scratch, head.method_text.size() + target.forward_path.size() + target.query.size() + kVersionEnd.size() +
                         room_for(head.fields) + kOwnLines);
    run.add(head.method_text);
    run.add(" ");
    add_target(run, target);
    run.add(kVersionEnd);
    add_fields(run, head.fields);
    add_framing(run, framing);
    run.add("\r\n");
    return run.finish();
}

Piece write_response_head(Scratch& scratch, const ResponseHead& head, const H1Framing& framing,
                          ConnectionOption option) {
    Run run(scratch, head.reason.size() + 16 + room_for(head.fields) + kOwnLines);
    run.add("HTTP/1.1 ");
    run.add(static_cast<uint64_t>(head.status));
    run.add(" ");
    run.add(head.reason);
    run.add("\r\n");
    add_fields(run, head.fields);
    add_framing(run, framing);
    if (option == ConnectionOption::close) run.add("Connection: close\r\n");
    if (option == ConnectionOption::keep_alive) run.add("Connection: keep-alive\r\n");
    run.add("\r\n");
    return run.finish();
}

Piece write_chunk_size(Scratch& scratch, size_t size) {
    Run run(scratch, 20);
    run.add(size, 16);
    run.add("\r\n");
    return run.finish();
}

Piece write_last_chunk(Scratch& scratch, const Fields* trailers) {
    Run run(scratch, (trailers != nullptr ? room_for(*trailers) : 0) + 8);
    run.add("0\r\n");
    if (trailers != nullptr) add_fields(run, *trailers);
    run.add("\r\n");
    return run.finish();
}

}  // namespace weir::http
