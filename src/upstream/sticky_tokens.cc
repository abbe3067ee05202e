#include "upstream/sticky_tokens.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"

namespace weir::upstream {

std::string sticky_token(std::string_view secret, std::string_view pool, std::string_view endpoint) {
    constexpr size_t kBytes = 16;
    std::string text(pool);
    text += '\0';  // stands in no name
    text += endpoint;
    const Digest digest = hmac_sha256(secret, text);
    std::string token(2 * kBytes, ' ');
    write_hex({digest.data(), kBytes}, token.data());
    return token;
}

void StickyTokens::add(Endpoint& endpoint, std::string token, bool usable) {
    rows_.push_back({std::move(token), &endpoint, usable});
}

void StickyTokens::sort() {
    std::sort(rows_.begin(), rows_.end(),
              [](const Row& a, const Row& b) { return std::less<>()(a.endpoint, b.endpoint); });
    for (const Row& row : rows_)
        if (row.usable) by_token_.push_back(&row);
    std::sort(by_token_.begin(), by_token_.end(), [](const Row* a, const Row* b) { return a->token < b->token; });
}

Endpoint* StickyTokens::find(std::string_view token) const {
    const auto found = std::lower_bound(by_token_.begin(), by_token_.end(), token,
                                        [](const Row* row, std::string_view wanted) { return row->token < wanted; });
    return found != by_token_.end() && (*found)->token == token ? (*found)->endpoint : nullptr;
}

std::string_view StickyTokens::of(const Endpoint& endpoint) const {
    const auto found =
        std::lower_bound(rows_.begin(), rows_.end(), &endpoint,
                         [](const Row& row, const Endpoint* wanted) { return std::less<>()(row.endpoint, wanted); });
    return found != rows_.end() && found->endpoint == &endpoint ? std::string_view(found->token) : std::string_view();
}

}  // namespace weir::upstream
