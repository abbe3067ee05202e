// RFC 8305 among the addresses of one endpoint, on memory transports and manual time.
#include "net/race.h"

#include <cerrno>
#include <map>

#include "tests/support/memory_loop.h"
#include "tests/unit/net/transport_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Address;
using net::Lane;

namespace {

const Address kV6 = *Address::parse("[::1]:3000");
const Address kV4 = *Address::parse("127.0.0.1:3000");
const Address kOther = *Address::parse("10.0.0.1:3000");

class Bench final : public support::MemoryLoop {
 public:
    Bench() {
        dialer.on_dial([this](const Address& to, const Peer& peer) {
            dialled.push_back(to);
            backends.push_back(peer);
            if (const auto at_once = errors.find(to.text()); at_once != errors.end()) peer->refuse(at_once->second);
        });
    }
    net::Race& begin(std::vector<Address> addresses, int nowhere = 0) {
        race = std::make_unique<net::Race>(loop, dialer, std::move(addresses), nowhere);
        race->set_owner(owner, Lane::upstream);
        run();
        return *race;
    }

    std::vector<Address> dialled;
    std::map<std::string, int> errors;  // of dials that fail at once
    net::CountingOwner owner;
    std::unique_ptr<net::Race> race;
};

}  // namespace

TEST_CASE("a race tries the next address a quarter of a second later, and closes who lost") {
    Bench bench;
    net::Race& race = bench.begin({kV6, kV4, kOther});
    CHECK_EQ(bench.dialled.size(), 1);
    bench.advance(245ms);
    CHECK_EQ(bench.dialled.size(), 1);
    bench.advance(10ms);
    CHECK_EQ(bench.dialled.size(), 2);
    CHECK(race.connecting());
    CHECK_EQ(bench.owner.told, 0);
    bench.backends[1]->accept();
    bench.run();
    CHECK_FALSE(race.connecting());
    CHECK_EQ(race.connect_error(), 0);
    CHECK_EQ(bench.owner.told, 1);
    CHECK(bench.backends[0]->closed());
    const std::unique_ptr<net::Transport> winner = race.take_over();
    REQUIRE(winner != nullptr);
    CHECK(winner->peer() == kV4);
    CHECK(race.take_over() == nullptr);
    bench.advance(1s);
    CHECK_EQ(bench.dialled.size(), 2);
    CHECK_EQ(bench.owner.told, 1);
}

TEST_CASE("the first address of a race may still win once others are tried") {
    Bench bench;
    net::Race& race = bench.begin({kV6, kV4});
    bench.advance(300ms);
    REQUIRE_EQ(bench.dialled.size(), 2);
    bench.backends[0]->accept();
    bench.backends[1]->accept();
    bench.run();
    CHECK(race.take_over()->peer() == kV6);
    CHECK(bench.backends[1]->closed());
}

TEST_CASE("an address that fails makes room for the next one at once") {
    Bench bench;
    bench.errors = {{kV6.text(), ECONNREFUSED}};
    net::Race& race = bench.begin({kV6, kV4});
    REQUIRE_EQ(bench.dialled.size(), 2);
    CHECK(bench.backends[0]->closed());
    bench.backends[1]->accept();
    bench.run();
    CHECK(race.take_over()->peer() == kV4);
}

TEST_CASE("a race is lost when every address has failed, with the error that tells most") {
    struct Row {
        int v6, v4, told;
    };
    const Row rows[] = {{ECONNREFUSED, ENETUNREACH, ECONNREFUSED},
                        {ENETUNREACH, ECONNREFUSED, ECONNREFUSED},
                        {ECONNREFUSED, ETIMEDOUT, ETIMEDOUT},
                        {EADDRNOTAVAIL, ENETUNREACH, EADDRNOTAVAIL}};
    for (const Row& row : rows) {
        Bench bench;
        net::Race& race = bench.begin({kV6, kV4});
        bench.backends[0]->refuse(row.v6);
        bench.run();
        CHECK(race.connecting());
        bench.backends[1]->refuse(row.v4);
        bench.run();
        CHECK_FALSE(race.connecting());
        CHECK_EQ(race.connect_error(), row.told);
        CHECK_EQ(bench.owner.told, 1);
        CHECK(race.take_over() == nullptr);
    }
}

TEST_CASE("a race that waits for a silent address is not lost with another one") {
    Bench bench;
    net::Race& race = bench.begin({kV6, kV4});
    bench.advance(300ms);
    bench.backends[1]->refuse(ECONNREFUSED);
    bench.run();
    CHECK(race.connecting());
    bench.backends[0]->accept();
    bench.run();
    CHECK(race.take_over()->peer() == kV6);
}

TEST_CASE("a race without addresses is lost from the start") {
    Bench bench;
    net::Race& race = bench.begin({}, net::kNameFailed);
    CHECK_FALSE(race.connecting());
    CHECK_EQ(race.connect_error(), net::kNameFailed);
    CHECK_EQ(bench.owner.told, 1);
}

TEST_CASE("a race that is given up closes what it opened") {
    Bench bench;
    bench.begin({kV6, kV4});
    bench.advance(300ms);
    bench.race.reset();
    CHECK(bench.backends[0]->closed());
    CHECK(bench.backends[1]->closed());
    bench.advance(1s);
    CHECK_EQ(bench.dialled.size(), 2);
}
