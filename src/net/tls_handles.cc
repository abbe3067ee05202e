#include "net/tls_handles.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace weir::net {

void TlsRelease::operator()(bio_st* bio) const {
    BIO_free(bio);
}
void TlsRelease::operator()(bio_method_st* method) const {
    BIO_meth_free(method);
}
void TlsRelease::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}
void TlsRelease::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}
void TlsRelease::operator()(ssl_session_st* session) const {
    SSL_SESSION_free(session);
}
void TlsRelease::operator()(ssl_st* ssl) const {
    SSL_free(ssl);
}
void TlsRelease::operator()(x509_st* certificate) const {
    X509_free(certificate);
}

const char* tls_error() {
    const unsigned long error = ERR_peek_error();  // the first one: the others are who was told
    const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    ERR_clear_error();
    return reason != nullptr ? reason : "for no reason that is known";
}

}  // namespace weir::net
