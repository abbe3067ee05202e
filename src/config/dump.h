// dump: a config as YAML again, every key with what it comes to, defaults filled in. What is written is itself a config
// of the same meaning, from wherever it is read: paths of files are absolute. Only keys whose absence says something of
// its own are left out. Pure but for the working directory.
#pragma once

#include <string>

#include "config/config.h"

namespace weir::config {

std::string dump(const Config& config);

}  // namespace weir::config
