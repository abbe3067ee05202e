#include "server/compile.h"

#include <algorithm>

#include "base/cidr_set.h"
#include "policy/access.h"
#include "policy/headers.h"
#include "policy/max_body.h"

namespace weir::server {

namespace {

// Fields of a response head, and of its trailers. No key of the config: backends are ours, and header_bytes bounds
// them.
constexpr size_t kResponseFields = 256;

// What a config says of a listener, kept under its name for as long as a connection may come from it.
void compile_listener(const config::Listener& from, Living& living) {
    auto& plan = living.listeners[from.name];
    if (plan == nullptr) plan = std::make_unique<proxy::ListenerPlan>();
    plan->name = from.name;
    plan->https_port = from.redirect_to_https.port;
    plan->tls = from.tls.has_value();
    plan->client_auth = from.tls && from.tls->client_auth != config::ClientAuth::off;
    plan->head = {from.limits.header_bytes.count, from.limits.headers};
    plan->header_timeout = from.limits.header_timeout;
    plan->body_timeout = from.limits.body_timeout;
    plan->keepalive_timeout = from.limits.keepalive_timeout;
    plan->min_rate = from.limits.min_rate.count;
    plan->connections_per_client = from.limits.connections_per_client;
    plan->series = &living.registry.listener(from.name);
}

upstream::Balance balance_of(config::Balance from) {
    return from == config::Balance::ip_hash ? upstream::Balance::ip_hash : upstream::Balance::round_robin;
}

// Without a secret of its own a pool's name is the key: nobody reads an address out of the token, but who knows the
// config can make one.
std::string token_of(const config::Pool& from, const std::string& pool, const config::Endpoint& endpoint,
                     const Living& living) {
    if (!from.sticky) return {};
    const auto secret = living.sticky_secrets.find(pool);
    return upstream::sticky_token(secret != living.sticky_secrets.end() ? secret->second : pool, pool, endpoint.name);
}

// A cookie for the whole site that scripts and other sites do not get (RFC 6265 4.1.2; SameSite of RFC 6265bis).
std::optional<upstream::StickyCookie> cookie_of(const config::Pool& from) {
    if (!from.sticky) return std::nullopt;
    std::string attributes = "; Path=/; HttpOnly; SameSite=Lax";
    if (from.sticky->ttl) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*from.sticky->ttl);
        attributes += "; Max-Age=" + std::to_string(seconds.count());
    }
    return upstream::StickyCookie{from.sticky->cookie, std::move(attributes)};
}

Result<upstream::Pool*> find_pool(const std::string& name, const config::Pool& from, Living& living) {
    if (const auto known = living.pools.find(name); known != living.pools.end()) return known->second.get();
    const auto id = static_cast<uint32_t>(living.pools.size());
    auto pool = std::make_unique<upstream::Pool>(id, name, living.registry.pool(name), balance_of(from.balance));
    const auto tls = living.tls_clients.find(name);
    if (from.tls && tls == living.tls_clients.end()) return fail("pools." + name + ": its TLS is not set up");
    for (const config::Endpoint& endpoint : from.endpoints) {
        const auto at = net::Destination::parse(endpoint.address);
        if (!at) return fail("pools." + name + ": " + at.error().message);
        pool->add(living.endpoints++, endpoint.name, *at, living.registry.endpoint(name, endpoint.name),
                  {endpoint.weight, endpoint.backup, token_of(from, name, endpoint, living)},
                  from.tls ? tls->second.get() : nullptr);
    }
    pool->renew();
    return (living.pools[name] = std::move(pool)).get();  // whole, or not at all
}

upstream::ReplayRule rule_of(config::Replay from) {
    switch (from) {
        case config::Replay::proven:
            return upstream::ReplayRule::proven;
        case config::Replay::likely:
            return upstream::ReplayRule::likely;
        case config::Replay::never:
            break;
    }
    return upstream::ReplayRule::never;
}

upstream::PoolPlan plan_of(const config::Pool& from, upstream::Pool& pool, unsigned workers) {
    upstream::PoolPlan plan;
    plan.pool = &pool;
    plan.connect_timeout = from.connect_timeout;
    plan.response_timeout = from.response_timeout;
    plan.read_timeout = from.read_timeout;
    plan.idle_timeout = from.connections.idle_timeout;
    // Shared out evenly, at least one each; 0 keeps none.
    plan.idle = from.connections.idle == 0 ? 0 : std::max(1U, from.connections.idle / workers);
    plan.head = {from.header_bytes.count, kResponseFields};
    plan.replay = rule_of(from.replay);
    plan.retry_budget = from.retry_budget;
    plan.sticky = cookie_of(from);
    return plan;
}

Result<CidrSet> compile_networks(const std::vector<std::string>& from) {
    std::vector<Cidr> blocks;
    for (const std::string& text : from) {
        const auto block = Cidr::parse(text);
        if (!block) return Unexpected{block.error()};
        blocks.push_back(*block);
    }
    return CidrSet(blocks);
}

// Calls put(name, value) for each field.
template <typename Put>
Status compile_values(const std::map<std::string, std::string>& from, Put put) {
    for (const auto& [name, text] : from) {
        auto value = http::Template::parse(text);
        if (!value) return Unexpected{value.error()};
        put(name, std::move(*value));
    }
    return {};
}

Result<policy::HeaderChanges> compile_headers(const config::HeaderChanges& from) {
    policy::HeaderChanges changes;
    for (const std::string& name : from.remove) changes.remove(name);
    const auto set = [&](const std::string& name, http::Template value) { changes.set(name, std::move(value)); };
    const auto add = [&](const std::string& name, http::Template value) { changes.add(name, std::move(value)); };
    if (Status made = compile_values(from.set, set); !made) return Unexpected{made.error()};
    if (Status made = compile_values(from.add, add); !made) return Unexpected{made.error()};
    return changes;
}

// In the order they are asked: who may come in first, what is changed last.
Status compile_policies(const config::Route& from, std::vector<std::unique_ptr<const policy::Policy>>& into) {
    auto allow = compile_networks(from.access.allow);
    if (!allow) return Unexpected{allow.error()};
    auto deny = compile_networks(from.access.deny);
    if (!deny) return Unexpected{deny.error()};
    if (!allow->empty() || !deny->empty())
        into.push_back(std::make_unique<policy::Access>(std::move(*allow), std::move(*deny)));
    if (from.max_body.count > 0) into.push_back(std::make_unique<policy::MaxBody>(from.max_body.count));
    auto request = compile_headers(from.request_headers);
    if (!request) return Unexpected{request.error()};
    if (!request->empty()) into.push_back(std::make_unique<policy::RequestHeaders>(std::move(*request)));
    auto response = compile_headers(from.response_headers);
    if (!response) return Unexpected{response.error()};
    if (!response->empty()) into.push_back(std::make_unique<policy::ResponseHeaders>(std::move(*response)));
    return {};
}

proxy::RoutePlan plan_of(const config::Route& from, uint32_t pool, Living& living) {
    proxy::RoutePlan plan;
    plan.name = from.name;
    plan.pool = pool;
    plan.timeout = from.timeout;
    plan.stream_idle = from.stream_idle;
    plan.finish_on_abort = from.on_abort == config::OnAbort::finish;
    plan.retry.attempts = from.retry.attempts;
    const auto& when = from.retry.when;
    plan.retry.connect = std::count(when.begin(), when.end(), config::RetryWhen::connect) > 0;
    plan.retry.reset = std::count(when.begin(), when.end(), config::RetryWhen::reset) > 0;
    plan.buffer = from.buffer.count;
    plan.series = &living.registry.route(from.name, from.pool);
    return plan;
}

}  // namespace

Result<std::unique_ptr<proxy::Snapshot>> compile(const config::Config& config, Living& living, unsigned workers) {
    auto snapshot = std::make_unique<proxy::Snapshot>();
    for (const config::Listener& listener : config.listeners) compile_listener(listener, living);

    std::map<std::string, uint32_t> pool_index;
    for (const auto& [name, from] : config.pools) {
        const auto pool = find_pool(name, from, living);
        if (!pool) return Unexpected{pool.error()};
        pool_index[name] = static_cast<uint32_t>(snapshot->pools.size());
        snapshot->pools.push_back(plan_of(from, **pool, workers));
    }

    std::vector<routing::Rule> rules;
    for (const config::Route& route : config.routes) {
        snapshot->routes.push_back(plan_of(route, pool_index.at(route.pool), living));
        if (Status made = compile_policies(route, snapshot->routes.back().policies); !made)
            return fail("route " + route.name + ": " + made.error().message);
        rules.push_back(routing::Rule{route.match.host, route.match.path, route.name});
    }
    auto router = routing::Router::build(rules);
    if (!router) return Unexpected{router.error()};
    snapshot->router = std::move(*router);
    snapshot->no_route = &living.registry.route("-", "-");

    auto trusted = compile_networks(config.trusted_proxies);
    if (!trusted) return fail("trusted_proxies: " + trusted.error().message);
    snapshot->trusted_proxies = std::move(*trusted);
    return snapshot;
}

}  // namespace weir::server
