// CidrSet: many blocks of addresses behind one question, is this address in any. A radix tree: the question costs the
// bits in which the blocks on its way differ, whatever their number. Built once from the config, then read by any
// thread. A value.
#pragma once

#include <vector>

#include "base/cidr.h"

namespace weir {

class CidrSet final {
 public:
    CidrSet() = default;  // contains nothing
    explicit CidrSet(const std::vector<Cidr>& blocks);

    bool empty() const { return nodes_.empty(); }
    bool contains(const Ip& ip) const;

 private:
    using Index = uint32_t;
    static constexpr Index kNone = UINT32_MAX;
    // A prefix, and behind it the two ways on.
    struct Node {
        Ip::Bytes prefix{};
        unsigned length = 0;  // bits
        bool whole = false;   // all addresses that begin so are in the set
        Index next[2] = {kNone, kNone};
    };

    Index add(Index at, const Ip::Bytes& prefix, unsigned length);
    Index make(const Ip::Bytes& prefix, unsigned length, bool whole);

    std::vector<Node> nodes_;
    Index v4_ = kNone;  // no IPv4 address is in an IPv6 block
    Index v6_ = kNone;
};

}  // namespace weir
