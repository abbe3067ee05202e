#include "net/tls_profile.h"

#include <openssl/ssl.h>

#include "base/check.h"

namespace weir::net {

namespace {

constexpr const char* kTls13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// Mozilla's list without DHE-RSA: its key exchange costs a server more than a signature, and what asks for it can do
// without elliptic curves for a decade no more.
constexpr const char* kTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr long kSessionSeconds = 24 * 60 * 60;

}  // namespace

void apply_profile(SSL_CTX* context, TlsProfile profile) {
    const bool modern = profile == TlsProfile::modern;
    const bool fine = SSL_CTX_set_min_proto_version(context, modern ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
                      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_ciphersuites(context, kTls13) == 1 && SSL_CTX_set_cipher_list(context, kTls12) == 1 &&
                      SSL_CTX_set1_groups_list(context, kGroups) == 1;
    CHECK(fine);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Without the last one libssl looks for issuers in each handshake.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_timeout(context, kSessionSeconds);
}

void trust(SSL_CTX* context, const TlsAuthorities& authorities) {
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    for (const auto& certificate : authorities.certificates()) X509_STORE_add_cert(store, certificate.get());
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);  // one that is issued by another ends a chain too
}

}  // namespace weir::net
