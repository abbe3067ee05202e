// Hash places: a table from hashes to endpoints that changes little when an endpoint comes or goes. Each endpoint has
// an order of its own in which it would like the places; they take turns, by weight, each the next free one it likes
// (Eisenbud et al., "Maglev", NSDI 2016, 3.4). It depends on names and weights alone, so every weir with the same
// config has the same. Pure; control's thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "upstream/endpoint.h"

namespace weir::upstream {

// For each place the index of its endpoint; a prime number of places, 100 for each endpoint and more. Empty where there
// are none. `weights`: one for each endpoint, none 0.
std::vector<uint32_t> make_hash_places(std::span<Endpoint* const> endpoints, std::span<const unsigned> weights);

// The place of a client's address; of IPv6 its /64, for a client changes the rest of it at will.
uint64_t hash_of_client(std::string_view address);

}  // namespace weir::upstream
