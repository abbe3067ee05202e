// The files behind TLS, on a real disk.
#include "server/tls_files.h"

#include <unistd.h>

#include <fstream>
#include <string>

#include "server/watched_files.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::server;

TEST_CASE("a certificate and a key that are both gone are told of once") {
    const std::string cert = "/tmp/weir-cert-" + std::to_string(getpid());
    const std::string key = "/tmp/weir-key-" + std::to_string(getpid());
    WatchedFiles files;
    for (const std::string& path : {cert, key}) {
        std::ofstream(path) << "some text";
        CHECK(files.read(path).has_value());
    }
    CHECK_FALSE(files.changed());
    unlink(cert.c_str());
    unlink(key.c_str());
    CHECK_FALSE(files.changed());  // who takes them away may not have ended
    CHECK(files.changed());
    const auto read = read_identity(files, cert, key);
    REQUIRE_FALSE(read.has_value());
    CHECK_EQ(read.error().message.substr(0, cert.size()), cert);
    CHECK_FALSE(files.changed());
}
