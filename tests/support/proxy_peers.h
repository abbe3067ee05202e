// The peers of a judged proxy: a client's connection, a backend's, and a request that is at a backend. Each keeps what
// was said and got on it, read by MessageReader. They decide nothing: ProxyJudge does. Owned by it; one thread.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/http_reference.h"
#include "tests/support/memory_loop.h"

namespace weir::support {

struct ProxyClient;
struct ProxyBackend;

// A request on its way at a backend, from its first byte on.
struct AskedRequest {
    AskedRequest(ProxyBackend& at, size_t index);
    const Message& message() const;
    const Message* answer() const { return said.messages().empty() ? nullptr : &said.messages().front(); }
    bool knows_method() const;
    bool is_head() const;

    ProxyBackend& backend;
    const size_t number;            // on its connection
    ProxyClient* client = nullptr;  // null until its head has come
    size_t request = 0;             // the number of the client's request
    MessageReader said;             // what the backend has said since then
    size_t compared = 0;            // bytes of the body
    bool answered = false;          // the client has its whole answer
};

struct ProxyClient {
    static constexpr const char* kKind = "client";
    ProxyClient(unsigned n, MemoryLoop::Peer p)
        : number(n), peer(std::move(p)), got(MessageReader::of_responses([this](size_t i) { return is_head(i); })) {}
    // A head that was never whole may have been understood as far as its method.
    bool is_head(size_t i) const {
        const auto& messages = asked.messages();
        return i < messages.size() && messages[i].head_done && messages[i].head.method == "HEAD";
    }
    bool open() const { return !ended && !finished && !reset; }

    const unsigned number;
    MemoryLoop::Peer peer;
    MessageReader asked = MessageReader::of_requests();
    MessageReader got;
    std::vector<AskedRequest*> arrived;
    std::vector<AskedRequest*> calls;  // of policies, on its behalf
    std::vector<TimePoint> begun;      // when a request's first byte was sent
    std::string unsent;                // not sent yet
    bool finished = false;             // the client said so
    bool reset = false;
    bool limited = false;  // its window is not open without limit
    bool was_limited = false;
    bool ended = false;       // weir said so
    TimePoint answered_at{};  // the last time
    // The answer in the making.
    size_t judged = 0;  // answers that are
    bool known = false;
    AskedRequest* source = nullptr;  // null when known: weir's own
    size_t compared = 0;
};

struct ProxyBackend {
    static constexpr const char* kKind = "    backend";
    ProxyBackend(unsigned n, MemoryLoop::Peer p, bool calls) : number(n), for_calls(calls), peer(std::move(p)) {}

    const unsigned number;
    const bool for_calls;  // asked by policies alone
    MemoryLoop::Peer peer;
    MessageReader got = MessageReader::of_requests();
    std::deque<AskedRequest> asked;
    size_t attributed = 0;  // of them, to clients
    std::string unsent;
    bool pending = true;  // neither accepted nor refused
    bool finished = false;
    bool reset = false;
    bool limited = false;
    bool was_limited = false;
    bool refused = false;
    bool spoke_unasked = false;
    bool ended = false;  // weir closed it
};

inline AskedRequest::AskedRequest(ProxyBackend& at, size_t index)
    : backend(at), number(index), said(MessageReader::of_responses([this](size_t) { return is_head(); }, 1)) {}

inline const Message& AskedRequest::message() const {
    return backend.got.messages()[number];
}

inline constexpr std::string_view kHeadMethod = "HEAD ";

inline bool AskedRequest::knows_method() const {
    return !message().head.method.empty() || backend.got.left().size() >= kHeadMethod.size();
}

inline bool AskedRequest::is_head() const {
    const std::string& method = message().head.method;
    return method.empty() ? backend.got.left().substr(0, kHeadMethod.size()) == kHeadMethod : method == "HEAD";
}

// With WEIR_TRACE set all that is said is shown, as far as it fits a line.
template <typename Peer>
void trace(const Peer& who, const char* what, std::string_view bytes = "") {
    static const bool wanted = std::getenv("WEIR_TRACE") != nullptr;
    if (!wanted) return;
    constexpr size_t kShown = 160;
    std::string shown;
    for (const char c : bytes.substr(0, kShown))
        shown += c == '\r' ? "\\r" : c == '\n' ? "\\n" : std::string(1, c < ' ' ? '?' : c);
    std::fprintf(stderr, "%s %u %s %zu %s\n", Peer::kKind, who.number, what, bytes.size(), shown.c_str());
}

}  // namespace weir::support
