// The one spelling of an IP address in text: dotted IPv4, IPv6 as RFC 5952 writes it, an IPv4-mapped IPv6 address as
// the IPv4 address it is. For addresses inside headers; sockets and CIDRs are net's. Any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::http {

constexpr size_t kIpTextSize = 46;

// Writes the normal form of `text` and returns it, or an empty view when `text` is no address: no brackets, no port, no
// zone, no leading zeros in IPv4.
std::string_view normal_ip(std::string_view text, char (&into)[kIpTextSize]);

}  // namespace weir::http
