#include "http/h1_parser.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/scan.h"
#include "http/token.h"

namespace weir::http {

void H1Parser::begin(Kind kind, Fields& fields) {
    kind_ = kind;
    in_fields_ = kind == Kind::trailers;
    untouched_ = true;
    state_ = State::more;
    empty_lines_ = 0;
    base_ = nullptr;
    line_ = 0;
    consumed_ = 0;
    fields_ = &fields;
    request_ = nullptr;
    response_ = nullptr;
}

void H1Parser::begin_request(RequestHead& into) {
    into.clear();
    begin(Kind::request, into.fields);
    request_ = &into;
}

void H1Parser::begin_response(ResponseHead& into) {
    into.clear();
    begin(Kind::response, into.fields);
    response_ = &into;
}

void H1Parser::begin_trailers(Fields& into) {
    into.clear();
    begin(Kind::trailers, into);
}

H1Parser::State H1Parser::parse(const char* data, size_t size) {
    CHECK(fields_ != nullptr);
    if (state_ != State::more) return state_;
    if (data != base_) follow(data);
    const char* end = data + std::min(size, limits_.bytes);
    const char* at = data + line_;
    Step step = read(at, end);
    line_ = static_cast<size_t>(at - data);
    if (step == Step::more) {
        const bool first_line = fields_->empty() && (!in_fields_ || kind_ == Kind::trailers);
        untouched_ = first_line && (at == end || (*at == '\r' && kind_ == Kind::request));
        if (size > limits_.bytes) step = too_long();
    }
    if (step == Step::more) return State::more;
    untouched_ = false;
    consumed_ = line_;
    return state_ = step == Step::done ? State::done : State::refused;
}

H1Parser::Step H1Parser::read(const char*& at, const char* end) {
    if (!in_fields_) {
        const Step step = kind_ == Kind::request ? request_line(at, end) : status_line(at, end);
        if (step != Step::next) return step;
        in_fields_ = true;
    }
    return field_lines(at, end);
}

// The bytes moved since the last call: so do the views.
void H1Parser::follow(const char* data) {
    const bool views = base_ != nullptr && in_fields_;
    const auto delta = static_cast<ptrdiff_t>(reinterpret_cast<uintptr_t>(data) - reinterpret_cast<uintptr_t>(base_));
    base_ = data;
    if (!views) return;
    const auto move = [delta](std::string_view& view) { view = {view.data() + delta, view.size()}; };
    if (request_ != nullptr) {
        move(request_->method_text);
        move(request_->target_text);
    }
    if (response_ != nullptr) move(response_->reason);
    for (Field& field : *fields_) field.move(delta);
}

H1Parser::Step H1Parser::refuse(Reason reason) {
    refusal_ = &refusal_of(reason);
    return Step::refused;
}

// As much came as a head may have, and it is not whole.
H1Parser::Step H1Parser::too_long() {
    if (kind_ == Kind::request && !in_fields_) return refuse(Reason::request_line_too_long);
    if (in_fields_ || kind_ == Kind::response) return refuse(Reason::head_too_long);
    return Step::more;  // never; so that tests can take either check out
}

// `done`: CRLF stands here. `next`: some other byte.
H1Parser::Step H1Parser::line_end(const char* at, const char* end) {
    if (at == end) return Step::more;
    if (*at == '\n') return refuse(Reason::bare_lf);
    if (*at != '\r') return Step::next;
    if (at + 1 == end) return Step::more;
    if (at[1] != '\n') return refuse(Reason::bare_cr);
    return Step::done;
}

// On to the end of the line over everything that a field value or a reason may hold; `at` then stands on its CR.
H1Parser::Step H1Parser::text(const char*& at, const char* end, Reason on_control) {
    for (;; ++at) {
        at = scan::find_control(at, end);
        const Step ending = line_end(at, end);
        if (ending == Step::done) return Step::next;
        if (ending != Step::next) return ending;
        if (scan::is_control(*at)) return refuse(on_control);
    }
}

}  // namespace weir::http
