// TlsIdentity: a certificate with its chain and its key, as one shows it; TlsAuthorities: certificates that one trusts.
// Made of PEM texts: whoever calls reads the files. Control thread, or before threads begin; what is made of them
// (tls_server.h, tls_client.h) counts references of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/tls_handles.h"
#include "net/tls_names.h"

namespace weir::net {

class TlsIdentity final {
 public:
    // The first certificate of `chain` is ours, those behind it its issuers. Refuses what is no PEM, and a key that
    // is of another certificate or wants a passphrase.
    static Result<TlsIdentity> parse(std::string_view chain, std::string_view key);
    // A new key (ECDSA, P-256) and a certificate of a year that it has signed itself. For trying things out.
    static Result<TlsIdentity> self_signed(const TlsNames& names, WallTime now);

    // DNS names and addresses of its subjectAltName; where it has none, its common name.
    const TlsNames& names() const { return names_; }
    std::chrono::sys_seconds not_before() const { return not_before_; }
    std::chrono::sys_seconds not_after() const { return not_after_; }
    // Certificates of one kind stand for each other; of each kind one is shown, the client says which it takes.
    int kind() const;
    x509_st* certificate() const { return chain_.front().get(); }
    const std::vector<TlsHandle<x509_st>>& chain() const { return chain_; }
    evp_pkey_st* key() const { return key_.get(); }

 private:
    void look_at_certificate();

    std::vector<TlsHandle<x509_st>> chain_;
    TlsHandle<evp_pkey_st> key_;
    TlsNames names_;
    std::chrono::sys_seconds not_before_{};
    std::chrono::sys_seconds not_after_{};
};

class TlsAuthorities final {
 public:
    // All certificates of a PEM text; at least one.
    static Result<TlsAuthorities> parse(std::string_view pem);
    const std::vector<TlsHandle<x509_st>>& certificates() const { return certificates_; }

 private:
    std::vector<TlsHandle<x509_st>> certificates_;
};

}  // namespace weir::net
