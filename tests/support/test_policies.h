// Policies for tests of whoever runs policies: one that waits, one that calls, one that changes bodies, and stages that
// pause. What they hold is counted, so that a test can see that all of it went. No test framework. One thread.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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
    size_t calls = 0;       // made
    policy::Resume resume;  // of the last exchange that waits
    std::vector<policy::Resume> all;
    std::vector<bool> woken;  // which of them by wake()
    int strays = 0;           // jobs that were resumed by another's token than theirs

    // Returns its number.
    size_t keep(policy::Resume token) {
        resume = token;
        all.push_back(token);
        woken.push_back(false);
        return all.size() - 1;
    }
    void wake(size_t number) {
        woken[number] = true;
        all[number]();
    }
};

// What is named in a call's answer, as a field's value: it may be anything.
inline std::string user_named_in(std::string_view body) {
    std::string user(body);
    std::replace_if(
        user.begin(), user.end(), [](char c) { return c <= ' ' || c > '~'; }, '.');
    return user;
}

class CountedJob : public policy::SideJob {
 public:
    // `token`: its number, of one that waits for it.
    explicit CountedJob(PolicyWatch& watch, size_t token = SIZE_MAX) : watch_(watch), token_(token) { ++watch_.jobs; }
    CountedJob(const CountedJob&) = delete;
    CountedJob& operator=(const CountedJob&) = delete;
    ~CountedJob() override { --watch_.jobs; }
    policy::Verdict go_on(policy::Request& request, News news, const policy::CallAnswer* answer) override {
        if (news == News::resumed) {
            ++watch_.resumed;
            if (!watch_.woken.at(token_)) ++watch_.strays;
        }
        if (news == News::timed_out) {
            ++watch_.timed_out;
            return policy::Verdict::answer({503});
        }
        if (news == News::answered) {
            ++(answer->answered ? watch_.answered : watch_.failed);
            const bool fine = answer->answered && answer->status == 200;
            if (!fine) return policy::Verdict::answer({static_cast<uint16_t>(answer->answered ? 401 : 503)});
            const std::string_view user = request.arena.copy(user_named_in(answer->body));
            request.edits.set(http::Field(http::HeaderName::other, "x-user", user));
        }
        return policy::Verdict::go();
    }

 private:
    PolicyWatch& watch_;
    const size_t token_;
};

// Waits until it is resumed.
class WaitingPolicy final : public policy::Policy {
 public:
    WaitingPolicy(PolicyWatch& watch, Duration longest) : watch_(watch), longest_(longest) {}
    policy::Verdict on_request(policy::Request& request) const override {
        const size_t token = watch_.keep(request.resume);
        return policy::Verdict::wait(std::make_unique<CountedJob>(watch_, token), longest_);
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
        ++watch_.calls;
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

// Doubles the first of each `step` bytes, keeps the last piece back until the next one or the end comes, and pauses
// before the piece that brings it past `pause_at` bytes.
class DoublingStage final : public policy::BodyStage {
 public:
    DoublingStage(PolicyWatch& watch, size_t pause_at, size_t step = 1)
        : watch_(watch), pause_at_(pause_at), step_(step) {
        ++watch_.stages;
    }
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
        for (size_t i = 0; i < kept.size;) {
            if (sent_ % step_ == 0) out.send(Piece{kept.slab, kept.data + i, 1});
            const size_t run = std::min(step_ - sent_ % step_, kept.size - i);
            out.send(Piece{kept.slab, kept.data + i, run});
            i += run;
            sent_ += run;
        }
    }
    PolicyWatch& watch_;
    size_t pause_at_;
    const size_t step_;
    size_t seen_ = 0;
    size_t sent_ = 0;  // but for the second ones
    Piece kept_;
};

// Doubles bytes of both bodies.
class DoublingPolicy final : public policy::Policy {
 public:
    explicit DoublingPolicy(PolicyWatch& watch, size_t pause_at = SIZE_MAX, size_t step = 1)
        : watch_(watch), pause_at_(pause_at), step_(step) {}
    policy::Verdict on_request(policy::Request& request) const override {
        watch_.keep(request.resume);
        request.body = std::make_unique<DoublingStage>(watch_, pause_at_, step_);
        return policy::Verdict::go();
    }
    std::optional<policy::Reply> on_response(policy::Response& response) const override {
        response.body = std::make_unique<DoublingStage>(watch_, pause_at_, step_);
        return std::nullopt;
    }

 private:
    PolicyWatch& watch_;
    size_t pause_at_;
    size_t step_;
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
