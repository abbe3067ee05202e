#include "routing/router.h"

#include <algorithm>
#include <random>

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::routing;

namespace {

constexpr int kNothing = -1;

int match(const Router& router, std::string_view host, std::string_view path) {
    http::RequestHead head;
    head.target.host = host;
    head.target.path = path;
    const auto rule = router.match(head);
    return rule ? static_cast<int>(*rule) : kNothing;
}

Router build(const std::vector<Rule>& rules) {
    auto router = Router::build(rules);
    REQUIRE(router);
    return std::move(*router);
}

Rule rule(std::vector<std::string> hosts, std::string path, std::string name = "") {
    return Rule{std::move(hosts), std::move(path), std::move(name)};
}

// The rules of the contract, one rule after the other and word by word.
namespace naive {

bool prefix_matches(std::string prefix, const std::string& path) {
    if (prefix == "/") return true;
    if (prefix.back() == '/') prefix.pop_back();
    return path == prefix || path.compare(0, prefix.size() + 1, prefix + "/") == 0;
}

// How well a host fits: 0 not at all, 1 any, more for a longer wildcard, most for the exact host.
size_t host_rank(const Rule& one, const std::string& host) {
    if (one.hosts.empty()) return 1;
    size_t best = 0;
    for (const std::string& written : one.hosts) {
        if (written == host) return 1'000;
        if (written.substr(0, 2) != "*.") continue;
        const std::string end = written.substr(1);
        if (host.size() > end.size() && host.compare(host.size() - end.size(), end.size(), end) == 0)
            best = std::max(best, 1 + end.size());
    }
    return best;
}

int match(const std::vector<Rule>& rules, const std::string& host, const std::string& path) {
    int best = kNothing;
    std::pair<size_t, size_t> best_rank{0, 0};
    for (size_t i = 0; i < rules.size(); ++i) {
        const size_t hosts = host_rank(rules[i], host);
        if (hosts == 0 || !prefix_matches(rules[i].path, path)) continue;
        const size_t slash = rules[i].path.back() == '/' ? 1 : 0;
        const std::pair<size_t, size_t> rank{hosts, rules[i].path.size() - slash + 1};
        if (rank <= best_rank) continue;
        best_rank = rank;
        best = static_cast<int>(i);
    }
    return best;
}

}  // namespace naive
}  // namespace

TEST_CASE("router takes prefixes on segment borders, the longest first") {
    const Router router =
        build({rule({}, "/"), rule({}, "/api"), rule({}, "/api/v1/"), rule({}, "/apple"), rule({}, "/api/v1/items")});
    CHECK_EQ(match(router, "h", "/"), 0);
    CHECK_EQ(match(router, "h", "/ap"), 0);
    CHECK_EQ(match(router, "h", "/apix"), 0);
    CHECK_EQ(match(router, "h", "/API"), 0);
    CHECK_EQ(match(router, "h", "/api"), 1);
    CHECK_EQ(match(router, "h", "/api/"), 1);
    CHECK_EQ(match(router, "h", "/api/x"), 1);
    CHECK_EQ(match(router, "h", "/api//v1"), 1);
    CHECK_EQ(match(router, "h", "/api/v"), 1);
    CHECK_EQ(match(router, "h", "/api/v1"), 2);
    CHECK_EQ(match(router, "h", "/api/v1/"), 2);
    CHECK_EQ(match(router, "h", "/api/v1x"), 1);
    CHECK_EQ(match(router, "h", "/api/v1/item"), 2);
    CHECK_EQ(match(router, "h", "/api/v1/items/7"), 4);
    CHECK_EQ(match(router, "h", "/apple/pie"), 3);
    CHECK_EQ(match(router, "h", "//api"), 0);
}

TEST_CASE("router takes OPTIONS * and CONNECT only where all paths are taken") {
    const Router all = build({rule({}, "/")});
    CHECK_EQ(match(all, "h", "*"), 0);
    CHECK_EQ(match(all, "h", ""), 0);
    const Router some = build({rule({}, "/api")});
    CHECK_EQ(match(some, "h", "*"), kNothing);
    CHECK_EQ(match(some, "h", ""), kNothing);
    CHECK_EQ(match(some, "h", "/"), kNothing);
}

TEST_CASE("router takes the exact host, then longer wildcards, then any, and falls back where a path is missing") {
    const Router router = build({rule({}, "/"), rule({"*.example.com"}, "/"), rule({"*.eu.example.com"}, "/a"),
                                 rule({"shop.eu.example.com", "shop.test"}, "/a/b"), rule({}, "/a/b/c/d")});
    CHECK_EQ(match(router, "shop.eu.example.com", "/a/b"), 3);
    CHECK_EQ(match(router, "shop.eu.example.com", "/a/b/c/d"), 3);
    CHECK_EQ(match(router, "shop.eu.example.com", "/a"), 2);
    CHECK_EQ(match(router, "shop.eu.example.com", "/"), 1);
    CHECK_EQ(match(router, "x.y.eu.example.com", "/a"), 2);
    CHECK_EQ(match(router, "eu.example.com", "/a"), 1);
    CHECK_EQ(match(router, "a.b.c.example.com", "/x"), 1);
    CHECK_EQ(match(router, "example.com", "/x"), 0);
    CHECK_EQ(match(router, "xexample.com", "/x"), 0);
    CHECK_EQ(match(router, "shop.test", "/a/b/x"), 3);
    CHECK_EQ(match(router, "shop.test", "/a"), 0);
    CHECK_EQ(match(router, "other", "/a/b/c/d/e"), 4);
    CHECK_EQ(match(router, "", "/"), 0);
}

TEST_CASE("router without a rule for a request finds none") {
    CHECK_EQ(match(Router(), "h", "/"), kNothing);
    CHECK_EQ(match(build({}), "h", "/"), kNothing);
    const Router router = build({rule({"a.example", "*.b.example"}, "/x")});
    CHECK_EQ(match(router, "a.example", "/"), kNothing);
    CHECK_EQ(match(router, "c.example", "/x"), kNothing);
    CHECK_EQ(match(router, "b.example", "/x"), kNothing);
    CHECK_EQ(match(router, "b.b.example", "/x"), 0);
    CHECK_EQ(match(router, std::string(30'000, '.') + "b.example", "/x"), 0);
    CHECK_EQ(match(router, std::string(30'000, 'a'), "/x"), kNothing);
}

TEST_CASE("router refuses two rules that match the same and names both") {
    const auto error = [](const std::vector<Rule>& rules) {
        const auto router = Router::build(rules);
        return router ? std::string() : router.error().message;
    };
    CHECK_EQ(error({rule({}, "/api", "one"), rule({"a"}, "/api"), rule({}, "/api/", "two")}),
             "one and two match the same: any host, /api/");
    CHECK_EQ(error({rule({"a", "b"}, "/"), rule({"c", "b"}, "/")}), "rule 1 and rule 2 match the same: b, /");
    CHECK_EQ(error({rule({"*.a"}, "/", "x"), rule({"*.a"}, "/", "y")}), "x and y match the same: *.a, /");
    CHECK_EQ(error({rule({"a", "a"}, "/"), rule({"*.a"}, "/"), rule({}, "/"), rule({"a"}, "/A")}), "");
}

TEST_CASE("router agrees with the rules taken word by word, whatever the rules and requests") {
    std::mt19937 random(3);
    const auto one_of = [&random](const auto& all) { return all[random() % all.size()]; };
    const std::vector<std::string> hosts = {"a",     "b.a",     "c.b.a", "d.c.b.a", "*.a",
                                            "*.b.a", "*.c.b.a", "aa",    "*.aa",    "b"};
    const std::vector<std::string> parts = {"/", "/a", "/b", "/ab", "/a/", "//", "/abc", "/%2F"};
    const std::vector<std::string> asked = {"a", "b.a", "c.b.a", "d.c.b.a", "x.d.c.b.a", "aa", "x.aa", "b", "x", ""};
    const auto path_of = [&](size_t most) {
        std::string path = one_of(parts);
        for (auto i = random() % most; i > 0; --i) path += one_of(parts);
        return path;
    };
    int built = 0;
    int found = 0;
    for (int round = 0; round < 400; ++round) {
        std::vector<Rule> rules;
        for (auto i = 1 + random() % 30; i > 0; --i) {
            std::vector<std::string> of_rule;
            for (auto j = random() % 3; j > 0; --j) of_rule.push_back(one_of(hosts));
            rules.push_back(rule(std::move(of_rule), path_of(3)));
            if (!Router::build(rules)) rules.pop_back();
        }
        const Router router = build(rules);
        ++built;
        for (int i = 0; i < 100; ++i) {
            const std::string host = one_of(asked);
            const std::string path = path_of(5);
            CAPTURE(host);
            CAPTURE(path);
            const int expected = naive::match(rules, host, path);
            REQUIRE_EQ(match(router, host, path), expected);
            if (expected != kNothing) ++found;
        }
    }
    CHECK_EQ(built, 400);
    CHECK_GT(found, 10'000);
}

TEST_CASE("router keeps ten thousand routes apart") {
    std::vector<Rule> rules;
    for (int i = 0; i < 5'000; ++i) {
        rules.push_back(rule({"h" + std::to_string(i) + ".example.com"}, "/"));
        rules.push_back(rule({}, "/p/" + std::to_string(i)));
    }
    const Router router = build(rules);
    for (int i = 0; i < 5'000; ++i) {
        REQUIRE_EQ(match(router, "h" + std::to_string(i) + ".example.com", "/p/7"), 2 * i);
        REQUIRE_EQ(match(router, "other", "/p/" + std::to_string(i) + "/x"), 2 * i + 1);
    }
}
