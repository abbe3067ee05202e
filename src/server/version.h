// The version, as `weir version`, weir_build_info and the log say it.
#pragma once

#include <string_view>

namespace weir::server {
inline constexpr std::string_view kVersion = "0.1.0";
}
