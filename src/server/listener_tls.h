// ListenerTls: the files behind a listener's TLS. It reads them, makes of them what the workers speak TLS with, and
// tells when they have changed. It serves nobody and decides nothing. Control thread: it reads files.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "net/tls_server.h"
#include "proxy/snapshot.h"
#include "server/watched_files.h"

namespace weir::server {

class ListenerTls final {
 public:
    // `from` and `plan` outlive it.
    ListenerTls(const config::ListenerTls& from, const proxy::ListenerPlan& plan) : from_(from), plan_(plan) {}

    // Reads all files; with `own_keys` where the config names none. When it fails, what was read before stays; the
    // error names the file, and has an errno where that can not be opened. Certificates that expire soon are logged.
    Status read(const net::TicketKeys& own_keys, WallTime now);
    // A file is another one than read() has seen, and was so when this was asked before: whoever writes has ended.
    bool changed() { return files_.changed(); }
    bool uses_own_keys() const { return from_.ticket_keys.empty(); }
    // Other keys of the process's own, with what was read; no file is looked at.
    void renew_keys(const net::TicketKeys& own_keys);
    // Of what was read, for one worker. Behind a read() that went well.
    std::unique_ptr<net::TlsServer> take_server();
    const proxy::ListenerPlan& plan() const { return plan_; }

 private:
    const config::ListenerTls& from_;
    const proxy::ListenerPlan& plan_;
    WatchedFiles files_;
    net::TlsServerPlan tls_;
    std::unique_ptr<net::TlsServer> made_;
};

}  // namespace weir::server
