// Router: which rule a request head falls under. Hosts come first: the exact one, then wildcards from the longest to
// the shortest, then rules for any host; within one of these the longest path prefix. Where the rules of a host know
// no such path, the next host has its turn. It looks at normalised targets only, changes nothing and asks nobody.
// Part of a snapshot: built once, then only read, by any thread. Costs the length of host and path, not the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/crypto.h"
#include "base/hash.h"
#include "base/result.h"
#include "http/message.h"
#include "routing/path_tree.h"

namespace weir::routing {

// What a route matches, in the normal form of http::Target.
struct Rule {
    std::vector<std::string> hosts;  // "shop.example.com", or "*.example.com" for one label or more; empty: any
    std::string path = "/";          // a prefix on segment borders
    std::string name{};              // for errors
};

class Router final {
 public:
    // Refuses two rules that match the same.
    static Result<Router> build(const std::vector<Rule>& rules);

    Router() = default;  // finds nothing

    // The index of the most specific rule.
    std::optional<uint32_t> match(const http::RequestHead& head) const;

 private:
    // Clients choose what is looked up.
    struct Hash {
        using is_transparent = void;
        Hash() : seed(random_seed()) {}
        size_t operator()(std::string_view text) const { return seeded_hash(text, seed); }
        uint64_t seed;
    };
    using Hosts = std::unordered_map<std::string, PathTree, Hash, std::equal_to<>>;

    std::optional<uint32_t> match_wildcards(std::string_view host, std::string_view path) const;

    Hosts exact_;
    Hosts wildcards_;              // by what stands behind "*."
    size_t longest_wildcard_ = 0;  // no longer end of a host is looked up
    PathTree any_;
};

}  // namespace weir::routing
