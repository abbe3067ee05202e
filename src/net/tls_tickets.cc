#include "net/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/check.h"
#include "base/crypto.h"

namespace weir::net {

namespace {

// Where a context keeps its keys.
int key_slot() {
    static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return slot;
}

// Found once: OpenSSL 3 looks a cipher up anew for each use otherwise.
const EVP_CIPHER* cipher() {
    static const EVP_CIPHER* const found = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
    return found;
}

bool set_up(const TicketKey& key, unsigned char* iv, EVP_CIPHER_CTX* cipher_context, EVP_MAC_CTX* mac, bool seal) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(
                                     OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.mac.data()), key.mac.size()),
                                 OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, params) == 1 &&
           EVP_CipherInit_ex(cipher_context, cipher(), nullptr, key.cipher.data(), iv, seal ? 1 : 0) == 1;
}

// Returns what OpenSSL wants: 1 done, 2 done and a new ticket is due, 0 an unknown key, -1 failed.
int seal_or_open(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher_context, EVP_MAC_CTX* mac,
                 int seal) {
    const auto& keys = *static_cast<const TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), key_slot()));
    if (seal == 1) {
        const TicketKey& key = keys.front();
        std::memcpy(name, key.name.data(), key.name.size());
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(cipher())) != 1) return -1;
        return set_up(key, iv, cipher_context, mac, true) ? 1 : -1;
    }
    const auto named = std::find_if(keys.begin(), keys.end(), [name](const TicketKey& key) {
        return std::memcmp(key.name.data(), name, key.name.size()) == 0;
    });
    if (named == keys.end()) return 0;
    if (!set_up(*named, iv, cipher_context, mac, false)) return -1;
    return named == keys.begin() ? 1 : 2;
}

// When the peers shook hands in full, in seconds since 1970: it goes along in the ticket, and in those that follow.
int note_birth(SSL* ssl, void*) {
    SSL_SESSION* const session = SSL_get_session(ssl);
    void* known = nullptr;
    size_t size = 0;
    if (SSL_SESSION_get0_ticket_appdata(session, &known, &size) == 1 && size > 0) return 1;
    const int64_t now = time(nullptr);
    return SSL_SESSION_set1_ticket_appdata(session, &now, sizeof(now));
}

bool too_old(SSL_SESSION* session) {
    void* birth = nullptr;
    size_t size = 0;
    int64_t then = 0;
    if (SSL_SESSION_get0_ticket_appdata(session, &birth, &size) != 1 || size != sizeof(then)) return true;
    std::memcpy(&then, birth, size);
    const X509* const client = SSL_SESSION_get0_peer(session);
    return std::abs(time(nullptr) - then) > kLongestSession.count() ||  // clocks of a fleet differ a little
           (client != nullptr && X509_cmp_current_time(X509_get0_notAfter(client)) <= 0);  // 0: nobody can read it
}

// A session of TLS 1.3 is of a hash; the handshake may have come to another one (RFC 8446 4.2.11).
bool of_other_hash(SSL* ssl, SSL_SESSION* session) {
    const SSL_CIPHER* const then = SSL_SESSION_get0_cipher(session);
    const SSL_CIPHER* const now = SSL_get_pending_cipher(ssl);
    if (then == nullptr || now == nullptr) return true;
    return SSL_CIPHER_get_handshake_digest(then) != SSL_CIPHER_get_handshake_digest(now);
}

// With TLS 1.3 a client uses a ticket once, and gets a new one each time (RFC 8446 C.4); libssl would send none where
// it finds out itself that the old one does not fit.
SSL_TICKET_RETURN honour(SSL* ssl, SSL_SESSION* session, const unsigned char*, size_t, SSL_TICKET_STATUS status,
                         void*) {
    const bool opened = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
    if (!opened || too_old(session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
    const bool tls13 = SSL_version(ssl) == TLS1_3_VERSION;
    if (tls13 && of_other_hash(ssl, session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
    const bool renew = tls13 || status == SSL_TICKET_SUCCESS_RENEW;
    return renew ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

}  // namespace

Result<TicketKey> TicketKey::parse(std::string_view bytes) {
    if (bytes.size() != kBytes)
        return fail("has " + std::to_string(bytes.size()) + " bytes; expected the 80 random bytes of one key");
    TicketKey key;
    std::memcpy(key.name.data(), bytes.data(), key.name.size());
    std::memcpy(key.mac.data(), bytes.data() + 16, key.mac.size());
    std::memcpy(key.cipher.data(), bytes.data() + 48, key.cipher.size());
    return key;
}

TicketKey TicketKey::random() {
    TicketKey key;
    random_bytes(key.name);
    random_bytes(key.mac);
    random_bytes(key.cipher);
    return key;
}

void use_ticket_keys(SSL_CTX* context, const TicketKeys& keys) {
    CHECK(!keys.empty());
    SSL_CTX_set_ex_data(context, key_slot(), const_cast<TicketKeys*>(&keys));
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, seal_or_open);
    SSL_CTX_set_session_ticket_cb(context, note_birth, honour, nullptr);
}

}  // namespace weir::net
