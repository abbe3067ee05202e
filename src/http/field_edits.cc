#include "http/field_edits.h"

#include <algorithm>

#include "base/text.h"

namespace weir::http {

namespace {

char as_read(char c) {
    return c == '_' || c == '.' ? '-' : lower(c);
}

bool read_the_same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return as_read(x) == as_read(y); });
}

}  // namespace

void FieldEdits::drop_doubles(const Edit& edit, Fields& fields) {
    const std::string_view name = edit.field.name();
    fields.remove_if([&](const Field& field) {
        // What is added stands beside others of its very name.
        if (edit.kind == Kind::add && equal_ignoring_case(field.name(), name)) return false;
        return read_the_same(field.name(), name);
    });
}

void FieldEdits::apply(Fields& fields) const {
    for (const Edit& edit : edits_) {
        drop_doubles(edit, fields);
        if (edit.kind != Kind::remove) fields.add(edit.field);
    }
}

void FieldEdits::apply_to_trailers(Fields& trailers) const {
    for (const Edit& edit : edits_) drop_doubles(edit, trailers);
}

}  // namespace weir::http
