// The last look at a Config: fills the names that were left out and finds what only shows in the whole: names,
// addresses and matches used twice, pools that do not exist or that nobody uses.
#pragma once

#include "config/config.h"
#include "config/diagnostic.h"

namespace weir::config {

void check_config(Config& config, Mistakes& mistakes);

}  // namespace weir::config
