// Document: what a YAML text says, as a tree of nodes that know where they stand. Every scalar is its text; what YAML
// would have made of it (true, null, 8) is not kept. Aliases are resolved: an alias is the node it names, once more.
// Knows nothing of what the keys mean. A value; whoever made it owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

constexpr size_t kMaxFileBytes = 16 * 1024 * 1024;  // of the text, and of all texts that come of it

using NodeId = uint32_t;

struct Node {
    enum class Kind : uint8_t { empty, text, list, map };
    Kind kind = Kind::empty;
    bool plain = false;    // text without quotes
    bool flow = false;     // a list in [], a map in {}
    bool tagged = false;   // a tag such as !!int stands before it
    bool refused = false;  // was found wrong and said so: nobody needs to look at it any more
    bool hidden = false;   // empty because what was meant as its value is a comment or an anchor
    uint32_t offset = 0;   // of its first byte in the text
    uint32_t size = 1;     // nodes in it, itself and those of aliases included
    std::string text;
    std::vector<NodeId> children;  // of a list its items; of a map keys and values in turn
};

class Document final {
 public:
    static constexpr NodeId kNone = UINT32_MAX;

    NodeId add(Node node) {
        nodes_.push_back(std::move(node));
        return static_cast<NodeId>(nodes_.size() - 1);
    }
    size_t size() const { return nodes_.size(); }
    const Node& operator[](NodeId id) const { return nodes_[id]; }
    Node& operator[](NodeId id) { return nodes_[id]; }

    NodeId root = kNone;  // kNone: nothing was written

 private:
    std::vector<Node> nodes_;
};

}  // namespace weir::config
