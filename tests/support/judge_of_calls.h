// What ProxyJudge knows of the requests that policies make (CallingPolicy): each is made for one request of a client,
// is what that policy says, and nothing of that request reaches a backend unless the answer allows it. Included by
// proxy_judge.h alone.
#pragma once

#include <algorithm>

#include "tests/support/proxy_judge.h"

namespace weir::support {

inline void ProxyJudge::take_call(Asked& asked) const {
    const Head& head = asked.message().head;
    const Message& request = asked.client->asked.messages()[asked.request];
    demand(head.method == "POST" && head.target == "/verify" && head.value("host") == "auth", "another call",
           head.target);
    demand(head.count("x-for") == 1 && head.has("via") && !head.has("connection"), "a call with other fields");
    const bool as_it_came = request.head.target.find_first_of("%.?#;\\*:") == std::string::npos;
    demand(!as_it_came || head.value("x-for") == request.head.target, "a call for another request",
           head.value("x-for"));
    const auto& calls = asked.client->calls;
    const bool first = std::none_of(calls.begin(), calls.end(),
                                    [&asked](const Asked* other) { return other->request == asked.request; });
    demand(first && rules_.policies.calls > Duration::zero(), "a call that no policy made");
    asked.client->calls.push_back(&asked);
}

inline void ProxyJudge::compare_call(Asked& asked) {
    const Message& call = asked.message();
    demand(PolicyRules::kCallBody.substr(0, call.body.size()) == call.body, "a call with another body", call.body);
    demand(!call.done || call.body.size() == PolicyRules::kCallBody.size(), "a call with a cut body", call.body);
}

// Whom a policy keeps out no backend sees; whom it names is the one its own call was answered with.
inline void ProxyJudge::check_allowed(const Asked& asked) const {
    const Client& client = *asked.client;
    const Head& head = asked.message().head;
    const PolicyRules& policies = rules_.policies;
    demand(client.number != policies.denied, "a denied client's request reaches a backend", head.target);
    if (policies.denied != 0) {
        const std::string path = reference::lower(head.target.substr(0, head.target.find('?')));
        for (const char* two_ways : {"%2f", "%5c", "..;"})
            demand(path.find(two_ways) == path.npos, "a path that reads two ways reaches a backend", path);
    }
    if (policies.calls == Duration::zero()) return;
    const Asked* call = call_of(asked);
    demand(call != nullptr, "a request whose policy has not asked", head.target);
    const Message* said = call->answer();
    demand(said != nullptr && said->done && said->head.status == 200, "a request that was not allowed", head.target);
    demand(head.count("x-user") == 1 && head.value("x-user") == user_named_in(said->body),
           "a request in another's name", head.value("x-user"));
}

// One that was answered before its head had come says not whose it was, but who was named.
inline const AskedRequest* ProxyJudge::call_of(const Asked& asked) const {
    for (const Asked* call : asked.client->calls)
        if (call->request == asked.request) return call;
    for (const auto& backend : backends_) {
        if (!backend->for_calls || backend->asked.empty() || backend->asked.back().client != nullptr) continue;
        const Message* said = backend->asked.back().answer();
        const std::string_view user = asked.message().head.value("x-user");
        if (said != nullptr && user_named_in(said->body) == user) return &backend->asked.back();
    }
    return nullptr;
}

inline bool ProxyJudge::waits_for_call(const Client& client, size_t request) {
    return std::any_of(client.calls.begin(), client.calls.end(), [request](const Asked* call) {
        return call->request == request && (call->answer() == nullptr || !call->answer()->done);
    });
}

}  // namespace weir::support
