#include "net/tls_server.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"
#include "base/text.h"
#include "net/tls_profile.h"
#include "net/tls_transport.h"

namespace weir::net {

namespace {

using Shown = std::vector<const TlsIdentity*>;  // together: one of a kind

// What belongs to a context, and goes with it: connections may outlive their TlsServer.
struct Front {
    TlsNames names;  // of what it shows
    TicketKeys keys;
    // Which others stand for which names ("*.example.com" among them). Only the first context has some.
    std::map<std::string, TlsHandle<SSL_CTX>, std::less<>> by_name;
};

void free_front(void*, void* front, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<Front*>(front);
}

int front_slot() {
    static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_front);
    return slot;
}

Front& front_of(SSL_CTX* context) {
    return *static_cast<Front*>(SSL_CTX_get_ex_data(context, front_slot()));
}

// The certificate for the name that the client asks for; the first one where none fits, or no name came.
int choose_by_name(SSL* ssl, int*, void*) {
    constexpr size_t kLongestName = 255;
    const char* const asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
    std::string name(asked, strnlen(asked, kLongestName));
    for (char& c : name) c = lower(c);
    if (!name.empty() && name.back() == '.') name.pop_back();
    const auto& by_name = front_of(SSL_get_SSL_CTX(ssl)).by_name;
    auto found = by_name.find(name);
    if (found == by_name.end()) found = by_name.find(wildcard_of(name));
    if (found == by_name.end()) return SSL_TLSEXT_ERR_NOACK;
    if (found->second != nullptr) SSL_set_SSL_CTX(ssl, found->second.get());
    return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    const int result = SSL_select_next_proto(&found, size, kHttp11.data(), kHttp11.size(), offered, offered_size);
    *chosen = found;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 3.2
}

// What a session stands on: one is only resumed where clients are asked for the same.
std::array<unsigned char, 32> session_ground(const TlsServerPlan& plan) {
    std::array<unsigned char, 32> digest{};
    EVP_MD_CTX* const hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(hash, EVP_sha256(), nullptr);
    const auto auth = static_cast<unsigned char>(plan.client_auth);
    EVP_DigestUpdate(hash, &auth, 1);
    std::vector<std::vector<unsigned char>> authorities;  // in whatever order the file has them
    for (const auto& certificate : plan.client_ca.certificates()) {
        unsigned char* raw = nullptr;
        const int size = i2d_X509(certificate.get(), &raw);
        if (size > 0) authorities.emplace_back(raw, raw + size);
        OPENSSL_free(raw);
    }
    std::sort(authorities.begin(), authorities.end());
    for (const auto& raw : authorities) EVP_DigestUpdate(hash, raw.data(), raw.size());
    EVP_DigestFinal_ex(hash, digest.data(), nullptr);
    EVP_MD_CTX_free(hash);
    return digest;
}

void set_client_auth(SSL_CTX* context, const TlsServerPlan& plan) {
    const auto ground = session_ground(plan);
    SSL_CTX_set_session_id_context(context, ground.data(), ground.size());
    if (plan.client_auth == TlsClientAuth::off) return;
    const bool required = plan.client_auth == TlsClientAuth::required;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    trust(context, plan.client_ca);
    for (const auto& certificate : plan.client_ca.certificates()) SSL_CTX_add_client_CA(context, certificate.get());
}

Status show(SSL_CTX* context, const TlsIdentity& identity) {
    if (SSL_CTX_use_certificate(context, identity.certificate()) != 1 ||
        SSL_CTX_use_PrivateKey(context, identity.key()) != 1)
        return fail(std::string("the certificate is not fit for TLS: ") + tls_error());
    for (size_t i = 1; i < identity.chain().size(); ++i)
        if (SSL_CTX_add1_chain_cert(context, identity.chain()[i].get()) != 1)
            return fail(std::string("the chain is not fit for TLS: ") + tls_error());
    return {};
}

Result<TlsHandle<SSL_CTX>> make_context(const TlsServerPlan& plan, const Shown& shown) {
    TlsHandle<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
    CHECK(context != nullptr);
    auto* const front = new Front();
    SSL_CTX_set_ex_data(context.get(), front_slot(), front);
    SSL_CTX_set_app_data(context.get(), &front->names);
    front->keys = plan.ticket_keys;
    apply_profile(context.get(), plan.profile);
    // The first of our list that the client has too, but ChaCha20 where it would rather have that: it has no AES in its
    // hardware.
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // Not with SSL_new_session_ticket(), behind the handshake: libssl then keeps 8 KiB for as long as the connection
    // lives.
    SSL_CTX_set_num_tickets(context.get(), 1);
    use_ticket_keys(context.get(), front->keys);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    set_client_auth(context.get(), plan);
    for (const TlsIdentity* identity : shown) {
        if (Status fine = show(context.get(), *identity); !fine) return Unexpected{fine.error()};
        for (const std::string& name : identity->names().all()) front->names.add(name);
    }
    return context;
}

// Of each kind the first one that has exactly this name, else the first whose wildcard has it.
Shown shown_for(const std::vector<TlsIdentity>& all, const std::string& name) {
    Shown shown;
    const std::string wildcard = wildcard_of(name);
    for (const std::string* wanted : {&name, &wildcard}) {
        for (const TlsIdentity& identity : all) {
            if (wanted->empty() || identity.names().all().count(*wanted) == 0) continue;
            const auto same = [&identity](const TlsIdentity* other) { return other->kind() == identity.kind(); };
            if (std::none_of(shown.begin(), shown.end(), same)) shown.push_back(&identity);
        }
    }
    return shown;
}

// The first certificate, with those of other kinds that stand for one of its names.
Shown shown_first(const std::vector<TlsIdentity>& all) {
    const TlsIdentity& first = all.front();
    Shown shown{&first};
    for (const std::string& name : first.names().all())
        for (const TlsIdentity* other : shown_for(all, name)) {
            const auto same = [other](const TlsIdentity* known) { return known->kind() == other->kind(); };
            if (std::none_of(shown.begin(), shown.end(), same)) shown.push_back(other);
        }
    return shown;
}

}  // namespace

TlsServer::TlsServer(TlsHandle<SSL_CTX> context) : context_(std::move(context)) {}
TlsServer::~TlsServer() = default;

Result<std::unique_ptr<TlsServer>> TlsServer::make(const TlsServerPlan& plan) {
    Shown first = shown_first(plan.identities);
    std::sort(first.begin(), first.end());
    auto context = make_context(plan, first);
    if (!context) return Unexpected{context.error()};
    SSL_CTX_callback_ctrl(context->get(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(choose_by_name));
    std::map<Shown, SSL_CTX*> made{{first, nullptr}};  // one context for all names of the same certificates
    Front& front = front_of(context->get());
    for (const TlsIdentity& identity : plan.identities) {
        for (const std::string& name : identity.names().all()) {
            if (front.by_name.count(name) > 0) continue;
            Shown shown = shown_for(plan.identities, name);
            std::sort(shown.begin(), shown.end());
            const auto known = made.find(shown);
            if (known != made.end()) {
                if (known->second != nullptr) SSL_CTX_up_ref(known->second);
                front.by_name.emplace(name, known->second);
                continue;
            }
            auto other = make_context(plan, shown);
            if (!other) return Unexpected{other.error()};
            made.emplace(shown, other->get());
            front.by_name.emplace(name, std::move(*other));
        }
    }
    return std::unique_ptr<TlsServer>(new TlsServer(std::move(*context)));
}

std::unique_ptr<Transport> TlsServer::accept(TlsWorkshop& workshop, std::unique_ptr<Transport> inner) const {
    TlsHandle<SSL> ssl(SSL_new(context_.get()));
    CHECK(ssl != nullptr);
    SSL_set_accept_state(ssl.get());
    workshop.lend_bio(ssl.get());
    return std::make_unique<TlsTransport>(workshop, std::move(inner), std::move(ssl));
}

}  // namespace weir::net
