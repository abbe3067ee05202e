// Bytes, Percent: numbers with their unit in their type. Durations are std::chrono's.
#pragma once

#include <cstdint>

namespace weir {

struct Bytes {
    uint64_t count = 0;
    friend bool operator==(Bytes a, Bytes b) { return a.count == b.count; }
    friend bool operator<(Bytes a, Bytes b) { return a.count < b.count; }
};

// A share, in hundredths of a percent.
struct Percent {
    uint32_t hundredths = 0;
    constexpr uint64_t of(uint64_t amount) const { return amount * hundredths / 10'000; }
    friend bool operator==(Percent a, Percent b) { return a.hundredths == b.hundredths; }
};

constexpr Percent percent(unsigned whole) {
    return Percent{whole * 100};
}
constexpr Bytes operator""_KiB(unsigned long long n) {
    return Bytes{n * 1024};
}
constexpr Bytes operator""_MiB(unsigned long long n) {
    return Bytes{n * 1024 * 1024};
}
constexpr Bytes operator""_GiB(unsigned long long n) {
    return Bytes{n * 1024 * 1024 * 1024};
}

}  // namespace weir
