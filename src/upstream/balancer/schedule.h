// Schedule: round robin by weight, spread evenly ("smooth"): weights 5, 1, 1 give a a a b a c a.
// Pure; control's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::upstream {

inline constexpr size_t kMostSlots = 64 * 1024;

// One round: the index of each weight as often as it says (less what they have in common). Empty where all are the
// same. A round longer than kMostSlots is shortened, and its shares are then as near as that length allows; everybody
// has a slot. No weight is 0.
std::vector<uint32_t> make_schedule(std::span<const unsigned> weights);

}  // namespace weir::upstream
