#include "http/client_hop.h"

#include <string>

#include "http/date.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::http;

namespace {

const CidrSet kNetworks({*Cidr::parse("10.0.0.0/8"), *Cidr::parse("fd00::/16")});

struct Row {
    const char* what;
    const char* sent;  // X-Forwarded-For, or Forwarded when it holds a `=`; `|` between two fields
    const char* client;
};

const Row kRows[] = {
    {"nothing was said", "", "10.0.0.1"},
    {"one hop", "192.0.2.1", "192.0.2.1"},
    {"the first from the right that is not trusted", "1.1.1.1, 192.0.2.1, 10.0.0.9", "192.0.2.1"},
    {"over several fields", "1.1.1.1|192.0.2.1, 10.1.1.1|10.2.2.2", "192.0.2.1"},
    {"all trusted: the leftmost", "10.3.3.3, 10.2.2.2", "10.3.3.3"},
    {"what is no address ends the search", "1.1.1.1, unknown, 10.2.2.2", "10.2.2.2"},
    {"no address at all", "1.1.1.1, unknown", "10.0.0.1"},
    {"a word", "evil", "10.0.0.1"},
    {"empty elements do not count", "192.0.2.1, , ,", "192.0.2.1"},
    {"white space does not count", " 192.0.2.1\t,\t10.2.2.2 ", "192.0.2.1"},
    {"with a port", "192.0.2.1:5678", "192.0.2.1"},
    {"with a port that is none", "192.0.2.1:5a", "10.0.0.1"},
    {"IPv6", "2001:DB8:0::1, fd00::1", "2001:db8::1"},
    {"IPv6 in brackets", "[2001:db8::1]", "2001:db8::1"},
    {"IPv6 with a port", "[2001:db8::1]:443", "2001:db8::1"},
    {"IPv6 in broken brackets", "[2001:db8::1", "10.0.0.1"},
    {"IPv6 with something behind", "[2001:db8::1]x", "10.0.0.1"},
    {"an IPv4-mapped address is the IPv4 address", "::ffff:192.0.2.1", "192.0.2.1"},
    {"a trusted IPv4-mapped address is trusted", "192.0.2.1, ::ffff:10.2.2.2", "192.0.2.1"},
    {"octal is no address", "010.0.0.2", "10.0.0.1"},
    {"short forms are no addresses", "10.1", "10.0.0.1"},
    {"zones are no addresses", "fe80::1%eth0", "10.0.0.1"},
    {"quotes in what the client sent", "evil\", 192.0.2.1", "192.0.2.1"},
    {"Forwarded", "for=192.0.2.1", "192.0.2.1"},
    {"Forwarded with parameters", "proto=https;For=192.0.2.1;by=10.0.0.1, for=10.2.2.2", "192.0.2.1"},
    {"Forwarded in quotes", "for=\"192.0.2.1:80\"", "192.0.2.1"},
    {"Forwarded IPv6", "for=\"[2001:db8::1]:4711\", for=10.2.2.2", "2001:db8::1"},
    {"Forwarded hidden", "for=_secret, for=10.2.2.2", "10.2.2.2"},
    {"Forwarded without for", "for=1.1.1.1, proto=https", "10.0.0.1"},
    {"Forwarded with a comma in quotes", "for=1.1.1.1, for=192.0.2.1;host=\"a,for=2.2.2.2\"", "192.0.2.1"},
    {"Forwarded with a hidden quote", "for=1.1.1.1, for=\"a\\\", for=192.0.2.1\"", "10.0.0.1"},
};

Fields fields_of(std::string_view sent) {
    Fields fields;
    const bool standard = sent.find('=') != sent.npos;
    while (!sent.empty()) {
        const size_t end = std::min(sent.find('|'), sent.size());
        fields.add(standard ? HeaderName::forwarded : HeaderName::x_forwarded_for, sent.substr(0, end));
        sent.remove_prefix(std::min(end + 1, sent.size()));
    }
    return fields;
}

}  // namespace

TEST_CASE("client ip is the first address from the right that is not trusted") {
    for (const Row& row : kRows) {
        CAPTURE(row.what);
        CAPTURE(row.sent);
        Arena arena;
        ClientHop hop;
        hop.peer = "10.0.0.1";
        hop.proxies = &kNetworks;
        CHECK_EQ(client_ip(fields_of(row.sent), hop, arena), row.client);
        hop.proxies = nullptr;
        hop.peer = "192.0.2.200";
        CHECK_EQ(client_ip(fields_of(row.sent), hop, arena), "192.0.2.200");
    }
}

TEST_CASE("client ip reads X-Forwarded-For where both came") {
    Fields fields;
    fields.add(HeaderName::forwarded, "for=1.1.1.1");
    fields.add(HeaderName::x_forwarded_for, "192.0.2.1");
    Arena arena;
    ClientHop hop;
    hop.proxies = &kNetworks;
    CHECK_EQ(client_ip(fields, hop, arena), "192.0.2.1");
}

TEST_CASE("date text is RFC 9110's form of a second, made once for it") {
    DateText date;
    const auto at = [&date](long long second) { return date.at(WallTime(std::chrono::seconds(second))); };
    CHECK_EQ(at(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK_EQ(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK_EQ(at(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK_EQ(at(951'868'799), "Tue, 29 Feb 2000 23:59:59 GMT");
    CHECK_EQ(at(951'868'800), "Wed, 01 Mar 2000 00:00:00 GMT");
    CHECK_EQ(at(4'102'444'799), "Thu, 31 Dec 2099 23:59:59 GMT");
    const auto again = date.at(WallTime(std::chrono::seconds(4'102'444'799)) + std::chrono::milliseconds(999));
    CHECK_EQ(again, "Thu, 31 Dec 2099 23:59:59 GMT");
    const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    for (int i = 0; i < 12; ++i) CHECK_EQ(at(86'400LL * days[i]).substr(8, 3), months[i]);
}
