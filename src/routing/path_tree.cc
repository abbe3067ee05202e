#include "routing/path_tree.h"

#include <algorithm>

namespace weir::routing {

namespace {

// How many bytes the prefixes of two entries share.
size_t shared(const std::string& a, const std::string& b) {
    const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<size_t>(end - a.begin());
}

bool less(char a, char b) {
    return static_cast<unsigned char>(a) < static_cast<unsigned char>(b);
}

}  // namespace

PathTree::PathTree(std::vector<Entry> entries) {
    if (entries.empty()) return;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.prefix < b.prefix; });
    nodes_.emplace_back();
    fill(0, entries.begin(), entries.end(), 0);
}

// Makes `node`, whose label begins at `depth`, of the entries in [begin, end): sorted, and alike up to there.
void PathTree::fill(uint32_t node, Entries::const_iterator begin, Entries::const_iterator end, size_t depth) {
    // Sorted, so what the first and the last share all share. The root has no label, that the empty prefix may end it.
    const size_t border = node == 0 ? 0 : shared(begin->prefix, (end - 1)->prefix);
    nodes_[node].label = static_cast<uint32_t>(labels_.size());
    nodes_[node].label_size = static_cast<uint32_t>(border - depth);
    labels_.append(begin->prefix, depth, border - depth);
    if (border > depth) nodes_[node].first = begin->prefix[depth];
    if (begin->prefix.size() == border) nodes_[node].value = begin->value;
    while (begin != end && begin->prefix.size() == border) ++begin;

    std::vector<Entries::const_iterator> groups;
    for (auto at = begin; at != end; ++at)
        if (groups.empty() || (*groups.back()).prefix[border] != at->prefix[border]) groups.push_back(at);
    const auto children = static_cast<uint32_t>(nodes_.size());
    nodes_[node].children = children;
    nodes_[node].child_count = static_cast<uint16_t>(groups.size());
    nodes_.resize(nodes_.size() + groups.size());
    for (size_t i = 0; i < groups.size(); ++i)
        fill(children + static_cast<uint32_t>(i), groups[i], i + 1 < groups.size() ? groups[i + 1] : end, border);
}

const PathTree::Node* PathTree::child(const Node& node, char first) const {
    const Node* const begin = nodes_.data() + node.children;
    const Node* const end = begin + node.child_count;
    const Node* const found =
        std::lower_bound(begin, end, first, [](const Node& one, char byte) { return less(one.first, byte); });
    return found != end && found->first == first ? found : nullptr;
}

std::optional<uint32_t> PathTree::find(std::string_view path) const {
    std::optional<uint32_t> longest;
    if (nodes_.empty()) return longest;
    const Node* node = &nodes_.front();
    for (size_t at = 0;;) {
        const std::string_view label(labels_.data() + node->label, node->label_size);
        if (path.substr(at, label.size()) != label) return longest;
        at += label.size();
        const bool border = at == 0 || at == path.size() || path[at] == '/';
        if (border && node->value != kNone) longest = node->value;
        if (at == path.size()) return longest;
        node = child(*node, path[at]);
        if (node == nullptr) return longest;
    }
}

}  // namespace weir::routing
