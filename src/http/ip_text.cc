#include "http/ip_text.h"

#include <arpa/inet.h>

#include <algorithm>

namespace weir::http {

std::string_view normal_ip(std::string_view text, char (&into)[kIpTextSize]) {
    static_assert(kIpTextSize == INET6_ADDRSTRLEN);
    char copy[kIpTextSize];
    if (text.size() >= sizeof(copy) || text.find('\0') != text.npos) return {};
    *std::copy(text.begin(), text.end(), copy) = '\0';
    in_addr v4;
    if (text.find(':') == text.npos) {
        if (inet_pton(AF_INET, copy, &v4) != 1) return {};
        inet_ntop(AF_INET, &v4, into, sizeof(into));
        return into;
    }
    in6_addr v6;
    if (inet_pton(AF_INET6, copy, &v6) != 1) return {};
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        std::copy_n(v6.s6_addr + 12, 4, reinterpret_cast<unsigned char*>(&v4));
        inet_ntop(AF_INET, &v4, into, sizeof(into));
    } else {
        inet_ntop(AF_INET6, &v6, into, sizeof(into));
    }
    return into;
}

}  // namespace weir::http
