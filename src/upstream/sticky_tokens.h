// StickyTokens: what a client is given to come back to its endpoint by, and who that is. A token says nothing of the
// endpoint to who lacks the secret, and every weir with the same config makes the same one. Part of an EndpointSet:
// made by control, read by every worker.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "upstream/endpoint.h"

namespace weir::upstream {

// 32 hexadecimal digits: the first half of an HMAC-SHA-256 of pool and endpoint under `secret`.
std::string sticky_token(std::string_view secret, std::string_view pool, std::string_view endpoint);

class StickyTokens final {
 public:
    StickyTokens() = default;
    StickyTokens(const StickyTokens&) = delete;
    StickyTokens& operator=(const StickyTokens&) = delete;

    // One for each endpoint. `usable`: it takes requests.
    void add(Endpoint& endpoint, std::string token, bool usable);
    // Once, behind the last add().
    void sort();
    bool empty() const { return rows_.empty(); }

    // Who takes requests and has this token; null: nobody.
    Endpoint* find(std::string_view token) const;
    // The endpoint's token; empty: it has none.
    std::string_view of(const Endpoint& endpoint) const;

 private:
    struct Row {
        std::string token;
        Endpoint* endpoint;
        bool usable;
    };
    std::vector<Row> rows_;             // by endpoint
    std::vector<const Row*> by_token_;  // the usable ones
};

}  // namespace weir::upstream
