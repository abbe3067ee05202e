#include "upstream/health_answer.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "upstream/health_json.h"

namespace weir::upstream {

namespace {

// What an answer says by itself.
enum class Word : uint8_t { none, well, warned, leaving, unwell };

// NestJS and lightship say that they leave; health+json (draft-inadarei-api-health-check) has three words and their
// synonyms; NestJS adds `degraded`.
Word word_of(std::string_view status) {
    const auto is = [status](std::string_view word) { return equal_ignoring_case(status, word); };
    if (is("shutting_down") || is("SERVER_IS_SHUTTING_DOWN")) return Word::leaving;
    if (is("pass") || is("ok") || is("up")) return Word::well;
    if (is("warn") || is("degraded")) return Word::warned;
    if (is("fail") || is("error") || is("down")) return Word::unwell;
    return Word::none;
}

bool is_health_json(std::string_view type) {
    return starts_with_ignoring_case(type, "application/health+json");
}

std::string_view unblank(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

std::optional<JsonScalars> json_of(std::string_view body) {
    if (unblank(body).substr(0, 1) != "{") return std::nullopt;
    return read_json_scalars(body);
}

std::string_view scalar(const std::optional<JsonScalars>& json, std::string_view key) {
    if (!json) return {};
    const auto found = json->find(key);
    return found == json->end() ? std::string_view() : std::string_view(found->second);
}

// A part of what the peer said, for a log line.
std::string quote(std::string_view text) {
    constexpr size_t kMost = 40;
    std::string out = "\"";
    for (const char c : text.substr(0, kMost)) out += c >= ' ' && c < 0x7f && c != '"' ? c : '?';
    return out + (text.size() > kMost ? "...\"" : "\"");
}

std::string status_text(const HealthAnswer& answer) {
    return "status " + std::to_string(answer.status);
}

bool expected(const std::vector<StatusRange>& good, int status) {
    return std::any_of(good.begin(), good.end(),
                       [status](const StatusRange& range) { return status >= range.first && status <= range.last; });
}

// What of `expect` is not there; empty: it is all there.
std::string missing(const HealthPlan& plan, const HealthAnswer& answer, const std::optional<JsonScalars>& json) {
    if (!expected(plan.status, answer.status)) return status_text(answer);
    if (answer.body.find(plan.body) == answer.body.npos)
        return status_text(answer) + ", and the body does not have " + quote(plan.body);
    if (!plan.json.empty() && !json) return status_text(answer) + ", and the body is no JSON object";
    for (const auto& [key, value] : plan.json) {
        const auto found = json->find(key);
        if (found == json->end()) return status_text(answer) + ", and the body has no " + quote(key);
        if (found->second != value) return status_text(answer) + ", and " + quote(key) + " is " + quote(found->second);
    }
    return {};
}

bool names_status(const HealthPlan& plan) {
    return std::any_of(plan.json.begin(), plan.json.end(), [](const auto& pair) { return pair.first == "status"; });
}

// 404 and 405 are what routers say; 501 what a server does that knows no more than its own.
bool says_no_route(int status) {
    return status == 404 || status == 405 || status == 501;
}

}  // namespace

HealthFinding judge(const HealthPlan& plan, const HealthAnswer& answer, bool any_answer) {
    const std::optional<JsonScalars> json = json_of(answer.body);
    const std::string_view status = json ? scalar(json, "status") : unblank(answer.body);
    Word word = word_of(status);
    if (word == Word::leaving) return {ProbeResult::draining, "it says " + std::string(status)};
    if (answer.status == 503 && scalar(json, "code") == "FST_UNDER_PRESSURE")
        return {ProbeResult::degraded, "it is under pressure"};
    if (!json || (answer.status / 100 != 2 && !is_health_json(answer.type))) word = Word::none;
    if (plan.lenient) {
        const bool none = word == Word::none;
        if (none && says_no_route(answer.status)) return {ProbeResult::no_route, status_text(answer)};
        if (none && any_answer && answer.status / 100 != 2) return {ProbeResult::no_route, "it answers"};
        if (none && answer.status >= 500) return {ProbeResult::unexpected, status_text(answer)};
    } else {
        if (std::string what = missing(plan, answer, json); !what.empty())
            return {ProbeResult::unexpected, std::move(what)};
        if (names_status(plan)) word = Word::well;
    }
    if (word == Word::unwell) return {ProbeResult::unexpected, "it says " + quote(status)};
    if (word == Word::warned) return {ProbeResult::degraded, "it says " + quote(status)};
    return {ProbeResult::ok, status_text(answer)};
}

}  // namespace weir::upstream
