// What TLS takes from files: each read and taken apart, or an error that names the file, with an errno where it can not
// be opened. check_tls_files() says what is wrong with all of them before anything starts. Control thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "config/diagnostic.h"
#include "net/tls_client.h"
#include "net/tls_server.h"
#include "server/watched_files.h"

namespace weir::server {

Result<net::TlsIdentity> read_identity(WatchedFiles& files, const std::string& cert, const std::string& key);
Result<net::TlsAuthorities> read_authorities(WatchedFiles& files, const std::string& path);
Result<net::TicketKey> read_ticket_key(WatchedFiles& files, const std::string& path);
// "has expired", "expires in 3 days", or nothing.
std::string age_of(const net::TlsIdentity& identity, WallTime now);

// Something about one part of a listener's or a pool's `tls`: `key` is "client_ca" or "certificates[0]".
struct PartMistake {
    config::Severity severity;
    std::string key;
    Error error;
};
// What a listener's files make. With an error among the mistakes it is not whole; `files` remembers what was read.
net::TlsServerPlan read_listener_tls(const config::ListenerTls& from, WatchedFiles& files, WallTime now,
                                     std::vector<PartMistake>& mistakes);
// The same of a pool.
net::TlsClientPlan read_pool_tls(const config::PoolTls& from, WallTime now, std::vector<PartMistake>& mistakes);

// What a config's files for TLS have wrong, each with the path of the key that names it: not there, no certificate, a
// key that does not fit; expired or about to, which is a warning. `code`: an errno where a file can not be opened.
struct FileMistake {
    config::Severity severity;
    std::string path;
    std::string message;
    int code = 0;
};
std::vector<FileMistake> check_tls_files(const config::Config& config, WallTime now);

}  // namespace weir::server
