#include "policy/headers.h"

#include <algorithm>

namespace weir::policy {

void HeaderChanges::remove(std::string name) {
    insert(Kind::remove, std::move(name), {});
}
void HeaderChanges::set(std::string name, http::Template value) {
    insert(Kind::set, std::move(name), std::move(value));
}
void HeaderChanges::add(std::string name, http::Template value) {
    insert(Kind::add, std::move(name), std::move(value));
}

void HeaderChanges::insert(Kind kind, std::string name, http::Template value) {
    const http::HeaderName id = http::find_header_name(name);
    const auto behind =
        std::find_if(changes_.begin(), changes_.end(), [kind](const Change& c) { return c.kind > kind; });
    changes_.insert(behind, Change{kind, id, std::move(name), std::move(value)});
}

void HeaderChanges::make(const http::Template::Source& source, Arena& arena, http::FieldEdits& edits) const {
    for (const Change& change : changes_) {
        if (change.kind == Kind::remove) {
            edits.remove(change.id, change.name);
            continue;
        }
        const http::Field field(change.id, change.name, change.value.render(source, arena));
        if (field.value().empty()) {
            if (change.kind == Kind::set) edits.remove(change.id, change.name);
        } else if (change.kind == Kind::set) {
            edits.set(field);
        } else {
            edits.add(field);
        }
    }
}

Verdict RequestHeaders::on_request(Request& request) const {
    changes_.make({request.head, request.hop, request.route}, request.arena, request.edits);
    return Verdict::go();
}

std::optional<Reply> ResponseHeaders::on_response(Response& response) const {
    changes_.make({response.request, response.hop, response.route}, response.arena, response.edits);
    return std::nullopt;
}

}  // namespace weir::policy
