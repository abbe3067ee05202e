// Resume: wakes an exchange that waits. A value that may be kept and used by any thread, any number of times: for an
// exchange that has ended it does nothing. Whoever keeps one does not outlive the workers.
#pragma once

#include <cstdint>

namespace weir::policy {

// Who finds the exchange.
class Resumer {
 public:
    // Any thread. `generation`: of the exchange that was there when the token was made.
    virtual void resume(uint32_t index, uint32_t generation) = 0;

 protected:
    ~Resumer() = default;
};

class Resume final {
 public:
    Resume() = default;  // wakes nobody
    Resume(Resumer& resumer, uint32_t index, uint32_t generation)
        : resumer_(&resumer), index_(index), generation_(generation) {}
    void operator()() const {
        if (resumer_ != nullptr) resumer_->resume(index_, generation_);
    }

 private:
    Resumer* resumer_ = nullptr;
    uint32_t index_ = 0;
    uint32_t generation_ = 0;
};

}  // namespace weir::policy
