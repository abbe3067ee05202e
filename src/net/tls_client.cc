#include "net/tls_client.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/ip.h"
#include "base/log.h"
#include "net/tls_profile.h"
#include "net/tls_transport.h"

namespace weir::net {

namespace {

int keep_session(SSL* ssl, SSL_SESSION* session) {
    static_cast<TlsDialer*>(SSL_get_app_data(ssl))->keep(TlsHandle<SSL_SESSION>(session));
    return 1;
}

Status show(SSL_CTX* context, const TlsIdentity& identity) {
    bool fine = SSL_CTX_use_certificate(context, identity.certificate()) == 1 &&
                SSL_CTX_use_PrivateKey(context, identity.key()) == 1;
    for (size_t i = 1; fine && i < identity.chain().size(); ++i)
        fine = SSL_CTX_add1_chain_cert(context, identity.chain()[i].get()) == 1;
    if (!fine) return fail(std::string("the certificate is not fit for TLS: ") + tls_error());
    return {};
}

}  // namespace

TlsClient::TlsClient(TlsClientPlan plan, TlsHandle<SSL_CTX> context)
    : plan_(std::move(plan)), context_(std::move(context)) {}

Result<std::unique_ptr<TlsClient>> TlsClient::make(TlsClientPlan plan) {
    TlsHandle<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    CHECK(context != nullptr);
    apply_profile(context.get(), TlsProfile::intermediate);
    SSL_CTX_set_alpn_protos(context.get(), kHttp11.data(), kHttp11.size());
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context.get(), keep_session);
    if (plan.verify) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        trust(context.get(), plan.ca);
        if (plan.ca.certificates().empty() && SSL_CTX_set_default_verify_paths(context.get()) != 1)
            return fail(std::string("the system's authorities can not be read: ") + tls_error());
    }
    if (plan.identity) {
        if (Status shown = show(context.get(), *plan.identity); !shown) return Unexpected{shown.error()};
    }
    return std::unique_ptr<TlsClient>(new TlsClient(std::move(plan), std::move(context)));
}

TlsDialer::TlsDialer(TlsWorkshop& workshop, Dialer& below, const TlsClient& client, std::string host)
    : workshop_(workshop), below_(below), client_(client), host_(std::move(host)) {}

TlsDialer::~TlsDialer() = default;

std::unique_ptr<Transport> TlsDialer::dial(const Address& to) {
    TlsHandle<SSL> ssl(SSL_new(client_.context()));
    CHECK(ssl != nullptr);
    std::string name = client_.plan().server_name;
    if (name.empty()) name = host_;
    if (name.empty() && !to.is_unix()) name = to.ip().text();
    SSL_set_app_data(ssl.get(), this);
    SSL_set_connect_state(ssl.get());
    workshop_.lend_bio(ssl.get());
    CHECK(expect(ssl.get(), name));
    if (session_ != nullptr && SSL_SESSION_is_resumable(session_.get()) == 1)
        SSL_set_session(ssl.get(), session_.get());
    return std::make_unique<TlsTransport>(workshop_, below_.dial(to), std::move(ssl), this);
}

// Whose certificate must come; a host is also told which one is asked for (RFC 6066 3), an address is not.
bool TlsDialer::expect(SSL* ssl, const std::string& name) const {
    if (name.empty()) return !client_.plan().verify;
    X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
    if (Ip::parse(name)) return X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size()) == 1 &&
           SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str())) == 1;
}

void TlsDialer::tell_failure(const Address& to, const char* why) {
    if (!told_.due(workshop_.loop().now())) return;
    const std::string& name = client_.plan().server_name.empty() ? host_ : client_.plan().server_name;
    LOG(warn, "TLS with backend {}{}{} failed: {}", to.text(), name.empty() ? "" : " as ", name, why);
}

std::unique_ptr<TlsDialer> dialer_over_tls(Dialer& below, const TlsClient* client, std::string host) {
    if (client == nullptr) return nullptr;
    CHECK(below.tls_workshop() != nullptr);
    if (!host.empty() && host.back() == '.') host.pop_back();  // an absolute name; in TLS there are none (RFC 6066 3)
    return std::make_unique<TlsDialer>(*below.tls_workshop(), below, *client, std::move(host));
}

void TlsDialer::keep(TlsHandle<SSL_SESSION> session) {
    session_ = std::move(session);
}

}  // namespace weir::net
