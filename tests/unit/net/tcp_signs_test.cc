#include "net/tcp_signs.h"

#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::TcpSigns;

TEST_CASE("a peer's silence counts when what was sent was sent again three times in vain, and once more") {
    struct Row {
        const char* who;
        TcpSigns signs;
        std::optional<Duration> unanswered;
    };
    const Row rows[] = {
        {"nothing is on its way to it", {0, 65536, 0, 0, 90s}, std::nullopt},
        {"it has acknowledged everything and closed its window", {0, 0, 0, 0, 119s}, std::nullopt},
        {"it has been sent something", {2, 65536, 0, 0, 90s}, 0s},
        {"the third time is on its way", {2, 65536, 3, 0, 90s}, 0s},
        {"the third time had its time", {2, 65536, 4, 0, 90s}, 90s},
        {"a last byte of window is an open one", {1, 1, 9, 0, 51s}, 51s},
        {"it has just answered, and takes nothing new", {2, 65536, 9, 0, 0s}, 0s},
        {"it took its window back", {2, 0, 9, 0, 90s}, 0s},
        {"the first probe of its closed window is on its way", {0, 0, 0, 1, 119s}, 0s},
        {"the third probe is on its way", {0, 0, 0, 3, 400s}, 0s},
        {"the third probe had its time", {0, 0, 0, 4, 400s}, 400s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.who);
        CHECK(row.signs.unanswered() == row.unanswered);
    }
}

namespace {
void fill(net::Transport& transport) {
    const std::string many(1 << 20, 'x');
    while (transport.writable()) net::write_text(transport, many);
}
bool silent(const net::Transport& transport) {
    return transport.unanswered() > Duration::zero();
}
}  // namespace

TEST_CASE("nothing is on its way to whoever has acknowledged all of it") {
    net::TcpBench bench;
    auto both = bench.pair();
    CHECK(both.transport->unanswered() == std::nullopt);
    REQUIRE_EQ(net::write_text(*both.transport, "an event that is left unread").bytes, 28);
    CHECK(bench.until([&] { return both.transport->unanswered() == std::nullopt; }));
}

// Sent again after 0.2, 0.4, 0.8 and 1.6 seconds, and so are probes.
TEST_CASE("who vanished is silent, with an open window and with a closed one; who reads nothing is not") {
    net::TcpBench bench;
    auto open = bench.pair();
    auto closed = bench.pair();
    auto unread = bench.pair();
    fill(*closed.transport);
    fill(*unread.transport);
    REQUIRE(bench.until([&] { return closed.transport->unanswered() == std::nullopt; }));
    open.far.vanish();
    closed.far.vanish();
    REQUIRE_EQ(net::write_text(*open.transport, "an event").bytes, 8);
    CHECK(open.transport->unanswered() == Duration::zero());
    CHECK(bench.until([&] { return silent(*open.transport) && silent(*closed.transport); }));
    CHECK_FALSE(silent(*unread.transport));
    for (const auto* pair : {&open, &closed}) {
        CHECK_FALSE(pair->transport->readable());
        CHECK_EQ(pair->transport->failed(), 0);
    }
}

TEST_CASE("of a unix socket nobody knows") {
    net::UnixBench bench;
    auto both = bench.pair();
    REQUIRE_EQ(net::write_text(*both.transport, "unread").bytes, 6);
    CHECK(both.transport->unanswered() == std::nullopt);
}
