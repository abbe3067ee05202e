#include "upstream/balancer/schedule.h"

#include <algorithm>
#include <numeric>

namespace weir::upstream {

namespace {

// Each index has its slots in equal parts of the round, one in each, and everybody at another place of their part.
struct Slot {
    uint64_t at;     // part * (indexes + 1) + index + 1, of `count` parts
    uint64_t count;  // of this index
    uint32_t index;
    bool operator<(const Slot& other) const {
        const uint64_t mine = at * other.count;
        const uint64_t its = other.at * count;
        return mine != its ? mine < its : index < other.index;
    }
};

// How often each comes in a round.
std::vector<uint64_t> counts_of(std::span<const unsigned> weights) {
    uint64_t common = 0;
    uint64_t sum = 0;
    for (const unsigned weight : weights) {
        common = std::gcd(common, uint64_t{weight});
        sum += weight;
    }
    std::vector<uint64_t> counts;
    const uint64_t round = sum / std::max<uint64_t>(common, 1);
    for (const unsigned weight : weights) {
        const uint64_t count = round <= kMostSlots ? weight / common : weight * kMostSlots / sum;
        counts.push_back(std::max<uint64_t>(count, 1));
    }
    return counts;
}

}  // namespace

std::vector<uint32_t> make_schedule(std::span<const unsigned> weights) {
    const std::vector<uint64_t> counts = counts_of(weights);
    if (std::all_of(counts.begin(), counts.end(), [](uint64_t count) { return count == 1; })) return {};
    std::vector<Slot> slots;
    for (uint32_t index = 0; index < counts.size(); ++index)
        for (uint64_t part = 0; part < counts[index]; ++part)
            slots.push_back({part * (counts.size() + 1) + index + 1, counts[index], index});
    std::sort(slots.begin(), slots.end());
    std::vector<uint32_t> order;
    order.reserve(slots.size());
    for (const Slot& slot : slots) order.push_back(slot.index);
    return order;
}

}  // namespace weir::upstream
