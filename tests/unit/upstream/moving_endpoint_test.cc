// A worker's connections to an endpoint with a host name: several addresses, which change; on memory transports and
// manual time.
#include <cerrno>
#include <memory>
#include <optional>
#include <string>

#include "tests/unit/upstream/pool_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;
using net::Address;

namespace {

const Address kV6 = *Address::parse("[::1]:3000");
const Address kV4 = *Address::parse("127.0.0.1:3000");
const Address kNew = *Address::parse("10.0.0.1:3000");

class Bench final : public PoolBench {
 public:
    Bench() : PoolBench(net::Destination("localhost", 3000)) {
        dialer.on_dial([this](const Address& to, const Peer& peer) {
            dialled.push_back(to.text());
            backends.push_back(peer);
            if (to == answers) peer->accept();
            if (to == refuses) peer->refuse(ECONNREFUSED);
        });
    }
    // A request up to its lease, or without one.
    void ask(Waiter& waiter) {
        waiter.got = connections.acquire(plan, waiter);
        run();
    }
    void carry(Waiter& waiter) {
        REQUIRE(waiter.got);
        PoolBench::carry(waiter.got, *backends.back());
    }
    void give_back(Waiter& waiter) { PoolBench::give_back(waiter.got); }
    void use() {
        Waiter waiter;
        ask(waiter);
        carry(waiter);
        give_back(waiter);
    }
    void move_to(std::vector<Address> addresses, net::DialFault fault = net::kNameTimedOut) {
        connections.move_to({std::move(addresses), fault});
        run();
    }
    std::vector<std::string> take_dialled() { return std::exchange(dialled, {}); }

    Address answers;
    Address refuses;
    std::vector<std::string> dialled;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("an endpoint whose name has no address fails at once, with the reason") {
    Bench bench;
    Waiter early;
    bench.ask(early);
    CHECK_EQ(early.error, net::kNameTimedOut);
    bench.move_to({}, net::kNameFailed);
    Waiter later;
    bench.ask(later);
    CHECK_EQ(later.error, net::kNameFailed);
    CHECK(bench.dialled.empty());
}

TEST_CASE("the address that answers carries the request, and is tried first from then on") {
    Bench bench;
    bench.refuses = kV6;
    bench.answers = kV4;
    bench.plan.idle = 0;  // each request dials
    bench.move_to({kV6, kV4});
    bench.use();
    CHECK_EQ(bench.take_dialled(), Texts{kV6.text(), kV4.text()});
    bench.use();
    CHECK_EQ(bench.take_dialled(), Texts{kV4.text()});
    bench.move_to({kV6, kNew, kV4});
    bench.use();
    CHECK_EQ(bench.take_dialled(), Texts{kV4.text()});
    std::swap(bench.answers, bench.refuses);
    bench.use();
    CHECK_EQ(bench.take_dialled(), Texts{kV4.text(), kV6.text()});
}

TEST_CASE("an address that is silent costs a quarter of a second, and connect_timeout bounds all of them") {
    Bench bench;
    bench.answers = kV4;
    bench.move_to({kV6, kV4});
    Waiter waiter;
    bench.ask(waiter);
    CHECK_FALSE(waiter.got);
    bench.advance(260ms);
    bench.carry(waiter);
    bench.give_back(waiter);
    CHECK(bench.backends[0]->closed());
    CHECK_EQ(bench.connections.idle(), 1);

    bench.answers = {};
    bench.connections.close_idle();
    Waiter unlucky;
    bench.ask(unlucky);
    bench.advance(999ms);
    CHECK_FALSE(unlucky.error);
    bench.advance(8ms);
    CHECK_EQ(unlucky.error, ETIMEDOUT);
    for (const auto& backend : bench.backends) CHECK(backend->closed());
}

TEST_CASE("what came with the connection is read by who takes it over") {
    Bench bench;
    bench.move_to({kV6, kV4});
    bench.answers = kV6;
    Waiter waiter;
    bench.ask(waiter);
    bench.carry(waiter);
    bench.backends[0]->send("stray");
    bench.give_back(waiter);
    CHECK(bench.backends[0]->closed());
    CHECK_EQ(bench.connections.idle(), 0);
}

TEST_CASE("idle connections to an address that is gone are closed, busy ones after their answer") {
    Bench bench;
    bench.move_to({kV4});
    bench.answers = kV4;
    Waiter busy;
    bench.ask(busy);
    Waiter other;
    bench.ask(other);
    bench.carry(other);
    bench.give_back(other);
    REQUIRE_EQ(bench.connections.idle(), 1);

    bench.move_to({kV4, kNew});
    CHECK_EQ(bench.connections.idle(), 1);
    bench.move_to({kNew});
    CHECK_EQ(bench.connections.idle(), 0);
    CHECK(bench.backends[1]->closed());
    CHECK_FALSE(bench.backends[0]->closed());

    std::swap(bench.backends[0], bench.backends[1]);
    bench.carry(busy);
    CHECK_FALSE(bench.backends[1]->closed());
    bench.give_back(busy);
    CHECK(bench.backends[1]->closed());
    CHECK_EQ(bench.connections.idle(), 0);
}

TEST_CASE("a dial to where the endpoint is no more serves who waits, and is not kept") {
    for (const bool waits : {true, false}) {
        Bench bench;
        bench.move_to({kV4});
        Waiter waiter;
        bench.ask(waiter);
        bench.move_to({kNew});
        if (!waits) waiter.withdraw();
        bench.backends[0]->accept();
        bench.run();
        if (waits) {
            bench.carry(waiter);
            bench.give_back(waiter);
        }
        CHECK(bench.backends[0]->closed());
        CHECK_EQ(bench.connections.idle(), 0);
    }
}

TEST_CASE("an endpoint that loses its last address keeps no connection and takes none") {
    Bench bench;
    bench.move_to({kV4});
    bench.answers = kV4;
    bench.use();
    bench.move_to({}, net::kNameFailed);
    CHECK_EQ(bench.connections.idle(), 0);
    Waiter waiter;
    bench.ask(waiter);
    CHECK_EQ(waiter.error, net::kNameFailed);
}
