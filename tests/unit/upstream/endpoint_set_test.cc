// Who comes next: shares by weight, evenly spread; states and backups; places of ip_hash.
#include "upstream/endpoint_set.h"

#include <map>
#include <string>
#include <vector>

#include "telemetry/registry.h"
#include "upstream/balancer/hash_places.h"
#include "upstream/balancer/schedule.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;

namespace {

using Indexes = std::vector<uint32_t>;

Indexes schedule_of(std::vector<unsigned> weights) {
    return make_schedule(weights);
}

class Endpoints final {
 public:
    explicit Endpoints(size_t count) {
        for (uint32_t i = 0; i < count; ++i)
            all.push_back(std::make_unique<Endpoint>(
                Endpoint{i, "10.0.0." + std::to_string(i) + ":3000", net::Address(), registry.endpoint("app", "one")}));
    }
    EndpointSet::Member member(size_t i, EndpointState state = EndpointState::up, unsigned weight = 1,
                               bool backup = false) {
        return {all[i].get(), weight, backup, state};
    }
    telemetry::Registry registry{1, {}, {}};
    std::vector<std::unique_ptr<Endpoint>> all;
};

std::string names(std::span<Endpoint* const> endpoints) {
    std::string out;
    for (const Endpoint* endpoint : endpoints) out += std::to_string(endpoint->id);
    return out;
}

// How many of the places are each one's.
std::map<uint32_t, size_t> shares(const Indexes& places) {
    std::map<uint32_t, size_t> each;
    for (const uint32_t index : places) ++each[index];
    return each;
}

}  // namespace

TEST_CASE("endpoints come by weight, evenly spread over the round") {
    CHECK(schedule_of({}).empty());
    CHECK(schedule_of({7}).empty());
    CHECK(schedule_of({3, 3, 3}).empty());
    CHECK_EQ(schedule_of({5, 1, 1}), Indexes{0, 0, 0, 1, 0, 2, 0});
    CHECK_EQ(schedule_of({2, 4}), Indexes{0, 1, 1});
    CHECK_EQ(schedule_of({1, 2, 1}), Indexes{0, 1, 1, 2});
}

TEST_CASE("a round of great weights is shortened, and everybody still has a slot") {
    std::vector<unsigned> weights(2000, 999);
    weights[0] = 1;
    weights[1] = 2000;
    const Indexes slots = schedule_of(weights);
    CHECK_LE(slots.size(), kMostSlots + weights.size());
    const auto each = shares(slots);
    CHECK_EQ(each.size(), weights.size());
    CHECK_EQ(each.at(0), 1);
    CHECK_GE(each.at(1), 2 * each.at(2) - 1);
}

TEST_CASE("who is down or draining has no slot, who is degraded half as many") {
    Endpoints endpoints(5);
    const EndpointSet set({endpoints.member(0, EndpointState::down), endpoints.member(1, EndpointState::draining),
                           endpoints.member(2, EndpointState::degraded), endpoints.member(3, EndpointState::unknown),
                           endpoints.member(4, EndpointState::up)},
                          Balance::round_robin);
    CHECK_EQ(names(set.active()), "234");
    std::map<uint32_t, int> each;
    for (uint64_t slot = 0; slot < 500; ++slot) ++each[set.active()[set.by_slot(slot)]->id];
    CHECK_EQ(each[2], 100);
    CHECK_EQ(each[3], 200);
    CHECK_EQ(each[4], 200);
}

TEST_CASE("backups have slots only while no other endpoint has") {
    Endpoints endpoints(3);
    const auto set_with = [&](EndpointState first) {
        return EndpointSet({endpoints.member(0, first), endpoints.member(1, EndpointState::up, 1, true),
                            endpoints.member(2, EndpointState::down, 1, true)},
                           Balance::round_robin);
    };
    CHECK_EQ(names(set_with(EndpointState::up).active()), "0");
    CHECK_EQ(names(set_with(EndpointState::up).reserve()), "1");
    CHECK_EQ(names(set_with(EndpointState::down).active()), "1");
    CHECK_EQ(names(set_with(EndpointState::down).reserve()), "");
}

TEST_CASE("ip_hash gives each endpoint its share of the places, by weight") {
    Endpoints endpoints(4);
    std::vector<Endpoint*> all;
    for (auto& endpoint : endpoints.all) all.push_back(endpoint.get());
    const auto each = shares(make_hash_places(all, std::vector<unsigned>{1, 1, 2, 4}));
    REQUIRE_EQ(each.size(), 4);
    CHECK_LE(each.at(1), each.at(0) + 1);
    CHECK_GE(each.at(1) + 1, each.at(0));
    CHECK(each.at(2) >= 2 * each.at(0) - 4);
    CHECK(each.at(2) <= 2 * each.at(0) + 4);
    CHECK(each.at(3) >= 4 * each.at(0) - 8);
    CHECK(each.at(3) <= 4 * each.at(0) + 8);
}

TEST_CASE("when one of ten endpoints goes its clients move, and few others") {
    Endpoints endpoints(10);
    std::vector<EndpointSet::Member> members;
    for (size_t i = 0; i < 10; ++i) members.push_back(endpoints.member(i));
    const EndpointSet before(members, Balance::ip_hash);
    members[3].state = EndpointState::down;
    const EndpointSet after(members, Balance::ip_hash);
    int moved = 0;
    int orphaned = 0;
    constexpr int kClients = 10'000;
    for (int i = 0; i < kClients; ++i) {
        const uint64_t hash = hash_of_client("10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256));
        const Endpoint* was = before.active()[before.by_hash(hash)];
        const Endpoint* is = after.active()[after.by_hash(hash)];
        CHECK_NE(is->id, 3);
        if (was->id == 3)
            ++orphaned;
        else if (was != is)
            ++moved;
    }
    CHECK_GT(orphaned, kClients / 15);
    CHECK_LT(orphaned, kClients / 7);
    CHECK_LT(moved, kClients / 10);
}

TEST_CASE("a client's hash is of its address, of IPv6 of its /64") {
    CHECK_NE(hash_of_client("10.0.0.1"), hash_of_client("10.0.0.2"));
    CHECK_EQ(hash_of_client("2001:db8::1"), hash_of_client("2001:db8::ffff:2"));
    CHECK_NE(hash_of_client("2001:db8::1"), hash_of_client("2001:db8:0:1::1"));
    CHECK_EQ(hash_of_client("unix:"), hash_of_client("unix:"));
}
