// Owners of what OpenSSL counts or frees, so that no header outside of net/tls* needs one of its own. Knows nothing of
// what they are for. Any thread, as OpenSSL has it: counts are atomic, a connection's SSL is one thread's.
#pragma once

#include <memory>

struct bio_st;
struct bio_method_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;

namespace weir::net {

struct TlsRelease {
    void operator()(bio_st* bio) const;
    void operator()(bio_method_st* method) const;
    void operator()(evp_pkey_st* key) const;
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_session_st* session) const;
    void operator()(ssl_st* ssl) const;
    void operator()(x509_st* certificate) const;
};

template <typename T>
using TlsHandle = std::unique_ptr<T, TlsRelease>;

// Why the last call on this thread failed, in OpenSSL's words, which live as long as the process; empties its queue.
const char* tls_error();

}  // namespace weir::net
