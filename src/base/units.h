// Bytes: a size with its unit in its type. Durations are std::chrono's.
#pragma once

#include <cstdint>

namespace weir {

struct Bytes {
    uint64_t count = 0;
    friend bool operator==(Bytes a, Bytes b) { return a.count == b.count; }
    friend bool operator<(Bytes a, Bytes b) { return a.count < b.count; }
};

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
