#include "routing/router.h"

#include <algorithm>
#include <map>

namespace weir::routing {

namespace {

std::string name_of(const std::vector<Rule>& rules, size_t index) {
    return rules[index].name.empty() ? "rule " + std::to_string(index + 1) : rules[index].name;
}

// For every host as it is written ("" is any), the rule of every prefix. `/api/` is the prefix `/api`.
using ByHost = std::map<std::string, std::map<std::string, uint32_t>>;

Status add(const std::vector<Rule>& rules, size_t index, const std::string& host, ByHost& hosts) {
    std::string prefix = rules[index].path;
    if (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
    const auto [taken, added] = hosts[host].emplace(std::move(prefix), static_cast<uint32_t>(index));
    if (added || taken->second == index) return {};
    return fail(name_of(rules, taken->second) + " and " + name_of(rules, index) +
                " match the same: " + (host.empty() ? "any host" : host) + ", " + rules[index].path);
}

}  // namespace

Result<Router> Router::build(const std::vector<Rule>& rules) {
    ByHost hosts;
    for (size_t index = 0; index < rules.size(); ++index) {
        if (rules[index].hosts.empty())
            if (Status added = add(rules, index, "", hosts); !added) return Unexpected{added.error()};
        for (const std::string& host : rules[index].hosts)
            if (Status added = add(rules, index, host, hosts); !added) return Unexpected{added.error()};
    }
    Router router;
    for (const auto& [host, prefixes] : hosts) {
        std::vector<PathTree::Entry> entries;
        for (const auto& [prefix, index] : prefixes) entries.push_back({prefix, index});
        PathTree paths(std::move(entries));
        if (host.empty()) {
            router.any_ = std::move(paths);
        } else if (host.substr(0, 2) == "*.") {
            router.longest_wildcard_ = std::max(router.longest_wildcard_, host.size() - 2);
            router.wildcards_.emplace(host.substr(2), std::move(paths));
        } else {
            router.exact_.emplace(host, std::move(paths));
        }
    }
    return router;
}

std::optional<uint32_t> Router::match(const http::RequestHead& head) const {
    const std::string_view host = head.target.host;
    const std::string_view path = head.target.path;
    if (!exact_.empty()) {
        if (const auto found = exact_.find(host); found != exact_.end())
            if (const auto rule = found->second.find(path)) return rule;
    }
    if (!wildcards_.empty())
        if (const auto rule = match_wildcards(host, path)) return rule;
    return any_.find(path);
}

std::optional<uint32_t> Router::match_wildcards(std::string_view host, std::string_view path) const {
    // From the longest end of the host that a wildcard could name, cut at its labels.
    size_t from = host.size() > longest_wildcard_ ? host.size() - longest_wildcard_ - 1 : 0;
    for (;;) {
        const size_t dot = host.find('.', from);
        if (dot == host.npos) return {};
        from = dot + 1;
        const auto found = wildcards_.find(host.substr(from));
        if (found == wildcards_.end()) continue;
        if (const auto rule = found->second.find(path)) return rule;
    }
}

}  // namespace weir::routing
