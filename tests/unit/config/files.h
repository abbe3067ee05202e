// Where the files are that the config tests read, and what a text says when it is read. For tests.
#pragma once

#include <string>
#include <string_view>

#include "config/load.h"

namespace weir::config {

inline std::string beside_the_tests(const std::string& name) {
    const std::string here = __FILE__;
    return here.substr(0, here.rfind('/') + 1) + name;
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
