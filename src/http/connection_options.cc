#include "http/connection_options.h"

#include "base/check.h"
#include "base/text.h"

namespace weir::http {

namespace {

using Name = HeaderName;
constexpr HeaderSet kNeverTaken(Name::host, Name::content_length, Name::transfer_encoding, Name::expect, Name::cookie,
                                Name::set_cookie, Name::authorization, Name::forwarded, Name::via, Name::x_real_ip,
                                Name::x_request_id);
constexpr std::string_view kForwardedNames = "x-forwarded-";  // neither

}  // namespace

// others_ stays as it is.
ConnectionOptions::ConnectionOptions(const Fields& fields) {
    const Field* first = fields.find(HeaderName::connection);
    if (first == nullptr) return;
    if (first->value() == "keep-alive" && !fields.repeats(HeaderName::connection)) return;  // what browsers send
    for (const Field& field : fields) {
        if (field.id() != HeaderName::connection) continue;
        CommaList options(field.value());
        for (std::string_view option; options.next(option);) add(option);
    }
}

void ConnectionOptions::add(std::string_view option) {
    // What nearly every Connection says; keep_alive is removed without being named.
    if (equal_ignoring_case(option, "keep-alive") || equal_ignoring_case(option, "close")) return;
    if (starts_with_ignoring_case(option, kForwardedNames)) return;
    const HeaderName id = find_header_name(option);
    if (id != HeaderName::other) {
        if (!kNeverTaken.has(id)) known_.add(id);
        return;
    }
    CHECK(count_ < kMost);
    others_[count_++] = {option.data(), option.size()};
}

bool ConnectionOptions::name_other(std::string_view name) const {
    for (size_t i = 0; i < count_; ++i)
        if (equal_ignoring_case({others_[i].text, others_[i].size}, name)) return true;
    return false;
}

}  // namespace weir::http
