#include "config/dump.h"

#include <filesystem>
#include <string>

#include "config/load.h"
#include "tests/unit/config/files.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::config;

namespace {

// What a config of this text comes to; it must be one.
std::string dumped(const std::string& text) {
    const Loaded loaded = parse(text, "weir.yaml");
    CAPTURE(all_lines(loaded));
    CAPTURE(text);
    REQUIRE(loaded);
    return dump(*loaded.config);
}

const std::string kSmallest =
    "listeners: [ { address: ':8080' } ]\npools: { app: { endpoints: [ 127.0.0.1:3000 ] } }\nroutes: [ { pool: app } "
    "]\n";

}  // namespace

TEST_CASE("dump is a config again, and its own fixed point") {
    std::vector<std::string> files = {"tests/unit/config/full.yaml"};
    for (const auto& entry : std::filesystem::directory_iterator(source_file("conf/examples")))
        files.push_back("conf/examples/" + entry.path().filename().string());
    CHECK_GE(files.size(), 4);
    for (const std::string& file : files) {
        CAPTURE(file);
        const Loaded loaded = load(source_file(file));
        CAPTURE(all_lines(loaded));
        REQUIRE(loaded);
        const std::string once = dump(*loaded.config);
        CHECK_EQ(dumped(once), once);
    }
}

TEST_CASE("dump fills in the defaults, and writes no health where none was written") {
    const std::string text = dumped(kSmallest);
    for (const char* line : {"  workers: auto\n", "shutdown_grace: 2s\n", "  address: \"127.0.0.1:9180\"\n",
                             "  - name: \":8080\"\n", "      keepalive_timeout: 75s\n", "    retry_budget: 20%\n",
                             "      when: [ connect, reset ]\n", "    redirect_to_https: off\n", "    timeout: 0s\n"}) {
        CAPTURE(line);
        CAPTURE(text);
        CHECK_NE(text.find(line), std::string::npos);
    }
    CHECK_EQ(text.find("health"), std::string::npos);
    CHECK_NE(dumped(kSmallest + "shutdown_timeout: 3s\n").find("shutdown_timeout: 3s\n"), std::string::npos);
}

TEST_CASE("dump keeps what means something: nothing, no limit, a dollar, a path") {
    const std::string text = dumped(
        "process: { max_connections: 0, buffers: 0 }\nadmin: { address: off }\nlisteners: [ { address: ':8080', tls: { "
        "certificates: [ { cert: "
        "a.pem, key: /b/key } ] } } ]\npools: { 'the app': { endpoints: [ 127.0.0.1:3000 ], health: off } }\nroutes: [ "
        "{ pool: "
        "the app, retry: { when: [] }, request_headers: { set: { x-a: '$${host} \"quoted\" \\' } } } ]\n");
    const std::string here = std::filesystem::absolute("a.pem").string();
    for (const std::string& part :
         {std::string("max_connections: 0\n"), std::string("buffers: 0\n"), std::string("address: off\n"),
          std::string("health: off\n"), std::string("when: []\n"), std::string("\"the app\":\n"),
          std::string("\"x-a\": \"$${host} \\\"quoted\\\" \\\\\"\n"), "cert: \"" + here + "\"\n",
          std::string("key: \"/b/key\"\n")}) {
        CAPTURE(part);
        CAPTURE(text);
        CHECK_NE(text.find(part), std::string::npos);
    }
    CHECK_EQ(dumped(text), text);
}

TEST_CASE("dump leaves out a name that was made up and is too long for one") {
    const std::string path = "/" + std::string(200, 'a');
    const std::string text = dumped(
        "listeners: [ { address: ':8080' } ]\npools: { app: { endpoints: [ 127.0.0.1:3000 ] } }\nroutes: [ { pool: "
        "app, match: { path: " +
        path + " } } ]\n");
    CHECK_EQ(text.find("name: \"*/aa"), std::string::npos);
    CHECK_EQ(dumped(text), text);
}
