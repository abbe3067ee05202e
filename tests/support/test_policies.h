// Policies for tests of whoever runs policies: one that waits, one that calls, one that changes bodies, and stages that
// pause. What they hold is counted, so that a test can see that all of it went. No test framework. One thread.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "policy/policy.h"

namespace weir::support {

// What the policies of one test hold and hear of.
struct PolicyWatch {
    int jobs = 0;    // alive
    int stages = 0;  // alive
    int resumed = 0;
    int timed_out = 0;
    int answered = 0;
    int failed = 0;         // calls that nobody answered
    policy::Resume resume;  // of the last exchange that waits
};

class CountedJob : public policy::SideJob {
 public:
    explicit CountedJob(PolicyWatch& watch) : watch_(watch) { ++watch_.jobs; }
    CountedJob(const CountedJob&) = delete;
    CountedJob& operator=(const CountedJob&) = delete;
    ~CountedJob() override { --watch_.jobs; }
    policy::Verdict go_on(policy::Request& request, News news, const policy::CallAnswer* answer) override {
        if (news == News::resumed) ++watch_.resumed;
        if (news == News::timed_out) {
            ++watch_.timed_out;
            return policy::Verdict::answer({503});
        }
        if (news == News::answered) {
            ++(answer->answered ? watch_.answered : watch_.failed);
            const bool fine = answer->answered && answer->status == 200;
            if (!fine) return policy::Verdict::answer({static_cast<uint16_t>(answer->answered ? 401 : 503)});
            const std::string_view user = request.arena.copy(answer->body);
            request.edits.set(http::Field(http::HeaderName::other, "x-user", user));
        }
        return policy::Verdict::go();
    }

 private:
    PolicyWatch& watch_;
};

// Waits until it is resumed.
class WaitingPolicy final : public policy::Policy {
 public:
    WaitingPolicy(PolicyWatch& watch, Duration longest) : watch_(watch), longest_(longest) {}
    policy::Verdict on_request(policy::Request& request) const override {
        watch_.resume = request.resume;
        return policy::Verdict::wait(std::make_unique<CountedJob>(watch_), longest_);
    }

 private:
    PolicyWatch& watch_;
    Duration longest_;
};

// Asks the first call target: 200 lets pass and names the user, else 401; no answer is 503.
class CallingPolicy final : public policy::Policy {
 public:
    CallingPolicy(PolicyWatch& watch, Duration longest, std::string body = "")
        : watch_(watch), longest_(longest), body_(std::move(body)) {}
    policy::Verdict on_request(policy::Request& request) const override {
        policy::Call call;
        call.head.method = body_.empty() ? http::Method::get : http::Method::post;
        call.head.method_text = body_.empty() ? "GET" : "POST";
        call.head.target_text = call.head.target.path = call.head.target.forward_path = "/verify";
        call.head.target.authority = call.head.target.host = "auth";
        call.head.fields.add(http::Field(http::HeaderName::other, "x-for", request.head.target.path));
        if (!body_.empty()) call.head.body = {http::BodyLength::Kind::sized, body_.size()};
        call.body = {SlabRef(), body_.data(), body_.size()};
        call.longest_answer = 1000;
        return policy::Verdict::ask(std::move(call), std::make_unique<CountedJob>(watch_), longest_);
    }

 private:
    PolicyWatch& watch_;
    Duration longest_;
    std::string body_;
};

// Doubles each byte, keeps the last piece back until the next one or the end comes, and pauses before the piece that
// brings it past `pause_at` bytes.
class DoublingStage final : public policy::BodyStage {
 public:
    DoublingStage(PolicyWatch& watch, size_t pause_at) : watch_(watch), pause_at_(pause_at) { ++watch_.stages; }
    DoublingStage(const DoublingStage&) = delete;
    DoublingStage& operator=(const DoublingStage&) = delete;
    ~DoublingStage() override { --watch_.stages; }
    Verdict push(Piece piece, bool end, policy::BodySink& out) override {
        if (piece.size > 0) {
            send_kept(out);
            seen_ += piece.size;
            kept_ = std::move(piece);
        }
        if (seen_ > pause_at_) {
            pause_at_ = SIZE_MAX;
            return Verdict::pause;
        }
        if (end) send_kept(out);
        return Verdict::more;
    }

 private:
    void send_kept(policy::BodySink& out) {
        const Piece kept = std::exchange(kept_, Piece());
        for (size_t i = 0; i < kept.size; ++i)
            for (int twice = 0; twice < 2; ++twice) out.send(Piece{kept.slab, kept.data + i, 1});
    }
    PolicyWatch& watch_;
    size_t pause_at_;
    size_t seen_ = 0;
    Piece kept_;
};

// Doubles the bytes of both bodies.
class DoublingPolicy final : public policy::Policy {
 public:
    explicit DoublingPolicy(PolicyWatch& watch, size_t pause_at = SIZE_MAX) : watch_(watch), pause_at_(pause_at) {}
    policy::Verdict on_request(policy::Request& request) const override {
        watch_.resume = request.resume;
        request.body = std::make_unique<DoublingStage>(watch_, pause_at_);
        return policy::Verdict::go();
    }
    std::optional<policy::Reply> on_response(policy::Response& response) const override {
        response.body = std::make_unique<DoublingStage>(watch_, pause_at_);
        return std::nullopt;
    }

 private:
    PolicyWatch& watch_;
    size_t pause_at_;
};

// Replaces every answer of the backend.
class ReplacingPolicy final : public policy::Policy {
 public:
    std::optional<policy::Reply> on_response(policy::Response& response) const override {
        if (response.local) return std::nullopt;
        static constexpr std::string_view kBody = "instead";
        policy::Reply reply{418};
        reply.fields = {http::Field(http::HeaderName::content_type, "Content-Type", "text/plain")};
        reply.body = Piece{SlabRef(), kBody.data(), kBody.size()};
        return reply;
    }
};

}  // namespace weir::support
