// YAML text becomes a Document. The one place that sees yaml-cpp, and where its exceptions end. It refuses what YAML
// lets pass in silence: a second document, tabs, control bytes, text that is not UTF-8, recursion, and texts made to
// cost much (deep nesting, aliases that multiply).
#pragma once

#include <string_view>

#include "config/diagnostic.h"
#include "config/document.h"

namespace weir::config {

constexpr unsigned kMaxDepth = 64;            // of lists and maps within each other
constexpr unsigned kMaxExpandedNodes = 1000;  // that aliases stand for, all together
constexpr unsigned kMaxNodes = 1'000'000;     // far past any config, and a second's work

// The text must begin behind a byte order mark. Returns false when there is no document to go on with, with the
// mistake that says why; other mistakes leave a document that can still be read.
bool read_yaml(std::string_view text, Document& document, Mistakes& mistakes);

}  // namespace weir::config
