#include "config/dump.h"

#include <filesystem>
#include <optional>
#include <vector>

#include "config/fields.h"
#include "config/units_text.h"

namespace weir::config {
namespace {

// In double quotes, so that YAML makes nothing else of it and the environment is not asked.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' || text[i] == '\\') out += '\\';
        if (text.substr(i, 2) == "${") out += '$';
        out += text[i];
    }
    return out + '"';
}

using Lines = std::vector<std::string>;

void indent(Lines& into, const Lines& lines, std::string_view first, std::string_view others) {
    for (size_t i = 0; i < lines.size(); ++i) into.push_back(std::string(i == 0 ? first : others) + lines[i]);
}

// A scalar as it would be written; none: it is left out.
std::optional<std::string> scalar(const std::string& text, const Rule& rule) {
    if (text.empty() && !rule.none.empty()) return std::string(rule.none);
    if (text.empty() || !rule.form(text)) return std::nullopt;  // the name that was made up may be no name
    return in_quotes(rule.form == file_form ? std::filesystem::absolute(text).string() : text);
}
template <Worded E>
std::optional<std::string> scalar(const E& value, const Rule&) {
    for (const auto& [word, meant] : Words<E>::list)
        if (meant == value) return std::string(word);
    return std::nullopt;
}
template <typename T>
std::optional<std::string> number(const T& value, const Rule& rule) {
    if (value == T{} && !rule.none.empty()) return std::string(rule.none);
    return show(value);
}
std::optional<std::string> scalar(unsigned value, const Rule& rule) {
    return number(uint64_t{value}, rule);
}
std::optional<std::string> scalar(Duration value, const Rule& rule) {
    return number(value, rule);
}
std::optional<std::string> scalar(Bytes value, const Rule& rule) {
    return number(value, rule);
}
std::optional<std::string> scalar(Percent value, const Rule& rule) {
    return number(value, rule);
}
std::optional<std::string> scalar(const RedirectToHttps& value, const Rule&) {
    return value.on ? std::to_string(value.port) : "off";
}

template <Tabled S>
Lines block(const S& value);

void put(Lines& into, std::string_view key, const Lines& lines) {
    if (lines.empty()) return;
    into.push_back(std::string(key) + ":");
    indent(into, lines, "  ", "  ");
}

template <typename T>
void put(Lines& into, std::string_view key, const T& value, const Rule& rule) {
    if (const auto text = scalar(value, rule)) into.push_back(std::string(key) + ": " + *text);
}
template <Tabled S>
void put(Lines& into, std::string_view key, const S& value, const Rule&) {
    put(into, key, block(value));
}
// How health is asked for without a key is not what any key says.
void put(Lines& into, std::string_view key, const Health& value, const Rule&) {
    if (value.written) put(into, key, block(value));
}
template <typename T>
void put(Lines& into, std::string_view key, const std::optional<T>& value, Rule rule) {
    const std::string_view none = rule.none;
    rule.none = {};
    if (value) return put(into, key, *value, rule);
    if (!none.empty()) into.push_back(std::string(key) + ": " + std::string(none));
}
template <typename T>
void put(Lines& into, std::string_view key, const std::vector<T>& list, const Rule& rule) {
    if (list.empty() && (rule.one || rule.required)) return;
    std::string all;
    for (const T& item : list)
        if (const auto text = scalar(item, rule)) all += (all.empty() ? " " : ", ") + *text;
    into.push_back(std::string(key) + ": [" + all + (all.empty() ? "]" : " ]"));
}
template <Tabled S>
void put(Lines& into, std::string_view key, const std::vector<S>& list, const Rule&) {
    Lines lines;
    for (const S& item : list) indent(lines, block(item), "- ", "  ");
    put(into, key, lines);
}
template <typename T>
void put(Lines& into, std::string_view key, const std::map<std::string, T>& map, const Rule& rule) {
    Lines lines;
    for (const auto& [name, value] : map) put(lines, in_quotes(name), value, rule);
    put(into, key, lines);
}

template <Tabled S>
Lines block(const S& value) {
    Lines lines;
    for_each_field<S>([&](const auto& field) { put(lines, field.key, value.*field.member, field.rule); });
    return lines;
}

}  // namespace

std::string dump(const Config& config) {
    std::string text;
    for (const std::string& line : block(config)) text += line + "\n";
    return text;
}

}  // namespace weir::config
