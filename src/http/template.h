// Template: a text with placeholders for what is known of a request, as header values and redirects have it:
// "{host} {uri} {path} {query} {method} {scheme} {client_ip} {request_id} {route} {header.NAME} {cookie.NAME}".
// Made once from the config, then rendered by any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "http/client_hop.h"
#include "http/message.h"

namespace weir::http {

class Template final {
 public:
    // What it is rendered of.
    struct Source {
        const RequestHead& request;
        const ClientHop& hop;
        std::string_view route;  // its name
    };

    // Refuses "{word}" that is none of the placeholders; a brace that encloses no word is a brace.
    static Result<Template> parse(std::string_view text);

    // Lives as long as the template, the source and the arena.
    std::string_view render(const Source& source, Arena& arena) const;
    bool constant() const { return parts_.empty(); }

 private:
    enum class Kind : uint8_t { host, uri, path, query, method, scheme, client_ip, request_id, route, header, cookie };
    struct Word {
        std::string_view text;
        Kind kind;
    };
    struct Part {
        std::string before;  // literal text in front of it
        Kind kind;
        std::string name;  // of the header or cookie
    };
    static const Word kWords[];
    static Result<Part> parse_word(std::string_view word);
    static std::string_view value_of(const Part& part, const Source& source, Arena& arena);

    std::vector<Part> parts_;
    std::string rest_;  // literal text behind the last part
};

}  // namespace weir::http
