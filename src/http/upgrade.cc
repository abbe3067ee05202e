#include "http/upgrade.h"

#include "base/text.h"

namespace weir::http {

namespace {
// A field of this name, a list of tokens, has this one.
bool names(const Fields& fields, HeaderName id, std::string_view token) {
    for (const Field& field : fields) {
        if (field.id() != id) continue;
        std::string_view element;
        for (CommaList list(field.value()); list.next(element);)
            if (equal_ignoring_case(element, token)) return true;
    }
    return false;
}
}  // namespace

bool asks_for_websocket(const RequestHead& request) {
    if (!request.fields.has(HeaderName::upgrade)) return false;
    if (request.minor_version == 0 || request.body.kind != BodyLength::Kind::none) return false;
    if (!names(request.fields, HeaderName::connection, "upgrade")) return false;
    return names(request.fields, HeaderName::upgrade, "websocket");
}

}  // namespace weir::http
