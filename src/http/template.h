// Template: a text with placeholders for what is known of a request, as header values and redirects have it:
// "{host} {uri} {path} {query} {method} {scheme} {client_ip} {request_id} {route} {header.NAME} {cookie.NAME}".
// Made once from the config, then rendered by any thread.
#pragma once

#include <string_view>

#include "base/arena.h"
#include "base/placeholder_text.h"
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

    // Refuses what PlaceholderText does.
    static Result<Template> parse(std::string_view text);

    // Lives as long as the template, the source and the arena.
    std::string_view render(const Source& source, Arena& arena) const;
    bool constant() const { return text_.parts.empty(); }

 private:
    static std::string_view value_of(const PlaceholderText::Part& part, const Source& source, Arena& arena);

    PlaceholderText text_;
};

}  // namespace weir::http
