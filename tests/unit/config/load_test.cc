#include "config/load.h"

#include <cstdio>
#include <fstream>

#include "config/dump.h"
#include "config/fields.h"
#include "tests/unit/config/files.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::config;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kSmallest = R"(
listeners: [ { address: ":8080" } ]
pools:     { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes:    [ { pool: app } ]
)";

Config read(std::string_view text) {
    Loaded loaded = parse(text, "weir.yaml");
    REQUIRE_EQ(all_lines(loaded), "");
    REQUIRE(loaded.config.has_value());
    return *loaded.config;
}

}  // namespace

TEST_CASE("the smallest useful file is a config") {
    const Config config = read(kSmallest);
    CHECK_EQ(config.listeners.at(0).address, ":8080");
    CHECK_EQ(config.listeners.at(0).name, ":8080");
    CHECK_EQ(config.pools.at("app").endpoints.at(1).address, "127.0.0.1:3001");
    CHECK_EQ(config.pools.at("app").endpoints.at(1).name, "127.0.0.1:3001");
    CHECK_EQ(config.routes.at(0).pool, "app");
    CHECK_EQ(config.routes.at(0).name, "*/");
}

TEST_CASE("what is left out has the default of the contract") {
    const Config config = read(kSmallest);
    CHECK_EQ(config.process.workers, 0);
    CHECK_FALSE(config.process.max_connections.has_value());
    CHECK_FALSE(config.process.buffers.has_value());
    CHECK_EQ(config.shutdown_timeout, 30s);
    CHECK_EQ(config.shutdown_grace, 2s);
    CHECK_EQ(config.admin.address, "127.0.0.1:9180");
    CHECK(config.log.level == LogLevel::info);
    CHECK_FALSE(config.log.format.has_value());
    CHECK(config.log.access.to == AccessTo::standard_output);
    CHECK(config.trusted_proxies.empty());

    const Listener& listener = config.listeners.at(0);
    CHECK_EQ(listener.backlog, 4096);
    CHECK_EQ(listener.limits.header_bytes.count, 32 * 1024);
    CHECK_EQ(listener.limits.headers, 100);
    CHECK_EQ(listener.limits.header_timeout, 10s);
    CHECK_FALSE(listener.redirect_to_https.on);
    CHECK_FALSE(listener.tls.has_value());
    CHECK_EQ(listener.limits.body_timeout, 30s);
    CHECK_EQ(listener.limits.min_rate.count, 128);
    CHECK_EQ(listener.limits.keepalive_timeout, 75s);
    CHECK_EQ(listener.limits.connections_per_client, 0);

    const Pool& pool = config.pools.at("app");
    REQUIRE(pool.health.has_value());
    CHECK_FALSE(pool.health->written);
    CHECK_EQ(pool.connect_timeout, 1s);
    CHECK_EQ(pool.response_timeout, 60s);
    CHECK_EQ(pool.read_timeout, 60s);
    CHECK_EQ(pool.header_bytes.count, 64 * 1024);
    CHECK_EQ(pool.connections.idle, 64);
    CHECK_EQ(pool.connections.idle_timeout, 60s);
    CHECK(pool.replay == Replay::proven);
    CHECK_EQ(pool.retry_budget, percent(20));

    const Route& route = config.routes.at(0);
    CHECK(route.match.host.empty());
    CHECK_EQ(route.match.path, "/");
    CHECK_EQ(route.timeout, 0s);
    CHECK_EQ(route.stream_idle, 10min);
    CHECK(route.on_abort == OnAbort::cancel);
    CHECK_EQ(route.retry.attempts, 2);
    CHECK_EQ(route.retry.when.size(), 2);
    CHECK_EQ(route.buffer.count, 64 * 1024);
    CHECK_EQ(route.max_body.count, 0);
    CHECK(route.access.allow.empty());
}

namespace {

template <Tabled S>
void expect_all_set(const S& value, const std::string& path);

template <typename T>
void expect_set(const T& value, const T& by_default, const std::string& path) {
    INFO(path);
    if constexpr (Tabled<T>) {
        expect_all_set(value, path);
    } else {
        CHECK(value != by_default);
    }
}
void expect_set(const RedirectToHttps& value, const RedirectToHttps&, const std::string& path) {
    INFO(path);
    CHECK(value.on);
}
template <Tabled S>
void expect_set(const std::optional<S>& value, const std::optional<S>&, const std::string& path) {
    REQUIRE(value.has_value());
    expect_all_set(*value, path);
}
template <Tabled S>
void expect_set(const std::vector<S>& value, const std::vector<S>&, const std::string& path) {
    REQUIRE_FALSE(value.empty());
    expect_all_set(value.front(), path + "[0]");
}
template <Tabled S>
void expect_set(const std::map<std::string, S>& value, const std::map<std::string, S>&, const std::string& path) {
    REQUIRE_FALSE(value.empty());
    expect_all_set(value.begin()->second, path + ".*");
}
template <Tabled S>
void expect_all_set(const S& value, const std::string& path) {
    for_each_field<S>([&](const auto& field) {
        const std::string at = path + "." + std::string(field.key);
        INFO(at);
        CHECK_FALSE(field.doc.empty());
        CHECK_EQ(field.doc.back(), '.');
        expect_set(value.*field.member, S{}.*field.member, at);
    });
}

}  // namespace

TEST_CASE("every row of the field tables fills its member from a file with every key") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE_EQ(all_lines(loaded), "");
    expect_all_set(*loaded.config, "");
}

TEST_CASE("a dump of a file with every key fills every member too") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const Loaded again = parse(dump(*loaded.config), "dump");
    REQUIRE_EQ(all_lines(again), "");
    expect_all_set(*again.config, "");
}

TEST_CASE("a file with every key means what it says") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const Config& config = *loaded.config;
    CHECK_EQ(config.process.workers, 7);
    CHECK_EQ(config.process.max_connections, 1000);
    CHECK(config.process.buffers == 64_MiB);
    CHECK_EQ(config.shutdown_timeout, 31s);
    CHECK_EQ(config.shutdown_grace, 3s);
    CHECK_EQ(config.admin.address, "127.0.0.2:9999");
    CHECK(config.log.level == LogLevel::debug);
    CHECK(config.log.format == LogFormat::text);
    CHECK(config.log.access.to == AccessTo::off);
    CHECK_EQ(config.trusted_proxies, std::vector<std::string>{"10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"});
    const Listener& listener = config.listeners.at(0);
    CHECK_EQ(listener.name, "public");
    CHECK_EQ(listener.address, "[::1]:8080");
    CHECK_EQ(listener.backlog, 128);
    CHECK_EQ(listener.limits.header_bytes.count, 8192);
    CHECK_EQ(listener.limits.headers, 50);
    CHECK_EQ(listener.limits.header_timeout, 11s);
    CHECK_EQ(listener.limits.body_timeout, 32s);
    CHECK_EQ(listener.limits.min_rate.count, 1024);
    CHECK_EQ(listener.limits.keepalive_timeout, 2min);
    CHECK_EQ(listener.limits.connections_per_client, 5);
    const Pool& pool = config.pools.at("app");
    CHECK_EQ(pool.endpoints.at(0).address, "127.0.0.1:3000");
    CHECK_EQ(pool.endpoints.at(0).name, "app-1");
    CHECK_EQ(pool.endpoints.at(1).address, "unix:/run/app.sock");
    CHECK_EQ(pool.endpoints.at(1).name, "unix:/run/app.sock");
    CHECK_EQ(pool.connect_timeout, 250ms);
    CHECK_EQ(pool.response_timeout, 2min);
    CHECK_EQ(pool.read_timeout, 8h);
    CHECK_EQ(pool.header_bytes.count, 1024 * 1024);
    CHECK_EQ(pool.connections.idle, 0);
    CHECK_EQ(pool.connections.idle_timeout, 4s);
    const Route& route = config.routes.at(0);
    CHECK_EQ(route.name, "main");
    CHECK_EQ(route.match.host, std::vector<std::string>{"shop.example.com", "*.example.com"});
    CHECK_EQ(route.match.path, "/api");
    CHECK_EQ(route.pool, "app");
    CHECK_EQ(route.timeout, 5min);
    CHECK_EQ(route.stream_idle, 1h);
    CHECK(route.on_abort == OnAbort::finish);
    CHECK_EQ(route.request_headers.set.at("X-Tenant"), "{host}");
    CHECK_EQ(route.request_headers.add.at("x-more"), "1");
    CHECK_EQ(route.request_headers.remove, std::vector<std::string>{"x-debug"});
    CHECK_EQ(route.response_headers.set.at("strict-transport-security"), "max-age=1");
    CHECK_EQ(route.response_headers.remove, std::vector<std::string>{"X-Powered-By", "server"});
    CHECK_EQ(route.max_body.count, 10 * 1024 * 1024);
    CHECK_EQ(route.access.allow, std::vector<std::string>{"10.0.0.0/8", "::1/128"});
    CHECK_EQ(route.access.deny, std::vector<std::string>{"10.1.0.0/16"});
}

TEST_CASE("a file with every key means what it says of balancing") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const Pool& pool = loaded.config->pools.at("app");
    CHECK_EQ(pool.endpoints.at(0).weight, 3);
    CHECK(pool.endpoints.at(0).backup);
    CHECK_EQ(pool.endpoints.at(1).weight, 1);
    CHECK_FALSE(pool.endpoints.at(1).backup);
    CHECK(pool.balance == Balance::ip_hash);
    REQUIRE(pool.sticky.has_value());
    CHECK_EQ(pool.sticky->cookie, "weir_app");
    CHECK_EQ(pool.sticky->ttl, 1h);
    CHECK_EQ(pool.sticky->secret_file, source_file("tests/unit/config/sticky.key"));
}

TEST_CASE("a file with every key means what it says of health") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const std::optional<Health>& health = loaded.config->pools.at("app").health;
    REQUIRE(health.has_value());
    CHECK(health->written);
    CHECK_EQ(health->path, "/healthz?full=1");
    CHECK_EQ(health->interval, 10s);
    CHECK_EQ(health->timeout, 5s);
    CHECK_EQ(health->rise, 1);
    CHECK_EQ(health->fall, 5);
    CHECK(health->start == HealthStart::down);
    CHECK_EQ(health->expect.status, std::vector<std::string>{"204", "300-399"});
    CHECK_EQ(health->expect.body, "ready");
    CHECK_EQ(health->expect.json, std::map<std::string, std::string>{{"status", "ok"}, {"db up", "true"}});
}

TEST_CASE("a file with every key means what it says of what is sent again") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const Pool& pool = loaded.config->pools.at("app");
    CHECK(pool.replay == Replay::likely);
    CHECK_EQ(pool.retry_budget.hundredths, 1250);
    const Route& route = loaded.config->routes.at(0);
    CHECK_EQ(route.retry.attempts, 3);
    CHECK(route.retry.when == std::vector{RetryWhen::connect});
    CHECK_EQ(route.buffer.count, 1024 * 1024);
}

TEST_CASE("the installed config and the examples are valid and without warnings") {
    for (const std::string name :
         {"examples/every_key.yaml", "examples/one-app.yaml", "examples/two-apps-by-host.yaml", "weir.yaml"}) {
        const Loaded loaded = load(source_file("conf/" + name));
        CHECK_EQ(all_lines(loaded), "");
        CHECK(loaded.config.has_value());
    }
}

TEST_CASE("a health that is written about has the defaults of the contract") {
    Config config = read(R"(
listeners: [ { address: 8080 } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ], health: { } } }
routes: [ { pool: app } ]
)");
    const std::optional<Health>& health = config.pools.at("app").health;
    REQUIRE(health.has_value());
    CHECK(health->written);
    CHECK_EQ(health->path, "/health");
    CHECK_EQ(health->interval, 2s);
    CHECK_EQ(health->timeout, 1s);
    CHECK_EQ(health->rise, 2);
    CHECK_EQ(health->fall, 3);
    CHECK(health->start == HealthStart::unknown);
    CHECK(health->expect.status.empty());
    CHECK(health->expect.body.empty());
    CHECK(health->expect.json.empty());
    for (const std::string word : {"off", "false", "\"off\""}) {
        config = read(
            "listeners: [ { address: 8080 } ]\nroutes: [ { pool: app } ]\n"
            "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: " +
            word + " } }\n");
        CHECK_FALSE(config.pools.at("app").health.has_value());
    }
}

TEST_CASE("a file with every key means what it says of TLS") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const std::optional<PoolTls>& tls = loaded.config->pools.at("app").tls;
    REQUIRE(tls.has_value());
    CHECK_FALSE(tls->verify);
    CHECK_EQ(tls->server_name, "api.internal");
    CHECK_EQ(tls->cert, source_file("tests/unit/config/me.pem"));
    const Listener& listener = loaded.config->listeners.at(0);
    CHECK(listener.redirect_to_https.on);
    CHECK_EQ(listener.redirect_to_https.port, 444);
    REQUIRE(listener.tls.has_value());
    CHECK_EQ(listener.tls->certificates.at(0).cert, source_file("tests/unit/config/shop.pem"));
    CHECK_EQ(listener.tls->certificates.at(0).key, "/keys/shop.key");
    CHECK(listener.tls->profile == TlsProfile::modern);
    CHECK(listener.tls->client_auth == ClientAuth::optional);
    CHECK_EQ(listener.tls->client_ca, source_file("tests/unit/config/ca.pem"));
    CHECK_EQ(listener.tls->ticket_keys.at(1), source_file("tests/unit/config/k2.bin"));
}

TEST_CASE("redirect_to_https: true leads to the first listener with TLS") {
    const Config config = read(R"(
listeners:
  - { address: 8080, redirect_to_https: true }
  - { address: 8081, redirect_to_https: off }
  - { address: 8443, tls: { certificates: [ { cert: a.pem, key: a.key } ] } }
  - { address: 9443, tls: { certificates: [ { cert: a.pem, key: a.key } ] } }
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { pool: app } ]
)");
    CHECK_EQ(config.listeners.at(0).redirect_to_https.port, 8443);
    CHECK_FALSE(config.listeners.at(1).redirect_to_https.on);
    CHECK_EQ(config.listeners.at(2).tls->certificates.at(0).cert, "a.pem");
}

TEST_CASE("what is found in the files of a config can be pointed at") {
    const Loaded loaded = load(source_file("tests/unit/config/full.yaml"));
    REQUIRE(loaded);
    const Diagnostic found =
        loaded.places.diagnostic(Severity::warning, "listeners[0].tls.ticket_keys[1]", "is missing");
    CHECK_EQ(found.text(), source_file("tests/unit/config/full.yaml") +
                               ":22:30: warning: listeners[0].tls.ticket_keys[1]: is missing");
    CHECK_EQ(loaded.places.diagnostic(Severity::error, "listeners[0].tls.nothing[7].x", "?").line, 17);
}

TEST_CASE("a route is named after its match") {
    const Config config = read(R"(
listeners: [ { address: 8080 } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes:
  - { pool: app, match: { host: Shop.example.com } }
  - { pool: app, match: { host: shop.example.com, path: /api/ } }
  - { pool: app, match: { path: /static } }
  - { pool: app, match: { host: [ a.example.com, "*.b.example.com", c.example.com ], path: / } }
  - { pool: app, name: rest }
)");
    std::vector<std::string> names;
    for (const Route& route : config.routes) names.push_back(route.name);
    CHECK_EQ(names, std::vector<std::string>{"shop.example.com/", "shop.example.com/api", "*/static",
                                             "a.example.com+2/", "rest"});
}

TEST_CASE("a file that is not there is unreadable, not wrong") {
    const Loaded loaded = load("/nowhere/weir.yaml");
    CHECK(loaded.unreadable);
    CHECK_FALSE(loaded.config.has_value());
    CHECK_EQ(all_lines(loaded), "/nowhere/weir.yaml: error: can not be read: No such file or directory\n");
    CHECK_EQ(all_lines(load("/")), "/: error: can not be read: Is a directory\n");
}

TEST_CASE("warnings alone leave a config") {
    const Loaded warned = parse(R"(listeners: [ { address: ":8080" } ]
pools:
  app: { endpoints: [ "127.0.0.1:3000" ] }
  spare: { endpoints: [ "127.0.0.1:4000" ] }
routes: [ { pool: app } ]
)",
                                "weir.yaml");
    CHECK(warned);
    CHECK_EQ(all_lines(warned), "weir.yaml:4:3: warning: pools.spare: no route uses this pool\n");
}

TEST_CASE("the quick start is one listener, one pool and one route") {
    const Loaded loaded = quick(":8080", {"127.0.0.1:3000", "127.0.0.1:3001"});
    REQUIRE_EQ(all_lines(loaded), "");
    const Config& config = *loaded.config;
    CHECK_EQ(config.listeners.at(0).address, ":8080");
    CHECK_EQ(config.pools.at("app").endpoints.size(), 2);
    CHECK_EQ(config.pools.at("app").endpoints.at(1).address, "127.0.0.1:3001");
    CHECK_EQ(config.routes.at(0).pool, "app");
    CHECK_EQ(config.routes.at(0).name, "*/");
    CHECK_EQ(config.admin.address, "127.0.0.1:9180");
}

TEST_CASE("the quick start names the flag that is wrong") {
    CHECK_EQ(all_lines(quick("localhost", {"127.0.0.1:3000"})),
             "--listen: error: \"localhost\": a port is missing; expected an address such as \":8080\", "
             "\"127.0.0.1:8080\" or \"[::1]:8080\"\n");
    CHECK_EQ(all_lines(quick(":8080", {"127.0.0.1"})),
             "--to: error: \"127.0.0.1\": a port is missing; expected a host and a port such as "
             "\"127.0.0.1:3000\" or \"app.internal:3000\", or \"unix:/run/app.sock\"\n");
    CHECK_EQ(all_lines(quick(":8080", {})), "--to: error: is empty; expected at least one\n");
    CHECK_EQ(all_lines(quick(":8080", {"127.0.0.1:3000", "127.0.0.1:3000"})),
             "--to: error: the address \"127.0.0.1:3000\" is used twice\n");
    const Loaded both = quick(":0", {"app.1:3000"});
    CHECK_EQ(both.diagnostics.size(), 2);
    CHECK_EQ(both.diagnostics.at(0).file, "--listen");
    CHECK_EQ(both.diagnostics.at(1).file, "--to");
}
