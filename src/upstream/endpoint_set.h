// EndpointSet: the endpoints of a pool at one moment, what is known of each, and who comes next, worked out ahead: a
// pick is a look into a table, however many endpoints there are. Immutable: a change makes a new one. Made by control,
// read by every worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "upstream/endpoint.h"
#include "upstream/sticky_tokens.h"

namespace weir::upstream {

enum class Balance : uint8_t { round_robin, ip_hash };

class EndpointSet final {
 public:
    static constexpr unsigned kMaxWeight = 1000;

    struct Member {
        Endpoint* endpoint = nullptr;
        unsigned weight = 1;  // 1 to kMaxWeight
        bool backup = false;
        EndpointState state = EndpointState::unknown;
        std::string token = {};  // of a sticky pool
    };

    EndpointSet() = default;
    EndpointSet(std::vector<Member> members, Balance balance);

    const StickyTokens& sticky() const { return sticky_; }
    Balance balance() const { return balance_; }
    std::span<const Member> members() const { return members_; }  // in the order of the config
    // Those that are asked now: who takes requests and is no backup; without any of these the backups that do.
    std::span<Endpoint* const> active() const { return active_; }
    // Backups that take requests, while others are active.
    std::span<Endpoint* const> reserve() const { return reserve_; }
    // Who has the slot: an index of active(), which is not empty. Over a whole round each comes by its weight, and
    // evenly within it.
    size_t by_slot(uint64_t slot) const {
        return schedule_.empty() ? slot % active_.size() : schedule_[slot % schedule_.size()];
    }
    // The same index for the same hash, as long as that endpoint is active; when another comes or goes few move.
    // Balance::ip_hash only.
    size_t by_hash(uint64_t hash) const { return places_[hash % places_.size()]; }

 private:
    std::vector<Member> members_;
    std::vector<Endpoint*> active_;
    std::vector<Endpoint*> reserve_;
    std::vector<uint32_t> schedule_;  // empty: all weigh the same
    std::vector<uint32_t> places_;    // of ip_hash
    StickyTokens sticky_;
    Balance balance_ = Balance::round_robin;
};

}  // namespace weir::upstream
