#include "proxy/replay.h"

#include <algorithm>
#include <cstring>

namespace weir::proxy {

void Replay::begin(size_t most, const Slab* head) {
    give_up();
    most_ = most;
    head_ = head;
    whole_ = true;
}

void Replay::give_up() {
    pieces_.clear();
    tail_ = SlabRef();
    bytes_ = tail_used_ = 0;
    head_ = nullptr;
    whole_ = false;
}

void Replay::keep(const Piece& piece) {
    if (!whole_ || piece.size == 0) return;
    if (piece.is_in_pipe() || piece.size > most_ - bytes_ || slabs_.is_short()) return give_up();
    bytes_ += piece.size;
    const Slab* const slab = piece.slab.get();
    const bool held = slab == nullptr || slab == head_ || (!pieces_.empty() && slab == pieces_.back().slab.get());
    if (held || piece.size >= kLong) return append(piece);
    copy(piece.view());
}

void Replay::copy(std::string_view bytes) {
    while (!bytes.empty()) {
        if (!tail_ || tail_used_ == tail_->capacity()) {
            tail_ = slabs_.take();
            tail_used_ = 0;
        }
        const size_t count = std::min(bytes.size(), tail_->capacity() - tail_used_);
        char* const at = tail_->data() + tail_used_;
        std::memcpy(at, bytes.data(), count);
        append(Piece{tail_, at, count});
        tail_used_ += count;
        bytes.remove_prefix(count);
    }
}

void Replay::append(Piece piece) {
    Piece* const last = pieces_.empty() ? nullptr : &pieces_.back();
    if (last != nullptr && last->slab.get() == piece.slab.get() && last->data + last->size == piece.data) {
        last->size += piece.size;
    } else {
        pieces_.push_back(std::move(piece));
    }
}

}  // namespace weir::proxy
