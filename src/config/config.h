// What was written: plain structs, named like the YAML they come from, holding the defaults of every key that may be
// left out. Text was checked for its form and brought into one form (an address, a host, a path); nothing here opens,
// resolves or compiles anything. The keys, their ranges and their meaning stand in fields.h.
// Values: made by load.h, then only read, by any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/units.h"

namespace weir::config {

struct Process {
    unsigned workers = 0;                     // 0: auto, as many as the CPUs this process may use
    std::optional<unsigned> max_connections;  // unset: auto; 0: no limit, in both
    std::optional<Bytes> buffers;
};

struct Admin {
    std::string address = "127.0.0.1:9180";  // "ip:port"; empty: off
};

enum class LogLevel : uint8_t { error, warn, info, debug };
enum class LogFormat : uint8_t { json, text };
enum class AccessTo : uint8_t { off, standard_output };

struct AccessLog {
    AccessTo to = AccessTo::standard_output;
};

struct Log {
    LogLevel level = LogLevel::info;
    std::optional<LogFormat> format;  // unset: json, or text where stderr is a terminal
    AccessLog access;
};

struct Limits {
    Bytes header_bytes = 32_KiB;
    unsigned headers = 100;
    Duration header_timeout = std::chrono::seconds(10);  // durations: 0 is no limit
    Duration body_timeout = std::chrono::seconds(30);
    Bytes min_rate{128};  // a second; 0: off
    Duration keepalive_timeout = std::chrono::seconds(75);
    unsigned connections_per_client = 0;  // 0: no limit
};

// Files: paths are absolute, or where the daemon was started from; those of a config file were relative to it.
struct Certificate {
    std::string cert;
    std::string key;
};

enum class TlsProfile : uint8_t { intermediate, modern };
enum class ClientAuth : uint8_t { off, optional, required };

struct ListenerTls {
    std::vector<Certificate> certificates;  // never empty, unless self_signed
    TlsProfile profile = TlsProfile::intermediate;
    std::vector<std::string> protocols;  // of ALPN; empty: http/1.1
    ClientAuth client_auth = ClientAuth::off;
    std::string client_ca;                 // empty only where client_auth is off
    std::vector<std::string> ticket_keys;  // empty: keys of the process's own
    bool self_signed = false;              // of the quick start: a certificate made at start, in memory. No key
};

struct RedirectToHttps {
    bool on = false;
    uint16_t port = 0;  // 0 only where it is off
};

struct Listener {
    std::string name;     // never empty: the address where none was written
    std::string address;  // ":8080" (both families), "127.0.0.1:8080" or "[::1]:8080"
    unsigned backlog = 4096;
    RedirectToHttps redirect_to_https;
    std::optional<ListenerTls> tls;
    Limits limits;
};

struct Endpoint {
    std::string address;  // "127.0.0.1:3000", "[::1]:3000", "unix:/run/app.sock" or "app.internal:3000"
    std::string name;     // never empty: the address where none was written
    unsigned weight = 1;
    bool backup = false;  // asked only while no other one can be
};

enum class Balance : uint8_t { round_robin, ip_hash };

// How a client is kept on one endpoint.
struct Sticky {
    std::string cookie;           // its name
    std::optional<Duration> ttl;  // unset: a cookie of the session
    std::string secret_file;      // empty: the pool's name is the key
};

struct Connections {
    unsigned idle = 64;  // of an endpoint, all workers together; 0: none is kept
    Duration idle_timeout = std::chrono::seconds(60);
};

// Which answers to a probe are good.
struct Expect {
    std::vector<std::string> status;          // "204" or "200-299", of 200 to 599; empty: 200-299
    std::string body;                         // is a part of it; empty: any
    std::map<std::string, std::string> json;  // scalars that stand in the outermost object
};

enum class HealthStart : uint8_t { unknown, down };

struct PoolTls {
    bool verify = true;
    std::string ca;           // empty: those that the system trusts
    std::string server_name;  // empty: the endpoint's host, or its address
    std::string cert;         // what is shown; empty, as its key: nothing
    std::string key;
};

// How an endpoint's health is asked for.
struct Health {
    bool written = true;  // false: nothing was said of it, and any answer but 5xx is good
    std::string path = "/health";
    Duration interval = std::chrono::seconds(2);
    Duration timeout = std::chrono::seconds(1);
    unsigned rise = 2;
    unsigned fall = 3;
    HealthStart start = HealthStart::unknown;
    Expect expect{};
};

// Which requests are sent again though their method does not allow it.
enum class Replay : uint8_t { proven, likely, never };

struct Pool {
    std::vector<Endpoint> endpoints;
    Balance balance = Balance::round_robin;
    std::optional<Health> health = Health{.written = false};  // unset: off
    std::optional<Sticky> sticky;
    Duration connect_timeout = std::chrono::seconds(1);
    Duration response_timeout = std::chrono::seconds(60);
    Duration read_timeout = std::chrono::seconds(60);
    Bytes header_bytes = 64_KiB;
    Connections connections;
    Replay replay = Replay::proven;
    Percent retry_budget = percent(20);
    std::optional<PoolTls> tls;
};

struct Match {
    std::vector<std::string> host;  // lower case: "shop.example.com" or "*.example.com"; empty: any
    std::string path = "/";         // a prefix, without a `/` at its end unless it is all of it
};

// Changes in the fields of a head; values may have placeholders.
struct HeaderChanges {
    std::map<std::string, std::string> set;
    std::map<std::string, std::string> add;
    std::vector<std::string> remove;
};

struct Access {
    std::vector<std::string> allow;  // as trusted_proxies; empty: everybody
    std::vector<std::string> deny;
};

enum class OnAbort : uint8_t { cancel, finish };

enum class RetryWhen : uint8_t { connect, reset };

struct Retry {
    unsigned attempts = 2;
    std::vector<RetryWhen> when = {RetryWhen::connect, RetryWhen::reset};  // empty: never
};

struct Route {
    std::string name;  // never empty: host/path of the match where none was written
    Match match;
    std::string pool;     // a key of Config::pools
    Duration timeout{0};  // 0: no limit
    Duration stream_idle = std::chrono::minutes(10);
    OnAbort on_abort = OnAbort::cancel;
    Retry retry;
    Bytes buffer = 64_KiB;  // 0: nothing of a body is kept
    HeaderChanges request_headers;
    HeaderChanges response_headers;
    Bytes max_body{0};  // 0: no limit
    Access access;
};

struct Config {
    Process process;
    Duration shutdown_timeout = std::chrono::seconds(30);  // 0: no limit
    Duration shutdown_grace = std::chrono::seconds(2);
    Admin admin;
    Log log;
    std::vector<std::string> trusted_proxies;  // "10.0.0.0/8", "2001:db8::/32", always with their length
    std::vector<Listener> listeners;           // never empty
    std::map<std::string, Pool> pools;
    std::vector<Route> routes;  // never empty, in the order of the file
};

}  // namespace weir::config
