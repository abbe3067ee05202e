#include "server/compile.h"

#include <string>

#include "config/forms.h"
#include "config/load.h"
#include "http/forwarding.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;

namespace {

config::Config config_of(std::string_view text) {
    const config::Loaded loaded = config::parse(text, "test.yaml");
    for (const auto& diagnostic : loaded.diagnostics) MESSAGE(diagnostic.text());
    REQUIRE(loaded.config.has_value());
    return *loaded.config;
}

config::Config with_pool(const std::string& pool) {
    return config_of("listeners: [ { name: in, address: \":8080\" } ]\npools: { app: " + pool +
                     " }\nroutes: [ { name: all, pool: app } ]\n");
}

constexpr std::string_view kTwoPools = R"(
listeners:
  - name: in
    address: ":8080"
    limits: { header_bytes: 8KiB, headers: 7, header_timeout: 1s, body_timeout: 2s, keepalive_timeout: 3s, min_rate: 5, connections_per_client: 6 }
pools:
  app: { endpoints: [ "127.0.0.1:3000", { address: "127.0.0.1:3001", name: two } ], connect_timeout: 4s, header_bytes: 2KiB }
  other: { endpoints: [ "unix:/run/other.sock" ] }
routes:
  - { name: api, match: { path: /api }, pool: other, timeout: 9s }
  - { name: rest, pool: app }
)";

}  // namespace

TEST_CASE("a snapshot has the plans of its config, and points at living things by their names") {
    server::Living living(1);
    const auto snapshot = server::compile(config_of(kTwoPools), living, 1);
    REQUIRE(snapshot.has_value());
    const proxy::Snapshot& compiled = **snapshot;
    REQUIRE_EQ(compiled.routes.size(), 2);
    CHECK_EQ(compiled.routes[0].name, "api");
    CHECK_EQ(compiled.routes[0].timeout, 9s);
    const upstream::PoolPlan& other = compiled.pools[compiled.routes[0].pool];
    const upstream::PoolPlan& app = compiled.pools[compiled.routes[1].pool];
    CHECK_EQ(other.pool, living.pools.at("other").get());
    CHECK_EQ(app.pool, living.pools.at("app").get());
    CHECK_EQ(app.connect_timeout, 4s);
    CHECK_EQ(app.head.bytes, 2048);
    REQUIRE_EQ(app.pool->set().active().size(), 2);
    CHECK_EQ(app.pool->set().active()[0]->name, "127.0.0.1:3000");
    CHECK_EQ(app.pool->set().active()[1]->name, "two");

    const proxy::ListenerPlan& in = *living.listeners.at("in");
    CHECK_EQ(in.head.bytes, 8192);
    CHECK_EQ(in.head.fields, 7);
    CHECK_EQ(in.header_timeout, 1s);
    CHECK_EQ(in.body_timeout, 2s);
    CHECK_EQ(in.keepalive_timeout, 3s);
    CHECK_EQ(in.min_rate, 5);
    CHECK_EQ(in.connections_per_client, 6);
}

TEST_CASE("what lives stays the same for the next config that names it, and endpoints have an id each") {
    server::Living living(1);
    const auto first = server::compile(config_of(kTwoPools), living, 1);
    const auto second = server::compile(config_of(kTwoPools), living, 1);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK_EQ((*first)->pools[0].pool, (*second)->pools[0].pool);
    CHECK_EQ((*first)->routes[0].series, (*second)->routes[0].series);
    CHECK_EQ(living.endpoints, 3);
    const upstream::EndpointSet& app = living.pools.at("app")->set();
    CHECK_NE(app.active()[0]->id, app.active()[1]->id);
    CHECK_NE(living.pools.at("app")->id(), living.pools.at("other")->id());
}

TEST_CASE("idle connections are shared out over the workers, at least one each, and none where none is wanted") {
    struct Row {
        const char* idle;
        unsigned workers;
        size_t each;
    };
    const Row rows[] = {{"64", 1, 64}, {"64", 4, 16}, {"64", 3, 21}, {"2", 4, 1}, {"0", 4, 0}};
    for (const Row& row : rows) {
        CAPTURE(row.idle);
        CAPTURE(row.workers);
        server::Living living(row.workers);
        const auto config =
            with_pool("{ endpoints: [ \"127.0.0.1:1\" ], connections: { idle: " + std::string(row.idle) + " } }");
        const auto snapshot = server::compile(config, living, row.workers);
        REQUIRE(snapshot.has_value());
        CHECK_EQ((*snapshot)->pools[0].idle, row.each);
    }
}

// What the reader refuses first can still come from a config that was put together otherwise.
TEST_CASE("what can not be compiled is an error that names it, and leaves no half pool behind") {
    server::Living living(1);
    config::Config name = with_pool("{ endpoints: [ \"127.0.0.1:1\", \"127.0.0.1:2\" ] }");
    name.pools.at("app").endpoints[1].address = "nowhere";
    const auto unknown = server::compile(name, living, 1);
    REQUIRE_FALSE(unknown.has_value());
    CHECK_NE(unknown.error().message.find("pools.app"), std::string::npos);
    CHECK(living.pools.empty());

    config::Config twice = with_pool("{ endpoints: [ \"127.0.0.1:1\" ] }");
    twice.routes.push_back(twice.routes[0]);
    CHECK_FALSE(server::compile(twice, living, 1).has_value());

    config::Config network = with_pool("{ endpoints: [ \"127.0.0.1:1\" ] }");
    network.trusted_proxies = {"10.0.0.0/99"};
    const auto wrong = server::compile(network, living, 1);
    REQUIRE_FALSE(wrong.has_value());
    CHECK_NE(wrong.error().message.find("trusted_proxies"), std::string::npos);
}

TEST_CASE("no policy of a config may write a field that weir writes itself") {
    http::RequestHead request;
    request.target.authority = "shop";
    request.minor_version = 0;  // and so Host is made here too
    http::ClientHop hop;
    hop.peer = hop.client = "192.0.2.1";
    hop.port = 80;
    hop.pseudonym = "weir";
    hop.request_id = "id";
    http::Fields ours;
    Arena arena;
    http::forward_request_fields(request, hop, ours, arena);
    CHECK_GE(ours.size(), 9);
    for (const http::Field& field : ours) {
        CAPTURE(std::string(field.name()));
        CHECK_FALSE(config::header_name_form(field.name()).has_value());
    }
}
