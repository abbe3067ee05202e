#include "net/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "net/tls_client.h"

namespace weir::net {

namespace {

constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 38\r\nConnection: close\r\n\r\n"
    "This port speaks TLS: ask by https://\n";

// SSL_get_error() wants none of before; to clear an empty queue is dearer than to look at it.
void forget_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

std::span<const char> TlsTransport::Held::bytes() const {
    if (size == 0) return {};
    return {slab->data() + at, size};
}

void TlsTransport::Held::drop(size_t count) {
    at += static_cast<uint32_t>(count);
    size -= static_cast<uint32_t>(count);
    if (size == 0) slab = SlabRef();
}

TlsTransport::TlsTransport(TlsWorkshop& workshop, std::unique_ptr<Transport> inner, TlsHandle<ssl_st> ssl,
                           TlsDialer* dialer)
    : workshop_(workshop),
      inner_(std::move(inner)),
      dialer_(dialer),
      ssl_(std::move(ssl)),
      ticket_timer_(workshop.loop().wheel(), *this) {}

// Whoever is not told of the end may take what came for all there is (RFC 8446 6.1).
TlsTransport::~TlsTransport() {
    if (state_ == State::open && !reset_ && !ended_ && failed() == 0 && out_.size == 0) {
        say_goodbye();
        send_output();
    }
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // else its session is forgotten
}

void TlsTransport::set_owner(Job& job, Lane lane) {
    owner_ = &job;
    lane_ = lane;
    inner_->set_owner(*this, lane);
    // A client speaks first.
    if (dialer_ != nullptr && !inner_->connecting()) workshop_.loop().schedule(*this, lane);
}

void TlsTransport::tell_owner() {
    if (owner_ != nullptr) workshop_.loop().schedule(*this, lane_);
}

// On the lane that the owner's job was to run on, and in its place.
void TlsTransport::run_job() {
    if (state_ == State::connecting && !inner_->connecting()) {
        state_ = State::shaking;
        if (const int error = inner_->connect_error(); error != 0) refuse(error, nullptr);
    }
    if (state_ == State::shaking) shake_hands();
    if (state_ == State::turned_away) discard();
    if (out_.size > 0 && inner_->writable()) send_held();  // of a handshake too
    if (state_ == State::shaking && inner_->failed() != 0) refuse(inner_->failed(), "the connection broke");
    if (connecting()) return;
    if (ended_ && !untold_ && inner_->readable()) discard();
    if (owner_ != nullptr && !owner_->linked()) owner_->run_job();
}

// --- the handshake -------------------------------------------------------------------------------------------------

void TlsTransport::shake_hands() {
    std::span<const char> input;
    bool look = dialer_ != nullptr && !begun_;  // a client speaks first
    for (int fetches = 0;; look = false) {
        if (!look && fetches++ == kFetches) return tell_owner();
        if (!look && !hear(input)) return;
        begun_ = true;
        forget_errors();
        workshop_.input = input;
        const int done = SSL_do_handshake(ssl_.get());
        const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
        keep(workshop_.input);
        if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) note_refusal();
        const bool sent = (done == 1 && keep_ticket()) || send_output();  // an alert too
        if (state_ == State::refused) return;
        if (!sent) return refuse(failed(), "the connection broke");
        if (done == 1) {
            state_ = State::open;
            return;
        }
    }
}

// What the peer says next. False: nothing yet, or nothing more.
bool TlsTransport::hear(std::span<const char>& input) {
    if (!inner_->readable()) return false;
    switch (fetch(input).kind) {
        case IoResult::Kind::moved:
        case IoResult::Kind::piped:
            return begun_ || !turn_away(input);
        case IoResult::Kind::blocked:
            return false;
        case IoResult::Kind::end:
            refuse(EPROTO, begun_ ? "the peer left" : "the peer left without a word");
            return false;
        case IoResult::Kind::failed:
            refuse(inner_->failed(), "the peer reset the connection");
            return false;
    }
    return false;
}

void TlsTransport::note_refusal() {
    const char* why = tls_error();
    const bool asked = SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE;
    if (!asked || SSL_get_verify_result(ssl_.get()) == X509_V_OK) return refuse(EPROTO, why);
    refuse(EKEYREJECTED, X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get())));
}

// Somebody who asks for http:// gets an answer that he understands. (TLS begins with a byte of 22, RFC 8446 5.1.)
bool TlsTransport::turn_away(std::span<const char> said) {
    if (dialer_ != nullptr || said.front() < 'A' || said.front() > 'Z') return false;
    failure_ = "the client speaks HTTP without TLS";
    const struct iovec answer { const_cast<char*>(kSpeakTls.data()), kSpeakTls.size() };
    inner_->write(&answer, 1);
    inner_->shutdown_write();
    state_ = State::turned_away;
    return true;
}

// What comes behind the end of all talk is thrown away, so that no reset destroys our last words (RFC 9112 9.6).
void TlsTransport::discard() {
    for (int i = 0; i < kFetches && inner_->readable(); ++i) {
        std::span<const char> thrown_away;
        const IoResult::Kind kind = fetch(thrown_away).kind;
        if (kind == IoResult::Kind::moved) continue;
        if (kind != IoResult::Kind::blocked && state_ == State::turned_away) refuse(EPROTO, failure_);
        return;
    }
    if (inner_->readable()) tell_owner();
}

void TlsTransport::refuse(int error, const char* why) {
    state_ = State::refused;
    error_ = error != 0 ? error : ECONNRESET;
    failure_ = why;
    if (dialer_ != nullptr && why != nullptr) dialer_->tell_failure(peer(), why);
}

std::optional<TlsFacts> TlsTransport::tls() const {
    TlsFacts facts;
    if (failure_ != nullptr) facts.failure = failure_;
    if (state_ != State::open) return facts;
    facts.version = SSL_get_version(ssl_.get());
    facts.resumed = SSL_session_reused(ssl_.get()) == 1;
    facts.names = static_cast<const TlsNames*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl_.get())));
    return facts;
}

// --- reading -------------------------------------------------------------------------------------------------------

bool TlsTransport::readable() const {
    if (state_ != State::open) return false;
    return untold_ || plaintext_left_ || in_.size > 0 || (inner_->readable() && !ended_ && error_ == 0);
}

// Ciphertext, once; into the room that all share.
IoResult TlsTransport::fetch(std::span<const char>& input) {
    const std::span<char> room = workshop_.ciphertext();
    const IoResult result = inner_->read(room.data(), room.size());
    input = room.first(result.bytes);
    return result;
}

IoResult TlsTransport::read(char* into, size_t room) {
    CHECK(room > 0);
    if (state_ != State::open) return {state_ == State::refused ? IoResult::Kind::failed : IoResult::Kind::blocked};
    std::span<const char> input;
    bool look = in_.size > 0 || plaintext_left_;  // before more is read
    for (int fetches = 0;; ++fetches) {
        const bool looked = look;
        const size_t got = looked ? decrypt(input, into, room) : 0;
        look = true;
        if (got > 0) return {IoResult::Kind::moved, got};
        untold_ = false;
        if (error_ != 0) return {IoResult::Kind::failed};
        if (ended_) {
            if (inner_->readable()) discard();  // the end below too, so that a reset behind it shows
            return {IoResult::Kind::end};
        }
        if (looked && !inner_->readable()) return {IoResult::Kind::blocked};
        if (fetches == kFetches) {
            tell_owner();
            return {IoResult::Kind::blocked};
        }
        const IoResult result = fetch(input);
        if (result.kind == IoResult::Kind::end) return found_end();
        if (result.kind != IoResult::Kind::moved) return result;
    }
}

// Plaintext of what is held and of `input`, as far as there is room. Nothing is held when there is `input`.
size_t TlsTransport::decrypt(std::span<const char> input, char* into, size_t room) {
    const bool held = in_.size > 0;
    workshop_.input = held ? in_.bytes() : input;
    size_t got = 0;
    while (got < room) {
        forget_errors();
        const int result = SSL_read(ssl_.get(), into + got, static_cast<int>(std::min<size_t>(room - got, INT32_MAX)));
        if (result <= 0) {
            note_read_error(result);
            break;
        }
        got += static_cast<size_t>(result);
        if (workshop_.input.empty() && SSL_pending(ssl_.get()) == 0) break;
    }
    plaintext_left_ = SSL_pending(ssl_.get()) > 0;
    if (held) {
        in_.drop(in_.size - workshop_.input.size());
    } else {
        keep(workshop_.input);
    }
    if (!workshop_.output.empty()) send_output();  // an alert, or an update of keys
    return got;
}

void TlsTransport::note_read_error(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    untold_ = true;
    if (error == SSL_ERROR_ZERO_RETURN) {
        ended_ = true;
    } else if (error_ == 0) {
        failure_ = tls_error();
        error_ = EPROTO;
        // A certificate of ours that it does not take shows here, behind the handshake of TLS 1.3.
        if (dialer_ != nullptr) dialer_->tell_failure(peer(), failure_);
    }
    workshop_.input = {};
}

// Without a close_notify. A client's message says how long it is, so one that is cut shows; a backend's may go on until
// the close, and then only close_notify says that it is whole.
IoResult TlsTransport::found_end() {
    ended_ = true;
    cut_ = dialer_ != nullptr;
    return {IoResult::Kind::end};
}

void TlsTransport::keep(std::span<const char> rest) {
    if (rest.empty()) return;
    SlabStore& slabs = workshop_.loop().slabs();
    SlabRef slab = rest.size() <= SlabStore::kCapacity ? slabs.take() : slabs.take(rest.size());
    std::memcpy(slab->data(), rest.data(), rest.size());
    in_ = {std::move(slab), 0, static_cast<uint32_t>(rest.size())};
}

void TlsTransport::pause_reading(bool paused) {
    const bool resumed = inner_->reading_paused() && !paused;
    inner_->pause_reading(paused);
    if (resumed && readable()) tell_owner();
}

std::optional<size_t> TlsTransport::unread_before_end() const {
    const std::optional<size_t> below = inner_->unread_before_end();
    if (!below || ended_) return std::nullopt;
    return *below + in_.size + static_cast<size_t>(SSL_pending(ssl_.get()));
}

// --- writing -------------------------------------------------------------------------------------------------------

IoResult TlsTransport::write(const struct iovec* segments, int count) {
    if (failed() != 0) return {IoResult::Kind::failed};
    if (state_ != State::open) return {IoResult::Kind::blocked};
    if (out_.size > 0 && !send_held()) return {failed() != 0 ? IoResult::Kind::failed : IoResult::Kind::blocked};
    const size_t all = bytes_of(segments, count);
    const size_t owed = owes_byte_ ? 1 : 0;
    const size_t more = std::min(all - owed, TlsWorkshop::kCollect);
    if (more > 0 && !encrypt(segments, count, owed, more)) return {IoResult::Kind::failed};
    if (end_announced_ && owed + more == all) {
        say_goodbye();
        inner_->announce_end();
    }
    if (!send_output()) return {IoResult::Kind::failed};
    owes_byte_ = out_.size > 0;
    const size_t moved = owed + more - (owes_byte_ ? 1 : 0);
    return moved > 0 ? IoResult{IoResult::Kind::moved, moved} : IoResult{IoResult::Kind::blocked};
}

// `most` bytes behind the first `skip` ones, in records as long as may be.
bool TlsTransport::encrypt(const struct iovec* segments, int count, size_t skip, size_t most) {
    const std::span<char> record = workshop_.record();
    size_t filled = 0;
    for (int i = 0; i < count && most > 0; ++i) {
        const size_t skipped = std::min(skip, segments[i].iov_len);
        skip -= skipped;
        const char* from = static_cast<const char*>(segments[i].iov_base) + skipped;
        size_t left = std::min(segments[i].iov_len - skipped, most);
        most -= left;
        while (left > 0) {
            const bool last = most == 0;
            if (filled == 0 && (left >= record.size() || last)) {
                const size_t whole = last ? left : left - left % record.size();
                if (!encrypt(from, whole)) return false;
                from += whole;
                left -= whole;
                continue;
            }
            const size_t part = std::min(left, record.size() - filled);
            std::memcpy(record.data() + filled, from, part);
            filled += part;
            from += part;
            left -= part;
            if (filled < record.size()) continue;
            if (!encrypt(record.data(), filled)) return false;
            filled = 0;
        }
    }
    return filled == 0 || encrypt(record.data(), filled);
}

bool TlsTransport::encrypt(const char* from, size_t size) {
    forget_errors();
    workshop_.input = {};
    if (SSL_write(ssl_.get(), from, static_cast<int>(size)) == static_cast<int>(size)) return true;
    failure_ = tls_error();
    error_ = EPROTO;
    untold_ = true;
    workshop_.output.clear();
    return false;
}

// All that libssl wrote leaves in one send, or is held. False: the transport below is broken.
bool TlsTransport::send_output() {
    std::string& output = workshop_.output;
    if (ticket_ != nullptr) {
        output.insert(0, *ticket_);
        ticket_.reset();
        ticket_timer_.cancel();
    }
    if (output.empty()) return true;
    size_t sent = 0;
    if (out_.size == 0) {
        const struct iovec all { output.data(), output.size() };
        const IoResult result = inner_->write(&all, 1);
        sent = result.bytes;
        if (result.kind == IoResult::Kind::failed) return output.clear(), false;
    }
    const bool held = sent == output.size() || hold(std::span<const char>(output).subspan(sent));
    output.clear();
    return held;
}

// Behind what is held already. A peer that reads nothing may have us say one word after the other: a slab that is
// filled up is followed by one with room for as much again.
bool TlsTransport::hold(std::span<const char> more) {
    const size_t size = out_.size + more.size();
    if (size > kMostHeld) {
        error_ = ENOBUFS;
        untold_ = true;
        return false;
    }
    if (out_.size == 0 || out_.at + size > out_.slab->capacity()) {
        SlabRef slab = workshop_.loop().slabs().take(out_.size == 0 ? size : 2 * size);
        if (out_.size > 0) std::memcpy(slab->data(), out_.slab->data() + out_.at, out_.size);
        out_ = {std::move(slab), 0, out_.size};
    }
    std::memcpy(out_.slab->data() + out_.at + out_.size, more.data(), more.size());
    out_.size = static_cast<uint32_t>(size);
    return true;
}

// A request stands behind the handshake already: the ticket may leave with its answer, for a send is dear. It does not
// wait for a request that is to come: some clients wait for the ticket before they ask. (In TLS 1.2 what we say last
// belongs to the handshake.)
bool TlsTransport::keep_ticket() {
    if (dialer_ != nullptr || in_.size == 0 || workshop_.output.empty() || out_.size > 0) return false;
    if (SSL_version(ssl_.get()) != TLS1_3_VERSION) return false;
    ticket_ = std::make_unique<std::string>(workshop_.output);
    workshop_.output.clear();
    ticket_timer_.arm(workshop_.loop().now() + kTicketWait);
    return true;
}

void TlsTransport::on_timer(Timer&) {
    send_output();
}

// True: nothing is held any more.
bool TlsTransport::send_held() {
    const std::span<const char> bytes = out_.bytes();
    const struct iovec all { const_cast<char*>(bytes.data()), bytes.size() };
    const IoResult result = inner_->write(&all, 1);
    out_.drop(result.bytes);
    if (out_.size > 0) return false;
    if (fin_wanted_) inner_->shutdown_write();
    fin_wanted_ = false;
    return true;
}

void TlsTransport::say_goodbye() {
    if (said_goodbye_) return;
    said_goodbye_ = true;
    forget_errors();
    workshop_.input = {};
    SSL_shutdown(ssl_.get());
}

void TlsTransport::shutdown_write() {
    if (state_ == State::open) {
        say_goodbye();
        send_output();
    }
    fin_wanted_ = out_.size > 0;
    if (!fin_wanted_) inner_->shutdown_write();
}

void TlsTransport::reset() {
    reset_ = true;
    inner_->reset();
}

// Nobody calls them: uses_pipes() is false.
IoResult TlsTransport::read_into(Pipe&, size_t) {
    return {IoResult::Kind::failed};
}

IoResult TlsTransport::write_from(Pipe&, size_t) {
    return {IoResult::Kind::failed};
}

}  // namespace weir::net
