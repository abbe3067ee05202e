#include "config/yaml_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace weir::config {
namespace {

constexpr size_t npos = std::string_view::npos;

unsigned byte(std::string_view text, size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool control(std::string_view text, size_t at) {
    const unsigned c = byte(text, at);
    if (c == '\r') return byte(text, at + 1) != '\n';
    if (c == 0xc2) return byte(text, at + 1) < 0xa0;
    return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

std::string hex(unsigned value) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'0', 'x', digits[value >> 4 & 15], digits[value & 15]};
}

// A tab among the blanks that a line begins with, when something other than a comment follows.
std::optional<TextFault> line_fault(std::string_view text, size_t begin) {
    const size_t end = std::min(text.find_first_not_of(" \t", begin), text.size());
    const unsigned next = byte(text, end);
    if (next == '%' && end == begin && text.substr(begin, 8) != "%YAML 1.") {
        return TextFault{begin, "a line can not begin with %; put the value in quotes"};
    }
    if (end == text.size() || next == '\n' || next == '\r' || next == '#') return std::nullopt;
    const size_t tab = text.substr(0, end).find('\t', begin);
    if (tab == npos) return std::nullopt;
    return TextFault{tab, "a tab in the indentation; expected spaces"};
}

size_t line_begin(std::string_view text, size_t at) {
    if (at == 0) return 0;
    const size_t before = text.rfind('\n', at - 1);
    return before == npos ? 0 : before + 1;
}

// Where the value begins that the place `at` belongs to, on its line: behind the last `- `, `: ` or `, `.
size_t value_begin(std::string_view text, size_t at) {
    const size_t begin = line_begin(text, at);
    size_t value = begin;
    for (size_t i = begin; i < at; ++i) {
        const bool mark = text[i] == '-' || text[i] == ':' || text[i] == ',';
        if (mark && i + 1 < at && text[i + 1] == ' ') value = i + 1;
    }
    while (value < text.size() && text[value] == ' ') ++value;
    return value;
}

struct Saying {
    std::string_view complaint;
    std::string_view words;
};
constexpr std::array<Saying, 15> kSayings = {{
    {"illegal map value", "\": \" can not stand here; check the indentation, or put the value in quotes"},
    {"illegal map key", "\"? \" can not stand here"},
    {"illegal block entry", "\"- \" can not stand here; check the indentation, or put the value in quotes"},
    {"illegal flow end", "closes nothing that is open; put the value in quotes if it is text"},
    {"end of map not found", "expected a key and \":\" here; check the indentation and the quotes"},
    {"end of sequence not found", "expected \"- \" here; check the indentation and the quotes"},
    {"end of map flow not found", "expected \",\" or \"}\" here"},
    {"end of sequence flow not found", "expected \",\" or \"]\" here"},
    {"illegal EOF in scalar", "the closing quote is missing"},
    {"illegal document indicator in scalar", "the closing quote is missing"},
    {"illegal tab when looking for indentation", "a tab in the indentation; expected spaces"},
    {"cannot assign multiple anchors to the same node", "two anchors for one value"},
    {"the referenced anchor is not defined", "a value that begins with `*` is an alias to YAML; put it in quotes"},
    {"unexpected character in block scalar",
     "a value that begins with `|` or `>` means something else to YAML; put it in quotes"},
    {"unknown token", "a value can not begin with this character; put it in quotes"},
}};

}  // namespace

std::optional<TextFault> find_fault(std::string_view text) {
    bool fresh_line = true;
    for (size_t at = 0; at < text.size();) {
        if (fresh_line) {
            if (std::optional<TextFault> fault = line_fault(text, at)) return fault;
        }
        fresh_line = false;
        if (text[at] > ' ' && text[at] < 0x7f) {
            ++at;
            continue;
        }
        const size_t size = utf8_length(text.substr(at));
        if (size == 0) return TextFault{at, "the byte " + hex(byte(text, at)) + " is not UTF-8"};
        if (control(text, at)) {
            return TextFault{at, "the control byte " + hex(byte(text, at + size - 1)) + " can not stand in a config"};
        }
        fresh_line = text[at] == '\n';
        at += size;
    }
    return std::nullopt;
}

size_t tab_before(std::string_view text, size_t at) {
    size_t tab = npos;
    for (; at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'); --at) {
        if (text[at - 1] == '\t') tab = at - 1;
    }
    const bool indentation = at == 0 || text[at - 1] == '\n';  // find_fault's
    return indentation ? npos : tab;
}

size_t empty_item(std::string_view text, size_t at) {
    const size_t before = at == 0 ? npos : text.find_last_not_of(" \t\r\n", at - 1);
    if (before == npos || std::string_view("-,[").find(text[before]) == npos) return at;
    return before;
}

bool hidden_value(std::string_view text, size_t end) {
    if (byte(text, end) != ':') return false;
    const unsigned next = byte(text, std::min(text.find_first_not_of(" \t", end + 1), text.size()));
    return next == '#' || next == '&';
}

bool closes_quote(std::string_view text, size_t at) {
    const char quote = at < text.size() ? text[at] : ' ';
    if (quote != '"' && quote != '\'') return true;
    for (++at; at < text.size(); ++at) {
        const bool escape = text[at] == '\\' && quote == '"';
        const bool doubled = text[at] == quote && quote == '\'' && byte(text, at + 1) == '\'';
        if (escape || doubled) {
            ++at;
        } else if (text[at] == quote) {
            return true;
        }
    }
    return false;
}

size_t skip_anchor(std::string_view text, size_t at) {
    if (byte(text, at) != '&') return at;
    const size_t end = text.find_first_of(" \t\r\n", at);
    if (end == npos) return text.size();
    const size_t next = text.find_first_not_of(" \t\r\n", end);
    return next == npos ? text.size() : next;
}

std::string_view null_word(std::string_view text, size_t at) {
    for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
        if (text.substr(at, word.size()) != word) continue;
        const size_t end = at + word.size();
        const bool ends = end >= text.size() || std::string_view(" \t\r\n:,]}").find(text[end]) != npos;
        return ends ? text.substr(at, word.size()) : std::string_view();
    }
    return {};
}

TextFault explain(std::string_view text, size_t at, std::string_view complaint) {
    at = std::min(at, text.size());
    // An alias or anchor without a name is told behind its sign.
    if (complaint.find("not found after") != npos || complaint.find("while scanning a") != npos) {
        const size_t sign = text.substr(0, at).find_last_of("*&");
        return {sign == npos ? at : sign,
                "a value that begins with `*` or `&` means something else to YAML; put it in quotes"};
    }
    TextFault fault{at, std::string(complaint)};
    for (const Saying& saying : kSayings) {
        if (saying.complaint == complaint) fault.message = saying.words;
    }
    if (complaint.substr(0, 14) == "unknown escape") fault.message += "; put the value in single quotes";
    if (complaint.substr(0, 7) != "end of ") return fault;
    // "[::1]:3000" and "{host}/x": the list or map ends and the text goes on.
    const size_t value = value_begin(text, at);
    const size_t last = value < at ? text.find_last_not_of(' ', at - 1) : npos;
    if (last == npos || last <= value) return fault;
    for (const std::string_view pair : {"[]", "{}", "\"\"", "''"}) {
        if (text[value] != pair[0] || text[last] != pair[1]) continue;
        return {value, "the value ends before the line does; put all of it in quotes"};
    }
    return fault;
}

}  // namespace weir::config
