// RetryRig: a proxy before backends that refuse, end and reset as they are told, for the tests of what is tried again.
#pragma once

#include <string>
#include <vector>

#include "telemetry/exposition.h"
#include "tests/support/proxy_rig.h"

namespace weir::support {

inline const char* const kPost = "POST /pay HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody";

inline std::string backends(unsigned count, std::string_view pool = "", std::string_view route = "") {
    std::string endpoints;
    for (unsigned i = 0; i < count; ++i)
        endpoints += (i > 0 ? ", " : "") + std::string("\"127.0.0.1:") + std::to_string(3000 + i) + "\"";
    return "listeners: [ { address: \"127.0.0.1:8080\" } ]\npools: { app: { endpoints: [ " + endpoints + " ], " +
           std::string(pool) + " } }\nroutes: [ { name: all, pool: app, " + std::string(route) + " } ]\n";
}

// Remembers where it dials to, and refuses what is said to.
struct RetryRig : ProxyRig {
    explicit RetryRig(std::string_view yaml) : ProxyRig(yaml) {
        dialer.on_dial([this](const net::Address& to, const Peer& peer) {
            ports.push_back(to.port());
            MemoryLoop::backends.push_back(peer);
            if (refused > 0) {
                --refused;
                peer->refuse(ECONNREFUSED);
            } else if (accept_dials) {
                peer->accept();
            }
        });
    }
    // The backend of a connection that has carried a request of `client`, and is idle.
    Peer used(const Peer& client) {
        ask(client, kGet);
        answer(client);
        return backend();
    }
    std::string metrics() const { return telemetry::render(living.registry); }
    std::vector<uint16_t> ports;
    unsigned refused = 0;
};

// A backend that had closed before the request came: its end, a reset, and nothing acknowledged.
inline void close_unseen(const RetryRig::Peer& backend) {
    backend->finish();
    backend->reset();
}

}  // namespace weir::support
