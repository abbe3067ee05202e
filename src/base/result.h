// Result<T>: a value or an Error, for everything that peers, network, disk and config can do to us.
// The member names are those of std::expected. A broken invariant is not an error: see check.h.
// Any thread; a Result owns what it holds.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace weir {

// What went wrong, in words for an operator. `code` is an errno where there is one, else 0.
struct Error {
    std::string message;
    int code = 0;
};

// Makes a failed Result from an Error: `return Unexpected{Error{"no such file", ENOENT}};`
struct Unexpected {
    Error error;
};

inline Unexpected fail(std::string message, int code = 0) {
    return Unexpected{Error{std::move(message), code}};
}

template <typename T>
class [[nodiscard]] Result final {
 public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Unexpected failed) : held_(std::in_place_index<1>, std::move(failed.error)) {}

    bool has_value() const { return held_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T& value() {
        CHECK(has_value());
        return std::get<0>(held_);
    }
    const T& value() const {
        CHECK(has_value());
        return std::get<0>(held_);
    }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Error& error() const {
        CHECK(!has_value());
        return std::get<1>(held_);
    }

 private:
    std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> final {
 public:
    Result() = default;
    Result(Unexpected failed) : error_(std::move(failed.error)), failed_(true) {}

    bool has_value() const { return !failed_; }
    explicit operator bool() const { return has_value(); }
    const Error& error() const {
        CHECK(failed_);
        return error_;
    }

 private:
    Error error_;
    bool failed_ = false;
};

using Status = Result<void>;

}  // namespace weir
