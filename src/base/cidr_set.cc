#include "base/cidr_set.h"

#include <algorithm>

namespace weir {

namespace {

constexpr unsigned kBits = 128;

unsigned bit(const Ip::Bytes& bytes, unsigned index) {
    return (bytes[index / 8] >> (7 - index % 8)) & 1U;
}

// How many bits from the front are the same, `most` at most.
unsigned common(const Ip::Bytes& a, const Ip::Bytes& b, unsigned most) {
    unsigned count = 0;
    while (count < most && a[count / 8] == b[count / 8]) count += 8;
    if (count >= most) return most;
    while (count < most && bit(a, count) == bit(b, count)) ++count;
    return count;
}

}  // namespace

CidrSet::CidrSet(const std::vector<Cidr>& blocks) {
    for (const Cidr& block : blocks) {
        Index& root = block.is_v4() ? v4_ : v6_;
        root = add(root, block.first().bytes(), block.bits());
    }
}

CidrSet::Index CidrSet::make(const Ip::Bytes& prefix, unsigned length, bool whole) {
    Node node;
    node.prefix = prefix;
    node.length = length;
    node.whole = whole;
    nodes_.push_back(node);
    return static_cast<Index>(nodes_.size() - 1);
}

// Returns the node that stands there now.
CidrSet::Index CidrSet::add(Index at, const Ip::Bytes& prefix, unsigned length) {
    if (at == kNone) return make(prefix, length, true);
    const unsigned shared = common(prefix, nodes_[at].prefix, std::min(length, nodes_[at].length));
    if (shared < nodes_[at].length) {  // it begins with us, or we part ways
        const Index above = make(prefix, shared, shared == length);
        if (shared == length) return above;
        nodes_[above].next[bit(nodes_[at].prefix, shared)] = at;
        const Index beside = make(prefix, length, true);
        nodes_[above].next[bit(prefix, shared)] = beside;
        return above;
    }
    if (nodes_[at].whole) return at;
    if (length == shared) {
        nodes_[at].whole = true;
        return at;
    }
    const unsigned way = bit(prefix, shared);
    const Index below = add(nodes_[at].next[way], prefix, length);
    nodes_[at].next[way] = below;
    return at;
}

bool CidrSet::contains(const Ip& ip) const {
    const Ip::Bytes& bytes = ip.bytes();
    for (Index at = ip.is_v4() ? v4_ : v6_; at != kNone;) {
        const Node& node = nodes_[at];
        if (common(bytes, node.prefix, node.length) < node.length) return false;
        if (node.whole) return true;
        if (node.length == kBits) return false;
        at = node.next[bit(bytes, node.length)];
    }
    return false;
}

}  // namespace weir
