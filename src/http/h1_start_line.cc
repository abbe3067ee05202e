// The first line of a head: H1Parser's request and status line (RFC 9112 2.3, 3 and 4).
#include <cstring>

#include "base/scan.h"
#include "base/text.h"
#include "http/h1_parser.h"
#include "http/token.h"

namespace weir::http {

namespace {
constexpr std::string_view kVersionShape = "HTTP/d.d";

bool fits_version(char c, size_t place) {
    return kVersionShape[place] == 'd' ? is_digit(c) : c == kVersionShape[place];
}
}  // namespace

H1Parser::Step H1Parser::request_line(const char*& at, const char* end) {
    Step step = empty_lines(at, end);
    const char* here = at;
    if (step == Step::next) step = method(here, end);
    if (step == Step::next) step = target(here, end);
    if (step == Step::next) step = request_line_end(here, end);
    if (step == Step::next) at = here;
    return step;
}

H1Parser::Step H1Parser::empty_lines(const char*& at, const char* end) {
    while (at != end && *at == '\r') {
        const Step ending = line_end(at, end);
        if (ending != Step::done) return ending;
        if (empty_lines_ == kEmptyLines) return refuse(Reason::empty_lines);
        ++empty_lines_;
        at += 2;
    }
    return Step::next;
}

H1Parser::Step H1Parser::method(const char*& at, const char* end) {
    const char* here = at;
    for (; here == end || *here != ' '; ++here) {
        if (here != end && is_token_byte(*here)) continue;
        const Step ending = line_end(here, end);
        if (ending == Step::done) return refuse(Reason::target_missing);
        if (ending != Step::next) return ending;
        if (!is_token_byte(*here)) return refuse(Reason::method_not_token);
    }
    if (here == at) return refuse(Reason::method_missing);
    request_->method_text = {at, static_cast<size_t>(here - at)};
    request_->method = find_method(request_->method_text);
    at = here + 1;
    return Step::next;
}

H1Parser::Step H1Parser::target(const char*& at, const char* end) {
    const char* here = at;
    for (;; ++here) {
        here = scan::find_not_visible(here, end);
        if (here != end && *here == ' ') break;
        const Step ending = line_end(here, end);
        if (ending == Step::done && here == at) return refuse(Reason::target_missing);
        if (ending == Step::done) return refuse(Reason::version_missing);
        if (ending != Step::next) return ending;
        if (!scan::is_visible(*here)) return refuse(Reason::target_byte);
    }
    if (here == at) return refuse(Reason::request_line_space);
    request_->target_text = {at, static_cast<size_t>(here - at)};
    at = here + 1;
    return Step::next;
}

// A version as it must look; whether it is one of ours is asked once the byte behind it is known.
H1Parser::Step H1Parser::version(const char*& at, const char* end) {
    for (size_t i = 0; i < kVersionShape.size(); ++i) {
        if (at + i != end && fits_version(at[i], i)) continue;
        const Step ending = line_end(at + i, end);
        if (ending == Step::more || ending == Step::refused) return ending;
        if (!fits_version(at[i], i)) return refuse(Reason::version_malformed);
    }
    at += kVersionShape.size();
    return Step::next;
}

// What stands in front of `at` is a version in the right shape.
H1Parser::Step H1Parser::supported(const char* at, uint8_t& minor) {
    const char major_digit = at[-3];
    const char minor_digit = at[-1];
    if (major_digit != '1' || minor_digit > '1') return refuse(Reason::version_unsupported);
    minor = static_cast<uint8_t>(minor_digit - '0');
    return Step::next;
}

H1Parser::Step H1Parser::request_line_end(const char*& at, const char* end) {
    constexpr std::string_view kUsual = "HTTP/1.1\r\n";
    if (static_cast<size_t>(end - at) >= kUsual.size() && memcmp(at, kUsual.data(), kUsual.size()) == 0) {
        at += kUsual.size();
        request_->minor_version = 1;
        return Step::next;
    }
    if (at != end && is_blank(*at)) return refuse(Reason::request_line_space);
    Step step = version(at, end);
    if (step != Step::next) return step;
    step = line_end(at, end);
    if (step == Step::next && is_blank(*at)) return refuse(Reason::request_line_space);
    if (step == Step::next) return refuse(Reason::version_malformed);
    if (step != Step::done) return step;
    step = supported(at, request_->minor_version);
    at += 2;
    return step;
}

H1Parser::Step H1Parser::status_line(const char*& at, const char* end) {
    const char* here = at;
    Step step = version(here, end);
    if (step == Step::next) step = status(here, end);
    if (step == Step::next) step = reason(here, end);
    if (step == Step::next) at = here;
    return step;
}

// " 200"; `at` stands behind the version.
H1Parser::Step H1Parser::status(const char*& at, const char* end) {
    Step step = line_end(at, end);
    if (step == Step::done) return refuse(Reason::status_malformed);
    if (step != Step::next) return step;
    if (is_digit(*at)) return refuse(Reason::version_malformed);
    if (*at != ' ') return refuse(Reason::status_line_space);
    step = supported(at, response_->minor_version);
    if (step != Step::next) return step;
    int status = 0;
    for (int digits = 0; digits < 3; ++digits) {
        ++at;
        step = line_end(at, end);
        if (step == Step::more || step == Step::refused) return step;
        if (digits == 0 && is_blank(*at)) return refuse(Reason::status_line_space);
        if (!is_digit(*at)) return refuse(Reason::status_malformed);
        status = status * 10 + (*at - '0');
    }
    if (status < 100 || status > 599) return refuse(Reason::status_out_of_range);
    response_->status = status;
    ++at;
    return Step::next;
}

// " OK" and the end of the line. The space must stand even where the reason is empty, but many servers leave it out,
// and nothing can be meant by that.
H1Parser::Step H1Parser::reason(const char*& at, const char* end) {
    Step step = line_end(at, end);
    if (step == Step::more || step == Step::refused) return step;
    if (step == Step::next) {
        if (is_digit(*at)) return refuse(Reason::status_malformed);
        if (*at != ' ') return refuse(Reason::status_line_space);
        ++at;
    }
    const char* begin = at;
    step = text(at, end, Reason::reason_control);
    if (step != Step::next) return step;
    response_->reason = {begin, static_cast<size_t>(at - begin)};
    at += 2;
    return Step::next;
}

}  // namespace weir::http
