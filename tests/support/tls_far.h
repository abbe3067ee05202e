// TlsFar: the far end of a TlsTransport in memory: a real OpenSSL client (or server) over a MemoryPeer, played by a
// test. Certificates are made once a program. Uses no test framework. One thread.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "net/memory_transport.h"
#include "net/tls_server.h"

namespace weir::support {

// A certificate for these names, and its key.
inline net::TlsIdentity identity_for(std::initializer_list<const char*> hosts) {
    net::TlsNames names;
    for (const char* host : hosts) names.add(host);
    return std::move(*net::TlsIdentity::self_signed(names, SystemClock().wall()));
}

// Who trusts it when it has signed itself.
inline net::TlsAuthorities authority_of(const net::TlsIdentity& identity) {
    BIO* const text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, identity.certificate());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text, &bytes);
    auto made = net::TlsAuthorities::parse({bytes, static_cast<size_t>(size)});
    BIO_free(text);
    return std::move(*made);
}

inline net::TlsServerPlan server_plan(std::initializer_list<const char*> hosts = {"shop.example"}) {
    net::TlsServerPlan plan;
    plan.identities.push_back(identity_for(hosts));
    plan.ticket_keys = {net::TicketKey::random()};
    return plan;
}

class TlsFar final {
 public:
    struct Settings {
        int version = 0;                         // TLS1_2_VERSION, ...; 0: what both can
        const char* name = "shop.example";       // asked for
        const char* ciphers = nullptr;           // offered, of that version
        SSL_SESSION* session = nullptr;          // to resume
        const net::TlsIdentity* show = nullptr;  // a certificate of its own
        bool serve = false;                      // it is the server, and shows that
        const TlsFar* like = nullptr;            // the same server once more: it resumes that one's sessions
    };

    TlsFar(std::shared_ptr<net::MemoryPeer> peer, const Settings& settings) : peer_(std::move(peer)) {
        set_up(settings);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_app_data(ssl_.get(), this);
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        if (settings.name != nullptr)
            SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(settings.name));
        if (settings.ciphers != nullptr) {
            const bool fine = settings.version == TLS1_3_VERSION
                                  ? SSL_set_ciphersuites(ssl_.get(), settings.ciphers) == 1
                                  : SSL_set_cipher_list(ssl_.get(), settings.ciphers) == 1;
            CHECK(fine);
        }
        if (settings.session != nullptr) SSL_set_session(ssl_.get(), settings.session);
        settings.serve ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
    }
    TlsFar(TlsFar&& other) noexcept
        : peer_(std::move(other.peer_)),
          context_(std::move(other.context_)),
          ssl_(std::move(other.ssl_)),
          session_(std::move(other.session_)),
          received_(std::move(other.received_)),
          failed_(other.failed_),
          ended_(other.ended_) {
        SSL_set_app_data(ssl_.get(), this);
    }
    ~TlsFar() {
        if (ssl_ != nullptr) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }

    // Takes what came, and says what it has to say; `to` may keep that back.
    void pump(std::string* to = nullptr) {
        const std::string came = peer_->take_received();
        if (!came.empty()) BIO_write(SSL_get_rbio(ssl_.get()), came.data(), static_cast<int>(came.size()));
        const int shaken = SSL_do_handshake(ssl_.get());
        if (shaken != 1 && SSL_get_error(ssl_.get(), shaken) != SSL_ERROR_WANT_READ) failed_ = true;
        char room[16 * 1024];
        while (shaken == 1) {
            const int got = SSL_read(ssl_.get(), room, sizeof room);
            if (got <= 0) {
                const int error = SSL_get_error(ssl_.get(), got);
                ended_ = ended_ || error == SSL_ERROR_ZERO_RETURN;
                failed_ = failed_ || error == SSL_ERROR_SSL;
                break;
            }
            received_.append(room, static_cast<size_t>(got));
        }
        flush(to);
    }
    void send(std::string_view bytes) {
        CHECK(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()));
        flush();
    }
    // The records of `bytes`, for the test to send.
    std::string sealed(std::string_view bytes) {
        CHECK(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()));
        std::string records;
        flush(&records);
        return records;
    }
    void say_goodbye() {
        SSL_shutdown(ssl_.get());
        flush();
    }
    void finish() {
        say_goodbye();
        peer_->finish();
    }
    void reset() { peer_->reset(); }
    std::string receive() {
        pump();
        peer_->set_window(kWindow);
        return std::exchange(received_, std::string());
    }
    bool saw_fin() {
        pump();
        return ended_ && peer_->saw_fin();
    }
    bool saw_reset() { return peer_->saw_reset(); }
    // close_notify came.
    bool saw_goodbye() {
        pump();
        return ended_;
    }
    bool connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }
    bool failed() const { return failed_; }
    bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
    SSL_SESSION* session() const { return session_.get(); }
    SSL* ssl() const { return ssl_.get(); }
    net::MemoryPeer& peer() { return *peer_; }

    static constexpr size_t kWindow = 100'000;

 private:
    void set_up(const Settings& settings) {
        if (settings.like != nullptr) {
            SSL_CTX_up_ref(settings.like->context_.get());
            return context_.reset(settings.like->context_.get());
        }
        context_.reset(SSL_CTX_new(settings.serve ? TLS_server_method() : TLS_client_method()));
        if (settings.version != 0) SSL_CTX_set_max_proto_version(context_.get(), settings.version);
        if (settings.show != nullptr) {
            SSL_CTX_use_certificate(context_.get(), settings.show->certificate());
            SSL_CTX_use_PrivateKey(context_.get(), settings.show->key());
        }
        if (settings.serve) return;
        SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION* session) {
            static_cast<TlsFar*>(SSL_get_app_data(ssl))->session_.reset(session);
            return 1;
        });
    }
    void flush(std::string* to = nullptr) {
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &bytes);
        const std::string out(bytes, static_cast<size_t>(size > 0 ? size : 0));
        BIO_ctrl(SSL_get_wbio(ssl_.get()), BIO_CTRL_RESET, 0, nullptr);
        if (to != nullptr)
            *to += out;
        else if (!out.empty() && !peer_->closed())
            peer_->send(out);
    }
    std::shared_ptr<net::MemoryPeer> peer_;
    net::TlsHandle<SSL_CTX> context_;
    net::TlsHandle<SSL> ssl_;
    net::TlsHandle<SSL_SESSION> session_;
    std::string received_;
    bool failed_ = false;
    bool ended_ = false;
};

}  // namespace weir::support
