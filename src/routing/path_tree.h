// PathTree: the longest of many path prefixes that a path begins with, on segment borders: /api takes /api and /api/x,
// not /apix. A radix tree in one array; finding costs the length of the path, however many prefixes there are.
// Built once, then only read, by any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

class PathTree final {
 public:
    struct Entry {
        std::string prefix;  // without the `/` at its end, so that it ends where a segment does; empty: every path
        uint32_t value = 0;
    };

    PathTree() = default;  // finds nothing
    // Of equal prefixes the first counts.
    explicit PathTree(std::vector<Entry> entries);

    // The value of the longest prefix of `path`.
    std::optional<uint32_t> find(std::string_view path) const;

 private:
    static constexpr uint32_t kNone = UINT32_MAX;
    // What stands between this node's parent and it, and where its children lie: side by side, by their first byte.
    struct Node {
        uint32_t label = 0;  // where it begins in labels_
        uint32_t label_size = 0;
        uint32_t children = 0;
        uint16_t child_count = 0;
        char first = 0;  // of the label
        uint32_t value = kNone;
    };
    using Entries = std::vector<Entry>;

    void fill(uint32_t node, Entries::const_iterator begin, Entries::const_iterator end, size_t depth);
    const Node* child(const Node& node, char first) const;

    std::string labels_;
    std::vector<Node> nodes_;
};

}  // namespace weir::routing
