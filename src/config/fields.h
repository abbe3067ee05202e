// The field tables: every key of a config, once. What is not here is an unknown key. Defaults are those of the structs
// (config.h). A new key is a member there and a row here.
// Compile-time values.
#pragma once

#include <array>

#include "config/config.h"
#include "config/field.h"

namespace weir::config {

constexpr std::chrono::milliseconds kNoTime{0};
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);

template <>
struct Words<LogLevel> {
    static constexpr std::array<Word<LogLevel>, 4> list = {
        {{"error", LogLevel::error}, {"warn", LogLevel::warn}, {"info", LogLevel::info}, {"debug", LogLevel::debug}}};
};
template <>
struct Words<LogFormat> {
    static constexpr std::array<Word<LogFormat>, 2> list = {{{"json", LogFormat::json}, {"text", LogFormat::text}}};
};
template <>
struct Words<AccessTo> {
    static constexpr std::array<Word<AccessTo>, 2> list = {
        {{"stdout", AccessTo::standard_output}, {"off", AccessTo::off}}};
};
template <>
struct Words<HealthStart> {
    static constexpr std::array<Word<HealthStart>, 2> list = {
        {{"unknown", HealthStart::unknown}, {"down", HealthStart::down}}};
};

template <>
struct Words<bool> {
    static constexpr std::array<Word<bool>, 2> list = {{{"true", true}, {"false", false}}};
};
template <>
struct Words<Balance> {
    static constexpr std::array<Word<Balance>, 2> list = {
        {{"round_robin", Balance::round_robin}, {"ip_hash", Balance::ip_hash}}};
};
template <>
struct Words<Replay> {
    static constexpr std::array<Word<Replay>, 3> list = {
        {{"proven", Replay::proven}, {"likely", Replay::likely}, {"never", Replay::never}}};
};
template <>
struct Words<RetryWhen> {
    static constexpr std::array<Word<RetryWhen>, 2> list = {
        {{"connect", RetryWhen::connect}, {"reset", RetryWhen::reset}}};
};
template <>
struct Words<TlsProfile> {
    static constexpr std::array<Word<TlsProfile>, 2> list = {
        {{"intermediate", TlsProfile::intermediate}, {"modern", TlsProfile::modern}}};
};
template <>
struct Words<ClientAuth> {
    static constexpr std::array<Word<ClientAuth>, 3> list = {
        {{"off", ClientAuth::off}, {"optional", ClientAuth::optional}, {"required", ClientAuth::required}}};
};

template <>
struct Words<OnAbort> {
    static constexpr std::array<Word<OnAbort>, 2> list = {{{"cancel", OnAbort::cancel}, {"finish", OnAbort::finish}}};
};

template <>
struct Table<Process> {
    static constexpr auto fields = std::make_tuple(
        field("workers", &Process::workers, between(1, 1024).or_word("auto"),
              "Threads that serve traffic; auto is as many as the CPUs this process may use (affinity, cgroup quota)."),
        field("max_connections", &Process::max_connections, between(0, 100'000'000).or_word("auto"),
              "Clients' connections of all workers; for one more the longest idle is closed, and while none has been "
              "idle "
              "for two seconds accepting pauses. auto is what the open files allow: half of them but 356 and the "
              "listening "
              "sockets; 0 is no limit."),
        field("buffers", &Process::buffers, between(Bytes{0}, 1024_GiB).or_word("auto"),
              "Bytes for buffers of all workers; over it accepting and reading pause. At least 64KiB; auto is a "
              "quarter of the memory this process may use; 0 is no limit."));
};

template <>
struct Table<Admin> {
    static constexpr auto fields =
        std::make_tuple(field("address", &Admin::address, shaped(admin_form).or_word("off"),
                              "Loopback address of the admin server with /metrics, or off."));
};

template <>
struct Table<AccessLog> {
    static constexpr auto fields =
        std::make_tuple(field("to", &AccessLog::to, any(), "Where the access log goes: stdout, or off."));
};

template <>
struct Table<Log> {
    static constexpr auto fields = std::make_tuple(
        field("level", &Log::level, any(), "The least important line that is written: error, warn, info or debug."),
        field("format", &Log::format, any(), "json or text; left out it is text on a terminal and json elsewhere."),
        field("access", &Log::access, any(), "The access log, one line an exchange."));
};

template <>
struct Table<Limits> {
    static constexpr auto fields = std::make_tuple(
        field("header_bytes", &Limits::header_bytes, between(1_KiB, 1_MiB), "Largest request head; over it 431."),
        field("headers", &Limits::headers, between(1, 10'000), "Most header fields of a request; over it 431."),
        field("header_timeout", &Limits::header_timeout, between(kNoTime, kLongest),
              "A whole request head must be here by then; 0 is no limit."),
        field("body_timeout", &Limits::body_timeout, between(kNoTime, kLongest),
              "Longest silence within a body, and of a client that reads (what it took last / min_rate, if that is "
              "longer, but a day at most); 0 is no limit."),
        field(
            "min_rate", &Limits::min_rate, between(Bytes{0}, 1024_MiB),
            "Bytes a second that a request body must bring over ten seconds of waiting in which no answer moves; 0 is "
            "off."),
        field("keepalive_timeout", &Limits::keepalive_timeout, between(kNoTime, kLongest),
              "Longest wait for the next request on a connection; 0 is no limit."),
        field("connections_per_client", &Limits::connections_per_client, between(0, 1'000'000),
              "Most connections of one client address (of a /64 where it is IPv6); 0 is no limit."));
};

template <>
struct Table<Certificate> {
    static constexpr auto fields =
        std::make_tuple(field("cert", &Certificate::cert, shaped(file_form).needed(),
                              "File of the certificate in PEM, its issuers behind it."),
                        field("key", &Certificate::key, shaped(file_form).needed(), "File of its key in PEM."));
};

template <>
struct Table<ListenerTls> {
    static constexpr auto fields = std::make_tuple(
        field("certificates", &ListenerTls::certificates, any().needed(),
              "Certificates with their keys, chosen by the name that the client asks for; the first where none fits. "
              "Read again when the files change."),
        field("profile", &ListenerTls::profile, any(),
              "Mozilla's: intermediate (TLS 1.2 and 1.3), or modern (TLS 1.3 alone)."),
        field("protocols", &ListenerTls::protocols, shaped(protocol_form), "What ALPN offers: http/1.1."),
        field("client_auth", &ListenerTls::client_auth, any(),
              "Whether clients show a certificate: off, optional, or required."),
        field("client_ca", &ListenerTls::client_ca, shaped(file_form),
              "File of the authorities in PEM that a client's certificate must lead to."),
        field(
            "ticket_keys", &ListenerTls::ticket_keys, shaped(file_form),
            "Files of 80 random bytes each, the newest first, that seal session tickets, so that a fleet resumes each "
            "other's sessions; left out the process has keys of its own."));
};

template <>
struct Table<Listener> {
    static constexpr auto fields = std::make_tuple(
        field("name", &Listener::name, shaped(name_form), "Name in logs and metrics; left out it is the address."),
        field("address", &Listener::address, shaped(listen_form).needed(),
              "Where to accept: a port for both families (\":8080\"), or an IP address and a port."),
        field("backlog", &Listener::backlog, between(1, 65'535), "Connections that may wait to be accepted."),
        field("redirect_to_https", &Listener::redirect_to_https, any(),
              "Answers everything with a redirect (308) to https: true (the port of the first listener with tls), or a "
              "port; off."),
        field("tls", &Listener::tls, any(), "TLS with the clients; left out they speak plain HTTP."),
        field("limits", &Listener::limits, any(), "What a client of this listener may ask for."));
};

template <>
struct Table<Endpoint> {
    static constexpr auto fields = std::make_tuple(
        field("address", &Endpoint::address, shaped(endpoint_form).needed(),
              "An IP address or the name of a host, and a port; or unix: and the path of a socket."),
        field("name", &Endpoint::name, shaped(name_form), "Name in logs and metrics; left out it is the address."),
        field("weight", &Endpoint::weight, between(1, 1000), "Its share of the requests, beside those of the others."),
        field("backup", &Endpoint::backup, any(), "true: it is asked only while no other endpoint can be."));
};

template <>
struct Table<Connections> {
    static constexpr auto fields = std::make_tuple(
        field("idle", &Connections::idle, between(0, 1'000'000),
              "Idle connections kept to an endpoint, shared out evenly over the workers; 0 keeps none."),
        field("idle_timeout", &Connections::idle_timeout, between(kNoTime, kLongest),
              "An idle connection is closed after so long; 0 is no limit."));
};

template <>
struct Table<Expect> {
    static constexpr auto fields = std::make_tuple(
        field("status", &Expect::status, shaped(status_form).or_one(),
              "Statuses: one (204), a range (200-299), or a list of these; left out it is 200-299."),
        field("body", &Expect::body, shaped(text_form), "A part of the body, of which 64KiB are read."),
        field("json", &Expect::json, shaped(text_form).keyed(text_form),
              "Keys of the body's outermost JSON object and the texts, numbers, true, false or null that they have."));
};

template <>
struct Table<Health> {
    static constexpr auto fields = std::make_tuple(
        field("path", &Health::path, shaped(target_form), "What is asked for with GET; a query may stand behind it."),
        field("interval", &Health::interval, between(std::chrono::milliseconds(100), kLongest),
              "From one probe of an endpoint to the next; a quarter of it, but not under 250ms, while it changes."),
        field("timeout", &Health::timeout, between(std::chrono::milliseconds(10), kLongest),
              "Longest whole probe, connecting included."),
        field("rise", &Health::rise, between(1, 1000), "Good probes in a row that bring an endpoint back."),
        field("fall", &Health::fall, between(1, 1000), "Bad probes in a row that take it out."),
        field("start", &Health::start, any(),
              "unknown: it takes requests before its first probe; or down: it waits for its rise."),
        field("expect", &Health::expect, any(), "Which answers are good; all that is written must be true."));
};

template <>
struct Table<Sticky> {
    static constexpr auto fields = std::make_tuple(
        field("cookie", &Sticky::cookie, shaped(cookie_form).needed(), "The cookie's name."),
        field("ttl", &Sticky::ttl, between(std::chrono::seconds(1), kLongest).or_word("session"),
              "How long the client keeps it; session is until its browser is closed."),
        field("secret_file", &Sticky::secret_file, shaped(file_form),
              "A file of 16 bytes or more: the key of what the cookie says, the same for every weir of a "
              "fleet. Left out it is the pool's name, which is no secret."));
};

template <>
struct Table<PoolTls> {
    static constexpr auto fields = std::make_tuple(
        field("verify", &PoolTls::verify, any(), "Whether a backend's certificate must be good; true or false."),
        field("ca", &PoolTls::ca, shaped(file_form),
              "File of the authorities in PEM that it must lead to; left out those that the system trusts."),
        field("server_name", &PoolTls::server_name, shaped(server_name_form),
              "Whom the certificate must be of, and who is asked for; left out the endpoint's host, or its address."),
        field("cert", &PoolTls::cert, shaped(file_form), "File of a certificate in PEM for backends that ask for one."),
        field("key", &PoolTls::key, shaped(file_form), "File of its key in PEM."));
};

template <>
struct Table<Pool> {
    static constexpr auto fields = std::make_tuple(
        field("endpoints", &Pool::endpoints, any().needed(), "The backends: addresses, or maps of address and name."),
        field("balance", &Pool::balance, any(),
              "round_robin, by weight; or ip_hash, which keeps a client's address (of IPv6 its /64) on one endpoint."),
        field(
            "health", &Pool::health, any().or_word("off"),
            "How endpoints are probed, or off. Left out it is GET /health too, but any answer other than 5xx is good, "
            "and an app without that route is up while it answers."),
        field("sticky", &Pool::sticky, any(),
              "Keeps a client on its endpoint by a cookie, while that endpoint takes requests."),
        field("connect_timeout", &Pool::connect_timeout, between(kNoTime, kLongest),
              "Longest wait for a connection to an endpoint; 0 is no limit."),
        field("response_timeout", &Pool::response_timeout, between(kNoTime, kLongest),
              "Longest wait for the first byte of a response; 0 is no limit."),
        field("read_timeout", &Pool::read_timeout, between(kNoTime, kLongest),
              "Longest silence within a response body; 0 is no limit."),
        field("header_bytes", &Pool::header_bytes, between(1_KiB, 1_MiB), "Largest response head; over it 502."),
        field("connections", &Pool::connections, any(), "The connections kept to each endpoint."),
        field(
            "replay", &Pool::replay, any(),
            "When a request is sent again that its method does not allow to be repeated: proven (it never reached the "
            "backend), likely (also when its connection was reset without an answer) or never."),
        field("retry_budget", &Pool::retry_budget, between(Percent{}, percent(100)),
              "Retries at most, as a share of the requests of ten seconds; 3 a second are always free."),
        field("tls", &Pool::tls, any(), "TLS with the endpoints; left out plain HTTP, {} is TLS with the defaults."));
};

template <>
struct Table<Match> {
    static constexpr auto fields = std::make_tuple(
        field("host", &Match::host, shaped(host_form).or_one(),
              "A host (\"shop.example.com\", \"*.example.com\") or a list of them; left out it is any."),
        field("path", &Match::path, shaped(path_form), "A prefix on segment borders; left out it is any path."));
};

template <>
struct Table<HeaderChanges> {
    static constexpr auto fields = std::make_tuple(
        field("set", &HeaderChanges::set, shaped(header_value_form).keyed(header_name_form),
              "Fields that take the place of all of their name; values may have placeholders such as {client_ip}."),
        field("add", &HeaderChanges::add, shaped(header_value_form).keyed(header_name_form),
              "Fields that stand beside others of their name; values as in set."),
        field("remove", &HeaderChanges::remove, shaped(header_name_form), "Names of which no field passes."));
};

template <>
struct Table<Access> {
    static constexpr auto fields =
        std::make_tuple(field("allow", &Access::allow, shaped(network_form),
                              "Networks of clients that may use the route; left out or empty it is everybody."),
                        field("deny", &Access::deny, shaped(network_form),
                              "Networks of clients that may not, whatever allow says; they get 403."));
};

template <>
struct Table<Retry> {
    static constexpr auto fields = std::make_tuple(
        field("attempts", &Retry::attempts, between(1, 10), "Tries in all that reach a backend; 1 makes none again."),
        field("when", &Retry::when, any(),
              "After what: connect (no connection came about), reset (it ended before the response began); empty is "
              "never."));
};

template <>
struct Table<Route> {
    static constexpr auto fields = std::make_tuple(
        field("name", &Route::name, shaped(name_form), "Name in logs and metrics; left out it is host/path."),
        field("match", &Route::match, any(), "The requests it is for; left out all."),
        field("pool", &Route::pool, shaped(name_form).needed(), "The pool that answers."),
        field("timeout", &Route::timeout, between(kNoTime, kLongest),
              "Longest whole exchange, live streams excepted; 0 is no limit."),
        field("stream_idle", &Route::stream_idle, between(kNoTime, kLongest),
              "Longest silence of a live stream (server-sent events and the like); 0 is no limit."),
        field("on_abort", &Route::on_abort, any(),
              "When the client has gone: cancel the request to the backend, or let it finish."),
        field("retry", &Route::retry, any(),
              "When a request that failed is sent again, to another endpoint if possible."),
        field("buffer", &Route::buffer, between(Bytes{0}, 64_MiB),
              "Bytes of a request body that are kept while they are sent, so that it can be sent again; 0 is none."),
        field("request_headers", &Route::request_headers, any(), "What changes in the fields that the backend gets."),
        field("response_headers", &Route::response_headers, any(),
              "What changes in the fields that the client gets, in weir's own answers too."),
        field("max_body", &Route::max_body, between(Bytes{0}, 1024_GiB),
              "Longest request body; over it 413, before the backend hears of it where the length is said; 0 is no "
              "limit."),
        field("access", &Route::access, any(), "Which clients may use the route, by address."));
};

template <>
struct Table<Config> {
    static constexpr auto fields =
        std::make_tuple(field("process", &Config::process, any(), "What is fixed at start."),
                        field("shutdown_timeout", &Config::shutdown_timeout, between(kNoTime, kLongest),
                              "Longest drain on TERM; 0 is no limit."),
                        field("shutdown_grace", &Config::shutdown_grace, between(kNoTime, kLongest),
                              "For so long after TERM new connections are still accepted, while /readyz says 503."),
                        field("admin", &Config::admin, any(), "The admin server."),
                        field("log", &Config::log, any(), "What is written about the daemon and its exchanges."),
                        field("trusted_proxies", &Config::trusted_proxies, shaped(network_form),
                              "Networks whose X-Forwarded-* and Forwarded are believed."),
                        field("listeners", &Config::listeners, any().needed(), "Where clients come in."),
                        field("pools", &Config::pools, any(), "The backends, by name."),
                        field("routes", &Config::routes, any().needed(), "Which pool answers which requests."));
};

}  // namespace weir::config
