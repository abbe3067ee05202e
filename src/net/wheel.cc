#include "net/wheel.h"

#include <algorithm>

namespace weir::net {

namespace {

int64_t tick_at_or_after(TimePoint time) {
    const Duration::rep slot = Wheel::kSlot.count();
    const Duration::rep count = time.time_since_epoch().count();
    return count / slot + (count % slot == 0 ? 0 : 1);  // never overflows, so TimePoint::max() is a deadline too
}

int64_t tick_at_or_before(TimePoint time) {
    return time.time_since_epoch().count() / Wheel::kSlot.count();
}

size_t slot_of(int64_t tick) {
    return static_cast<size_t>(tick) % Wheel::kSlots;
}

}  // namespace

void Timer::arm(TimePoint deadline) {
    deadline_ = deadline;
    if (linked()) {
        if (tick_at_or_after(deadline) >= tick_) return;  // looked at before it is due; the wheel moves it then
        cancel();
    }
    wheel_.place(*this);
}

void Timer::cancel() {
    if (!linked()) return;
    unlink();
    wheel_.forget(tick_);
}

Wheel::Wheel(TimePoint now) : current_(tick_at_or_before(now)) {}

void Wheel::place(Timer& timer) {
    int64_t tick = std::max(tick_at_or_after(timer.deadline_), current_ + 1);
    if (tick - current_ > kCoarseTicks) {
        // The last border before the deadline that the wheel still reaches: there it is moved, or found to be near.
        const int64_t reach = std::min(tick, current_ + static_cast<int64_t>(kSlots) - 1);
        tick = reach - reach % kCoarseTicks;
    }
    timer.tick_ = tick;
    const size_t slot = slot_of(tick);
    slots_[slot].push_back(timer);
    occupied_[slot / 64] |= uint64_t{1} << (slot % 64);
    occupied_words_ |= uint64_t{1} << (slot / 64);
}

void Wheel::forget(int64_t tick) {
    const size_t slot = slot_of(tick);
    if (!slots_[slot].empty()) return;
    occupied_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
    if (occupied_[slot / 64] == 0) occupied_words_ &= ~(uint64_t{1} << (slot / 64));
}

std::optional<size_t> Wheel::occupied_from(size_t from) const {
    if (occupied_words_ == 0) return std::nullopt;
    const size_t word = from / 64;
    const uint64_t ahead = occupied_[word] >> (from % 64);
    if (ahead != 0) return static_cast<size_t>(__builtin_ctzll(ahead));
    // The words behind this one come first, then around to this one and the bits of it that lie before `from`.
    const uint64_t later = word == kWords - 1 ? 0 : occupied_words_ >> (word + 1) << (word + 1);
    const size_t next = static_cast<size_t>(__builtin_ctzll(later != 0 ? later : occupied_words_));
    const size_t slot = next * 64 + static_cast<size_t>(__builtin_ctzll(occupied_[next]));
    return (slot + kSlots - from) % kSlots;
}

void Wheel::expire(TimePoint now) {
    const int64_t target = tick_at_or_before(now);
    List<Timer, Timer> due;
    while (current_ < target) {
        const std::optional<size_t> distance = occupied_from(slot_of(current_ + 1));
        if (!distance.has_value() || current_ + 1 + static_cast<int64_t>(*distance) > target) break;
        current_ += 1 + static_cast<int64_t>(*distance);
        due.splice_back(slots_[slot_of(current_)]);
        forget(current_);
    }
    current_ = std::max(current_, target);
    while (!due.empty()) {
        Timer& timer = due.pop_front();
        if (timer.deadline_ > now) {
            place(timer);
        } else {
            timer.owner_.on_timer(timer);
        }
    }
}

std::optional<TimePoint> Wheel::next_wake() const {
    const std::optional<size_t> distance = occupied_from(slot_of(current_ + 1));
    if (!distance.has_value()) return std::nullopt;
    return TimePoint(kSlot * (current_ + 1 + static_cast<int64_t>(*distance)));
}

}  // namespace weir::net
