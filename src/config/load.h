// The door of the room: a file, a text or the flags of the quick start become a Config, or all their mistakes at once.
// A config with an error in it is no config; warnings alone are fine. Reads the one file it is told to and nothing
// else; what stands for variables comes from the environment. Any thread; blocks on the disk, so never a worker.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/diagnostic.h"
#include "config/environment.h"

namespace weir::config {

struct Loaded {
    std::optional<Config> config;         // unset when there was an error
    std::vector<Diagnostic> diagnostics;  // errors and warnings, in the order of the file
    bool unreadable = false;              // the file itself could not be read; diagnostics say why
    Places places;                        // of what stands in it

    explicit operator bool() const { return config.has_value(); }
};

// Reads a config file of at most kMaxFileBytes. `path` stands in the diagnostics as it is.
Loaded load(const std::string& path, const Environment& environment = process_environment());

// The same from text; `file_name` stands in the diagnostics.
Loaded parse(std::string_view text, std::string_view file_name, const Environment& environment = process_environment());

// The config of `weir run --listen LISTEN --to BACKEND,...`: one listener, one pool `app`, one route for everything.
// Mistakes name the flag they are about.
Loaded quick(std::string_view listen, const std::vector<std::string>& backends);

}  // namespace weir::config
