#include "config/units_text.h"

#include <array>

#include "base/text.h"

namespace weir::config {
namespace {

struct Unit {
    std::string_view name;
    uint64_t count;
};
// From small to large; durations in milliseconds.
constexpr std::array<Unit, 4> kTimes = {{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 3> kSizes = {{{"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}}};
constexpr uint64_t kMostPercent = 1'000'000;
constexpr uint64_t kLongest = 87'600ULL * 3'600'000;  // ten years

// Splits "16KiB" into 16 and "KiB"; false when there is no strict number at the front.
bool split(std::string_view text, uint64_t& number, std::string_view& unit) {
    size_t end = 0;
    number = 0;
    while (end < text.size() && is_digit(text[end])) {
        if (__builtin_mul_overflow(number, 10ULL, &number) ||
            __builtin_add_overflow(number, static_cast<uint64_t>(text[end] - '0'), &number)) {
            return false;
        }
        ++end;
    }
    if (end == 0 || (end > 1 && text[0] == '0')) return false;
    unit = text.substr(end);
    return true;
}

template <size_t N>
const Unit* find(const std::array<Unit, N>& units, std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

template <size_t N>
std::string show_in(const std::array<Unit, N>& units, uint64_t count, std::string_view plain) {
    const Unit* best = nullptr;
    for (const Unit& unit : units) {
        if (count != 0 && count % unit.count == 0) best = &unit;
    }
    if (best == nullptr) return std::to_string(count) + std::string(plain);
    return std::to_string(count / best->count) + std::string(best->name);
}

}  // namespace

Result<uint64_t> read_number(std::string_view text) {
    uint64_t number = 0;
    std::string_view rest;
    if (!split(text, number, rest) || !rest.empty()) return fail("is no whole number");
    return number;
}

Result<Duration> read_duration(std::string_view text) {
    uint64_t number = 0;
    std::string_view rest;
    const std::string wrong = "is no duration such as 250ms, 2s, 1m or 8h";
    if (!split(text, number, rest)) return fail(wrong);
    if (rest.empty()) {
        if (number == 0) return Duration{0};
        return fail("is a duration without a unit (did you mean \"" + std::string(text) + "s\"?)");
    }
    const Unit* unit = find(kTimes, rest);
    if (unit == nullptr) return fail(wrong);
    if (__builtin_mul_overflow(number, unit->count, &number) || number > kLongest) return fail("is too long");
    return Duration{std::chrono::milliseconds(number)};
}

Result<Bytes> read_size(std::string_view text) {
    uint64_t number = 0;
    std::string_view rest;
    const std::string wrong = "is no size such as 512, 16KiB or 10MiB";
    if (!split(text, number, rest)) return fail(wrong);
    if (rest.empty()) return Bytes{number};
    if (const Unit* unit = find(kSizes, rest); unit != nullptr) {
        if (__builtin_mul_overflow(number, unit->count, &number)) return fail("is too large");
        return Bytes{number};
    }
    for (const Unit& unit : kSizes) {  // 16k, 16kb, 16K, 16KB
        if ((rest[0] & ~0x20) != unit.name[0]) continue;
        return fail(wrong + " (did you mean \"" + std::to_string(number) + std::string(unit.name) + "\"?)");
    }
    return fail(wrong);
}

Result<Percent> read_percent(std::string_view text) {
    uint64_t whole = 0;
    std::string_view rest;
    const std::string wrong = "is no share such as 20% or 0.5%";
    if (!split(text, whole, rest) || whole > kMostPercent) return fail(wrong);
    uint64_t hundredths = whole * 100;
    if (rest.substr(0, 1) == ".") {
        uint64_t worth = 10;
        for (rest.remove_prefix(1); !rest.empty() && is_digit(rest.front()); worth /= 10) {
            hundredths += worth * static_cast<uint64_t>(rest.front() - '0');
            rest.remove_prefix(1);
            if (worth == 0) return fail(wrong);
        }
        if (worth == 10) return fail(wrong);
    }
    if (rest.empty()) return fail(wrong + " (did you mean \"" + std::string(text) + "%\"?)");
    if (rest != "%") return fail(wrong);
    return Percent{static_cast<uint32_t>(hundredths)};
}

std::string show(Duration duration) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    return show_in(kTimes, static_cast<uint64_t>(ms), "s");
}

std::string show(Bytes bytes) {
    return show_in(kSizes, bytes.count, "");
}

std::string show(Percent share) {
    std::string text = std::to_string(share.hundredths / 100);
    if (const uint32_t part = share.hundredths % 100; part != 0)
        text += std::string(part < 10 ? ".0" : ".") + std::to_string(part % 10 == 0 ? part / 10 : part);
    return text + "%";
}

std::string show(uint64_t number) {
    return std::to_string(number);
}

}  // namespace weir::config
