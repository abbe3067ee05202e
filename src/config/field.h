// Field: one row of a field table: the key as it is written, the member it fills, what may stand there, and one
// sentence for whoever asks. All that is said of a key anywhere (parsing, ranges, documentation) comes from its row.
// Compile-time values; the tables stand in fields.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/clock.h"
#include "base/units.h"
#include "config/forms.h"

namespace weir::config {

// What may stand there. Which parts count is up to the type of the member.
struct Rule {
    bool required = false;  // a list must not be empty either
    uint64_t min =
        0;  // of numbers; of sizes in bytes, of durations in milliseconds, of shares in hundredths of a percent
    uint64_t max = UINT64_MAX;
    Form form = nullptr;      // of texts
    Form key = nullptr;       // of the keys of a map; null: name_form
    std::string_view none{};  // the word that stands for 0 or the empty text: "auto", "off"
    bool one = false;         // a text alone is a list of one

    constexpr Rule needed() const {
        Rule rule = *this;
        rule.required = true;
        return rule;
    }
    constexpr Rule keyed(Form form_of_keys) const {
        Rule rule = *this;
        rule.key = form_of_keys;
        return rule;
    }
    constexpr Rule or_one() const {
        Rule rule = *this;
        rule.one = true;
        return rule;
    }
    constexpr Rule or_word(std::string_view word) const {
        Rule rule = *this;
        rule.none = word;
        return rule;
    }
};

constexpr Rule any() {
    return {};
}
constexpr Rule between(uint64_t min, uint64_t max) {
    Rule rule;
    rule.min = min;
    rule.max = max;
    return rule;
}
constexpr Rule between(Bytes min, Bytes max) {
    return between(min.count, max.count);
}
constexpr Rule between(Percent min, Percent max) {
    return between(min.hundredths, max.hundredths);
}
constexpr Rule between(std::chrono::milliseconds min, std::chrono::milliseconds max) {
    return between(static_cast<uint64_t>(min.count()), static_cast<uint64_t>(max.count()));
}
constexpr Rule shaped(Form form) {
    Rule rule;
    rule.form = form;
    return rule;
}

template <typename S, typename T>
struct Field {
    using Member = T;
    std::string_view key;
    T S::*member;
    Rule rule;
    std::string_view doc;
};

template <typename S, typename T>
constexpr Field<S, T> field(std::string_view key, T S::*member, Rule rule, std::string_view doc) {
    return {key, member, rule, doc};
}

// The words of an enum: specialised in fields.h, an array of {word, value}.
template <typename E>
struct Word {
    std::string_view word;
    E value;
};
template <typename E>
struct Words;
template <typename E>
concept Worded = std::is_enum_v<E> || std::is_same_v<E, bool>;

// The table of a struct: specialised in fields.h, a tuple of fields.
template <typename S>
struct Table;
template <typename S>
concept Tabled = requires {
    Table<S>::fields;
};

// Calls visit(field) for each row of S.
template <typename S, typename Visit>
void for_each_field(Visit visit) {
    std::apply([&visit](const auto&... fields) { (visit(fields), ...); }, Table<S>::fields);
}

}  // namespace weir::config
