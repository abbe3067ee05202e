#include "server/sticky_secret.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "tests/support/doctest.h"

using namespace weir;

namespace {

class File final {
 public:
    explicit File(const std::string& text) {
        const int fd = mkstemp(path.data());
        REQUIRE(fd >= 0);
        REQUIRE_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        close(fd);
    }
    ~File() { std::remove(path.c_str()); }
    std::string path = "/tmp/weir-secret-XXXXXX";
};

}  // namespace

TEST_CASE("a sticky pool's secret is its file without the line breaks at its end") {
    const File file("0123456789abcdef \n\r\n");
    const auto secret = server::read_sticky_secret(file.path);
    REQUIRE(secret.has_value());
    CHECK_EQ(*secret, "0123456789abcdef ");
}

TEST_CASE("a secret that is too short, too long or not there is refused by the name of its file") {
    for (const std::string& text : {std::string(), std::string("0123456789abcde\n"), std::string(4097, 'x')}) {
        const File file(text);
        const auto secret = server::read_sticky_secret(file.path);
        REQUIRE_FALSE(secret.has_value());
        CHECK_EQ(secret.error().message.rfind(file.path, 0), 0);
        CHECK_EQ(secret.error().code, 0);
    }
    CHECK_EQ(server::read_sticky_secret("/tmp/weir-no-such-secret").error().code, ENOENT);
}
