// Cidr: a block of addresses ("10.0.0.0/8", "::1/128", or one address). CidrSet: many of them behind one question, is
// this address in any. IPv4 blocks hold IPv4 addresses alone and IPv6 blocks IPv6 ones ("::/0" is no IPv4 address).
// Built once from the config, then read by any thread. A value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace weir {

class Cidr final {
 public:
    // Bits behind the prefix are ignored: "10.1.2.3/8" is 10.0.0.0/8. An IPv4-mapped block is the IPv4 block.
    static Result<Cidr> parse(std::string_view text);

    bool is_v4() const { return first_.is_v4(); }
    bool contains(const Ip& ip) const;
    const Ip& first() const { return first_; }
    const Ip& last() const { return last_; }
    // "10.0.0.0/8", always with its length.
    std::string text() const;

 private:
    Ip first_;
    Ip last_;
    unsigned prefix_ = 0;  // of 128 bits
};

class CidrSet final {
 public:
    CidrSet() = default;
    explicit CidrSet(const std::vector<Cidr>& blocks);

    bool empty() const { return v4_.empty() && v6_.empty(); }
    bool contains(const Ip& ip) const;

 private:
    struct Range {
        Ip::Bytes first;
        Ip::Bytes last;
    };
    static void merge(std::vector<Range>& ranges);
    std::vector<Range> v4_;  // sorted, disjoint
    std::vector<Range> v6_;
};

}  // namespace weir
