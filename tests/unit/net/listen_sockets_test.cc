#include "net/listen_sockets.h"

#include <sys/fsuid.h>

#include <cerrno>
#include <string>

#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using net::Address;
using net::ListenSockets;
using net::TestSocket;

namespace {

// Binds and listens as another program would; 0 or an errno.
int listen_beside(const Address& at, bool with_reuseport, TestSocket& socket) {
    sockaddr_storage raw;
    const socklen_t size = at.fill(raw);
    socket = TestSocket(::socket(raw.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (with_reuseport) setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(socket.fd(), reinterpret_cast<const sockaddr*>(&raw), size) != 0) return errno;
    return listen(socket.fd(), 8) == 0 ? 0 : errno;
}

int connect_code(const Address& to) {
    sockaddr_storage raw;
    to.fill(raw);
    const TestSocket socket(::socket(raw.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return net::connect_to(socket.fd(), to) == 0 ? 0 : errno;
}

std::string port_text(const ListenSockets& sockets) {
    return std::to_string(sockets.address().port());
}

}  // namespace

TEST_CASE("listen sockets are one for each worker, on one port") {
    const auto sockets = ListenSockets::bind("127.0.0.1:0", 3, 16);
    REQUIRE(sockets.has_value());
    CHECK_NE(sockets->address().port(), 0);
    for (unsigned i = 0; i < 3; ++i) CHECK(net::name_of(sockets->fd(i)) == sockets->address());
    CHECK_NE(sockets->fd(0), sockets->fd(1));
    CHECK_NE(sockets->fd(1), sockets->fd(2));
    CHECK_EQ(connect_code(sockets->address()), 0);
}

TEST_CASE("a second weir on the same port is refused, whatever its number of workers") {
    for (const unsigned first : {1U, 2U}) {
        const auto sockets = ListenSockets::bind("127.0.0.1:0", first, 16);
        REQUIRE(sockets.has_value());
        for (const unsigned second : {1U, 2U}) {
            const auto refused = ListenSockets::bind(sockets->address().text(), second, 16);
            REQUIRE_FALSE(refused.has_value());
            CHECK_EQ(refused.error().code, EADDRINUSE);
            CHECK_EQ(refused.error().message, sockets->address().text() + ": address in use");
        }
    }
}

TEST_CASE("a weir is refused where somebody listens already, with SO_REUSEPORT too") {
    for (const bool with_reuseport : {false, true}) {
        TestSocket other;
        REQUIRE_EQ(listen_beside(Address::of(Ip::v4({127, 0, 0, 1}), 0), with_reuseport, other), 0);
        const auto refused = ListenSockets::bind(net::name_of(other.fd()).text(), 2, 16);
        REQUIRE_FALSE(refused.has_value());
        CHECK_EQ(refused.error().code, EADDRINUSE);
    }
}

TEST_CASE("nobody joins a weir's address, not another user with SO_REUSEPORT, not its own user without it") {
    const auto sockets = ListenSockets::bind("127.0.0.1:0", 2, 16);
    REQUIRE(sockets.has_value());
    TestSocket other;
    CHECK_EQ(listen_beside(sockets->address(), false, other), EADDRINUSE);
    const auto alone = ListenSockets::bind("127.0.0.1:0", 1, 16);
    REQUIRE(alone.has_value());
    CHECK_EQ(listen_beside(alone->address(), true, other), EADDRINUSE);  // a single socket needs no option itself
    if (geteuid() != 0) return;                                          // only root can make a socket of another user
    setfsuid(65534);
    const int joined = listen_beside(sockets->address(), true, other);
    setfsuid(0);
    CHECK_EQ(joined, EADDRINUSE);
}

TEST_CASE("an address is free again when its listen sockets are gone") {
    std::string address;
    {
        const auto sockets = ListenSockets::bind("127.0.0.1:0", 2, 16);
        REQUIRE(sockets.has_value());
        address = sockets->address().text();
    }
    CHECK(ListenSockets::bind(address, 2, 16).has_value());
}

TEST_CASE("a port alone listens on both families, a written address on its own only") {
    for (const std::string form : {":0", "0"}) {
        const auto both = ListenSockets::bind(form, 2, 16);
        REQUIRE(both.has_value());
        const uint16_t port = both->address().port();
        REQUIRE_NE(port, 0);
        CHECK_EQ(connect_code(Address::of(Ip::v4({127, 0, 0, 1}), port)), 0);
        std::array<uint8_t, 16> one{};
        one[15] = 1;
        if (both->address().family() == Address::Family::v6) CHECK_EQ(connect_code(Address::of(Ip(one), port)), 0);
        CHECK_FALSE(ListenSockets::bind(":" + port_text(*both), 1, 16).has_value());
        CHECK_FALSE(ListenSockets::bind("127.0.0.1:" + port_text(*both), 1, 16).has_value());
    }
    const auto six = ListenSockets::bind("[::1]:0", 1, 16);
    if (six.has_value())
        CHECK_EQ(connect_code(Address::of(Ip::v4({127, 0, 0, 1}), six->address().port())), ECONNREFUSED);
}

TEST_CASE("what can not be listened on is refused in words") {
    struct Row {
        const char* address;
        const char* says;
    };
    const Row rows[] = {
        {"unix:/run/weir.sock", "unix listeners are not supported"},
        {"localhost:8080", "write an IP address"},
        {"127.0.0.1", "has no port"},
        {"192.0.2.1:8080", "can not listen on 192.0.2.1:8080"},
        {":99999", "a port is a number"},
        {"", "is not an address"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.address);
        const auto refused = ListenSockets::bind(row.address, 1, 16);
        REQUIRE_FALSE(refused.has_value());
        CAPTURE(refused.error().message);
        CHECK_NE(refused.error().message.find(row.says), std::string::npos);
    }
}
