// closest(): what somebody may have meant who wrote a word that is not there. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace weir::config {

// The candidate that takes the fewest edits, empty when even that one is another word.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace weir::config
