#include "upstream/balancer/hash_places.h"

#include <algorithm>

#include "base/hash.h"
#include "base/ip.h"

namespace weir::upstream {

namespace {

// The same in every process: two weirs must agree. Clients gain nothing from choosing their hash, it is of their
// address.
constexpr uint64_t kFirstSeed = 0x7765697231;
constexpr uint64_t kSecondSeed = 0x7765697232;
constexpr uint32_t kFree = UINT32_MAX;
constexpr size_t kSmall = 4099;  // primes
constexpr size_t kLarge = 65537;
constexpr size_t kPlacesEach = 100;

// Where an endpoint looks for its next place: a walk over all of them, for their number is prime.
struct Walk {
    uint64_t at;
    uint64_t step;
    uint64_t credit = 0;  // turns that its weight has earned, in shares of the greatest weight
};

}  // namespace

std::vector<uint32_t> make_hash_places(std::span<Endpoint* const> endpoints, std::span<const unsigned> weights) {
    if (endpoints.empty()) return {};
    const size_t size = endpoints.size() * kPlacesEach <= kSmall ? kSmall : kLarge;
    std::vector<Walk> walks;
    for (const Endpoint* endpoint : endpoints)
        walks.push_back({seeded_hash(endpoint->name, kFirstSeed) % size,
                         seeded_hash(endpoint->name, kSecondSeed) % (size - 1) + 1});
    const unsigned greatest = *std::max_element(weights.begin(), weights.end());
    std::vector<uint32_t> places(size, kFree);
    for (size_t taken = 0; taken < size;) {
        for (uint32_t i = 0; i < walks.size() && taken < size; ++i) {
            Walk& walk = walks[i];
            walk.credit += weights[i];
            if (walk.credit < greatest) continue;
            walk.credit -= greatest;
            while (places[walk.at] != kFree) walk.at = (walk.at + walk.step) % size;
            places[walk.at] = i;
            ++taken;
        }
    }
    return places;
}

uint64_t hash_of_client(std::string_view address) {
    const auto ip = Ip::parse(address);
    if (!ip || ip->is_v4()) return seeded_hash(address, kFirstSeed);
    constexpr size_t kNetwork = 8;
    return seeded_hash({reinterpret_cast<const char*>(ip->bytes().data()), kNetwork}, kFirstSeed);
}

}  // namespace weir::upstream
