// Reader: walks a Document along the field tables and fills a Config; every key that is unknown, twice, of the wrong
// kind, out of range or of the wrong form is a mistake of its own, and reading goes on behind it.
// Looks at each value alone: what only shows in the whole (names used twice, pools that do not exist) is check.h's.
#pragma once

#include "config/config.h"
#include "config/diagnostic.h"
#include "config/document.h"

namespace weir::config {

// `folder`: what relative paths of files begin behind, with its `/`; empty: where the process runs.
Config read_config(const Document& document, Mistakes& mistakes, std::string_view folder = {});

}  // namespace weir::config
