// PolicyRun: the policies of a route at work on one exchange. It asks them in their order, keeps what they left behind
// (edits, stages, the job that is waited for) and runs their calls. What comes of it is the exchange's to do. Owned by
// an Exchange, used again by the next one; one thread.
#pragma once

#include <memory>
#include <optional>

#include "policy/policy.h"
#include "proxy/snapshot.h"

namespace weir::proxy {

class Call;
class Engine;
struct SnapshotPin;

class PolicyRun final {
 public:
    // Whose request it is. All of it lives until clear().
    struct Subject {
        const RoutePlan& route;
        SnapshotPin& pin;
        const http::RequestHead& request;
        const http::ClientHop& hop;
        const ListenerPlan& listener;
        const net::Address& peer;
        Arena& arena;
        policy::Resume resume;
    };
    enum class Next : uint8_t { go_on, reply, wait };

    explicit PolicyRun(Engine& engine);
    ~PolicyRun();

    void begin(const Subject& subject);
    // Cancels what runs and forgets everything.
    void clear();

    // Goes on where it stopped: from policy to policy until one answers or waits, or there are no more.
    Next ask();
    // The exchange was resumed: what is waited for may have come.
    void resumed() { resumed_ = true; }
    // While it waits: when to ask again though nothing came.
    TimePoint deadline() const { return deadline_; }
    // After Next::reply, or what respond() returned.
    const policy::Reply& reply() const { return reply_; }
    // Nothing is waited for any more.
    void cancel();

    // What the backend gets of a request.
    const http::FieldEdits& request_edits() const { return request_edits_; }
    policy::BodyStage* request_stage() const { return request_stage_.get(); }

    // Shows `head`, which is to go out, to each policy and edits it. False: reply() takes its place. `texts`: for what
    // is written there. `local`: it is made by weir, and goes out.
    bool respond(http::ResponseHead& head, bool local, Arena& texts);
    // What respond() found; the values in it are void once the head was sent.
    const http::FieldEdits& response_edits() const { return response_edits_; }
    policy::BodyStage* response_stage() const { return response_stage_.get(); }

 private:
    policy::Request view();
    bool waiting() const;
    policy::Verdict next_verdict();
    bool take(policy::Verdict verdict);

    Engine& engine_;
    std::optional<Subject> subject_;
    size_t next_ = 0;  // of the route's policies
    TimePoint deadline_ = TimePoint::max();
    std::unique_ptr<policy::SideJob> job_;
    std::unique_ptr<Call> call_;
    bool resumed_ = false;
    policy::Reply reply_;
    http::FieldEdits request_edits_;
    http::FieldEdits response_edits_;
    std::unique_ptr<policy::BodyStage> request_stage_;
    std::unique_ptr<policy::BodyStage> response_stage_;
};

}  // namespace weir::proxy
