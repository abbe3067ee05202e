// PolicyRules: what the policies of a judged route do to what passes, written once: add_policies() puts them into a
// snapshot, and ProxyJudge takes what they did back and compares the rest as if there were none. One thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "proxy/snapshot.h"
#include "tests/support/http_reference.h"
#include "tests/support/test_policies.h"

namespace weir::support {

// The fields that a config changes in heads of one direction: `set` has the request's id as its value, `added` "added".
struct HeadChanges {
    std::string_view set{};
    std::string_view added{};
    std::string_view removed{};

    bool any() const { return !set.empty(); }
    bool touch(std::string_view name) const { return name == set || name == added || name == removed; }
    // Null, or how `head` is not what they make of it.
    const char* fault_in(const Head& head) const;
    // `head` as it was without them, but for the fields that they took from it.
    Head taken_back(Head head) const;
};
inline constexpr HeadChanges kRequestChanges{"x-token", "x-hop", "x-long"};
inline constexpr HeadChanges kResponseChanges{"x-answer", "x-hop", "x-long"};

struct PolicyRules {
    static constexpr std::string_view kCallBody = "who?";
    static constexpr uint16_t kCallPort = 4000;  // of the pool "auth"
    static constexpr size_t kNever = SIZE_MAX;

    // Of the config.
    unsigned denied = 0;        // the number of a client that may not come in; 0: the route has no `access`
    size_t most_body = kNever;  // max_body
    HeadChanges request{};
    HeadChanges response{};
    // Of test_policies.h.
    Duration waits{};          // longest, for a resume
    Duration calls{};          // longest, for an answer from the pool "auth", which the second route must name
    size_t doubles = 0;        // the first of each so many bytes of both bodies
    size_t pause_at = kNever;  // a body with stages stands still there until its exchange is resumed
    bool replaces = false;     // every answer of a backend

    bool pauses() const { return pause_at != kNever; }
    // What `size` bytes of content become on their way.
    size_t passed_size(size_t size) const { return doubles > 0 ? size + (size + doubles - 1) / doubles : size; }
    // From byte `from` on `passed` is how `said` begins, after its way.
    bool is_beginning(std::string_view passed, size_t from, std::string_view said) const;
};

inline void add_policies(const PolicyRules& rules, PolicyWatch& watch, proxy::Snapshot& snapshot) {
    auto& policies = snapshot.routes[0].policies;
    if (rules.waits > Duration::zero()) policies.push_back(std::make_unique<WaitingPolicy>(watch, rules.waits));
    if (rules.doubles > 0) policies.push_back(std::make_unique<DoublingPolicy>(watch, rules.pause_at, rules.doubles));
    if (rules.replaces) policies.push_back(std::make_unique<ReplacingPolicy>());
    if (rules.calls == Duration::zero()) return;
    policies.push_back(std::make_unique<CallingPolicy>(watch, rules.calls, std::string(PolicyRules::kCallBody)));
    proxy::RoutePlan target;
    target.name = "call";
    target.pool = snapshot.routes[1].pool;
    target.series = snapshot.routes[1].series;
    snapshot.calls.push_back(std::move(target));
}

// As a backend may read a name.
inline std::string name_as_read(std::string name) {
    for (char& c : name)
        if (c == '_' || c == '.') c = '-';
    return name;
}

inline const char* HeadChanges::fault_in(const Head& head) const {
    size_t sets = 0;
    std::string_view last_added;
    for (const Line& line : head.lines) {
        const std::string read = name_as_read(line.name);
        if (read == removed) return "a field that a policy removes passes";
        if (read != set && read != added) continue;
        if (read != line.name) return "a field passes that may be read as one of a policy";
        if (read == added) last_added = line.value;
        if (read == set && line.value == head.value("x-request-id")) ++sets;
    }
    if (sets != 1 || head.count(set) != 1) return "a field that a policy sets is another";
    return last_added == "added" ? nullptr : "a field that a policy adds is not there";
}

inline Head HeadChanges::taken_back(Head head) const {
    for (auto line = head.lines.rbegin(); line != head.lines.rend(); ++line) {
        if (line->name != added) continue;
        head.lines.erase(std::next(line).base());
        break;
    }
    std::erase_if(head.lines, [this](const Line& line) { return line.name == set; });
    return head;
}

inline bool PolicyRules::is_beginning(std::string_view passed, size_t from, std::string_view said) const {
    if (passed.size() > passed_size(said.size())) return false;
    if (doubles == 0) return said.substr(from, passed.size() - from) == passed.substr(from);
    for (size_t i = from; i < passed.size(); ++i) {
        const size_t within = i % (doubles + 1);
        if (passed[i] != said[i / (doubles + 1) * doubles + (within > 0 ? within - 1 : 0)]) return false;
    }
    return true;
}

}  // namespace weir::support
