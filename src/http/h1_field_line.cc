// The lines behind the first one: H1Parser's field lines (RFC 9112 5), of a head and of a trailer section.
// Nearly every name is read by quick_name in a few instructions; whatever is not plain there goes to careful_name,
// which alone refuses.
#include "base/scan.h"
#include "http/h1_parser.h"
#include "http/header_name_table.h"
#include "http/token.h"

namespace weir::http {

namespace {

using scan::Block;

constexpr uint32_t first(size_t count) {
    return (uint32_t{1} << count) - 1;
}

constexpr size_t kQuickBytes = 2 * Block::kBytes;
static_assert(sizeof(header_table::Row::text) == kQuickBytes);

}  // namespace

// A name of letters, digits and dashes with its colon, all within the next 32 bytes; false when there is none.
inline bool H1Parser::quick_name(const char* at, Name& name) {
    const Block front(at);
    const Block back(at + Block::kBytes);
    uint32_t colons = front.equal(':');
    if (colons == 0) colons = back.equal(':') << Block::kBytes;
    if (colons <= 0b10) return false;  // none, or behind less than two bytes
    name.size = static_cast<size_t>(__builtin_ctz(colons));
    const HeaderName id = header_table::candidate(at, name.size);
    const header_table::Row& row = header_table::kRows[static_cast<size_t>(id)];
    if (id != HeaderName::other && front.matches(row.text, row.fold) &&
        (name.size < Block::kBytes || back.matches(row.text + Block::kBytes, row.fold + Block::kBytes))) {
        name.id = id;
        return true;
    }
    if (name.size <= Block::kBytes) return (front.letters_digits_dashes() & first(name.size)) == first(name.size);
    const size_t rest = name.size - Block::kBytes;
    return front.letters_digits_dashes() == Block::kAll && (back.letters_digits_dashes() & first(rest)) == first(rest);
}

H1Parser::Step H1Parser::field_line(const char*& at, const char* end) {
    Name name;
    const bool room = fields_->size() < limits_.fields;
    if (!room || static_cast<size_t>(end - at) < kQuickBytes || !quick_name(at, name)) {
        const Step step = careful_name(at, end, name);
        if (step == Step::done) at += 2;
        if (step != Step::next) return step;
    }
    const char* value = at + name.size + 1;
    const char* value_end = value;
    const Step step = text(value_end, end, Reason::value_control);
    if (step != Step::next) return step;
    const char* next = value_end + 2;
    bool plain = *value == ' ';  // at worst the CR
    if (plain) ++value;
    while (is_blank(*value)) {
        ++value;
        plain = false;
    }
    while (value_end > value && is_blank(value_end[-1])) {
        --value_end;
        plain = false;
    }
    Field field(name.id, {at, name.size}, {value, static_cast<size_t>(value_end - value)});
    if (plain) field.set_plain_line();
    if (name.odd) field.set_odd_name();
    fields_->add(field);
    at = next;
    return Step::next;
}

// `done`: this is the empty line that ends the head. `next`: a name and a colon stand here.
H1Parser::Step H1Parser::careful_name(const char* at, const char* end, Name& name) {
    Step ending = line_end(at, end);
    if (ending != Step::next) return ending;
    if (is_blank(*at) && fields_->empty()) return refuse(Reason::space_before_first_field);
    if (is_blank(*at)) return refuse(Reason::obs_fold);
    if (*at == ':') return refuse(Reason::name_missing);
    if (fields_->size() >= limits_.fields) return refuse(Reason::too_many_fields);
    const char* here = at;
    for (; here == end || *here != ':'; ++here) {
        if (here != end && is_token_byte(*here)) {
            if (*here == '_' || *here == '.') name.odd = true;
            continue;
        }
        ending = line_end(here, end);
        if (ending == Step::done) return refuse(Reason::colon_missing);
        if (ending != Step::next) return ending;
        if (is_blank(*here)) return refuse(Reason::name_space);
        if (!is_token_byte(*here)) return refuse(Reason::name_not_token);
    }
    name.size = static_cast<size_t>(here - at);
    if (name.size > UINT16_MAX) return refuse(Reason::name_too_long);
    name.id = find_header_name({at, name.size});
    return Step::next;
}

}  // namespace weir::http
