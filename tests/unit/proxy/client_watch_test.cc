#include "proxy/client_watch.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using proxy::ClientWatch;

namespace {
constexpr TimePoint kStart = TimePoint(1000s);
constexpr TimePoint kNever = TimePoint::max();
}  // namespace

TEST_CASE("a client is asked after every ten seconds, from when something waits for it") {
    ClientWatch watch;
    CHECK_FALSE(watch.due(kStart, false));
    CHECK_EQ(watch.next(), kNever);
    CHECK_FALSE(watch.due(kStart + 100s, true));
    CHECK_EQ(watch.next(), kStart + 110s);
    CHECK_FALSE(watch.due(kStart + 109s, true));
    CHECK(watch.due(kStart + 112s, true));
    watch.tell(kStart + 112s, 7, 5s);
    CHECK_FALSE(watch.due(kStart + 121s, true));
    CHECK_EQ(watch.next(), kStart + 122s);
    CHECK_FALSE(watch.due(kStart + 125s, false));
    CHECK_EQ(watch.next(), kNever);
    CHECK_FALSE(watch.due(kStart + 500s, true));
    CHECK_EQ(watch.next(), kStart + 510s);
}

TEST_CASE("a client has vanished when it was silent for fifty seconds") {
    struct Row {
        std::optional<Duration> unanswered;
        bool vanished;
    };
    for (const Row& row :
         {Row{std::nullopt, false}, Row{0s, false}, Row{49'999ms, false}, Row{50s, true}, Row{10min, true}}) {
        ClientWatch watch;
        watch.due(kStart, true);
        REQUIRE(watch.due(kStart + 10s, true));
        watch.tell(kStart + 10s, 7, row.unanswered);
        CHECK_EQ(watch.vanished(), row.vanished);
    }
}

TEST_CASE("who has vanished has vanished, whenever it is looked at") {
    ClientWatch watch;
    watch.due(kStart, true);
    watch.tell(kStart + 10s, 7, 50s);
    for (const bool waiting : {true, false}) {
        CHECK_FALSE(watch.due(kStart + 11s, waiting));
        CHECK(watch.vanished());
        CHECK_EQ(watch.next(), kStart + 10s);
    }
}

TEST_CASE("what was written has arrived when nothing of it was on its way any more") {
    ClientWatch watch;
    watch.tell(kStart, 7, 0s);
    CHECK_EQ(watch.arrived(), 0);
    watch.tell(kStart + 10s, 8, std::nullopt);
    CHECK_EQ(watch.arrived(), 8);
    watch.tell(kStart + 20s, 9, 3s);
    CHECK_EQ(watch.arrived(), 8);
}
