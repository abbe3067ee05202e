// The status codes that have a label of their own in metrics: those of the IANA registry, and 499, which is a client
// that left. Every other number is counted as "other", so that no backend can make labels without end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::telemetry {

inline constexpr std::array<int, 63> kKnownStatus = {
    100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307,
    308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421,
    422, 423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511};

inline constexpr size_t kOtherStatus = kKnownStatus.size();
inline constexpr size_t kStatusCodes = kKnownStatus.size() + 1;

namespace status_detail {
constexpr std::array<uint8_t, 600> make_indexes() {
    std::array<uint8_t, 600> indexes{};
    for (auto& index : indexes) index = static_cast<uint8_t>(kOtherStatus);
    for (size_t i = 0; i < kKnownStatus.size(); ++i) {
        indexes[static_cast<size_t>(kKnownStatus[i])] = static_cast<uint8_t>(i);
    }
    return indexes;
}
inline constexpr auto kIndexes = make_indexes();
}  // namespace status_detail

// Where `status` is counted: its place in kKnownStatus, or kOtherStatus.
constexpr size_t status_index(int status) {
    return status >= 0 && static_cast<size_t>(status) < status_detail::kIndexes.size()
               ? status_detail::kIndexes[static_cast<size_t>(status)]
               : kOtherStatus;
}

}  // namespace weir::telemetry
