// Fields: the header or trailer fields of one message, as views into bytes that somebody else keeps (the slab that was
// read, an arena). 24 bytes a field; clear() keeps the capacity, so a used Fields allocates nothing per message.
// Moved, not copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "http/header_name.h"

namespace weir::http {

class Field final {
 public:
    Field() = default;
    Field(HeaderName id, std::string_view name, std::string_view value)
        : name_(name.data()),
          value_(value.data()),
          value_size_(static_cast<uint32_t>(value.size())),
          name_size_(static_cast<uint16_t>(name.size())),
          id_(id) {}

    HeaderName id() const { return id_; }
    std::string_view name() const { return {name_, name_size_}; }     // as the peer wrote it
    std::string_view value() const { return {value_, value_size_}; }  // without white space around it
    // The name holds `_` or `.`: it may be read as another one by a backend (CGI, WSGI).
    bool odd_name() const { return odd_; }
    void set_odd_name() { odd_ = true; }
    // The field stands in its buffer exactly as "name: value\r\n", so its line may be forwarded as it is.
    bool plain_line() const { return plain_; }
    void set_plain_line() { plain_ = true; }
    // The buffer moved by `delta` bytes (a head that outgrew its slab).
    void move(ptrdiff_t delta) {
        name_ += delta;
        value_ += delta;
    }

 private:
    const char* name_ = nullptr;
    const char* value_ = nullptr;
    uint32_t value_size_ = 0;
    uint16_t name_size_ = 0;
    HeaderName id_ = HeaderName::other;
    bool odd_ : 1 = false;
    bool plain_ : 1 = false;
};
static_assert(sizeof(Field) == 24);

class Fields final {
 public:
    Fields() = default;
    Fields(Fields&& other) noexcept { *this = std::move(other); }
    Fields& operator=(Fields&& other) noexcept {
        std::swap(list_, other.list_);
        std::swap(end_, other.end_);
        std::swap(room_end_, other.room_end_);
        std::swap(seen_, other.seen_);
        std::swap(repeated_, other.repeated_);
        return *this;
    }

    void add(const Field& field) {
        if (end_ == room_end_) [[unlikely]]
            grow();
        *end_++ = field;
        seen_.add(field.id(), repeated_);
    }
    void add(HeaderName id, std::string_view value) { add(Field(id, text_of(id), value)); }
    void clear() {
        end_ = list_.get();
        seen_ = HeaderSet();
        repeated_ = HeaderSet();
    }
    // Keeps the others in their order. `drop(field)`: whether this one goes.
    template <typename Drop>
    void remove_if(Drop drop) {
        const Field* const end = end_;
        clear();
        for (const Field* at = list_.get(); at != end; ++at)
            if (!drop(*at)) add(*at);  // it is written at or before where it stands
    }
    bool empty() const { return end_ == list_.get(); }
    size_t size() const { return static_cast<size_t>(end_ - list_.get()); }
    const Field& operator[](size_t index) const {
        CHECK(index < size());
        return list_[index];
    }
    const Field* begin() const { return list_.get(); }
    const Field* end() const { return end_; }
    Field* begin() { return list_.get(); }
    Field* end() { return end_; }
    // At least one field of this name was added. One shift, no search.
    bool has(HeaderName id) const { return seen_.has(id); }
    // More than one field of this name was added.
    bool repeats(HeaderName id) const { return repeated_.has(id); }
    // At least one of these names was added.
    bool has_any(HeaderSet names) const { return !(seen_ & names).empty(); }
    // The first field of a known name, or null.
    const Field* find(HeaderName id) const {
        if (!has(id)) return nullptr;
        for (const Field& field : *this)
            if (field.id() == id) return &field;
        return nullptr;
    }

 private:
    [[gnu::cold]] void grow();

    std::unique_ptr<Field[]> list_;
    Field* end_ = nullptr;
    Field* room_end_ = nullptr;
    HeaderSet seen_;
    HeaderSet repeated_;
};

}  // namespace weir::http
