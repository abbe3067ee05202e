#include "config/environment.h"

#include <map>
#include <string>

#include "config/load.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::config;

namespace {

const std::map<std::string, std::string> kVariables = {{"PORT", "3000"},     {"HOST", "127.0.0.1"}, {"EMPTY", ""},
                                                       {"YAML", "[ a, b ]"}, {"MONEY", "${host}"},  {"BREAK", "a\nb"}};

Environment variables() {
    return [](const std::string& name) -> std::optional<std::string> {
        const auto found = kVariables.find(name);
        if (found == kVariables.end()) return std::nullopt;
        return found->second;
    };
}

// A config whose one header value is `text`.
Loaded with(const std::string& text) {
    return parse(
        "listeners: [ { address: ':8080' } ]\npools: { app: { endpoints: [ '127.0.0.1:3000' ] } }\nroutes:\n  - pool: "
        "app\n    request_headers:\n      set:\n        x-a: " +
            text + "\n",
        "w", variables());
}

}  // namespace

TEST_CASE("config replaces ${NAME} by what the environment says") {
    struct Row {
        const char* written;
        const char* value;
    };
    const Row rows[] = {
        {"'${PORT}'", "3000"},         {"${PORT}", "3000"},         {"\"${HOST}:${PORT}\"", "127.0.0.1:3000"},
        {"'a ${PORT} b'", "a 3000 b"}, {"'${NONE:-80}'", "80"},     {"'${PORT:-80}'", "3000"},
        {"'${EMPTY:-80}'", "80"},  // as a shell has it
        {"'x${EMPTY}x'", "xx"},        {"'${NONE:-}x'", "x"},       {"'${NONE:-a:-b}'", "a:-b"},
        {"'$${host}'", "${host}"},     {"'$$${host}'", "$${host}"}, {"'$PORT $'", "$PORT $"},
        {"'${MONEY}'", "${host}"},  // once, not again and again
        {"'${YAML}'", "[ a, b ]"},  // text, never YAML
    };
    for (const Row& row : rows) {
        CAPTURE(row.written);
        const Loaded loaded = with(row.written);
        for (const Diagnostic& diagnostic : loaded.diagnostics) MESSAGE(diagnostic.text());
        REQUIRE(loaded);
        CHECK_EQ(loaded.config->routes[0].request_headers.set.begin()->second, row.value);
    }
}

TEST_CASE("config says which variable is missing, where and what to do, once") {
    struct Row {
        const char* written;
        const char* message;
    };
    const Row rows[] = {
        {"'${NONE}'", "the environment has no NONE; set it, or write ${NONE:-default}"},
        {"'${PORT'", "${ has no } behind it; a literal ${ is written $${"},
        {"'${}'", "\"${}\" names no variable; expected ${NAME} or ${NAME:-default}; a literal ${ is written $${"},
        {"'${1A}'", "\"${1A}\" names no variable"},
        {"'${A-B}'", "\"${A-B}\" names no variable"},
        {"'${NONE:-${PORT}}'", "the default of ${NONE} has a ${ of its own"},
        {"'${BREAK}'", "has a control character or a line break in it"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.written);
        const Loaded loaded = with(row.written);
        REQUIRE_EQ(loaded.diagnostics.size(), 1);
        const std::string said = loaded.diagnostics[0].text();
        CAPTURE(said);
        CHECK_EQ(said.rfind(std::string("w:7:14: error: routes[0].request_headers.set.x-a: ") + row.message, 0), 0);
    }
}

TEST_CASE("config says so once where something other than text was expected, too") {
    const Loaded loaded = parse(
        "listeners: [ { address: ':8080' } ]\npools: { app: { endpoints: '${NONE}', health: '${NONE}' } }\nroutes: [ { "
        "pool: "
        "app } ]\n",
        "w", variables());
    REQUIRE_EQ(loaded.diagnostics.size(), 2);
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        CHECK_EQ(diagnostic.message.rfind("the environment has no NONE", 0), 0);
}

TEST_CASE("config expands an alias once, with its anchor, and no keys") {
    const Loaded loaded = parse(
        "listeners: [ { address: ':8080' } ]\npools: { a: { endpoints: [ &a '127.0.0.1:${PORT}' ] }, b: { endpoints: [ "
        "*a ] } "
        "}\nroutes: [ { pool: a, request_headers: { set: { x-a: &n '$${host}', x-b: *n } } }, { pool: b, match: { "
        "path: /b } } ]\n",
        "w", variables());
    for (const Diagnostic& diagnostic : loaded.diagnostics) MESSAGE(diagnostic.text());
    REQUIRE(loaded);
    CHECK_EQ(loaded.config->pools.at("b").endpoints[0].address, "127.0.0.1:3000");
    for (const char* name : {"x-a", "x-b"}) CHECK_EQ(loaded.config->routes[0].request_headers.set.at(name), "${host}");
    const Loaded keys = parse("listeners: [ { '${PORT}': ':8080' } ]\nroutes: []\n", "w", variables());
    bool told = false;
    for (const Diagnostic& diagnostic : keys.diagnostics)
        told = told || (diagnostic.path.find("${PORT}") != std::string::npos && diagnostic.message == "unknown key");
    CHECK(told);
}

TEST_CASE("config does not grow without end by its environment") {
    const Environment large = [](const std::string&) {
        return std::optional<std::string>(std::string(1024 * 1024, 'x'));
    };
    std::string text = "routes: [";
    for (int i = 0; i < 100; ++i) text += " '${A}',";
    const Loaded loaded = parse(text + " ]\n", "w", large);
    CHECK_FALSE(loaded);
    bool told = false;
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        told =
            told || diagnostic.text().find("the environment makes the config larger than 16MiB") != std::string::npos;
    CHECK(told);
}
