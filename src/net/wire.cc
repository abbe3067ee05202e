#include "net/wire.h"

#include <sys/uio.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::net {

Wire::Wire(Loop& loop, std::unique_ptr<Transport> transport, ByteCodec& codec, Owner& owner, Lane lane)
    : loop_(loop),
      transport_(std::move(transport)),
      codec_(codec),
      owner_(owner),
      flush_job_(*this),
      lane_(lane),
      connected_(!transport_->connecting() && transport_->connect_error() == 0) {
    transport_->set_owner(*this, reading_lane());
}

void Wire::output_pending() {
    if (!closed() && !flush_job_.linked()) loop_.schedule(flush_job_, Lane::flush);
}

void Wire::input_wanted() {
    if (closed() || !transport_->reading_paused()) return;
    transport_->pause_reading(false);
}

void Wire::schedule() {
    if (!closed() && !linked()) loop_.schedule(*this, reading_lane());
}

void Wire::read_again() {
    if (!loop_.slabs().is_short() || may_read()) schedule();
}

// Twice a turn: in the reading lane nothing but a read, then the work on what it brought.
void Wire::run_job() {
    looked_ = !looked_;
    if (looked_) {
        if (connected_ && may_read()) arrived_ = read_once();
        loop_.schedule(*this, lane_);
        return;
    }
    if (!announced_ && !finish_connect()) return;
    take_arrived();
    if (!closed() && !flushed() && transport_->writable()) output_pending();
    if (!closed()) owner_.on_wire();
}

// False while the handshake goes on or when it failed. A dial may be done before anybody looked (a unix socket is).
bool Wire::finish_connect() {
    if (transport_->connecting()) return false;
    announced_ = true;
    const int error = transport_->connect_error();
    connected_ = error == 0;
    if (connected_) settle_down();
    if (connected_ && !flushed()) output_pending();
    owner_.on_connected(error);
    return connected_ && !closed();
}

// What was dialled may have stood in for what came of it.
void Wire::settle_down() {
    std::unique_ptr<Transport> other = transport_->take_over();
    if (other == nullptr) return;
    transport_ = std::move(other);
    transport_->set_owner(*this, reading_lane());
}

// Without buffers the bytes stay in the kernel; Engine has those that waited look again.
bool Wire::may_read() const {
    return !closed() && !end_read_ && transport_->readable() && codec_.wants_input() && !lacks_buffers();
}

bool Wire::lacks_buffers() const {
    if (!loop_.slabs().is_short() || codec_.starves() || transport_->holds_input()) return false;
    return transport_->unread_before_end() != size_t{0};  // an end needs none, and may give some back
}

// Where nothing came the room goes back before the next connection reads: when a crowd goes, all their ends come in one
// turn.
IoResult Wire::read_once() {
    const IoResult result = read_into_room();
    if (result.bytes == 0) codec_.received_nothing();
    return result;
}

IoResult Wire::read_into_room() {
    const InputRoom room = codec_.input_room();
    if (room.pipe == nullptr) return transport_->read(room.memory.data(), room.memory.size());
    const IoResult result = transport_->read_into(room.pipe->pipe(), room.most);
    if (result.kind != IoResult::Kind::blocked || room.pipe->pipe().empty()) return result;
    const std::span<char> memory = codec_.memory_room();
    return transport_->read(memory.data(), memory.size());
}

void Wire::take_arrived() {
    size_t budget = kReadBudget;
    std::optional<IoResult> result = std::exchange(arrived_, std::nullopt);
    while (result.has_value() || may_read()) {
        if (budget == 0) {
            schedule();
            break;
        }
        if (!result.has_value()) result = read_once();
        if (!take_in(*result)) break;
        budget -= std::min(budget, result->bytes);
        result.reset();
    }
    // A client that is gone is told at once, also while we do not read; what a backend sent before its reset is read
    // first.
    if (!closed() && (lane_ == Lane::downstream || end_read_) && transport_->failed() != 0) give_up();
    update_pause();
}

bool Wire::take_in(const IoResult& result) {
    switch (result.kind) {
        case IoResult::Kind::moved:
            codec_.received(result.bytes);
            return true;
        case IoResult::Kind::piped:
            codec_.received_in_pipe(result.bytes);
            return true;
        case IoResult::Kind::blocked:
            return false;
        case IoResult::Kind::end:
            end_read_ = true;
            transport_->cut() ? codec_.received_cut() : codec_.received_end();
            return false;
        case IoResult::Kind::failed:
            give_up();
            return false;
    }
    return false;
}

void Wire::give_up() {
    if (end_read_ && write_failed_) return;
    end_read_ = write_failed_ = true;
    codec_.output().clear();
    codec_.broken();
}

void Wire::update_pause() {
    if (closed()) return;
    const bool pause = !end_read_ && (!codec_.wants_input() || lacks_buffers());
    if (pause != transport_->reading_paused()) transport_->pause_reading(pause);
    // A client that has ended, though not all it said is read, may be gone: the codec knows whether it is.
    if (!pause || lane_ != Lane::downstream) return;
    if (const std::optional<size_t> unread = transport_->unread_before_end()) codec_.end_ahead(*unread);
}

void Wire::flush() {
    if (closed() || !connected_) return;
    // It has not been told of this turn's news: they come with the next one, and bring the output back here.
    if (look_first_ && !flushed() && std::exchange(look_first_, false) && transport_->has_news()) return;
    size_t moved = 0;
    const bool last = codec_.output_ends();
    while (!flushed() && !write_failed_ && transport_->writable()) {
        const IoResult result = write_once(last);
        if (result.kind == IoResult::Kind::failed) {
            fail_write();
            break;
        }
        if (result.kind != IoResult::Kind::moved) break;
        codec_.output().consume(result.bytes);
        moved += result.bytes;
    }
    if (moved > 0) {
        flushing_ = true;
        codec_.sent(moved);
        flushing_ = false;
    }
    if (closed()) return;
    if (shutdown_wanted_ && flushed() && !write_failed_) {
        shutdown_wanted_ = false;
        transport_->shutdown_write();
    } else if (last) {
        transport_->push();
    }
    owner_.on_wire();
}

// A backend's answer may stand in the kernel already: reading decides. A client has nothing more to say.
void Wire::fail_write() {
    if (lane_ == Lane::downstream) return give_up();
    write_failed_ = true;
    codec_.output().clear();
    schedule();
}

// `last`: when this is all that is queued the FIN behind it may leave with it.
IoResult Wire::write_once(bool last) {
    PieceQueue& out = codec_.output();
    const Piece& front = out.front();
    if (front.is_in_pipe()) return transport_->write_from(front.slab->pipe(), front.size);
    struct iovec segments[PieceQueue::kMaxSegments];
    const int count = out.segments(segments, PieceQueue::kMaxSegments);
    if (last && bytes_of(segments, count) == out.bytes()) transport_->announce_end();
    if (count == 1 || out.bytes() > kGather) return transport_->write(segments, count);
    char gathered[kGather];
    size_t size = 0;
    for (int i = 0; i < count; ++i) {
        std::memcpy(gathered + size, segments[i].iov_base, segments[i].iov_len);
        size += segments[i].iov_len;
    }
    const struct iovec one { gathered, size };
    return transport_->write(&one, 1);
}

void Wire::shutdown_when_flushed() {
    shutdown_wanted_ = true;
    if (!flushing_) output_pending();  // else that flush does it
}

void Wire::close(bool reset) {
    if (closed()) return;
    if (reset) transport_->reset();
    transport_.reset();
    codec_.output().clear();  // now: the owner may live on to the end of the turn
    unlink();
    flush_job_.unlink();
}

}  // namespace weir::net
