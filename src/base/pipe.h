// Pipe: bytes that stay in the kernel on their way from one socket to another (splice(2)). It belongs to a Slab, which
// counts who still needs it, and keeps the count of what is in it: whoever moves bytes says so. The bytes come out in
// the order they went in. It moves nothing itself. One worker, one thread.
#pragma once

#include <cstddef>

#include "base/check.h"

namespace weir {

class Pipe final {
 public:
    static constexpr size_t kBytes = 256 * 1024;

    // Both ends do not block and are closed on exec. Not open when the process may have no more of them, or when the
    // user's pipes are all small already (pipe(7), pipe-user-pages-soft).
    Pipe();
    ~Pipe();
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    bool is_open() const { return in_ >= 0; }
    int in() const { return in_; }    // descriptor to write to
    int out() const { return out_; }  // to read from

    bool empty() const { return bytes_ == 0; }
    size_t bytes() const { return bytes_; }
    void filled(size_t count) { bytes_ += count; }
    void drained(size_t count) {
        CHECK(count <= bytes_);
        bytes_ -= count;
    }

 private:
    int in_ = -1;
    int out_ = -1;
    size_t bytes_ = 0;
};

}  // namespace weir
