// Cidr: a block of addresses ("10.0.0.0/8", "::1/128", or one address). IPv4 blocks hold IPv4 addresses alone and IPv6
// blocks IPv6 ones ("::/0" is no IPv4 address). A value.
#pragma once

#include <string>
#include <string_view>

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
    // Of its length, an IPv4 block as the mapped one: 10.0.0.0/8 has 104.
    unsigned bits() const { return prefix_; }
    // "10.0.0.0/8", always with its length.
    std::string text() const;

 private:
    Ip first_;
    Ip last_;
    unsigned prefix_ = 0;  // of 128 bits
};

}  // namespace weir
