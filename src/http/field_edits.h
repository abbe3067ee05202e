// FieldEdits: what is to change in the fields of a head before it goes out, kept until there is one. Policies fill it,
// the exchange applies it. Views into bytes that others keep. One exchange, one thread.
#pragma once

#include <vector>

#include "http/fields.h"

namespace weir::http {

class FieldEdits final {
 public:
    // This one instead of all of its name.
    void set(const Field& field) { edits_.push_back({Kind::set, field}); }
    // This one too.
    void add(const Field& field) { edits_.push_back({Kind::add, field}); }
    // None of this name.
    void remove(HeaderName id, std::string_view name) { edits_.push_back({Kind::remove, Field(id, name, {})}); }

    bool empty() const { return edits_.empty(); }
    void clear() { edits_.clear(); }
    // In the order they were made. A name is the same in any case, and with `_` and `.` for `-`: a backend may read it
    // so, and nobody else is to say what we say.
    void apply(Fields& fields) const;
    // Nobody is to say it behind the body either: the names alone are looked at.
    void apply_to_trailers(Fields& trailers) const;

 private:
    enum class Kind : uint8_t { set, add, remove };
    struct Edit {
        Kind kind;
        Field field;
    };
    static void drop_doubles(const Edit& edit, Fields& fields);
    std::vector<Edit> edits_;
};

}  // namespace weir::http
