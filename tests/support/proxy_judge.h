// ProxyJudge: stands on both sides of a ProxyRig, hears every byte that clients and backends say and get, and ends the
// process when weir did what no proxy may: gave a client anything but the answers to its own requests in their order,
// showed a cut message as a whole one, sent a backend something else than was asked, used a connection again that was
// in doubt, or stood still with nothing in its way. It reads with MessageReader alone and trusts weir in one thing: who
// a request came from (X-Forwarded-For), and checks the request against what that client said. One thread.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/support/policy_rules.h"
#include "tests/support/proxy_peers.h"
#include "tests/support/proxy_rig.h"

namespace weir::support {

// What a config lets the judge expect.
struct JudgeRules {
    size_t most_attempts = 2;    // arrivals at backends of a request that may be repeated
    bool own_ids = true;         // request ids are weir's own, each another
    bool stalls = true;          // a request or a body may wait for nothing but peers
    size_t head_bytes = 20'000;  // a response head up to here, of up to so many lines, is one that passes
    size_t head_lines = 90;
    bool finishes = false;  // on_abort: finish
    bool starves = false;   // of buffers
    PolicyRules policies{};
};

class ProxyJudge final {
 public:
    using Asked = AskedRequest;
    using Client = ProxyClient;
    using Backend = ProxyBackend;

    ProxyJudge(ProxyRig& rig, const JudgeRules& rules) : rig_(rig), rules_(rules) {}

    [[noreturn]] static void fail(const char* what, std::string_view detail = "") {
        std::fprintf(stderr, "proxy judge: %s%s%.*s\n", what, detail.empty() ? "" : ": ",
                     static_cast<int>(std::min<size_t>(detail.size(), 200)), detail.data());
        std::abort();
    }
    static void demand(bool holds, const char* what, std::string_view detail = "") {
        if (!holds) fail(what, detail);
    }

    // --- what peers do -------------------------------------------------------------------------------------------
    Client& new_client();
    // Each client has one of its own.
    static std::string address_of(unsigned client) { return std::string(kAddress) + std::to_string(client) + ":40000"; }
    Backend& new_backend(const net::Address& address, const MemoryLoop::Peer& peer) {
        const bool for_calls = address.port() == PolicyRules::kCallPort;
        backends_.push_back(std::make_unique<Backend>(static_cast<unsigned>(backends_.size() + 1), peer, for_calls));
        return *backends_.back();
    }
    void send(Client& client, std::string_view bytes);
    void send(Backend& backend, std::string_view bytes);
    static void finish(Client& client) {
        if (std::exchange(client.finished, true) || client.reset) return;
        trace(client, "finishes");
        client.peer->finish();
    }
    static void finish(Backend& backend) {
        if (std::exchange(backend.finished, true) || backend.reset) return;
        trace(backend, "finishes");
        backend.peer->finish();
        if (!backend.asked.empty()) backend.asked.back().said.end();
    }
    template <typename Peer>
    static void reset(Peer& peer) {
        if (std::exchange(peer.reset, true)) return;
        trace(peer, "resets");
        peer.peer->reset();
    }
    template <typename Peer>
    static void set_window(Peer& peer, size_t bytes) {
        trace(peer, bytes == 0 ? "reads nothing" : bytes == SIZE_MAX ? "reads on" : "reads some");
        peer.limited = bytes != SIZE_MAX;
        peer.was_limited = peer.was_limited || peer.limited;
        peer.peer->set_window(bytes);
    }

    // --- what weir did -------------------------------------------------------------------------------------------
    // After every turn.
    void observe();
    // When nothing moves.
    void check_quiet() const;
    // From now on connections may end behind an answer that was begun before.
    void expect_drain() { drains_ = true; }
    // From now on exchanges are cut.
    void expect_cuts() { cuts_ = drains_ = true; }
    const std::vector<std::unique_ptr<Client>>& clients() const { return clients_; }
    const std::vector<std::unique_ptr<Backend>>& backends() const { return backends_; }

 private:
    using Lines = std::vector<Line>;
    static constexpr std::string_view kAddress = "192.0.2.";

    void hear(Client& client);
    void check_farewell(const Client& client) const;
    void hear(Backend& backend);
    void begin_request(Backend& backend);
    void attribute(Asked& asked);
    static bool may_be_repeated(const Head& head);
    Client& client_of(const Asked& asked) const;
    void take_call(Asked& asked) const;
    static void compare_call(Asked& asked);
    void check_allowed(const Asked& asked) const;
    const Asked* call_of(const Asked& asked) const;
    void compare_request(const Asked& asked, const Head& said) const;
    void compare_upload(Asked& asked);
    void judge(Client& client);
    void find_source(Client& client, const Message& answer);
    bool may_be_from(const Client& client, const Message& answer, const Asked& asked) const;
    void compare_body(Client& client, const Message& answer);
    bool same_framing(const Message& passed, const Message& said) const;
    void check_local_head(const Client& client, const Message& answer) const;
    void check_local_body(const Message& answer) const;
    void check_unseen(const Client& client, const Message& answer) const;
    static void check_no_hops(const Head& head, const Head& said);
    static bool passed_in_order(const Lines& passed, const Lines& said, std::initializer_list<std::string_view> ours);
    void check_left(const Client& client) const;
    void check_stall(const Client& client) const;
    void check_whole(const Client& client) const;
    bool may_be_finished(const Client& client) const;
    bool waits_for_buffers() const;
    static bool waits_for_call(const Client& client, size_t request);

    ProxyRig& rig_;
    const JudgeRules rules_;
    bool drains_ = false;
    bool cuts_ = false;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::unique_ptr<Backend>> backends_;
};

inline ProxyClient& ProxyJudge::new_client() {
    const auto number = static_cast<unsigned>(clients_.size() + 1);
    const auto peer = rig_.connect(address_of(number));
    clients_.push_back(std::make_unique<Client>(number, peer));
    return *clients_.back();
}

inline void ProxyJudge::send(Client& client, std::string_view bytes) {
    if (client.finished || client.reset || client.peer->closed()) return;
    trace(client, "says", bytes);
    client.asked.feed(bytes);
    client.begun.resize(client.asked.messages().size(), rig_.clock.now());
    client.peer->send(bytes);
}

// What a backend says belongs to the request whose bytes it has seen last: the answers to those before are complete.
// It says nothing while it can not know whether that is a HEAD: nor could we.
inline void ProxyJudge::send(Backend& backend, std::string_view bytes) {
    if (backend.pending || backend.finished || backend.reset || backend.peer->closed() || bytes.empty()) return;
    if (!backend.asked.empty() && !backend.asked.back().knows_method()) return;
    trace(backend, "says", bytes);
    if (backend.asked.empty())
        backend.spoke_unasked = true;
    else
        backend.asked.back().said.feed(bytes);
    backend.peer->send(bytes);
}

inline void ProxyJudge::observe() {
    for (const auto& client : clients_) hear(*client);
    for (const auto& backend : backends_) hear(*backend);
    for (const auto& client : clients_) judge(*client);
}

inline void ProxyJudge::hear(Client& client) {
    if (const std::string bytes = client.peer->take_received(); !bytes.empty()) {
        demand(!client.ended, "a client gets bytes behind a FIN", bytes);
        trace(client, "gets", bytes);
        client.got.feed(bytes);
        demand(!client.got.refused(), "a client gets what is no response", client.got.why());
    }
    if (client.ended || (!client.peer->saw_fin() && !client.peer->closed())) return;
    trace(client, client.peer->saw_fin() ? "is finished" : "is reset");
    if (client.open() && !drains_) check_farewell(client);
    client.ended = true;
    if (client.peer->saw_fin()) client.got.end();
}

// Who is not to ask again is told so with the answer before (RFC 9112 9.6), unless only time ends the connection.
inline void ProxyJudge::check_farewell(const Client& client) const {
    const auto& answers = client.got.messages();
    if (answers.empty() || !answers.back().done || client.answered_at != rig_.clock.now()) return;
    demand(!answers.back().keeps, "a connection ends behind an answer that did not say so");
}

inline void ProxyJudge::hear(Backend& backend) {
    if (backend.peer->closed() && !std::exchange(backend.ended, true)) trace(backend, "is closed");
    demand(!backend.peer->saw_fin() || backend.peer->closed(), "weir half-closes towards a backend");
    const std::string bytes = backend.peer->take_received();
    if (bytes.empty()) return;
    trace(backend, "gets", bytes);
    backend.got.feed(bytes);
    demand(!backend.got.refused(), "a backend gets what is no request", backend.got.why());
    while (backend.asked.size() < backend.got.messages().size()) begin_request(backend);
    for (; backend.attributed < backend.asked.size(); ++backend.attributed) {
        if (!backend.asked[backend.attributed].message().head_done) break;
        attribute(backend.asked[backend.attributed]);
    }
    for (Asked& asked : backend.asked)
        if (asked.client != nullptr) backend.for_calls ? compare_call(asked) : compare_upload(asked);
}

// A connection carries another message only if both directions stand at a message boundary.
inline void ProxyJudge::begin_request(Backend& backend) {
    const size_t number = backend.asked.size();
    demand(!backend.finished && !backend.reset, "a request on a connection that its backend has ended");
    demand(!backend.spoke_unasked, "a request on a connection whose backend spoke before it was asked");
    if (number > 0) {
        const Asked& before = backend.asked.back();
        const Message* answer = before.answer();
        demand(before.message().done, "a request behind one that is not whole");
        demand(answer != nullptr && answer->done, "a request on a connection that owes an answer");
        demand(answer->keeps, "a request on a connection that its backend wants to close");
        demand(!before.said.overfull(), "a request on a connection with leftovers");
    }
    backend.asked.emplace_back(backend, number);
}

inline ProxyClient& ProxyJudge::client_of(const Asked& asked) const {
    const Head& head = asked.message().head;
    const std::vector<std::string> addresses = head.elements("x-forwarded-for");
    demand(head.count("x-forwarded-for") == 1 && !addresses.empty(), "a request without its client's address");
    demand(addresses.back().rfind(kAddress, 0) == 0, "a request from nobody", addresses.back());
    const auto number = static_cast<size_t>(std::atoi(addresses.back().c_str() + kAddress.size()));
    demand(number >= 1 && number <= clients_.size(), "a request from nobody", addresses.back());
    return *clients_[number - 1];
}

// RFC 9110 9.2.2. That a backend had closed before a request came is never proven here.
inline bool ProxyJudge::may_be_repeated(const Head& head) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
        if (head.method == method) return true;
    return head.has("idempotency-key");
}

inline void ProxyJudge::attribute(Asked& asked) {
    const std::string& target = asked.message().head.target;
    Client& client = client_of(asked);
    asked.client = &client;
    asked.request = client.got.complete();
    const auto& said = client.asked.messages();
    demand(asked.request < said.size() && said[asked.request].head_done, "a request that its client did not make",
           target);
    if (asked.request > 0) {
        const size_t before = asked.request - 1;
        demand(said[before].keeps && client.got.messages()[before].keeps, "a request behind a close", target);
    }
    if (asked.backend.for_calls) return take_call(asked);
    check_allowed(asked);
    compare_request(asked, said[asked.request].head);
    client.arrived.push_back(&asked);
    const auto same = std::count_if(client.arrived.begin(), client.arrived.end(),
                                    [&asked](const Asked* other) { return other->request == asked.request; });
    const size_t most = may_be_repeated(said[asked.request].head) ? rules_.most_attempts : 1;
    demand(static_cast<size_t>(same) <= most, "a request is sent more often than may be", target);
}

inline void ProxyJudge::compare_request(const Asked& asked, const Head& said) const {
    const HeadChanges& changes = rules_.policies.request;
    if (const char* fault = changes.any() ? changes.fault_in(asked.message().head) : nullptr) fail(fault);
    const Head head = changes.taken_back(asked.message().head);
    demand(head.minor == 1 && head.method == said.method, "another method or version", head.method);
    // Only what no normal form may change is compared as it stands.
    const bool plain = said.target.front() == '/' &&
                       said.target.find_first_not_of(
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/") == said.target.npos;
    demand(!plain || head.target == said.target, "another target", head.target);
    demand(head.count("host") == 1, "not one Host", head.target);
    const bool of_host = said.target.front() == '/' && said.has("host");
    demand(!of_host || head.value("host") == said.value("host"), "another Host", head.value("host"));
    demand(head.count("x-request-id") == 1 && head.has("via"), "no X-Request-Id or no Via", head.target);
    demand(!head.has("connection"), "Connection reaches a backend");
    check_no_hops(head, said);
    demand(passed_in_order(head.lines, said.lines,
                           {"host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port",
                            "x-real-ip", "forwarded", "via", "x-request-id", "max-forwards", "content-length",
                            "transfer-encoding", rules_.policies.calls > Duration::zero() ? "x-user" : "via"}),
           "a field that the client did not send reaches a backend", head.target);
    demand(changes.touch("x-token") || said.names_hop("x-token") || head.count("x-token") == said.count("x-token"),
           "a field is lost on its way to a backend", head.target);
}

// Nothing that concerns one connection passes: neither these, nor what Connection named.
inline void ProxyJudge::check_no_hops(const Head& head, const Head& said) {
    for (const char* name : {"keep-alive", "proxy-connection", "te", "upgrade", "http2-settings"})
        demand(!head.has(name), "a hop-by-hop field passes", name);
    constexpr std::string_view kNeverTaken[] = {
        "host",         "content-length", "transfer-encoding", "expect", "cookie",
        "set-cookie",   "authorization",  "forwarded",         "via",    "x-real-ip",
        "x-request-id", "x-forwarded-",   "connection",        "date"};
    for (const std::string& option : said.elements("connection")) {
        const bool kept = std::any_of(std::begin(kNeverTaken), std::end(kNeverTaken),
                                      [&option](std::string_view name) { return option.rfind(name, 0) == 0; });
        demand(kept || !head.has(option), "a field that Connection named passes", option);
    }
}

// All lines but ours stand in `said`, in the same order.
inline bool ProxyJudge::passed_in_order(const Lines& passed, const Lines& said,
                                        std::initializer_list<std::string_view> ours) {
    auto at = said.begin();
    for (const Line& line : passed) {
        if (std::find(ours.begin(), ours.end(), line.name) != ours.end()) continue;
        at = std::find(at, said.end(), line);
        if (at == said.end()) return false;
        ++at;
    }
    return true;
}

inline void ProxyJudge::compare_upload(Asked& asked) {
    const Message& passed = asked.message();
    const Message& said = asked.client->asked.messages()[asked.request];
    const PolicyRules& policies = rules_.policies;
    demand(policies.is_beginning(passed.body, asked.compared, said.body), "a backend gets another body",
           passed.head.target);
    demand(passed.body.size() <= policies.most_body, "a backend gets more than max_body", passed.head.target);
    asked.compared = passed.body.size();
    if (!passed.done) return;
    demand(said.done && passed.body.size() == policies.passed_size(said.body.size()),
           "a backend gets a cut body as a whole one", passed.head.target);
    demand(passed_in_order(passed.trailers, said.trailers, {}), "a backend gets other trailers", passed.head.target);
}

// The answers of one connection, in their order.
inline void ProxyJudge::judge(Client& client) {
    const auto& answers = client.got.messages();
    for (; client.judged < answers.size(); ++client.judged) {
        const Message& answer = answers[client.judged];
        const size_t number = client.judged;
        const bool asked = number < client.asked.messages().size() || client.asked.skipped_lines() > 0;
        demand(asked, "an answer that nobody asked for", std::to_string(answer.head.status));
        demand(number == 0 || answers[number - 1].keeps, "an answer behind a close");
        if (!answer.head_done) return;
        if (!client.known) find_source(client, answer);
        compare_body(client, answer);
        if (!answer.done) return;
        if (client.source != nullptr) client.source->answered = true;
        client.answered_at = rig_.clock.now();
        client.known = false;
        client.source = nullptr;
        client.compared = 0;
    }
}

inline void ProxyJudge::find_source(Client& client, const Message& answer) {
    demand(answer.head.count("x-request-id") == 1 && answer.head.has("date"), "an answer without id or date");
    for (const std::string& option : answer.head.elements("connection"))
        demand(option == "close" || option == "keep-alive", "Connection names a field to a client", option);
    client.known = true;
    if (rules_.policies.replaces) return check_local_head(client, answer);
    for (Asked* asked : client.arrived)
        if (asked->request == client.judged && may_be_from(client, answer, *asked)) client.source = asked;
    // A backend may answer before the head has come that says whose it is.
    for (const auto& backend : backends_) {
        if (client.source != nullptr || backend->for_calls || backend->asked.empty()) continue;
        if (backend->asked.back().client != nullptr) continue;
        if (may_be_from(client, answer, backend->asked.back())) client.source = &backend->asked.back();
    }
    if (client.source == nullptr) {
        check_local_head(client, answer);
        return check_unseen(client, answer);
    }
    const HeadChanges& changes = rules_.policies.response;
    if (const char* fault = changes.any() ? changes.fault_in(answer.head) : nullptr) fail(fault);
    check_no_hops(changes.taken_back(answer.head), client.source->answer()->head);
}

inline bool ProxyJudge::may_be_from(const Client& client, const Message& answer, const Asked& asked) const {
    const Message* said = asked.answer();
    if (client.judged >= client.asked.messages().size()) return false;
    if (said == nullptr || !said->head_done || said->head.status != answer.head.status) return false;
    if (asked.client != nullptr && asked.message().head.value("x-request-id") != answer.head.value("x-request-id"))
        return false;
    const bool old = client.asked.messages()[client.judged].head.minor == 0;  // is sent no 1xx
    if (answer.interim.size() != (old ? 0 : said->interim.size())) return false;
    for (size_t i = 0; i < answer.interim.size(); ++i) {
        if (answer.interim[i].status != said->interim[i].status) return false;
        if (!passed_in_order(answer.interim[i].lines, said->interim[i].lines, {})) return false;
    }
    const HeadChanges& changes = rules_.policies.response;
    const Head head = changes.taken_back(answer.head);
    const std::string_view date = said->head.has("date") ? "" : "date";
    const bool marked = !changes.touch("x-answer") && !said->head.names_hop("x-answer");
    if (marked && head.count("x-answer") != said->head.count("x-answer")) return false;
    return same_framing(answer, *said) &&
           passed_in_order(head.lines, said->head.lines,
                           {"x-request-id", "connection", "content-length", "transfer-encoding", date});
}

inline bool ProxyJudge::same_framing(const Message& passed, const Message& said) const {
    using Framing = Message::Framing;
    const bool staged = rules_.policies.doubles > 0 && said.framing != Framing::none;
    const bool open_end = staged || said.framing == Framing::chunked || said.framing == Framing::until_close;
    if (open_end) return passed.framing == Framing::chunked || passed.framing == Framing::until_close;
    return passed.framing == said.framing && passed.declared == said.declared &&
           (passed.length == said.length || (passed.framing == Framing::none && !passed.declared));
}

inline void ProxyJudge::check_local_head(const Client& client, const Message& answer) const {
    const Head& head = answer.head;
    const PolicyRules& policies = rules_.policies;
    if (head.status == 204) return demand(head.has("allow"), "an answer from nowhere", std::to_string(head.status));
    demand(head.status >= 400 && head.value("proxy-status").rfind("weir; error=", 0) == 0, "an answer from nowhere",
           std::to_string(head.status));
    demand(head.status != 403 || client.number == policies.denied, "a client is denied that may come in");
    if (head.status == 413) {
        const Message& asked = client.asked.messages()[client.judged];
        demand(std::max<uint64_t>(asked.length, asked.body.size()) > policies.most_body, "a body is called too long");
    }
    const bool of_policy = head.status == 403 || head.status == 413 || head.status == 418;
    if (!of_policy || !policies.response.any()) return;
    if (const char* fault = policies.response.fault_in(head)) fail(fault, "of weir's own answer");
}

// The end of a connection that was used before is not the end of the next request: that one is not sent on it.
inline void ProxyJudge::check_unseen(const Client& client, const Message& answer) const {
    if (answer.head.status != 502) return;
    const bool seen = std::any_of(client.arrived.begin(), client.arrived.end(),
                                  [&client](const Asked* asked) { return asked->request == client.judged; });
    const bool blamed = std::any_of(backends_.begin(), backends_.end(), [](const auto& backend) {
        const bool broken = backend->refused || backend->finished || backend->reset || backend->spoke_unasked;
        return backend->was_limited || (broken && backend->asked.empty());
    });
    demand(seen || blamed, "a request fails that no backend has seen", std::to_string(client.judged));
}

inline void ProxyJudge::check_local_body(const Message& answer) const {
    if (answer.framing == Message::Framing::none) return;
    if (rules_.policies.replaces && answer.head.status == 418)
        return demand(answer.body == "instead", "another answer instead of a backend's", answer.body);
    const std::string_view id = answer.head.value("x-request-id");
    demand(answer.body.find(id) != std::string::npos, "a local reply without its id", answer.body);
    demand(answer.body.find(std::to_string(answer.head.status)) != std::string::npos, "a local reply of another status",
           answer.body);
}

inline void ProxyJudge::compare_body(Client& client, const Message& answer) {
    if (client.source == nullptr) {
        if (answer.done) check_local_body(answer);
        return;
    }
    const Message& said = *client.source->answer();
    const size_t from = std::exchange(client.compared, answer.body.size());
    demand(rules_.policies.is_beginning(answer.body, from, said.body), "a client gets another body",
           std::string_view(answer.body).substr(from));
    if (!answer.done) return;
    demand(said.done && rules_.policies.passed_size(said.body.size()) == answer.body.size(),
           "a client gets a cut body as a whole one", std::to_string(answer.body.size()));
    demand(passed_in_order(answer.trailers, said.trailers, {}), "a client gets other trailers");
}

}  // namespace weir::support

#include "tests/support/judge_of_calls.h"
#include "tests/support/judge_of_rest.h"
