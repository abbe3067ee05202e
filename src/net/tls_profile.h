// What weir's TLS has in common on both sides: Mozilla's profiles (guideline 5.7), the modes that keep an idle
// connection small, trust. Private to net/tls*. Control thread.
#pragma once

#include <array>

#include "net/tls_identity.h"
#include "net/tls_server.h"

namespace weir::net {

// ALPN (RFC 7301): the one protocol there is.
inline constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Versions, ciphers, groups, and modes.
void apply_profile(ssl_ctx_st* context, TlsProfile profile);
// Certificates that lead to one of these are good.
void trust(ssl_ctx_st* context, const TlsAuthorities& authorities);

}  // namespace weir::net
