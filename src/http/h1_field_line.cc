// The lines behind the first one: H1Parser's field lines (RFC 9112 5), of a head and of a trailer section.
// Nearly every line is of the usual kind and read by quick_line in a few instructions; quick_line refuses nothing.
// Whatever is unusual, cut off or wrong is left to field_line, which goes byte by byte.
#include <algorithm>
#include <cstring>

#include "base/scan.h"
#include "http/h1_parser.h"
#include "http/header_name_table.h"
#include "http/token.h"

namespace weir::http {

namespace {

using header_table::Row;
using scan::Block;

constexpr size_t kNameBytes = 2 * Block::kBytes;  // a quick name with its colon
static_assert(sizeof(Row::text) == kNameBytes);
// What quick_line reads without asking: the name, its colon, a space, and a block of the value.
constexpr size_t kQuickBytes = kNameBytes + 1 + Block::kBytes;

constexpr uint32_t lowest(size_t count) {
    return (uint32_t{1} << count) - 1;
}

// The size of the name at `at` when it is made of letters, digits and dashes and its colon stands within kNameBytes,
// else 0.
inline size_t quick_name(const char* at, HeaderName& id) {
    const Block front(at);
    const uint32_t colons = front.equal(':');
    if (colons != 0) {
        const auto size = static_cast<size_t>(__builtin_ctz(colons));
        if (size < 2) return 0;
        id = header_table::candidate(at, size);
        const Row& row = header_table::kRows[static_cast<size_t>(id)];
        if (id != HeaderName::other && front.matches(row.text, row.fold)) return size;
        id = HeaderName::other;
        return (~front.letters_digits_dashes() & lowest(size)) == 0 ? size : 0;
    }
    const Block back(at + Block::kBytes);
    const uint32_t later = back.equal(':');
    if (later == 0) return 0;
    const auto rest = static_cast<size_t>(__builtin_ctz(later));
    const size_t size = Block::kBytes + rest;
    id = header_table::candidate(at, size);
    const Row& row = header_table::kRows[static_cast<size_t>(id)];
    if (id != HeaderName::other && front.matches(row.text, row.fold) &&
        back.matches(row.text + Block::kBytes, row.fold + Block::kBytes))
        return size;
    id = HeaderName::other;
    if (front.letters_digits_dashes() != Block::kAll) return 0;
    return (~back.letters_digits_dashes() & lowest(rest)) == 0 ? size : 0;
}

// Reads the line at `at` when it is "name: value" CRLF with a quick name and a value of printable ASCII, not empty and
// without white space around it, and ends before `end`; kQuickBytes may be read. Returns the size of the line or 0.
// The field is made of the same line at `line`.
inline size_t quick_line(const char* at, const char* end, const char* line, Fields& into) {
    HeaderName id = HeaderName::other;
    const size_t name_size = quick_name(at, id);
    if (name_size == 0 || at[name_size + 1] != ' ') return 0;
    const char* value = at + name_size + 2;
    const uint32_t found = Block(value).not_printable();
    const char* stop = found != 0 ? value + __builtin_ctz(found) : scan::find_not_printable(value + Block::kBytes, end);
    if (end - stop < 2 || memcmp(stop, "\r\n", 2) != 0) return 0;
    if (value[0] == ' ' || stop[-1] == ' ') return 0;  // the latter also when it is empty
    Field field(id, {line, name_size}, {line + name_size + 2, static_cast<size_t>(stop - value)});
    field.set_plain_line();
    into.add(field);
    return static_cast<size_t>(stop + 2 - at);
}

}  // namespace

H1Parser::Step H1Parser::field_lines(const char*& at, const char* end) {
    // The last bytes are read in a copy with room behind them, so that blocks need not ask for the end.
    char tail[2 * kQuickBytes];
    const char* copy = at;  // the same bytes as `at`, and kQuickBytes of them may be read
    const char* copy_end = end;
    for (;;) {
        if (copy_end - copy < static_cast<ptrdiff_t>(kQuickBytes) && copy_end == end) {
            const auto left = static_cast<size_t>(end - at);
            if (left > 0) memcpy(tail, at, left);
            memset(tail + left, 0, sizeof tail - left);
            copy = tail;
            copy_end = tail + left;
        }
        const char* line = at;
        const size_t size = fields_->size() < limits_.fields ? quick_line(copy, copy_end, line, *fields_) : 0;
        at += size;
        if (size == 0) {
            const Step step = field_line(at, end);
            if (step == Step::done) at += 2;
            if (step != Step::next) return step;
        }
        copy += at - line;
    }
}

H1Parser::Step H1Parser::field_line(const char*& at, const char* end) {
    Name name;
    Step step = this->name(at, end, name);
    if (step != Step::next) return step;
    const char* value = at + name.size + 1;
    const char* value_end = value;
    step = text(value_end, end, Reason::value_control);
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
H1Parser::Step H1Parser::name(const char* at, const char* end, Name& name) {
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
