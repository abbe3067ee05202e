// Whom a worker picks: who comes next, but for those that were tried or are passed over.
#include "upstream/roster.h"

#include <string>
#include <vector>

#include "telemetry/registry.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;

namespace {

class Bench final {
 public:
    explicit Bench(Balance balance = Balance::round_robin) : pool(0, "app", registry.pool("app"), balance) {
        for (const char* name : {"a", "b", "c"}) endpoints.push_back(&add(name, {}));
        endpoints.push_back(&add("spare", {1, true, {}}));
        publish();
    }
    Endpoint& add(const char* name, Share share) {
        return pool.add(next_id++, name, net::Address(), registry.endpoint("app", name), share);
    }
    void publish() {
        const auto old = pool.renew();
        roster.adopt(pool.set());
    }
    std::string pick(std::vector<Endpoint*> tried = {}, std::string_view client = "10.0.0.1") {
        const Endpoint* picked = roster.pick({client, tried}, now);
        return picked == nullptr ? "nobody" : picked->name;
    }

    telemetry::Registry registry{1, {}, {}};
    Pool pool;
    uint32_t next_id = 0;
    std::vector<Endpoint*> endpoints;
    Roster roster{pool, pool.set()};
    TimePoint now{1h};
};

}  // namespace

TEST_CASE("endpoints come one after the other, also over two rosters of one pool") {
    Bench bench;
    Roster other(bench.pool, bench.pool.set());
    CHECK_EQ(bench.pick(), "a");
    CHECK_EQ(other.pick({"10.0.0.1"}, bench.now)->name, "b");
    CHECK_EQ(bench.pick(), "c");
    CHECK_EQ(bench.pick(), "a");
}

TEST_CASE("an endpoint that was tried comes last, behind the backups") {
    Bench bench;
    const auto& all = bench.endpoints;
    CHECK_EQ(bench.pick({all[0]}), "b");
    CHECK_EQ(bench.pick({all[0], all[1]}), "c");
    CHECK_EQ(bench.pick({all[0], all[1], all[2]}), "spare");
    CHECK_EQ(bench.pick({all[0], all[1], all[2], all[3]}), "a");
}

TEST_CASE("an endpoint that is passed over comes last until its time is over") {
    Bench bench;
    bench.roster.pass_over(*bench.endpoints[0], bench.now + 2s);
    for (int i = 0; i < 6; ++i) CHECK_NE(bench.pick(), "a");
    for (const size_t i : {1, 2, 3}) bench.roster.pass_over(*bench.endpoints[i], bench.now + 4s);
    CHECK_NE(bench.pick(), "nobody");
    bench.now += 2s;
    CHECK_EQ(bench.pick(), "a");
    CHECK_NE(bench.pick({bench.endpoints[0]}), "a");
}

TEST_CASE("of those that were tried one that took a connection comes first") {
    Bench bench;
    const auto& all = bench.endpoints;
    for (const size_t i : {0, 1, 3}) bench.roster.pass_over(*all[i], bench.now + 2s);
    for (int i = 0; i < 4; ++i) CHECK_EQ(bench.pick({all[0], all[1], all[2], all[3]}), "c");
}

TEST_CASE("who is kept on an endpoint comes back to it when its time of being passed over is over") {
    Bench bench;
    Endpoint* const own = bench.endpoints[1];
    bench.roster.pass_over(*own, bench.now + 1s);
    CHECK_NE(bench.roster.pick({"10.0.0.1", {}, own}, bench.now), own);
    CHECK_EQ(bench.roster.pick({"10.0.0.1", {}, own}, bench.now + 1s), own);
}

TEST_CASE("what is passed over leaves its share to the others by their weights") {
    Bench bench;
    bench.add("great", {8, false, {}});
    bench.publish();
    bench.roster.pass_over(*bench.endpoints[2], bench.now + 1s);
    int great = 0;
    for (int i = 0; i < 100; ++i) great += bench.pick() == "great" ? 1 : 0;
    CHECK_GE(great, 75);  // 80 of 100
}

TEST_CASE("what is known anew ends the passing over") {
    Bench bench;
    bench.roster.pass_over(*bench.endpoints[0], bench.now + 2s);
    bench.publish();
    CHECK_EQ(bench.pick(), "a");
}

TEST_CASE("nobody is picked where nobody takes requests") {
    Bench bench;
    for (const Endpoint* endpoint : bench.endpoints) bench.pool.set_state(*endpoint, EndpointState::down);
    bench.publish();
    CHECK_EQ(bench.pick(), "nobody");
    bench.pool.set_state(*bench.endpoints[3], EndpointState::up);
    bench.publish();
    CHECK_EQ(bench.pick(), "spare");
}

TEST_CASE("ip_hash keeps a client on its endpoint, and on another one while that was tried") {
    Bench bench(Balance::ip_hash);
    const std::string first = bench.pick();
    for (int i = 0; i < 5; ++i) CHECK_EQ(bench.pick(), first);
    Endpoint* own = nullptr;
    for (Endpoint* endpoint : bench.endpoints)
        if (endpoint->name == first) own = endpoint;
    const std::string second = bench.pick({own});
    CHECK_NE(second, first);
    CHECK_EQ(bench.pick({own}), second);
    std::vector<int> seen(3);
    for (int i = 0; i < 300; ++i) {
        const std::string name = bench.pick({}, "10.0.1." + std::to_string(i % 250));
        if (name != "spare") ++seen[static_cast<size_t>(name[0] - 'a')];
    }
    for (const int count : seen) CHECK_GT(count, 30);
}
