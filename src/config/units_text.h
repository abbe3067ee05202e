// Numbers, durations, sizes and shares as a config writes them, and back again for messages. Strict: no sign, no
// blanks, no leading zeros, no fractions but of a percent, nothing behind the unit. Ranges are the field tables'
// business. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"

namespace weir::config {

// "0", "4096".
Result<uint64_t> read_number(std::string_view text);
// "250ms", "2s", "1m", "8h", and "0" without a unit. At most ten years.
Result<Duration> read_duration(std::string_view text);
// "128" (bytes), "16KiB", "10MiB", "2GiB".
Result<Bytes> read_size(std::string_view text);
// "20%", "0.5%", with two decimals at most.
Result<Percent> read_percent(std::string_view text);

// In the largest unit that is exact: "90s", "1h", "16KiB".
std::string show(Duration duration);
std::string show(Bytes bytes);
std::string show(Percent share);
std::string show(uint64_t number);

}  // namespace weir::config
