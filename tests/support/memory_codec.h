// MemoryConnection: a client's connection with as many streams at once as wanted, in memory: the stream interface
// without any HTTP version. Each stream can be paused (takes nothing), slow (takes a little) or reset on its own, as on
// HTTP/2, and a drained one takes no new streams. Exchanges run on it as on a real one. Needs a ProxyRig. No test
// framework.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "proxy/engine.h"
#include "proxy/exchange.h"

namespace weir::support {

class MemoryStream final : public http::ServerStream {
 public:
    explicit MemoryStream(SlabStore& slabs) : slabs_(slabs) {}

    // --- what the client does ------------------------------------------------------------------------------------
    // The request; its texts must outlive the stream. `length`: of the body, or chunked with SIZE_MAX.
    void ask(std::string_view method, std::string_view path, size_t length = 0) {
        head_.method = http::find_method(method);
        head_.method_text = method;
        head_.target_text = head_.target.path = head_.target.forward_path = path;
        head_.target.authority = head_.target.host = "memory";
        head_.fields.add(http::HeaderName::host, "memory");
        if (length == SIZE_MAX) head_.body = {http::BodyLength::Kind::chunked};
        if (length != SIZE_MAX && length > 0) head_.body = {http::BodyLength::Kind::sized, length};
        request_ended_ = length == 0;
    }
    void send(std::string_view bytes) {
        body_in_ += bytes;
        tell();
    }
    void finish() {
        request_ended_ = true;
        tell();
    }
    // The same with a trailer, whose texts must outlive the stream.
    void finish(std::string_view trailer, std::string_view value) {
        trailers_.add(http::Field(http::HeaderName::other, trailer, value));
        finish();
    }
    void cancel() {
        fault_ = http::StreamFault::peer_reset;
        tell();
    }
    void break_protocol() {
        fault_ = http::StreamFault::refused_bytes;
        tell();
    }
    // Takes up to `count` bytes of what waits to be sent, as a transport would.
    void take(size_t count = SIZE_MAX) {
        count = std::min(count, waiting_.size());
        taken_ += waiting_.substr(0, count);
        waiting_.erase(0, count);
        const bool room = above_high_ && waiting_.size() <= kLowWater;
        if (room) above_high_ = false;
        if (room || sent_all()) tell();
    }
    const std::string& taken() const { return taken_; }
    size_t unread() const { return body_in_.size(); }
    uint64_t credit_returned() const { return consumed_; }
    bool paused() const { return paused_; }
    // Why it was cut; nothing while it runs, and when its response was whole.
    std::optional<http::ResetReason> cut() const { return cut_; }
    // Its response was whole before its request was: the client may stop (NO_ERROR in HTTP/2).
    bool rest_unwanted() const { return released_ && !cut_ && !request_ended_; }
    bool released() const { return released_; }
    const std::vector<int>& statuses() const { return statuses_; }
    // Of each head that came, a line each; and those behind the body.
    const std::vector<std::string>& fields() const { return fields_; }
    const std::string& trailers_received() const { return trailers_received_; }
    // The connection takes no more streams.
    void refuse() { release(http::ResetReason::refused); }

    // --- Stream --------------------------------------------------------------------------------------------------
    void observe(http::StreamObserver* observer) override { observer_ = observer; }
    Piece take_body() override {
        CHECK(!given_up());
        if (body_in_.empty() || fault_ != http::StreamFault::none) return {};
        SlabRef slab = slabs_.take();
        const size_t count = std::min(body_in_.size(), slab->capacity());
        char* data = slab->data();
        std::copy_n(body_in_.data(), count, data);
        body_in_.erase(0, count);
        return Piece{std::move(slab), data, count};
    }
    void consume(size_t count) override { consumed_ += count; }
    bool received_all() const override { return request_ended_ && body_in_.empty(); }
    const http::Fields& trailers() const override { return trailers_; }
    void pause(bool paused) override { paused_ = paused; }
    void let_pipe() override {}
    bool takes_pipes() const override { return false; }
    void send_body(Piece piece) override {
        CHECK(!ended_ && !given_up());
        waiting_ += piece.view();
        sent_ += piece.size;
        if (waiting_.size() >= kHighWater) above_high_ = true;
    }
    void send_end(const http::Fields* trailers) override {
        CHECK(!ended_ && !given_up());
        if (trailers != nullptr) trailers_received_ = lines_of(*trailers);
        ended_ = true;
    }
    size_t unsent() const override { return waiting_.size(); }
    bool sent_all() const override { return ended_ && waiting_.empty(); }
    uint64_t bytes_received() const override { return consumed_; }
    uint64_t bytes_sent() const override { return taken_.size(); }
    http::StreamFault fault() const override { return fault_; }
    const http::Refusal& refusal() const override { return kBroken; }
    void reset(http::ResetReason reason) override {
        CHECK(!given_up());
        cut_ = reason;
        waiting_.clear();
        observer_ = nullptr;
    }
    bool is_reusable() const override { return true; }
    void release(http::ResetReason why) override {
        CHECK(!released_);
        if (!cut_ && !sent_all()) cut_ = why;
        released_ = true;
        observer_ = nullptr;
    }
    const http::RequestHead& request() const override { return head_; }
    std::string_view protocol() const override { return "memory"; }
    void shrink_request(Arena& arena) override { head_.shrink(arena); }
    void hear_out() override {}
    void send_informational(const http::ResponseHead& head) override { note(head); }
    bool retract() override { return false; }
    void send_head(const http::ResponseHead& head, bool) override { note(head); }

 private:
    static constexpr http::Refusal kBroken{400, "a frame that is none", "RFC 9113 5.4.2"};
    bool given_up() const { return released_ || cut_; }
    static std::string lines_of(const http::Fields& fields) {
        std::string lines;
        for (const http::Field& field : fields)
            lines += std::string(field.name()) + ": " + std::string(field.value()) + "\n";
        return lines;
    }
    void note(const http::ResponseHead& head) {
        CHECK(!ended_ && !given_up());
        statuses_.push_back(head.status);
        fields_.push_back(lines_of(head.fields));
    }
    void tell() {
        if (observer_ != nullptr) observer_->on_stream();
    }
    SlabStore& slabs_;
    http::RequestHead head_;
    http::Fields trailers_;
    http::StreamObserver* observer_ = nullptr;
    http::StreamFault fault_ = http::StreamFault::none;
    std::string body_in_;
    std::string waiting_;
    std::string taken_;
    std::vector<int> statuses_;
    std::vector<std::string> fields_;
    std::string trailers_received_;
    std::optional<http::ResetReason> cut_;
    uint64_t consumed_ = 0;
    uint64_t sent_ = 0;
    bool request_ended_ = false;
    bool above_high_ = false;
    bool paused_ = false;
    bool ended_ = false;
    bool released_ = false;
};

// Owns the streams and their exchanges.
class MemoryConnection final : public proxy::Exchange::Owner {
 public:
    MemoryConnection(proxy::Engine& engine, const proxy::ListenerPlan& plan) : engine_(engine), plan_(plan) {}

    MemoryStream& open() {
        streams_.push_back(std::make_unique<MemoryStream>(engine_.loop().slabs()));
        return *streams_.back();
    }
    // The head is there: its exchange begins.
    void begin(MemoryStream& stream) {
        if (draining_) return stream.refuse();
        exchanges_.push_back(engine_.take_exchange());
        exchanges_.back()->begin(stream, *this);
    }
    size_t running() const { return exchanges_.size(); }
    // A GOAWAY (RFC 9113 6.8): what began goes on, what comes now was not looked at.
    void drain() { draining_ = true; }
    // What Transport::unanswered() would say.
    void set_unanswered(std::optional<Duration> silence) { unanswered_ = silence; }
    // The daemon's time is up.
    void cut() {
        while (!exchanges_.empty()) exchanges_.back()->cut();
    }

 private:
    const proxy::ListenerPlan& plan() const override { return plan_; }
    const net::Address& peer() const override { return peer_; }
    std::optional<Duration> unanswered() const override { return unanswered_; }
    std::optional<net::TlsFacts> tls() const override { return std::nullopt; }
    bool head_timed_out() const override { return false; }
    void on_exchange_done(proxy::Exchange& exchange) override {
        for (auto& mine : exchanges_) {
            if (mine.get() != &exchange) continue;
            engine_.retire(std::move(mine));
            mine = std::move(exchanges_.back());
            exchanges_.pop_back();
            return;
        }
    }
    proxy::Engine& engine_;
    const proxy::ListenerPlan& plan_;
    const net::Address peer_ = net::Address::of(Ip::v4({192, 0, 2, 9}), 1234);
    std::vector<std::unique_ptr<MemoryStream>> streams_;
    std::vector<std::unique_ptr<proxy::Exchange>> exchanges_;
    std::optional<Duration> unanswered_;
    bool draining_ = false;
};

}  // namespace weir::support
