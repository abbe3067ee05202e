#include "http/path.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace weir::http {

namespace {

// What a byte means to the scans; 0 is a byte to walk over.
enum Mark : uint8_t {
    kOrdinary = 0,
    kDot = 1,         // removed when it makes a segment
    kChanges = 2,     // `%` and `;`: the path has to be looked at by segments
    kQuestion = 4,    // ends the path, ordinary in a query
    kPathOnly = 8,    // `\`: refused in a path
    kFragment = 16,   // refused
    kForbidden = 32,  // not printable ASCII: refused
};

constexpr std::array<uint8_t, 256> make_marks() {
    std::array<uint8_t, 256> marks{};
    for (size_t c = 0; c < 256; ++c) marks[c] = c <= 0x20 || c >= 0x7f ? kForbidden : kOrdinary;
    marks['.'] = kDot;
    marks['%'] = marks[';'] = kChanges;
    marks['?'] = kQuestion;
    marks['\\'] = kPathOnly;
    marks['#'] = kFragment;
    return marks;
}
constexpr std::array<uint8_t, 256> kMarks = make_marks();

constexpr Refusal kBackslash{400, "backslash in the path", "RFC 3986 3.3"};
constexpr Refusal kFragmentSent{400, "fragment in the target", "RFC 9110 4.2.5"};
constexpr Refusal kBadByte{400, "invalid byte in the target", "RFC 3986 2"};
constexpr Refusal kBrokenEscape{400, "broken escape in the path", "RFC 3986 2.1"};
constexpr Refusal kEscapedControl{400, "escaped control byte in the path", "RFC 3986 7.3"};
constexpr Refusal kClimbs{400, "path climbs above its root", "RFC 3986 5.2.4"};

// The first byte at or behind `at` that carries one of `marks`.
const char* find_mark(const char* at, const char* end, unsigned marks) {
    const auto mark = [](const char* p) { return unsigned{kMarks[static_cast<uint8_t>(*p)]}; };
    for (; end - at >= 4; at += 4)
        if (((mark(at) | mark(at + 1) | mark(at + 2) | mark(at + 3)) & marks) != 0) break;
    while (at != end && (mark(at) & marks) == 0) ++at;
    return at;
}

// The byte that the escape at `at` stands for, or -1 when it is broken.
int escaped_byte(const char* at, const char* end) {
    if (end - at < 3) return -1;
    const int high = hex_digit(at[1]);
    const int low = hex_digit(at[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool unreserved(int byte) {
    const int small = byte | 0x20;
    return (small >= 'a' && small <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
           byte == '_' || byte == '~';
}

const Refusal* refuse(char byte) {
    return byte == '\\' ? &kBackslash : byte == '#' ? &kFragmentSent : &kBadByte;
}

const Refusal* check_escape(int byte) {
    if (byte < 0) return &kBrokenEscape;
    if (byte < 0x20 || byte == 0x7f) return &kEscapedControl;
    return {};
}

char* append(char* to, const char* from, const char* end) {
    std::memcpy(to, from, static_cast<size_t>(end - from));
    return to + (end - from);
}

// Two paths being written at once, segment by segment: the matched one and the forwarded one. Every segment is written
// with the `/` before it, so the last one begins at the last `/`.
class SegmentWriter final {
 public:
    SegmentWriter(char* matched, char* forward)
        : matched_begin_(matched), matched_(matched), forward_begin_(forward), forward_(forward) {}

    const Refusal* add(const char* segment, const char* end, bool last) {
        const char* parameters = std::find(segment, end, ';');
        char* name = matched_ + 1;
        char* name_end = name;
        if (const Refusal* refusal = decode(segment, parameters, name_end)) return refusal;
        if (const Refusal* refusal = check(parameters, end)) return refusal;
        const std::string_view decoded(name, static_cast<size_t>(name_end - name));
        if (decoded == "." || decoded == "..") {
            changed_ = true;
            if (decoded == ".." && !drop_last()) return &kClimbs;
            if (last) matched_ = put_slash(matched_), forward_ = put_slash(forward_);
            return {};
        }
        *matched_ = '/';
        matched_ = name_end;
        forward_ = append(put_slash(forward_), name, name_end);
        forward_ = append(forward_, parameters, end);
        return {};
    }

    bool changed() const { return changed_; }  // parameters aside
    std::string_view matched() const { return {matched_begin_, static_cast<size_t>(matched_ - matched_begin_)}; }
    std::string_view forward() const { return {forward_begin_, static_cast<size_t>(forward_ - forward_begin_)}; }

 private:
    static char* put_slash(char* at) {
        *at = '/';
        return at + 1;
    }
    // Writes the name in [from, end) to `to`; only what is unreserved is decoded, so no new `/`, `;` or `%` arises.
    const Refusal* decode(const char* from, const char* end, char*& to) {
        while (from < end) {
            if (*from != '%') {
                *to++ = *from++;
                continue;
            }
            const int byte = escaped_byte(from, end);
            if (const Refusal* refusal = check_escape(byte)) return refusal;
            if (unreserved(byte)) {
                *to++ = static_cast<char>(byte);
                changed_ = true;
            } else {
                to = append(to, from, from + 3);
            }
            from += 3;
        }
        return {};
    }
    // Parameters are forwarded as they came, but not with what no path may carry.
    static const Refusal* check(const char* from, const char* end) {
        for (; from != end; ++from)
            if (*from == '%')
                if (const Refusal* refusal = check_escape(escaped_byte(from, end))) return refusal;
        return {};
    }
    bool drop_last() {
        if (matched_ == matched_begin_) return false;
        while (*--matched_ != '/') continue;
        while (*--forward_ != '/') continue;
        return true;
    }

    char* const matched_begin_;
    char* matched_;
    char* const forward_begin_;
    char* forward_;
    bool changed_ = false;
};

}  // namespace

const Refusal* scan_path(std::string_view text, PathScan& into) {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    into.plain = true;
    const char* at = begin;
    for (;; ++at) {
        at = find_mark(at, end, ~0U);
        if (at == end) break;
        const uint8_t mark = kMarks[static_cast<uint8_t>(*at)];
        if (mark == kQuestion) break;
        if (mark == kDot) {
            if (at[-1] == '/') into.plain = false;
        } else if (mark == kChanges) {
            into.plain = false;
        } else {
            return refuse(*at);
        }
    }
    into.size = static_cast<size_t>(at - begin);
    return {};
}

bool reads_two_ways(std::string_view path) {
    int dots = 0;  // in a row
    for (size_t at = 0; at < path.size();) {
        const int escaped = path[at] == '%' ? escaped_byte(path.data() + at, path.data() + path.size()) : -1;
        const int byte = escaped < 0 ? path[at] : escaped;
        if (escaped == '/' || escaped == '\\' || (byte == ';' && dots >= 2)) return true;
        dots = byte == '.' ? dots + 1 : 0;
        at += escaped < 0 ? 1 : 3;
    }
    return false;
}

const Refusal* check_query(std::string_view query) {
    const char* const end = query.data() + query.size();
    const char* const at = find_mark(query.data(), end, kFragment | kForbidden);
    if (at != end) return refuse(*at);
    return {};
}

const Refusal* normalise_path(std::string_view path, char* room, NormalPath& into) {
    SegmentWriter writer(room, room + path.size());
    const char* const end = path.data() + path.size();
    for (const char* slash = path.data(); slash != end;) {
        const char* const next = std::find(slash + 1, end, '/');
        if (const Refusal* refusal = writer.add(slash + 1, next, next == end)) return refusal;
        slash = next;
    }
    into.matched = writer.matched();
    into.forward = writer.changed() ? writer.forward() : path;
    return {};
}

}  // namespace weir::http
