// From results of probes to states, as rows: each character is a probe, each word the state behind it.
#include "upstream/rise_and_fall.h"

#include <string_view>

#include "tests/support/doctest.h"

using namespace weir::upstream;

namespace {

ProbeResult result_of(char c) {
    switch (c) {
        case '+':
            return ProbeResult::ok;
        case 'n':
            return ProbeResult::no_route;
        case 'w':
            return ProbeResult::degraded;
        case 'd':
            return ProbeResult::draining;
        case 'r':
            return ProbeResult::refused;
        case 't':
            return ProbeResult::timeout;
        default:
            return ProbeResult::unexpected;
    }
}

// rise 2, fall 3.
EndpointState after(std::string_view probes, bool start_down = false) {
    RiseAndFall state(2, 3, start_down);
    for (const char c : probes) state.hear(result_of(c));
    return state.state();
}

bool changing(std::string_view probes, bool start_down = false) {
    RiseAndFall state(2, 3, start_down);
    for (const char c : probes) state.hear(result_of(c));
    return state.changing();
}

}  // namespace

TEST_CASE("an endpoint rises and falls by what its probes say in a row") {
    struct Row {
        std::string_view probes;
        EndpointState state;
    };
    const Row rows[] = {
        {"", EndpointState::unknown},
        {"+", EndpointState::up},
        {"n", EndpointState::up},
        {"w", EndpointState::degraded},
        {"d", EndpointState::draining},
        {"rr", EndpointState::unknown},
        {"rtx", EndpointState::down},
        {"+rr", EndpointState::up},
        {"+rrr", EndpointState::down},
        {"+rr+rr", EndpointState::up},
        {"+rrr+", EndpointState::down},
        {"+rrr+r+", EndpointState::down},
        {"+rrr++", EndpointState::up},
        {"+w", EndpointState::degraded},
        {"w+", EndpointState::degraded},
        {"w++", EndpointState::up},
        {"w+w+", EndpointState::degraded},
        {"wrr", EndpointState::degraded},
        {"wrrr", EndpointState::down},
        {"rrrw", EndpointState::down},
        {"rrrww", EndpointState::degraded},
        {"rrr+w", EndpointState::degraded},
        {"rrrww+", EndpointState::degraded},
        {"rrrww++", EndpointState::up},
        {"+d", EndpointState::draining},
        {"+d+", EndpointState::draining},
        {"+d++", EndpointState::up},
        {"+drr", EndpointState::draining},
        {"+drrr", EndpointState::down},
        {"rrrd", EndpointState::draining},
    };
    for (const Row& row : rows) {
        CAPTURE(row.probes);
        CHECK_EQ(after(row.probes), row.state);
    }
}

TEST_CASE("an endpoint that starts as down waits for its rise") {
    CHECK_EQ(after("", true), EndpointState::down);
    CHECK_EQ(after("+", true), EndpointState::down);
    CHECK_EQ(after("++", true), EndpointState::up);
}

TEST_CASE("what is between two states is changing") {
    CHECK(changing(""));
    CHECK_FALSE(changing("+"));
    CHECK(changing("+r"));
    CHECK_FALSE(changing("+r+"));
    CHECK_FALSE(changing("+rrr"));
    CHECK(changing("+rrr+"));
    CHECK_FALSE(changing("+rrr++"));
    CHECK_FALSE(changing("w"));
    CHECK(changing("w+"));
    CHECK_FALSE(changing("w++"));
    CHECK_FALSE(changing("rrrww"));
    CHECK(changing("rrrww+"));
    CHECK(changing("+d"));
    CHECK(changing("", true));
    CHECK_FALSE(changing("r", true));
}

TEST_CASE("a change is told once, with how far it had to come") {
    RiseAndFall state(2, 3, false);
    CHECK(state.hear(ProbeResult::ok));
    CHECK_EQ(state.progress(), "");
    CHECK_FALSE(state.hear(ProbeResult::ok));
    CHECK_FALSE(state.hear(ProbeResult::refused));
    CHECK_FALSE(state.hear(ProbeResult::refused));
    CHECK(state.hear(ProbeResult::refused));
    CHECK_EQ(state.progress(), " (3 of 3)");
    CHECK_FALSE(state.hear(ProbeResult::refused));
    CHECK_FALSE(state.hear(ProbeResult::ok));
    CHECK(state.hear(ProbeResult::ok));
    CHECK_EQ(state.progress(), " (2 of 2)");
}
