#include "proxy/node_said.h"

#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using proxy::Outcome;

namespace {

struct Row {
    const char* bytes;
    const char* status;
    Outcome outcome;
};
// As Node 18 to 24 send them.
const Row kRows[] = {
    {"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 ", Outcome::node_400},
    {"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", "HTTP/1.1 408 ", Outcome::node_408},
    {"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n", "HTTP/1.1 431 ", Outcome::node_431},
    {"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n", "HTTP/1.1 503 ", Outcome::node_503},
    {"HTTP/1.1 503 Service Unavailable\r\nDate: Sun, 29 Nov 2026 00:50:15 GMT\r\nConnection: close\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "HTTP/1.1 503 ", Outcome::node_503},
};

}  // namespace

TEST_CASE("what Node's own server says is told from what an app says, and passes as it is") {
    for (const Row& row : kRows) {
        for (const bool reset : {false, true}) {
            CAPTURE(row.bytes);
            CAPTURE(reset);
            ProxyRig rig;
            const auto client = rig.connect();
            rig.ask(client, kGet);
            rig.backend()->send(row.bytes);
            reset ? rig.backend()->reset() : rig.backend()->finish();
            rig.run();
            const std::string answer = client->take_received();
            CHECK(starts(answer, row.status));
            CHECK(answer.substr(answer.size() - 5) == "0\r\n\r\n");
            CHECK_FALSE(has(answer, "Proxy-Status"));
            CHECK_EQ(rig.ended(row.outcome), 1);
            CHECK_EQ(rig.backends.size(), 1);
            rig.ask(client, kGet);
            CHECK_EQ(rig.backends.size(), 2);
        }
    }
}

TEST_CASE("what an app says with the same status is its own") {
    const char* const answers[] = {
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nbecause",
        "HTTP/1.1 400 Wrong\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nDate: Sun, 29 Nov 2026 00:50:15 GMT\r\nConnection: close\r\n"
        "Transfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n",
    };
    for (const char* said : answers) {
        CAPTURE(said);
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, kGet);
        rig.backend()->send(said);
        rig.backend()->finish();
        rig.run();
        CHECK_EQ(rig.ended(Outcome::ok), 1);
    }
}

TEST_CASE("an app's answer that breaks off is not made whole") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nbeca");
    rig.backend()->reset();
    rig.run();
    CHECK_EQ(rig.ended(Outcome::ok), 0);
    CHECK_EQ(rig.ended(Outcome::node_400), 0);
}
