// What ProxyJudge looks at when nothing moves: who has gone is let go, what was said whole has arrived whole, and
// nobody waits with nothing in the way. Included by proxy_judge.h alone.
#pragma once

#include <algorithm>

#include "tests/support/proxy_judge.h"

namespace weir::support {

inline void ProxyJudge::check_quiet() const {
    if (cuts_) return;
    for (const auto& client : clients_) check_left(*client);
    if (rules_.starves && waits_for_buffers()) return;
    for (const auto& client : clients_)
        if (!client->finished && !client->reset && !client->limited && !client->asked.refused()) check_whole(*client);
    if (!rules_.stalls) return;
    for (const auto& backend : backends_)
        if (!backend->peer->closed() && (backend->pending || backend->limited)) return;
    for (const auto& client : clients_)
        if (client->open() && !client->limited && !client->asked.refused()) check_stall(*client);
}

// A client that has gone is let go: at once when it was reset, when it finished unless a body stands before that.
inline void ProxyJudge::check_left(const Client& client) const {
    if (rules_.finishes && may_be_finished(client)) return;
    demand(!client.reset || client.peer->closed(), "a client's reset is not noticed");
    const auto& asked = client.asked.messages();
    const bool body = std::any_of(asked.begin(), asked.end(), [](const Message& request) {
        return !request.done || request.framing != Message::Framing::none;
    });
    if (!client.finished || client.limited || body || client.peer->unread() > 0) return;
    if (rules_.starves && client.got.complete() == asked.size() && waits_for_buffers()) return;  // nobody is in its way
    demand(client.peer->closed(), "a client's end is not noticed");
}

// A whole request that a backend has, or is being sent, may go on for nobody.
inline bool ProxyJudge::may_be_finished(const Client& client) const {
    const size_t number = client.got.complete();
    const auto& requests = client.asked.messages();
    if (number >= requests.size() || !requests[number].done) return false;
    return std::any_of(backends_.begin(), backends_.end(), [&client, number](const auto& backend) {
        if (backend->peer->closed() || backend->pending) return false;
        if (backend->limited) return true;
        if (backend->asked.empty()) return false;
        const Asked& last = backend->asked.back();
        const bool answered = last.answer() != nullptr && last.answer()->done && backend->peer->unread() == 0;
        return last.client == &client && last.request == number && !answered;
    });
}

// A backend's whole answer that no deadline was against has reached its client whole.
inline void ProxyJudge::check_whole(const Client& client) const {
    if (client.arrived.empty() || rules_.policies.pauses()) return;
    const Asked& asked = *client.arrived.back();
    const bool replaced = rules_.policies.replaces && client.got.complete() > asked.request;
    if (asked.answered || replaced || asked.answer() == nullptr || !asked.answer()->done) return;
    if (client.begun[asked.request] != rig_.clock.now()) return;
    if (client.asked.messages()[asked.request].body.size() > rules_.policies.most_body) return;
    const Message& answer = *asked.answer();
    const Head& head = answer.head;
    const bool small = head.size() < rules_.head_bytes && head.lines.size() < rules_.head_lines;
    const bool few = answer.interim.size() <= 16 && head.elements("connection").size() < rules_.head_lines;
    const bool large = std::any_of(answer.interim.begin(), answer.interim.end(), [this](const Head& interim) {
        return interim.size() >= rules_.head_bytes || interim.lines.size() >= rules_.head_lines;
    });
    if (answer.unusual || !small || !few || large || answer.trailers.size() >= rules_.head_lines) return;
    fail("a whole answer does not reach its client", asked.message().head.target);
}

// What a client has said has reached a backend, and what that said has reached the client.
inline void ProxyJudge::check_stall(const Client& client) const {
    const size_t number = client.got.complete();
    const auto& requests = client.asked.messages();
    if (number >= requests.size() || !requests[number].head_done) return;
    const Asked* asked = nullptr;
    for (const Asked* arrived : client.arrived)
        if (arrived->request == number) asked = arrived;
    if (asked == nullptr && waits_for_call(client, number)) return;
    demand(asked != nullptr, "a request waits though nothing is in its way", requests[number].head.target);
    if (asked->backend.peer->closed() || asked->said.refused()) return;
    demand(!asked->backend.reset && !asked->backend.finished, "a backend's end is not noticed");
    demand(
        asked->message().body.size() == requests[number].body.size() && asked->message().done == requests[number].done,
        "a request body waits though nothing is in its way", requests[number].head.target);
    const Message* answer = asked->answer();
    if (answer == nullptr || !answer->head_done) return;
    const bool begun = number < client.got.messages().size() && client.got.messages()[number].head_done;
    demand(begun && client.got.messages()[number].body.size() == answer->body.size() && !answer->done,
           "an answer waits though nothing is in its way", requests[number].head.target);
}

// The engine looks for free buffers again soon, and says so by a timer.
inline bool ProxyJudge::waits_for_buffers() const {
    constexpr Duration kSoon = std::chrono::milliseconds(16);
    const auto wake = rig_.loop.wheel().next_wake();
    return wake && *wake <= rig_.clock.now() + kSoon;
}

}  // namespace weir::support
