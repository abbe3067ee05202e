// Names over real UDP and TCP, asked of a DNS server of the test's own.
#include "net/resolver.h"

#include <optional>

#include "tests/unit/net/dns_server.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::dns_answer;
using net::dns_record;
using net::DnsQuery;
using Kind = net::FamilyAnswer::Kind;
using Packets = std::vector<std::string>;

namespace {

struct Asker final : net::Lookup::Owner {
    void on_answer(const net::NameAnswer& said) override {
        answer = said;
        ++told;
    }
    std::optional<net::NameAnswer> answer;
    int told = 0;
};

std::vector<std::string> texts(const net::FamilyAnswer& family) {
    std::vector<std::string> all;
    for (const Ip& ip : family.addresses) all.push_back(ip.text());
    return all;
}

// A resolver with one server, and what it found out.
class Bench final {
 public:
    explicit Bench(net::DnsServer::Script script) : server(loop.poller(), std::move(script)) {}
    const net::NameAnswer& ask(const std::string& name = "app.internal.") {
        lookup = resolver.look_up(name, asker);
        REQUIRE_EQ(asker.told, 0);
        REQUIRE(loop.until([&] { return asker.told > 0; }));
        loop.turn();
        REQUIRE_EQ(asker.told, 1);
        return *asker.answer;
    }

    net::SocketLoop loop;
    net::DnsServer server;
    net::SystemResolver resolver{loop.poller(), loop.loop(), server.address()};
    Asker asker;
    std::unique_ptr<net::Lookup> lookup;
};

// Both families of one host.
Packets both(const DnsQuery& query, uint32_t ttl = 60) {
    const char* const address = query.type == DnsQuery::kA ? "10.0.0.1" : "fd00::1";
    return {dns_answer(query, {dns_record(address, ttl)})};
}

}  // namespace

TEST_CASE("a name has the addresses of both families, for as long as their TTL") {
    Bench bench([](const DnsQuery& query) -> Packets {
        if (query.type == DnsQuery::kA)
            return {dns_answer(query, {dns_record("10.0.0.1", 60), dns_record("10.0.0.2", 7)})};
        return {dns_answer(query, {dns_record("fd00::1", 300)})};
    });
    const net::NameAnswer& answer = bench.ask();
    CHECK(answer.v4.kind == Kind::found);
    CHECK(answer.v6.kind == Kind::found);
    CHECK_EQ(answer.v4.addresses.size(), 2);
    CHECK_EQ(texts(answer.v6), std::vector<std::string>{"fd00::1"});
    CHECK_EQ(answer.v4.ttl, 7s);
    CHECK_EQ(answer.v6.ttl, 300s);
    CHECK_EQ(bench.server.queries().size(), 2);
}

TEST_CASE("an alias that lives shorter than its addresses ends their life") {
    Bench bench([](const DnsQuery& query) -> Packets {
        if (query.type != DnsQuery::kA) return {dns_answer(query, {})};
        return {dns_answer(query, {{DnsQuery::kCname, 3, net::dns_name("real.internal")}, dns_record("10.0.0.1", 60)})};
    });
    const net::NameAnswer& answer = bench.ask();
    CHECK_EQ(texts(answer.v4), std::vector<std::string>{"10.0.0.1"});
    CHECK_EQ(answer.v4.ttl, 3s);
    CHECK(answer.v6.kind == Kind::none);
}

TEST_CASE("no such name, trouble of the server, and no server at all are told apart") {
    Bench none([](const DnsQuery& query) -> Packets { return {dns_answer(query, {}, 3)}; });
    CHECK(none.ask().v4.kind == Kind::none);
    CHECK_FALSE(none.asker.answer->why.empty());

    Bench trouble([](const DnsQuery& query) -> Packets { return {dns_answer(query, {}, 2)}; });
    CHECK(trouble.ask().v4.kind == Kind::failed);
    CHECK_FALSE(trouble.asker.answer->why.empty());

    net::SocketLoop loop;
    std::string nobody;
    {
        const net::DnsServer server(loop.poller(), [](const DnsQuery&) { return Packets(); });
        nobody = server.address();
    }
    net::SystemResolver resolver(loop.poller(), loop.loop(), nobody);
    Asker asker;
    const auto lookup = resolver.look_up("app.internal.", asker);
    REQUIRE(loop.until([&] { return asker.told > 0; }));
    CHECK(asker.answer->v4.kind == Kind::failed);
    CHECK_FALSE(asker.answer->why.empty());
}

TEST_CASE("an answer that is cut short is asked for again over TCP") {
    Bench bench([](const DnsQuery& query) -> Packets {
        if (!query.tcp) return {dns_answer(query, {}, 0, true)};
        return both(query);
    });
    const net::NameAnswer& answer = bench.ask();
    CHECK_EQ(texts(answer.v4), std::vector<std::string>{"10.0.0.1"});
    CHECK_EQ(texts(answer.v6), std::vector<std::string>{"fd00::1"});
}

TEST_CASE("garbage, another's id and the answer to another question are passed over") {
    Bench bench([](const DnsQuery& query) -> Packets {
        std::string foreign = dns_answer(query, {dns_record("192.0.2.66", 60)});
        foreign[0] = static_cast<char>(foreign[0] ^ 1);
        DnsQuery other = query;
        other.packet[13] = 'z';
        const std::string elsewhere = dns_answer(other, {dns_record("192.0.2.66", 60)});
        return {"", "x", std::string(11, '\xff'), std::string(600, '\xff'), foreign, elsewhere, both(query)[0]};
    });
    const net::NameAnswer& answer = bench.ask();
    CHECK_EQ(texts(answer.v4), std::vector<std::string>{"10.0.0.1"});
    CHECK_EQ(texts(answer.v6), std::vector<std::string>{"fd00::1"});
}

// Within its question it could be anybody's answer; behind that it is a broken one.
TEST_CASE("an answer that stops anywhere is never a crash and never an address") {
    const size_t question = 12 + net::dns_name("app.internal").size() + 4;
    Bench stubs([question](const DnsQuery& query) {
        const std::string whole = both(query)[0];
        Packets all;
        for (size_t cut = 0; cut < question; ++cut) all.push_back(whole.substr(0, cut));
        all.push_back(whole);
        return all;
    });
    CHECK_EQ(texts(stubs.ask().v4), std::vector<std::string>{"10.0.0.1"});

    const size_t records = 12 + 4;  // of an A
    for (size_t cut = question; cut < question + records; ++cut) {
        Bench bench([cut](const DnsQuery& query) -> Packets { return {both(query)[0].substr(0, cut)}; });
        const net::NameAnswer& answer = bench.ask();
        CAPTURE(cut);
        CHECK(answer.v4.kind == Kind::failed);
        CHECK(answer.v6.kind == Kind::failed);
    }
}

TEST_CASE("a family that stays silent does not hold up the other one") {
    Bench bench([](const DnsQuery& query) -> Packets { return query.type == DnsQuery::kA ? both(query) : Packets(); });
    const net::NameAnswer& answer = bench.ask();
    CHECK(answer.v4.kind == Kind::found);
    CHECK(answer.v6.kind == Kind::timed_out);
}

TEST_CASE("answers that come in the turn in which their time is over are told once") {
    ManualClock clock;
    net::EventPoller poller;
    net::Loop loop(poller, clock);
    size_t served = 0;
    net::DnsServer server(poller, [&](const DnsQuery& query) { return ++served, both(query); });
    net::SystemResolver resolver(poller, loop, server.address());
    Asker asker;
    const auto lookup = resolver.look_up("app.internal.", asker);
    for (int i = 0; i < 1000 && served < 2; ++i) loop.turn(10ms);
    REQUIRE_EQ(served, 2);
    REQUIRE_EQ(asker.told, 0);
    clock.advance(net::SystemResolver::kLongest);
    for (int i = 0; i < 3; ++i) loop.turn(Duration::zero());
    CHECK_EQ(asker.told, 1);
}

TEST_CASE("a lookup that is taken back says nothing more") {
    Bench bench([](const DnsQuery&) { return Packets(); });
    bench.lookup = bench.resolver.look_up("app.internal.", bench.asker);
    REQUIRE(bench.loop.until([&] { return bench.server.queries().size() == 2; }));
    bench.lookup.reset();
    for (int i = 0; i < 3; ++i) bench.loop.turn();
    CHECK_EQ(bench.asker.told, 0);
}

TEST_CASE("thousands of addresses are a few, doubles are one, and the unspecified one is none") {
    Bench bench([](const DnsQuery& query) -> Packets {
        if (query.type != DnsQuery::kA) return {dns_answer(query, {dns_record("::", 60)})};
        if (!query.tcp) return {dns_answer(query, {}, 0, true)};
        std::vector<net::DnsRecord> records{dns_record("0.0.0.0", 60), dns_record("10.1.0.0", 60)};
        for (int i = 0; i < 2000; ++i)
            records.push_back(dns_record("10.1." + std::to_string(i % 8) + "." + std::to_string(i % 256), 60));
        return {dns_answer(query, records)};
    });
    const net::NameAnswer& answer = bench.ask();
    CHECK_EQ(answer.v4.addresses.size(), net::SystemResolver::kMostAddresses);
    for (const std::string& text : texts(answer.v4)) CHECK_EQ(text.substr(0, 5), "10.1.");
    CHECK(answer.v6.kind == Kind::none);
}

TEST_CASE("localhost is both loopback addresses, and nobody is asked") {
    for (const char* name : {"localhost", "localhost.", "app.localhost"}) {
        Bench bench([](const DnsQuery& query) { return both(query); });
        const net::NameAnswer& answer = bench.ask(name);
        CHECK_EQ(texts(answer.v6), std::vector<std::string>{"::1"});
        CHECK_EQ(texts(answer.v4), std::vector<std::string>{"127.0.0.1"});
        CHECK(bench.server.queries().empty());
    }
    Bench bench([](const DnsQuery& query) { return both(query); });
    CHECK_EQ(texts(bench.ask("notlocalhost.").v4), std::vector<std::string>{"10.0.0.1"});
}
