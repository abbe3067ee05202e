// Where the files are that the config tests read, and what a text says when it is read. For tests.
#pragma once

#include <string>
#include <string_view>

#include "config/load.h"

namespace weir::config {

// `path` is seen from the root of the sources.
inline std::string source_file(const std::string& path) {
    return WEIR_SOURCE_DIR "/" + path;
}

// All diagnostics, a line each.
inline std::string all_lines(const Loaded& loaded) {
    std::string lines;
    for (const Diagnostic& diagnostic : loaded.diagnostics) lines += diagnostic.text() + "\n";
    return lines;
}

// What `weir check` would print about a file of this text.
inline std::string lines_about(std::string_view text) {
    return all_lines(parse(text, "weir.yaml"));
}

}  // namespace weir::config
