// CrowdWatch: whether a crowd of clients has gone, and with it the use of much memory that malloc still keeps. Shown
// how many there are and what was trimmed, every kEvery while there may be something, it says so once, when no more of
// the crowd goes. One engine.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.h"

namespace weir::proxy {

class CrowdWatch final {
 public:
    // What a crowd needed goes soon after it, but not in the pauses of one that stays.
    static constexpr Duration kEvery = std::chrono::milliseconds(500);

    // One more: there are so many now.
    void came(size_t connections) { most_ = std::max(most_, connections); }
    // Whether look() may say something, if not now then the next time.
    bool due(size_t connections) const { return most_ - connections >= kCrowd || trimmed_ >= kTrimmed; }
    // kEvery begins.
    void wait(size_t connections) { before_ = connections; }
    // kEvery is over, `trimmed` bytes were trimmed. True: a crowd has gone.
    bool look(size_t connections, size_t trimmed) {
        trimmed_ += trimmed;
        const bool going = connections + kFew < before_ || trimmed >= kLittle;
        if (going) return false;
        const bool gone = due(connections);
        if (gone) most_ = connections;
        trimmed_ = 0;  // a little now and a little then is no crowd
        return gone;
    }

 private:
    static constexpr size_t kCrowd = 1024;  // connections
    static constexpr size_t kFew = 64;
    static constexpr size_t kTrimmed = 1024 * 1024;  // bytes
    static constexpr size_t kLittle = 128 * 1024;

    size_t most_ = 0;     // connections since a crowd went
    size_t trimmed_ = 0;  // bytes since nothing went
    size_t before_ = 0;   // connections when wait() was called
};

}  // namespace weir::proxy
