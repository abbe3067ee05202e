// PlaceholderText: a text with placeholders for what is known of a request, taken apart: "https://{host}{uri}". Here
// only what they are called; what they stand for is http/template's. Made once, of a config. A value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

struct PlaceholderText {
    enum class Kind : uint8_t { host, uri, path, query, method, scheme, client_ip, request_id, route, header, cookie };
    struct Part {
        std::string before;  // literal text in front of it
        Kind kind;
        std::string name;  // of the header or cookie
    };

    // Refuses "{word}" that is none of the placeholders; a brace that encloses no word is a brace.
    static Result<PlaceholderText> parse(std::string_view text);

    std::vector<Part> parts;
    std::string rest;  // literal text behind the last part
};

}  // namespace weir
