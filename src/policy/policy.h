// Policy: a step of a route that may answer a request itself, delay it, ask somebody else first, or change what goes
// out. A route has an ordered list of them; proxy/ runs it. A policy is compiled config: immutable, shared by all
// workers. What it has to remember of one exchange it puts into a SideJob or a BodyStage, which that exchange owns.
// No policy opens a connection or waits: it returns what is to happen.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/clock.h"
#include "http/client_hop.h"
#include "http/field_edits.h"
#include "http/message.h"
#include "policy/body_stage.h"
#include "policy/resume.h"

namespace weir::policy {

// What a policy knows of a request, and may do to it. Valid during the call.
struct Request {
    const http::RequestHead& head;
    const http::ClientHop& hop;
    std::string_view route;
    Arena& arena;             // for texts that live as long as the exchange
    http::FieldEdits& edits;  // of what the backend gets, in the head; behind the body nobody else says it either
    // Put here: the request's body goes through it, and its length is not known any more.
    std::unique_ptr<BodyStage>& body;
    Resume resume;  // wakes this exchange while it waits; may be kept
};

// The same of a response: the backend's, or one that weir makes itself.
struct Response {
    const http::RequestHead& request;
    const http::ClientHop& hop;
    std::string_view route;
    const http::ResponseHead& head;  // as it will go out but for the edits
    bool local;                      // made here
    Arena& arena;                    // for texts that live until the head was sent
    http::FieldEdits& edits;         // of what the client gets; their names live as long as the exchange
    // As above, for the response's body; of a local one nobody looks at it.
    std::unique_ptr<BodyStage>& body;
};

// An answer instead of the backend's.
struct Reply {
    uint16_t status = 0;
    std::vector<http::Field> fields{};  // their texts live as long as the exchange
    // Without one weir's own document stands in its place. Its bytes may belong to somebody who outlives the exchange.
    std::optional<Piece> body{};
};

// A request to somebody else, run as an exchange of its own. Its texts live as long as the exchange that waits for it.
struct Call {
    uint32_t target = 0;  // which of the snapshot's call targets
    http::RequestHead head{};
    Piece body{};
    size_t longest_answer = 64 * 1024;  // bytes of body; a longer one fails
};

// What came of a call. Valid during the call of go_on().
struct CallAnswer {
    bool answered = false;  // by who was asked; else the status is that of the reply weir made of the failure
    int status = 0;
    const http::Fields& fields;
    std::string_view body;
};

struct Verdict;

// What a policy waits for. Destroyed when it came, or when the exchange has ended: then it cancels what it began.
class SideJob {
 public:
    enum class News : uint8_t { resumed, answered, timed_out };
    virtual ~SideJob() = default;
    // `answer`: of the call, with News::answered alone.
    virtual Verdict go_on(Request& request, News news, const CallAnswer* answer) = 0;
};

// What is to happen next.
struct Verdict {
    enum class Kind : uint8_t { go_on, reply, wait, call };
    Kind kind = Kind::go_on;
    Reply reply{};
    std::unique_ptr<Call> call{};
    std::unique_ptr<SideJob> job{};  // who is told; with wait and call
    Duration longest{};              // of the wait or call; over it the job is told

    static Verdict go() { return {}; }
    static Verdict answer(Reply reply) {
        Verdict verdict;
        verdict.kind = Kind::reply;
        verdict.reply = std::move(reply);
        return verdict;
    }
    static Verdict wait(std::unique_ptr<SideJob> job, Duration longest) {
        Verdict verdict;
        verdict.kind = Kind::wait;
        verdict.job = std::move(job);
        verdict.longest = longest;
        return verdict;
    }
    static Verdict ask(Call call, std::unique_ptr<SideJob> job, Duration longest) {
        Verdict verdict;
        verdict.kind = Kind::call;
        verdict.call = std::make_unique<Call>(std::move(call));
        verdict.job = std::move(job);
        verdict.longest = longest;
        return verdict;
    }
};

class Policy {
 public:
    virtual ~Policy() = default;
    // Before an endpoint is chosen.
    virtual Verdict on_request(Request&) const { return Verdict::go(); }
    // Before the head goes out. A reply takes the place of a backend's response; of a local one it is not looked at.
    virtual std::optional<Reply> on_response(Response&) const { return std::nullopt; }
};

}  // namespace weir::policy
