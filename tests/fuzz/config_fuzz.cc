// The config reader on any bytes: it must come back, with a config or with mistakes, and every mistake stands in the
// text. A config that was read is one that can be used: nothing of it is empty that others rely on.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "config/load.h"

using namespace weir::config;

namespace {

void check_usable(const Config& config) {
    CHECK(!config.listeners.empty() && !config.routes.empty());
    for (const Listener& listener : config.listeners) CHECK(!listener.address.empty() && !listener.name.empty());
    for (const auto& [name, pool] : config.pools) {
        CHECK(!name.empty() && !pool.endpoints.empty());
        for (const Endpoint& endpoint : pool.endpoints) CHECK(!endpoint.address.empty() && !endpoint.name.empty());
    }
    for (const Route& route : config.routes) {
        CHECK(!route.name.empty() && config.pools.count(route.pool) == 1);
        CHECK(!route.match.path.empty() && route.match.path.front() == '/');
        for (const std::string& host : route.match.host) CHECK(!host.empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Loaded loaded = parse(text, "f");
    int line = 0;
    bool refused = false;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
        CHECK(diagnostic.line >= line && diagnostic.line >= 1 && diagnostic.column >= 1);
        line = diagnostic.line;
        CHECK(!diagnostic.message.empty() && !diagnostic.text().empty());
        refused = refused || diagnostic.severity == Severity::error;
    }
    CHECK(loaded.config.has_value() != refused);
    if (loaded.config) check_usable(*loaded.config);
    return 0;
}
