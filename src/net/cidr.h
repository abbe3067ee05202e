// Cidr: a block of addresses ("10.0.0.0/8", "::1/128", or one address). CidrSet: many of them behind one question,
// is this address in any. IPv4 blocks hold IPv4 addresses alone and IPv6 blocks IPv6 ones ("::/0" is no IPv4 address).
// Built once from the config, then read by any thread. A value.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace weir::net {

class Cidr final {
 public:
    // Bits behind the prefix are ignored: "10.1.2.3/8" is 10.0.0.0/8. An IPv4-mapped block is the IPv4 block.
    static Result<Cidr> parse(std::string_view text);

    bool contains(const Address& address) const;
    // The first and the last address of the block, as Address::bits().
    const std::array<uint8_t, 16>& first() const { return first_; }
    const std::array<uint8_t, 16>& last() const { return last_; }
    Address::Family family() const { return family_; }

 private:
    std::array<uint8_t, 16> first_{};
    std::array<uint8_t, 16> last_{};
    Address::Family family_ = Address::Family::none;
};

class CidrSet final {
 public:
    CidrSet() = default;
    explicit CidrSet(const std::vector<Cidr>& blocks);

    bool empty() const { return v4_.empty() && v6_.empty(); }
    bool contains(const Address& address) const;

 private:
    struct Range {
        std::array<uint8_t, 16> first;
        std::array<uint8_t, 16> last;
    };
    static void add(std::vector<Range>& ranges, const Cidr& block);
    static void merge(std::vector<Range>& ranges);
    std::vector<Range> v4_;  // sorted, disjoint
    std::vector<Range> v6_;
};

}  // namespace weir::net
