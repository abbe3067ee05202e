// Task: a function that is moved, never copied, and called once. What threads post to each other.
#pragma once

#include <memory>
#include <utility>

namespace weir {

class Task final {
 public:
    Task() = default;
    template <typename F>
    Task(F function) : call_(std::make_unique<Call<F>>(std::move(function))) {}
    explicit operator bool() const { return call_ != nullptr; }
    void operator()() { call_->run(); }

 private:
    struct Callable {
        virtual ~Callable() = default;
        virtual void run() = 0;
    };
    template <typename F>
    struct Call final : Callable {
        explicit Call(F f) : function(std::move(f)) {}
        void run() override { function(); }
        F function;
    };
    std::unique_ptr<Callable> call_;
};

}  // namespace weir
