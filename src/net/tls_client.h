// TlsClient: TLS as weir speaks it with the backends of one pool: whom it trusts, what it shows. TlsDialer: opens
// connections to one endpoint over TLS, on top of another dialer, and resumes its sessions. Certificates are verified,
// for the name that the endpoint has, unless the config says otherwise.
// A TlsClient is made by control and immutable, any worker's; a TlsDialer is one worker's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/log_pace.h"
#include "base/result.h"
#include "net/tls_handles.h"
#include "net/tls_identity.h"
#include "net/tls_workshop.h"
#include "net/transport.h"

struct ssl_ctx_st;

namespace weir::net {

struct TlsClientPlan {
    bool verify = true;
    TlsAuthorities ca;                    // empty: those that the system trusts
    std::optional<TlsIdentity> identity;  // what is shown to backends that ask for it
    std::string server_name;              // who the backends are; empty: whom they are dialled as
};

class TlsClient final {
 public:
    static Result<std::unique_ptr<TlsClient>> make(TlsClientPlan plan);

    const TlsClientPlan& plan() const { return plan_; }
    ssl_ctx_st* context() const { return context_.get(); }

 private:
    TlsClient(TlsClientPlan plan, TlsHandle<ssl_ctx_st> context);
    const TlsClientPlan plan_;
    TlsHandle<ssl_ctx_st> context_;
};

class TlsDialer final : public Dialer {
 public:
    // All outlive it; it outlives its transports. `host`: the endpoint's name; empty: its address is its name.
    TlsDialer(TlsWorkshop& workshop, Dialer& below, const TlsClient& client, std::string host);
    ~TlsDialer() override;

    // Its failures are those of `below`, EKEYREJECTED for a certificate that is not good, and EPROTO; the log says why.
    std::unique_ptr<Transport> dial(const Address& to) override;
    const TlsClient& client() const { return client_; }

    // --- for TlsTransport and libssl -----------------------------------------------------------------------------
    void tell_failure(const Address& to, const char* why);
    void keep(TlsHandle<ssl_session_st> session);

 private:
    bool expect(ssl_st* ssl, const std::string& name) const;

    TlsWorkshop& workshop_;
    Dialer& below_;
    const TlsClient& client_;
    const std::string host_;
    TlsHandle<ssl_session_st> session_;  // the last one that came
    LogPace told_;
};

// One over `below`, or null where `client` is: TLS is not spoken.
std::unique_ptr<TlsDialer> dialer_over_tls(Dialer& below, const TlsClient* client, std::string host);

}  // namespace weir::net
