// Environment: `${NAME}` and `${NAME:-default}` in the scalars of a document become what the environment says; `$${` is
// a literal `${`. What comes of it is text, never YAML. Pure but for process_environment(), which any thread may call.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "config/diagnostic.h"
#include "config/document.h"

namespace weir::config {

// The value of a variable; none: it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// In values, not in keys. A variable that is not set and has no default is a mistake; so is a `${` that begins none.
void expand_environment(Document& document, const Environment& environment, Mistakes& mistakes);

}  // namespace weir::config
