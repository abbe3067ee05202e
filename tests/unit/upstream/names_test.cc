// What is made of a resolver's answers, on manual time: the test is the resolver.
#include "upstream/names.h"

#include <map>
#include <optional>

#include "telemetry/registry.h"
#include "tests/support/memory_loop.h"
#include "upstream/pool.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;
using net::FamilyAnswer;
using Kind = FamilyAnswer::Kind;

namespace {

// Remembers who asks, until the test answers.
class ScriptedResolver final : public net::Resolver {
 public:
    std::unique_ptr<net::Lookup> look_up(const std::string& name, net::Lookup::Owner& owner) override {
        asked.push_back(name);
        owners[name] = &owner;
        return std::make_unique<net::Lookup>();
    }
    std::vector<std::string> asked;
    std::map<std::string, net::Lookup::Owner*> owners;  // whose question is open
};

FamilyAnswer found(std::initializer_list<const char*> addresses, Duration ttl = 60s) {
    FamilyAnswer answer{Kind::found, {}, ttl};
    for (const char* address : addresses) answer.addresses.push_back(*Ip::parse(address));
    return answer;
}
const FamilyAnswer kNone{Kind::none, {}, {}};
const FamilyAnswer kFailed{Kind::failed, {}, {}};
const FamilyAnswer kSilent{};

class Bench final : public support::MemoryLoop, private Names::Listener {
 public:
    Bench() { names.add(*this); }
    Endpoint& watch(const char* host, uint16_t port = 3000) {
        const auto id = static_cast<uint32_t>(pool.members().size());
        const std::string name = host + std::to_string(port);
        Endpoint& endpoint = pool.add(id, name, net::Destination(host, port), registry.endpoint("app", name));
        names.watch(endpoint);
        return endpoint;
    }
    void answer(const FamilyAnswer& v6, const FamilyAnswer& v4, const std::string& host = "app.internal") {
        const auto owner = resolver.owners.find(host);
        REQUIRE(owner != resolver.owners.end());
        net::Lookup::Owner& asker = *owner->second;
        resolver.owners.erase(owner);
        asker.on_answer({v6, v4, "why"});
        run();
    }
    // Time until the next question, to the second; none within five minutes and a bit.
    std::optional<int> asked_after() {
        const size_t before = resolver.asked.size();
        for (int second = 1; second <= 310; ++second) {
            advance(second == 1 ? 1s + net::Wheel::kSlot : 1s);
            if (resolver.asked.size() > before) return second;
        }
        return std::nullopt;
    }
    std::vector<std::string> at(const Endpoint& endpoint) {
        std::vector<std::string> all;
        for (const net::Address& address : heard[endpoint.id].addresses) all.push_back(address.text());
        return all;
    }

    telemetry::Registry registry{1, {}, {}};
    Pool pool{0, "app", registry.pool("app")};
    ScriptedResolver resolver;
    Names names{loop, resolver};
    std::map<uint32_t, Whereabouts> heard;  // by endpoint
    int told = 0;

 private:
    void on_addresses(Endpoint& endpoint, const Whereabouts& now) override {
        heard[endpoint.id] = now;
        ++told;
    }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the families of a name take turns, IPv6 first, with the endpoint's port") {
    Bench bench;
    Endpoint& endpoint = bench.watch("app.internal");
    CHECK_FALSE(bench.names.settled());
    bench.answer(found({"fd00::1", "fd00::2", "fd00::3"}), found({"10.0.0.1"}));
    CHECK(bench.names.settled());
    CHECK_EQ(bench.at(endpoint), Texts{"[fd00::1]:3000", "10.0.0.1:3000", "[fd00::2]:3000", "[fd00::3]:3000"});
}

TEST_CASE("two endpoints of one host are one question") {
    Bench bench;
    Endpoint& first = bench.watch("app.internal", 3000);
    Endpoint& second = bench.watch("app.internal", 3001);
    CHECK_EQ(bench.resolver.asked.size(), 1);
    bench.answer(kNone, found({"10.0.0.1"}));
    CHECK_EQ(bench.at(first), Texts{"10.0.0.1:3000"});
    CHECK_EQ(bench.at(second), Texts{"10.0.0.1:3001"});
    Endpoint& late = bench.watch("app.internal", 3002);
    CHECK_EQ(bench.at(late), Texts{"10.0.0.1:3002"});
}

TEST_CASE("a name is asked for again when its TTL is over, within bounds") {
    struct Row {
        Duration v6, v4;
        int after;
    };
    const Row rows[] = {{60s, 60s, 60}, {60s, 20s, 20}, {0s, 60s, 1}, {24h * 365, 24h * 365, 300}};
    for (const Row& row : rows) {
        Bench bench;
        bench.watch("app.internal");
        bench.answer(found({"fd00::1"}, row.v6), found({"10.0.0.1"}, row.v4));
        CHECK_EQ(bench.asked_after(), row.after);
    }
    Bench one;
    one.watch("app.internal");
    one.answer(kNone, found({"10.0.0.1"}, 7s));
    CHECK_EQ(one.asked_after(), 7);
}

TEST_CASE("a change is told once, and another order is none") {
    Bench bench;
    Endpoint& endpoint = bench.watch("app.internal");
    bench.answer(kNone, found({"10.0.0.1", "10.0.0.2"}, 1s));
    CHECK_EQ(bench.told, 1);
    bench.asked_after();
    bench.answer(kNone, found({"10.0.0.2", "10.0.0.1"}, 1s));
    CHECK_EQ(bench.told, 1);
    bench.asked_after();
    bench.answer(kNone, found({"10.0.0.3"}, 1s));
    CHECK_EQ(bench.told, 2);
    CHECK_EQ(bench.at(endpoint), Texts{"10.0.0.3:3000"});
}

TEST_CASE("a name that does not resolve is asked for again, ever more rarely") {
    Bench bench;
    Endpoint& endpoint = bench.watch("app.internal");
    for (const int after : {1, 2, 4, 8, 16, 30, 30}) {
        bench.answer(kNone, kNone);
        CHECK(bench.names.settled());
        CHECK_EQ(bench.asked_after(), after);
    }
    CHECK_EQ(bench.heard[endpoint.id].fault, net::kNameFailed);
    CHECK_EQ(bench.told, 1);
    bench.answer(kNone, found({"10.0.0.1"}, 1s));
    CHECK_EQ(bench.at(endpoint), Texts{"10.0.0.1:3000"});
    bench.asked_after();
    bench.answer(kNone, kNone);
    CHECK_EQ(bench.asked_after(), 1);
}

TEST_CASE("why a name has no address is told: nobody says so, or nobody says anything") {
    struct Row {
        FamilyAnswer v6, v4;
        net::DialFault fault;
    };
    const Row rows[] = {{kNone, kNone, net::kNameFailed},
                        {kFailed, kNone, net::kNameFailed},
                        {kSilent, kSilent, net::kNameTimedOut},
                        {kNone, kSilent, net::kNameTimedOut}};
    for (const Row& row : rows) {
        Bench bench;
        Endpoint& endpoint = bench.watch("app.internal");
        bench.answer(kFailed, kFailed);
        bench.asked_after();
        bench.answer(row.v6, row.v4);
        CHECK_EQ(bench.heard[endpoint.id].fault, row.fault);
    }
}

TEST_CASE("the last good addresses stay while nobody knows better") {
    for (const FamilyAnswer& nothing : {kNone, kFailed, kSilent}) {
        Bench bench;
        Endpoint& endpoint = bench.watch("app.internal");
        bench.answer(kNone, found({"10.0.0.1"}, 1s));
        bench.asked_after();
        bench.answer(nothing, nothing);
        CHECK_EQ(bench.told, 1);
        CHECK_EQ(bench.at(endpoint), Texts{"10.0.0.1:3000"});
        CHECK_EQ(bench.asked_after(), 1);
    }
}

TEST_CASE("a family that could not be asked for keeps its addresses, one that is gone does not") {
    Bench bench;
    Endpoint& endpoint = bench.watch("app.internal");
    bench.answer(found({"fd00::1"}, 1s), found({"10.0.0.1"}, 1s));
    bench.asked_after();
    bench.answer(kSilent, found({"10.0.0.2"}, 1s));
    CHECK_EQ(bench.at(endpoint), Texts{"[fd00::1]:3000", "10.0.0.2:3000"});
    bench.asked_after();
    bench.answer(kNone, found({"10.0.0.2"}, 1s));
    CHECK_EQ(bench.at(endpoint), Texts{"10.0.0.2:3000"});
}

TEST_CASE("a few names are asked for at once, and the others then") {
    Bench bench;
    constexpr size_t kNames = 100;
    for (size_t i = 0; i < kNames; ++i) bench.watch(("host" + std::to_string(i)).c_str());
    CHECK_EQ(bench.resolver.asked.size(), Names::kAtOnce);
    for (size_t i = 0; i < kNames; ++i) {
        CHECK_FALSE(bench.names.settled());
        bench.answer(kNone, kNone, bench.resolver.asked[i]);
    }
    CHECK(bench.names.settled());
    CHECK_EQ(bench.resolver.asked.size(), kNames);
}

TEST_CASE("who listens later is told what is known, and an endpoint with an address is nobody's question") {
    Bench bench;
    struct Late final : Names::Listener {
        void on_addresses(Endpoint&, const Whereabouts& now) override { addresses += now.addresses.size(); }
        size_t addresses = 0;
    } late;
    bench.watch("app.internal");
    bench.names.watch(
        bench.pool.add(9, "fixed", *net::Address::parse("127.0.0.1:3000"), bench.registry.endpoint("app", "fixed")));
    bench.answer(kNone, found({"10.0.0.1", "10.0.0.2"}));
    bench.names.add(late);
    CHECK_EQ(late.addresses, 2);
    CHECK_EQ(bench.resolver.asked.size(), 1);
}
