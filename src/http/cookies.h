// Cookies: the values that a request has for one cookie, of all its Cookie fields (RFC 6265 5.4). A client may send a
// name twice; whoever looks sees both. Views into the fields; one thread.
//     for (Cookies cookies(fields, "id"); cookies.next(value);) ...
#pragma once

#include <string_view>

#include "base/text.h"
#include "http/fields.h"

namespace weir::http {

class Cookies final {
 public:
    // Both outlive it. The name's case counts.
    Cookies(const Fields& fields, std::string_view name)
        : at_(fields.has(HeaderName::cookie) ? fields.begin() : fields.end()), end_(fields.end()), name_(name) {}

    bool next(std::string_view& value) {
        while (!rest_.empty() || next_field()) {
            const size_t semicolon = rest_.find(';');
            const std::string_view pair = trim(rest_.substr(0, semicolon));
            rest_ = semicolon == rest_.npos ? std::string_view() : rest_.substr(semicolon + 1);
            const size_t equals = pair.find('=');
            if (equals == pair.npos || pair.substr(0, equals) != name_) continue;
            value = pair.substr(equals + 1);
            return true;
        }
        return false;
    }

 private:
    bool next_field() {
        while (at_ != end_) {
            const Field& field = *at_++;
            if (field.id() == HeaderName::cookie && !field.value().empty()) return rest_ = field.value(), true;
        }
        return false;
    }

    const Field* at_;
    const Field* end_;
    std::string_view name_;
    std::string_view rest_;
};

}  // namespace weir::http
