// An intrusive doubly linked list: the element carries its hook, so putting it on a list allocates nothing and
// taking it off needs no list. The list does not own. One thread.
#pragma once

#include "base/check.h"

namespace weir {

// A hook knows whether it stands in a list, and leaves it when destroyed. `Tag` tells several hooks of one object
// apart.
template <typename Tag>
class ListHook {
 public:
    ListHook() = default;
    ListHook(const ListHook&) = delete;
    ListHook& operator=(const ListHook&) = delete;
    ~ListHook() { unlink(); }

    bool linked() const { return next_ != nullptr; }
    void unlink() {
        if (next_ == nullptr) return;
        prev_->next_ = next_;
        next_->prev_ = prev_;
        next_ = prev_ = nullptr;
    }

 private:
    template <typename, typename>
    friend class List;
    ListHook* prev_ = nullptr;
    ListHook* next_ = nullptr;
};

// A list of T, where T derives from ListHook<Tag>.
template <typename T, typename Tag>
class List final {
    using Hook = ListHook<Tag>;

 public:
    List() { head_.prev_ = head_.next_ = &head_; }
    ~List() {
        while (!empty()) head_.next_->unlink();
        head_.prev_ = head_.next_ = nullptr;
    }
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    bool empty() const { return head_.next_ == &head_; }
    T& front() {
        CHECK(!empty());
        return static_cast<T&>(*head_.next_);
    }
    T& back() {
        CHECK(!empty());
        return static_cast<T&>(*head_.prev_);
    }
    void push_back(T& element) { insert(*head_.prev_, element); }
    void push_front(T& element) { insert(head_, element); }
    // `element` is in this list.
    void move_back(T& element) {
        static_cast<Hook&>(element).unlink();
        push_back(element);
    }
    T& pop_front() {
        T& first = front();
        static_cast<Hook&>(first).unlink();
        return first;
    }
    // Takes all elements of `other`, in order, behind ours.
    void splice_back(List& other) {
        if (other.empty()) return;
        Hook* first = other.head_.next_;
        Hook* last = other.head_.prev_;
        other.head_.prev_ = other.head_.next_ = &other.head_;
        first->prev_ = head_.prev_;
        head_.prev_->next_ = first;
        last->next_ = &head_;
        head_.prev_ = last;
    }
    // Calls visit(T&) for each; the visited element may unlink itself.
    template <typename Visit>
    void for_each(Visit visit) {
        for (Hook* at = head_.next_; at != &head_;) {
            Hook* next = at->next_;
            visit(static_cast<T&>(*at));
            at = next;
        }
    }

 private:
    void insert(Hook& after, T& element) {
        Hook& hook = element;
        CHECK(!hook.linked());
        hook.prev_ = &after;
        hook.next_ = after.next_;
        after.next_->prev_ = &hook;
        after.next_ = &hook;
    }
    Hook head_;
};

}  // namespace weir
