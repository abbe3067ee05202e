#include "http/header_name.h"

#include "base/text.h"
#include "http/header_name_table.h"

namespace weir::http {

HeaderName find_header_name(std::string_view name) {
    if (name.size() < 2) return HeaderName::other;
    const HeaderName found = header_table::candidate(name.data(), name.size());
    return equal_ignoring_case(name, text_of(found)) ? found : HeaderName::other;
}

std::string_view text_of(HeaderName name) {
    return header_table::kHeaderNames[static_cast<size_t>(name)];
}

}  // namespace weir::http
