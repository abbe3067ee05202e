// TlsServer: TLS as one listener speaks it with its clients: certificates by the name that the client asks for, what is
// agreed on, whose certificates it takes, which tickets it resumes. Made by control of what it read from files; it is
// immutable, and a change makes a new one. Connections that began with an old one keep what they need of it.
// One for each worker: nothing of it is shared between threads but OpenSSL's counts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/tls_handles.h"
#include "net/tls_identity.h"
#include "net/tls_tickets.h"
#include "net/tls_workshop.h"
#include "net/transport.h"

namespace weir::net {

// Mozilla's, guideline 5.7: modern is TLS 1.3 alone.
enum class TlsProfile : uint8_t { intermediate, modern };
enum class TlsClientAuth : uint8_t { off, optional, required };

struct TlsServerPlan {
    std::vector<TlsIdentity> identities;  // at least one
    TlsProfile profile = TlsProfile::intermediate;
    TlsClientAuth client_auth = TlsClientAuth::off;
    TlsAuthorities client_ca;  // not empty unless client_auth is off
    TicketKeys ticket_keys;    // at least one
};

class TlsServer final {
 public:
    static Result<std::unique_ptr<TlsServer>> make(const TlsServerPlan& plan);
    ~TlsServer();

    // The server's side of TLS over `inner`, which is connected. The worker's thread; `workshop` is its own.
    std::unique_ptr<Transport> accept(TlsWorkshop& workshop, std::unique_ptr<Transport> inner) const;

 private:
    explicit TlsServer(TlsHandle<ssl_ctx_st> context);
    TlsHandle<ssl_ctx_st> context_;  // of the first certificate; it leads to the others
};

}  // namespace weir::net
