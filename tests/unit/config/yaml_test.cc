#include "config/yaml.h"

#include <vector>

#include "tests/unit/config/files.h"

#include "tests/support/doctest.h"

using namespace weir::config;

namespace {

// What is said of a valid file with `tail` behind it.
std::string said_with(const std::string& tail) {
    const std::string file =
        "listeners: [ { address: ':8080' } ]\n"
        "pools: { app: { endpoints: [ '127.0.0.1:3000' ] } }\n" +
        tail;
    return all_lines(parse(file, "w"));
}

struct Row {
    const char* tail;  // its first line is line 3
    const char* said;
};

// The tree as one line: text in quotes, lists in [], maps in {}, `-` for nothing.
std::string show(const Document& document, NodeId id) {
    const Node& node = document[id];
    if (node.kind == Node::Kind::empty) return "-";
    if (node.kind == Node::Kind::text) return "'" + node.text + "'";
    const bool list = node.kind == Node::Kind::list;
    std::string out(list ? "[" : "{");
    for (size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) out += !list && i % 2 == 1 ? ": " : ", ";
        out += show(document, node.children[i]);
    }
    return out + (list ? "]" : "}");
}

std::string tree_of(std::string_view text) {
    Document document;
    Mistakes mistakes;
    if (!read_yaml(text, document, mistakes)) return mistakes.sorted().at(0).message;
    if (document.root == Document::kNone) return "nothing";
    return show(document, document.root);
}

std::string repeat(std::string_view text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

// A row a line, as long as it gets.
// clang-format off
TEST_CASE("config points at what YAML trips over and says when quotes help") {
    const std::vector<Row> rows = {
        {"routes: [ { pool: app, match: { host: *.example.com } } ]", "w:3:39: error: a value that begins with `*` is an alias to YAML; put it in quotes\n"},
        {"routes:\n  - pool: app\n    match: { host: * }\n", "w:5:20: error: a value that begins with `*` or `&` means something else to YAML; put it in quotes\n"},
        {"routes:\n  - pool: app\n    match:\n      path: #foo\n", "w:6:7: error: routes[0].match.path: is empty; expected text; put it in quotes if it is meant as text\n"},
        {"routes:\n  - pool: app\n    match:\n      path: {a}/b\n", "w:6:13: error: the value ends before the line does; put all of it in quotes\n"},
        {"routes:\n  - pool: app\n    match:\n      path: {a}\n", "w:6:13: error: routes[0].match.path: found keys and values; expected text; put it in quotes if it is meant as text\n"},
        {"routes: [ { pool: app } ]\nadmin: { address: [::1]:9180 }\n", "w:4:19: error: the value ends before the line does; put all of it in quotes\n"},
        {"routes: [ { pool: app } ]\nadmin:\n  address: [::1]:9180\n", "w:5:12: error: the value ends before the line does; put all of it in quotes\n"},
        {"routes:\n  - pool: app\n    name: \"b\" c\n", "w:5:11: error: the value ends before the line does; put all of it in quotes\n"},
        {"routes:\n  - pool: app\n    name: a: b\n", "w:5:12: error: \": \" can not stand here; check the indentation, or put the value in quotes\n"},
        {"routes:\n  - pool: app\n    name: @b\n", "w:5:11: error: a value can not begin with this character; put it in quotes\n"},
        {"routes:\n  - pool: app\n    name: %b\n", "w:5:11: error: a value can not begin with this character; put it in quotes\n"},
        {"routes:\n  - pool: app\n    name: &b\n", "w:5:5: error: routes[0].name: is empty; expected text; put it in quotes if it is meant as text\n"},
        {"routes:\n  - pool: app\n    name: !b\n", "w:5:11: error: routes[0].name: tags such as !!int are not read; put it in quotes\n"},
        {"routes:\n  - pool: app\n    name: |b\n", "w:5:12: error: a value that begins with `|` or `>` means something else to YAML; put it in quotes\n"},
        {"routes:\n  - pool: app\n    name: 'b\n", "w:5:11: error: the closing quote is missing\n"},
        {"routes:\n  - pool: app\n    name: \"b\\\"\n", "w:5:11: error: the closing quote is missing\n"},
        {"routes:\n  - pool: app\n    name: \"\\q\"\n", "w:5:14: error: unknown escape character: q; put the value in single quotes\n"},
        {"routes:\n  - pool: app\n   name: b\n", "w:5:4: error: expected \"- \" here; check the indentation and the quotes\n"},
        {"routes:\n  - pool: app\n     name: b\n", "w:5:10: error: \": \" can not stand here; check the indentation, or put the value in quotes\n"},
        {"routes:\n  - pool: app\n\tname: b\n", "w:5:1: error: a tab in the indentation; expected spaces\n"},
        {"routes:\n  - pool: app\n  \tname: b\n", "w:5:3: error: a tab in the indentation; expected spaces\n"},
        {"routes:\n  - pool:\tapp\n", "w:4:10: error: a tab; expected spaces\n"},
        {"routes: [ { pool: app }", "w:3:24: error: expected \",\" or \"]\" here\n"},
        {"routes: [ { pool: app ]", "w:3:23: error: closes nothing that is open; put the value in quotes if it is text\n"},
        {"routes: [ { pool: app } ]\n---\nlog: {}\n", "w:4:1: error: a second document begins; expected one in a file\n"},
        {"routes: [ { pool: app } ]\n...\nlog: {}\n", "w:5:1: error: expected nothing more here; check the indentation\n"},
        {"routes: [ { pool: app } ]\n- foo\n", "w:4:1: error: expected a key and \":\" here; check the indentation and the quotes\n"},
        {"routes: [ { pool: app } ]\n log: {}\n", "w:4:2: error: expected a key and \":\" here; check the indentation and the quotes\n"},
        {"routes: [ { pool: app } ]\n%FOO\n", "w:4:1: error: a line can not begin with %; put the value in quotes\n"},
        {"routes: [ { pool: app } ]\n# \x01\n", "w:4:3: error: the control byte 0x01 can not stand in a config\n"},
        {"routes: [ { pool: app } ]\n# \x7f\n", "w:4:3: error: the control byte 0x7f can not stand in a config\n"},
        {"routes: [ { pool: app } ]\n# a\rb\n", "w:4:4: error: the control byte 0x0d can not stand in a config\n"},
        {"routes: [ { pool: app } ]\n# ü\xc2\x85\n", "w:4:4: error: the control byte 0x85 can not stand in a config\n"},
        {"routes: [ { pool: app } ]\n# ü \xff\n", "w:4:5: error: the byte 0xff is not UTF-8\n"},
        {"routes: [ { pool: app } ]\n# \xc0\xaf\n", "w:4:3: error: the byte 0xc0 is not UTF-8\n"},
        {"routes: [ { pool: app } ]\n# \xed\xa0\x80\n", "w:4:3: error: the byte 0xed is not UTF-8\n"},
    };
    for (const Row& row : rows) {
        INFO(row.tail);
        CHECK_EQ(said_with(row.tail), row.said);
    }
}
// clang-format on

TEST_CASE("every scalar is its text") {
    CHECK_EQ(tree_of("[yes, on, Null, null, NULL, ~, 010, 0x10, 1:30, 1e3, .inf, true, 2001-01-01, '', =]"),
             "['yes', 'on', 'Null', 'null', 'NULL', '~', '010', '0x10', '1:30', '1e3', '.inf', 'true', '2001-01-01', "
             "'', '=']");
    CHECK_EQ(tree_of("null: ~"), "{'null': '~'}");
    CHECK_EQ(tree_of("{ null: null, ~: ~ }"), "{'null': 'null', '~': '~'}");
    CHECK_EQ(tree_of("- &a null\n- *a\n"), "['null', 'null']");
    CHECK_EQ(tree_of("? null\n: &x ~\n"), "{'null': '~'}");
}

TEST_CASE("nothing at all is not the word null") {
    CHECK_EQ(tree_of(""), "nothing");
    CHECK_EQ(tree_of("# a comment\n"), "nothing");
    CHECK_EQ(tree_of("---\n"), "-");
    CHECK_EQ(tree_of("a:\nnull: x\n"), "{'a': -, 'null': 'x'}");
    CHECK_EQ(tree_of("a:\n  b:\nnull: x\n"), "{'a': {'b': -}, 'null': 'x'}");
    CHECK_EQ(tree_of("a:\n  -\nnull:\n~: x\n"), "{'a': [-], 'null': -, '~': 'x'}");
    CHECK_EQ(tree_of("a: &x\nnull: *x\n"), "{'a': -, 'null': -}");
    CHECK_EQ(tree_of("{ a, null }"), "{'a': -, 'null': -}");
    CHECK_EQ(tree_of("a:\nnullable: x\n"), "{'a': -, 'nullable': 'x'}");
    CHECK_EQ(tree_of("? a\nnull: b\n"), "{'a': -, 'null': 'b'}");
}

TEST_CASE("aliases are what they name, to a bound and never within themselves") {
    CHECK_EQ(tree_of("a: &a [x, y]\nb: *a\nc: { d: *a }\n"),
             "{'a': ['x', 'y'], 'b': ['x', 'y'], 'c': {'d': ['x', 'y']}}");
    CHECK_EQ(tree_of("a: &a [x]\nb: &a [y]\nc: *a\n"), "{'a': ['x'], 'b': ['y'], 'c': ['y']}");
    CHECK_EQ(tree_of("a: &a [*a]\n"), "an alias within what it stands for would never end");
    CHECK_EQ(tree_of("a: &a { b: &b [*a] }\n"), "an alias within what it stands for would never end");
    CHECK_EQ(tree_of("&a a: *a\n"), "{'a': 'a'}");

    // 4 nodes an alias: 250 of them are 1,000.
    const std::string list = "a: &a [x, y, z]\n";
    CHECK_EQ(tree_of(list + "b: [" + repeat("*a ,", 250) + "]\n").substr(0, 20), "{'a': ['x', 'y', 'z'");
    CHECK_EQ(tree_of(list + "b: [" + repeat("*a ,", 251) + "]\n"), "aliases stand for more than 1000 nodes");
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 30; ++i) {
        const std::string before = "*a" + std::to_string(i - 1) + " ,";
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeat(before, 9) + "]\n";
    }
    CHECK_EQ(tree_of(bomb), "aliases stand for more than 1000 nodes");
}

TEST_CASE("a text that is made to cost much is refused") {
    for (const char* opening :
         {"[", "{a: ", "- ", "? ", "[\n", "[ #]\n", "[&a ", "{? ", "[{", "- - ? [", "'': - ", "[\"\": "}) {
        INFO(opening);
        for (const size_t times : {65, 499, 501, 20'000}) {
            const std::string said = tree_of(repeat(opening, times));
            CHECK_NE(said.substr(0, 1), "[");
            CHECK_NE(said.substr(0, 1), "{");
        }
    }
    CHECK_EQ(tree_of(repeat("[", 100'000)), "nested deeper than 64 levels");
    CHECK_EQ(tree_of(repeat("[", 64) + repeat("]", 64)).substr(0, 3), "[[[");
    CHECK_EQ(tree_of(repeat("[", 65) + repeat("]", 65)), "nested deeper than 64 levels");
    CHECK_EQ(tree_of(repeat("[", 16'000'000)), "nested deeper than 64 levels");
    CHECK_EQ(tree_of("{ " + repeat("a, ", 300'000) + " }"),
             "one [...] or {...} holds too much; expected it on lines of its own");
    CHECK_EQ(tree_of(repeat("- a\n", 1'000'001)), "more than 1000000 values");
    std::string stairs;
    for (size_t i = 0; i < 2'000; ++i) stairs += repeat(" ", i) + "a:\n";
    CHECK_EQ(tree_of(stairs), "nested deeper than 64 levels");
}

TEST_CASE("a file over 16 MiB is refused unread") {
    const std::string valid =
        "listeners: [ { address: ':8080' } ]\npools: { app: { endpoints: [ '127.0.0.1:3000' ] } }\n"
        "routes: [ { pool: app } ]\n";
    const std::string comment = "#" + std::string(kMaxFileBytes - valid.size() - 2, '-') + "\n";
    CHECK(parse(comment + valid, "w"));
    CHECK_EQ(all_lines(parse(comment + valid + "\n", "w")),
             "w:1:1: error: is larger than 16MiB, which no config needs to be\n");
    CHECK_EQ(all_lines(parse(std::string(20 * 1024 * 1024, 'a'), "w")),
             "w:1:1: error: is larger than 16MiB, which no config needs to be\n");
}

TEST_CASE("odd but valid files pass") {
    const std::string byte_order_mark = "\xef\xbb\xbf";
    const std::string other_line_ends =
        "listeners: [{address: :8080}]\r\npools: {a: {endpoints: [127.0.0.1:1]}}\r\nroutes: [{pool: a}]\r\n";
    const std::string tab_comment =
        "listeners: [{address: :8080}]\n\t# here\npools: {a: {endpoints: ['127.0.0.1:1']}}\t# there\nroutes: [{pool: "
        "a}]";
    const std::vector<std::string> files = {
        byte_order_mark + other_line_ends,
        other_line_ends,
        tab_comment,
        R"(%YAML 1.2
---
listeners:
- address: 8080
pools: { app: { endpoints: [ unix:/run/app.sock ] } }
routes:
- pool: app
...
)",
        R"({"listeners": [{"address": ":8080"}], "pools": {"app": {"endpoints": ["[::1]:1"]}}, "routes": [{"pool": "app"}]})",
        R"(# ü
listeners: [ &l { address: ':1' } ]
pools:
  null: { endpoints: [ 127.0.0.1:3000 ], health: false }
  yes: { endpoints: [ 127.0.0.1:3000 ], health: "off" }
routes:
  - { pool: null, name: ~ }
  - pool: yes
    match: &m { path: /a }
    timeout: "0"
)",
        R"(listeners:
  - address: '[::]:8080'
    limits: &limits { min_rate: 0, keepalive_timeout: 0 }
  - { address: '0.0.0.0:8081', limits: *limits }
pools: { app: { endpoints: [ '[::1]:3000' ] } }
routes: [ { pool: app, name: 'with spaces and "quotes"', match: { host: '[::1]' } } ]
admin: { address: false }
)"};
    for (const std::string& file : files) {
        INFO(file);
        CHECK_EQ(lines_about(file), "");
    }
}

TEST_CASE("all mistakes of a file are told at once, in its order") {
    CHECK_EQ(lines_about(R"(process: { workers: many }
listeners:
  - address: localhost:8080
    limits: { headers: 0 }
  - { address: ":8081", adress: x }
pools:
  app.v2:
    endpoints: [ 127.0.0.1, 127.1:3000 ]
    connect_timeout: 5
routes:
  - { pool: app-v2, match: { path: api } }
  - { name: *x }
)"),
             "weir.yaml:12:13: error: a value that begins with `*` is an alias to YAML; put it in quotes\n");
    CHECK_EQ(
        lines_about(R"(process: { workers: many }
listeners:
  - address: localhost:8080
    limits: { headers: 0 }
  - { address: ":8081", adress: x }
pools:
  app.v2:
    endpoints: [ 127.0.0.1, 127.1:3000 ]
    connect_timeout: 5
routes:
  - { pool: app-v2, match: { path: api } }
  - { nam: x }
)"),
        "weir.yaml:1:21: error: process.workers: \"many\" is no whole number; expected a number from 1 to 1024, or "
        "auto\n"
        "weir.yaml:3:14: error: listeners[0].address: \"localhost:8080\": \"localhost\" is no IP address, and names "
        "are not looked up; expected an address such as \":8080\", \"127.0.0.1:8080\" or \"[::1]:8080\"\n"
        "weir.yaml:4:24: error: listeners[0].limits.headers: \"0\" is out of range; expected a number from 1 to 10000\n"
        "weir.yaml:5:25: error: listeners[1].adress: unknown key (did you mean \"address\"?)\n"
        "weir.yaml:8:18: error: pools[\"app.v2\"].endpoints[0]: \"127.0.0.1\": a port is missing; expected a "
        "host and a port such as \"127.0.0.1:3000\" or \"app.internal:3000\", or \"unix:/run/app.sock\"\n"
        "weir.yaml:8:29: error: pools[\"app.v2\"].endpoints[1]: \"127.1:3000\": \"127.1\" is no IP address and no "
        "name of a host; expected a host and a port such as \"127.0.0.1:3000\" or \"app.internal:3000\", or "
        "\"unix:/run/app.sock\"\n"
        "weir.yaml:9:22: error: pools[\"app.v2\"].connect_timeout: \"5\" is a duration without a unit (did you mean "
        "\"5s\"?); expected a duration from 0s to 8760h\n"
        "weir.yaml:11:13: error: routes[0].pool: there is no pool \"app-v2\" (did you mean \"app.v2\"?)\n"
        "weir.yaml:11:36: error: routes[0].match.path: \"api\": a path begins with `/`\n"
        "weir.yaml:12:5: error: routes[1].pool: is missing; it can not be left out\n"
        "weir.yaml:12:7: error: routes[1].nam: unknown key (did you mean \"name\"?)\n");
}

TEST_CASE("past a thousand mistakes the rest is counted") {
    const Loaded loaded = parse("routes:\n" + repeat("- a\n", 5000), "w");
    REQUIRE_EQ(loaded.diagnostics.size(), 1001);
    CHECK_EQ(loaded.diagnostics.back().message, "and 4001 more like these");
    CHECK_FALSE(loaded);
}
