#include "proxy/policy_run.h"

#include <utility>

#include "base/check.h"
#include "proxy/call.h"
#include "proxy/engine.h"

namespace weir::proxy {

using policy::SideJob;
using policy::Verdict;

PolicyRun::PolicyRun(Engine& engine) : engine_(engine) {}
PolicyRun::~PolicyRun() = default;

void PolicyRun::begin(const Subject& subject) {
    clear();
    subject_.emplace(subject);
}

void PolicyRun::clear() {
    cancel();
    request_stage_.reset();
    response_stage_.reset();
    request_edits_.clear();
    response_edits_.clear();
    reply_ = {};
    next_ = 0;
    subject_.reset();
}

void PolicyRun::cancel() {
    call_.reset();
    job_.reset();
    deadline_ = TimePoint::max();
    resumed_ = false;
}

policy::Request PolicyRun::view() {
    return {subject_->request, subject_->hop,  subject_->route.name, subject_->arena,
            request_edits_,    request_stage_, subject_->resume};
}

PolicyRun::Next PolicyRun::ask() {
    while (job_ != nullptr || next_ < subject_->route.policies.size()) {
        if (waiting()) return Next::wait;
        if (!take(next_verdict())) return Next::wait;
        if (reply_.status != 0) return Next::reply;
    }
    return Next::go_on;
}

// Something else woke the exchange.
bool PolicyRun::waiting() const {
    if (job_ == nullptr || engine_.loop().now() >= deadline_) return false;
    return call_ != nullptr ? !call_->done() : !resumed_;
}

// What the job says to the news, or the next policy to the request.
Verdict PolicyRun::next_verdict() {
    policy::Request request = view();
    if (job_ == nullptr) return subject_->route.policies[next_++]->on_request(request);
    const std::unique_ptr<SideJob> job = std::move(job_);  // whatever it says, this wait is over
    const std::unique_ptr<Call> call = std::move(call_);
    resumed_ = false;
    const bool over = engine_.loop().now() >= std::exchange(deadline_, TimePoint::max());
    if (call != nullptr && call->done()) {
        const policy::CallAnswer answer = call->answer();
        return job->go_on(request, SideJob::News::answered, &answer);
    }
    return job->go_on(request, over ? SideJob::News::timed_out : SideJob::News::resumed, nullptr);
}

// False: there is something to wait for.
bool PolicyRun::take(Verdict verdict) {
    switch (verdict.kind) {
        case Verdict::Kind::go_on:
            return true;
        case Verdict::Kind::reply:
            reply_ = std::move(verdict.reply);
            CHECK(reply_.status != 0);
            return true;
        case Verdict::Kind::wait:
        case Verdict::Kind::call:
            break;
    }
    CHECK(verdict.job != nullptr && verdict.longest > Duration::zero());
    job_ = std::move(verdict.job);
    resumed_ = false;
    deadline_ = engine_.loop().now() + verdict.longest;
    if (verdict.kind == Verdict::Kind::call) {
        const RoutePlan& target = subject_->pin.snapshot->calls.at(verdict.call->target);
        call_ = std::make_unique<Call>(engine_, std::move(*verdict.call), target, *subject_);
        call_->begin();
    }
    return false;
}

bool PolicyRun::respond(http::ResponseHead& head, bool local, Arena& texts) {
    response_edits_.clear();
    for (const auto& policy : subject_->route.policies) {
        policy::Response response{subject_->request, subject_->hop,  subject_->route.name, head, local, texts,
                                  response_edits_,   response_stage_};
        std::optional<policy::Reply> instead = policy->on_response(response);
        if (!instead || local) continue;
        reply_ = std::move(*instead);
        CHECK(reply_.status != 0);
        response_stage_.reset();
        return false;
    }
    response_edits_.apply(head.fields);
    if (local) response_stage_.reset();
    return true;
}

}  // namespace weir::proxy
