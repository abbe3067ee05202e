#include "config/load.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("the smallest useful file is a config") {
    const config::Loaded loaded = config::parse(R"(
listeners: [ { address: ":8080" } ]
pools:     { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes:    [ { pool: app } ]
)",
                                                "weir.yaml");
    for (const auto& d : loaded.diagnostics) MESSAGE(d.text());
    REQUIRE(loaded);
    CHECK(loaded.diagnostics.empty());
    CHECK_EQ(loaded.config->listeners.at(0).address, ":8080");
    CHECK_EQ(loaded.config->pools.at("app").endpoints.at(1).address, "127.0.0.1:3001");
    CHECK_EQ(loaded.config->routes.at(0).pool, "app");
    CHECK_EQ(loaded.config->routes.at(0).name, "*/");
}
