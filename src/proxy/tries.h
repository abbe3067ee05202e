// Tries: what an exchange remembers of the tries it made: on which endpoints, which of them cost nothing, which reached
// nobody. It allocates nothing. Owned by an Exchange; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <span>

#include "base/check.h"
#include "proxy/retry.h"

namespace weir::proxy {

class Tries final {
 public:
    static constexpr size_t kMost = RetryPlan::kMostAttempts + kMostFreeTries;

    // One begins on `endpoint`.
    void begin(upstream::Endpoint& endpoint) {
        CHECK(made_ < kMost);
        endpoints_[made_++] = &endpoint;
    }
    // The last one has failed and is followed by another one; it reached the endpoint, or it did not.
    void failed(bool cost, bool reached) {
        free_[made_ - 1] = !cost;
        in_vain_[made_ - 1] = !reached;
    }

    unsigned made() const { return made_; }
    std::span<upstream::Endpoint* const> endpoints() const { return {endpoints_.data(), made_}; }
    bool has(const upstream::Endpoint& endpoint) const {
        const auto all = endpoints();
        return std::find(all.begin(), all.end(), &endpoint) != all.end();
    }
    // One that can not be reached: another try on it is of no use.
    bool in_vain(const upstream::Endpoint& endpoint) const {
        for (size_t i = 0; i < made_; ++i)
            if (in_vain_[i] && endpoints_[i] == &endpoint) return true;
        return false;
    }
    unsigned free() const { return static_cast<unsigned>(free_.count()); }
    // Those before the last one.
    unsigned paid_before() const { return made_ - 1 - free(); }
    // None on the last one's endpoint has cost nothing.
    bool first_free_here() const {
        for (size_t i = 0; i + 1 < made_; ++i)
            if (free_[i] && endpoints_[i] == endpoints_[made_ - 1]) return false;
        return true;
    }
    void clear() {
        free_.reset();
        in_vain_.reset();
        made_ = 0;
    }

 private:
    std::array<upstream::Endpoint*, kMost> endpoints_{};
    std::bitset<kMost> free_;
    std::bitset<kMost> in_vain_;
    unsigned made_ = 0;
};

}  // namespace weir::proxy
