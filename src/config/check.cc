#include "config/check.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "config/path.h"

namespace weir::config {
namespace {

// Remembers where each text stands, and says so when it stands a second time. The empty text is nobody's: it was
// refused before. `whole` is what must have been understood for a clash to mean anything.
class Owners final {
 public:
    Owners(Mistakes& mistakes, std::string what) : mistakes_(mistakes), what_(std::move(what)) {}
    void take(const std::string& text, const std::string& path, const std::string& whole) {
        if (text.empty()) return;
        const auto [owner, fresh] = owners_.emplace(text, Place{path, whole});
        if (fresh || mistakes_.refused(whole) || mistakes_.refused(owner->second.whole)) return;
        mistakes_.clash_at(path, owner->second.path, what_ + " " + quoted(text) + " is used twice");
    }
    void take(const std::string& text, const std::string& path) { take(text, path, path); }

 private:
    struct Place {
        std::string path;
        std::string whole;
    };
    Mistakes& mistakes_;
    std::string what_;
    std::map<std::string, Place> owners_;
};

// Listeners and endpoints: an address and a name each, both used once; the name is by default the address. Whoever
// has another one's address has its name too, which is one mistake.
template <typename T>
void check_addressed(std::vector<T>& list, const std::string& path, Mistakes& mistakes) {
    Owners addresses(mistakes, "the address");
    Owners names(mistakes, "the name");
    for (size_t i = 0; i < list.size(); ++i) addresses.take(list[i].address, key_path(item_path(path, i), "address"));
    std::set<std::string> unnamed;
    for (size_t i = 0; i < list.size(); ++i) {
        const bool given = !list[i].name.empty();
        if (!given) list[i].name = list[i].address;
        if (given || unnamed.insert(list[i].name).second)
            names.take(list[i].name, key_path(item_path(path, i), "name"));
    }
}

// A wildcard takes its port of every address of its family, ":8080" of both.
bool takes(std::string_view address, std::string_view other) {
    const size_t colon = address.rfind(':');
    const size_t other_colon = other.rfind(':');
    if (address.substr(colon) != other.substr(other_colon)) return false;
    const std::string_view host = address.substr(0, colon);
    const bool other_v6 = other.front() == '[';
    if (host.empty() || address == other) return true;
    return (host == "[::]" && other_v6) || (host == "0.0.0.0" && !other_v6 && other_colon > 0);
}

// Listeners and the admin: of two that the kernel would not bind together the second is wrong. Where both are the same
// listener address, that was told already.
void check_overlaps(const Config& config, Mistakes& mistakes) {
    std::vector<std::pair<std::string, std::string>> bound{{config.admin.address, "admin.address"}};
    for (size_t i = 0; i < config.listeners.size(); ++i) {
        const std::string& address = config.listeners[i].address;
        const std::string path = key_path(item_path("listeners", i), "address");
        if (address.empty() || mistakes.refused(path)) continue;
        for (const auto& [other, place] : bound) {
            if (other.empty() || mistakes.refused(place) || !(takes(address, other) || takes(other, address))) continue;
            mistakes.error_at(path,
                              quoted(address) + " can not be listened on beside " + quoted(other) + " of " + place);
            break;
        }
        bound.emplace_back(address, path);
    }
}

void check_pool_tls(const Pool& pool, const std::string& path, Mistakes& mistakes) {
    const PoolTls& tls = *pool.tls;
    const std::string at = key_path(path, "tls");
    if (tls.cert.empty() != tls.key.empty())
        mistakes.error_at(key_path(at, tls.key.empty() ? "cert" : "key"), "a certificate and its key come together");
    const auto nameless = [](const Endpoint& endpoint) { return endpoint.address.rfind("unix:", 0) == 0; };
    if (tls.verify && tls.server_name.empty() && std::any_of(pool.endpoints.begin(), pool.endpoints.end(), nameless))
        mistakes.error_at(at, "needs `server_name`: a unix socket has no name that a certificate could be of");
}

void check_pools(Config& config, Mistakes& mistakes) {
    for (auto& [name, pool] : config.pools) {
        if (pool.tls) check_pool_tls(pool, key_path("pools", name), mistakes);
        const std::string path = key_path(key_path("pools", name), "endpoints");
        check_addressed(pool.endpoints, path, mistakes);
    }
}

std::string default_name(const Match& match) {
    std::string name = match.host.empty() ? "*" : match.host.front();
    if (match.host.size() > 1) name += "+" + std::to_string(match.host.size() - 1);
    return name + match.path;
}

void check_matches(const std::vector<Route>& routes, Mistakes& mistakes) {
    Owners matches(mistakes, "the match");
    for (size_t i = 0; i < routes.size(); ++i) {
        const Match& match = routes[i].match;
        const std::string path = key_path(item_path("routes", i), "match");
        const std::string hosts = key_path(path, "host");
        if (match.host.empty()) matches.take("*" + match.path, path);
        for (size_t j = 0; j < match.host.size(); ++j) {
            const bool alone = match.host.size() == 1;  // and perhaps no list
            matches.take(match.host[j] + match.path, alone ? hosts : item_path(hosts, j), path);
        }
    }
}

void check_routes(Config& config, Mistakes& mistakes) {
    Owners names(mistakes, "the name");
    std::vector<std::string_view> pools;
    for (const auto& [name, pool] : config.pools) pools.push_back(name);
    for (size_t i = 0; i < config.routes.size(); ++i) {
        Route& route = config.routes[i];
        const std::string path = item_path("routes", i);
        if (!route.name.empty()) names.take(route.name, key_path(path, "name"));
        if (!route.pool.empty() && config.pools.count(route.pool) == 0) {
            const std::string all = pools.empty() ? "; there are no pools" : meant(closest(route.pool, pools));
            mistakes.error_at(key_path(path, "pool"), "there is no pool " + quoted(route.pool) + all);
        }
    }
    std::set<std::string> unnamed;  // two of them have one match, which was told already
    for (size_t i = 0; i < config.routes.size(); ++i) {
        Route& route = config.routes[i];
        if (!route.name.empty()) continue;
        route.name = default_name(route.match);
        if (unnamed.insert(route.name).second) names.take(route.name, item_path("routes", i));
    }
}

void check_unused(const Config& config, Mistakes& mistakes) {
    std::set<std::string_view> used;
    for (const Route& route : config.routes) used.insert(route.pool);
    const auto there = [&config](const Route& route) { return config.pools.count(route.pool) > 0; };
    // Who is nobody's pool shows only once all routes have found theirs.
    if (config.routes.empty() || !std::all_of(config.routes.begin(), config.routes.end(), there)) return;
    for (const auto& [name, pool] : config.pools) {
        if (used.count(name) == 0) mistakes.warning_at(key_path("pools", name), "no route uses this pool");
    }
}

// Each worker keeps a step of them for itself, and a request needs a few.
void check_process(const Process& process, Mistakes& mistakes) {
    constexpr uint64_t kLeast = 64 * 1024;
    const uint64_t buffers = process.buffers.value_or(Bytes{0}).count;
    if (buffers > 0 && buffers < kLeast)
        mistakes.error_at(key_path("process", "buffers"),
                          "too little to serve anybody: at least 64KiB, or 0 for no limit");
}

void check_tls(const ListenerTls& tls, const std::string& path, Mistakes& mistakes) {
    if (tls.client_auth != ClientAuth::off && tls.client_ca.empty())
        mistakes.error_at(key_path(path, "client_auth"), "needs `client_ca`: whose certificates are good?");
    if (tls.client_auth == ClientAuth::off && !tls.client_ca.empty())
        mistakes.warning_at(key_path(path, "client_ca"), "is not used: client_auth is off");
}

uint16_t port_of(const std::string& address) {
    return static_cast<uint16_t>(std::strtoul(address.c_str() + address.rfind(':') + 1, nullptr, 10));
}

void check_https(std::vector<Listener>& listeners, Mistakes& mistakes) {
    const auto speaks_tls = [](const Listener& listener) { return listener.tls.has_value(); };
    const auto first = std::find_if(listeners.begin(), listeners.end(), speaks_tls);
    for (size_t i = 0; i < listeners.size(); ++i) {
        Listener& listener = listeners[i];
        const std::string path = item_path("listeners", i);
        if (listener.tls) check_tls(*listener.tls, key_path(path, "tls"), mistakes);
        if (!listener.redirect_to_https.on) continue;
        const std::string at = key_path(path, "redirect_to_https");
        uint16_t& port = listener.redirect_to_https.port;
        if (port == 0 && first == listeners.end()) {
            mistakes.error_at(at, "no listener has `tls`; expected one, or the port to redirect to");
            continue;
        }
        if (port == 0) port = port_of(first->address);
        if (port == port_of(listener.address)) mistakes.error_at(at, "leads back to this listener itself");
    }
}

}  // namespace

void check_config(Config& config, Mistakes& mistakes) {
    check_process(config.process, mistakes);
    check_addressed(config.listeners, "listeners", mistakes);
    check_https(config.listeners, mistakes);
    check_overlaps(config, mistakes);
    check_pools(config, mistakes);
    check_matches(config.routes, mistakes);
    check_routes(config, mistakes);
    check_unused(config, mistakes);
}

}  // namespace weir::config
