// WatchedFiles: files that are read whole and looked at again: whether one of them is another one by now, by its inode,
// size and time of change. Control thread: it asks the disk.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace weir::server {

class WatchedFiles final {
 public:
    static constexpr size_t kMostBytes = 4 * 1024 * 1024;

    // The whole text, and remembers the file. The error has an errno and names the file.
    Result<std::string> read(const std::string& path);
    // A file is not the one that was read, and has been the same since this was asked last. Once for each change.
    bool changed();

 private:
    struct Stamp {
        uint64_t device = 0, inode = 0, size = 0;
        int64_t changed = 0;  // nanoseconds; all 0: it is not there
        bool operator==(const Stamp&) const = default;
    };
    struct File {
        Stamp read;
        Stamp seen;
    };
    static Stamp stamp_of(const std::string& path);

    std::map<std::string, File> files_;
};

}  // namespace weir::server
