#include <vector>

#include "tests/unit/config/files.h"

#include "tests/support/doctest.h"

using namespace weir::config;

namespace {

// One mistake: `text` stands for line `line` of a valid file of three lines (4: behind it), and what is said of it
// begins with `said`.
struct Row {
    int line;
    const char* text;
    const char* said;
};

std::string file_with(const Row& row) {
    std::string lines[] = {"listeners: [ { address: ':8080' } ]", "pools: { app: { endpoints: [ '127.0.0.1:3000' ] } }",
                           "routes: [ { pool: app } ]", ""};
    lines[row.line - 1] = row.text;
    std::string file;
    for (const std::string& line : lines) file += line + "\n";
    return file;
}

void expect_each(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const std::string file = file_with(row);
        INFO(file);
        const Loaded loaded = parse(file, "w");
        CHECK_FALSE(loaded.config.has_value());
        const std::string said = all_lines(loaded);
        CHECK_EQ(said.substr(0, std::string_view(row.said).size()), row.said);
        CHECK_EQ(loaded.diagnostics.size(), 1);
    }
}

}  // namespace

// A row a line, as long as it gets.
// clang-format off
TEST_CASE("config refuses TLS that can not be") {
    expect_each({
        {1, "listeners: [ { address: ':8443', tls: { certificates: [] } } ]", "w:1:55: error: listeners[0].tls.certificates: is empty; expected at least one"},
        {1, "listeners: [ { address: ':8443', tls: { certificates: [ { cert: a.pem } ] } } ]", "w:1:57: error: listeners[0].tls.certificates[0].key: is missing"},
        {1, "listeners: [ { address: ':8443', tls: { certificates: [ { cert: '', key: b } ] } } ]", "w:1:65: error: listeners[0].tls.certificates[0].cert: \"\": expected the path of a file"},
        {1, "listeners: [ { address: ':8443', tls: { certificates: [ { cert: a, key: b } ], profile: old } } ]", "w:1:89: error: listeners[0].tls.profile: \"old\": expected intermediate or modern"},
        {1, "listeners: [ { address: ':8443', tls: { certificates: [ { cert: a, key: b } ], protocols: [ h2 ] } } ]", "w:1:93: error: listeners[0].tls.protocols[0]: \"h2\": HTTP/2 is not spoken yet; expected http/1.1"},
        {1, "listeners: [ { address: ':8443', tls: { certificates: [ { cert: a, key: b } ], client_auth: required } } ]", "w:1:93: error: listeners[0].tls.client_auth: needs `client_ca`"},
        {1, "listeners: [ { address: ':8443', tls: { certificates: [ { cert: a, key: b } ], client_cert_headers: true } } ]", "w:1:80: error: listeners[0].tls.client_cert_headers: unknown key"},
        {1, "listeners: [ { address: ':8080', redirect_to_https: true } ]", "w:1:53: error: listeners[0].redirect_to_https: no listener has `tls`; expected one, or the port to redirect to"},
        {1, "listeners: [ { address: ':8080', redirect_to_https: 8080 } ]", "w:1:53: error: listeners[0].redirect_to_https: leads back to this listener itself"},
        {1, "listeners: [ { address: ':8080', redirect_to_https: 0 } ]", "w:1:53: error: listeners[0].redirect_to_https: \"0\": expected true, a port from 1 to 65535, or off"},
        {1, "listeners: [ { address: ':8080', redirect_to_https: yes } ]", "w:1:53: error: listeners[0].redirect_to_https: \"yes\": expected true, a port"},
    });
}

TEST_CASE("config refuses TLS to backends that can not be") {
    expect_each({
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], tls: { cert: me.pem } } }", "w:2:63: error: pools.app.tls.cert: a certificate and its key come together"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], tls: { key: me.key } } }", "w:2:62: error: pools.app.tls.key: a certificate and its key come together"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], tls: { server_name: '*.x' } } }", "w:2:70: error: pools.app.tls.server_name: \"*.x\": expected the name of one host"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], tls: { verify: maybe } } }", "w:2:65: error: pools.app.tls.verify: \"maybe\": expected true or false"},
        {2, "pools: { app: { endpoints: [ 'unix:/run/a' ], tls: {} } }", "w:2:52: error: pools.app.tls: needs `server_name`"},
    });
}

TEST_CASE("config refuses unknown, missing, doubled and merged keys where they stand") {
    expect_each({
        {2, "pools: { app: { endponts: [ '127.0.0.1:3000' ] } }", "w:2:17: error: pools.app.endponts: unknown key (did you mean \"endpoints\"?)"},
        {4, "proces: { workers: 1 }", "w:4:1: error: proces: unknown key (did you mean \"process\"?)"},
        {4, "watch: false", "w:4:1: error: watch: unknown key\n"},
        {4, "\n\nlogg:\n  level: info", "w:6:1: error: logg: unknown key (did you mean \"log\"?)"},
        {1, "listeners: [ { address: ':8080', tls: {} } ]", "w:1:39: error: listeners[0].tls.certificates: is missing"},
        {1, "listeners: [ { address: ':8080', limits: { header-bytes: 1KiB } } ]", "w:1:44: error: listeners[0].limits.header-bytes: unknown key (did you mean \"header_bytes\"?)"},
        {1, "listeners: [ { adress: ':8080' } ]", "w:1:16: error: listeners[0].adress: unknown key (did you mean \"address\"?)"},
        {1, "listeners: [ { name: a } ]", "w:1:14: error: listeners[0].address: is missing"},
        {1, "#", "w:2:1: error: listeners: is missing"},
        {3, "#", "w:1:1: error: routes: is missing"},
        {3, "routes: [ { match: { path: /a } } ]", "w:3:11: error: routes[0].pool: is missing"},
        {3, "routes: [ { pool: app, match: { paht: /a } } ]", "w:3:33: error: routes[0].match.paht: unknown key (did you mean \"path\"?)"},
        {2, "pools: { app: { endpoints: [ { name: a, adress: '127.0.0.1:1' } ] } }", "w:2:41: error: pools.app.endpoints[0].adress: unknown key (did you mean \"address\"?)"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], slow_start: 1s } }", "w:2:50: error: pools.app.slow_start: unknown key"},
        {2, "pools: { app: { health: off } }", "w:2:15: error: pools.app.endpoints: is missing"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], 'a.b': 1 } }", "w:2:50: error: pools.app[\"a.b\"]: unknown key"},
        {4, "log: { level: info, level: warn }", "w:4:21: error: log.level: is here twice"},
        {4, "log: {}\nlog: {}", "w:5:1: error: log: is here twice"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ] }, app: {} }", "w:2:52: error: pools.app: is here twice"},
        {4, "log: { <<: { level: info } }", "w:4:8: error: log: merge keys (<<) are not read"},
        {4, "log: { [a]: 1 }", "w:4:8: error: log: found a list; expected a key"},
        {4, "log: { ? }", "w:4:10: error: log: is empty; expected a key"},
        {4, "log: { '': 1 }", "w:4:8: error: log[\"\"]: unknown key"},
        {4, "log: { null: 1 }", "w:4:8: error: log.null: unknown key"},
    });
}

TEST_CASE("config refuses values of another kind than their key has") {
    expect_each({
        {4, "process: 4", "w:4:10: error: process: \"4\" is text; expected keys and values"},
        {4, "process: [ workers ]", "w:4:10: error: process: found a list; expected keys and values"},
        {4, "process:", "w:4:1: error: process: is empty; expected keys and values"},
        {4, "process:\nlog: {}", "w:4:1: error: process: is empty; expected keys and values"},
        {4, "process: null", "w:4:10: error: process: \"null\" is text; expected keys and values"},
        {4, "process: ~", "w:4:10: error: process: \"~\" is text; expected keys and values"},
        {4, "process: { workers: }", "w:4:12: error: process.workers: is empty; expected a number from 1 to 1024, or auto"},
        {4, "process: { workers: [ 1 ] }", "w:4:21: error: process.workers: found a list; expected a number"},
        {4, "process: { workers: { a: b } }", "w:4:21: error: process.workers: found keys and values; expected a number"},
        {4, "trusted_proxies: 10.0.0.0/8", "w:4:18: error: trusted_proxies: \"10.0.0.0/8\" is text; expected a list"},
        {4, "trusted_proxies: [ 10.0.0.0/8, ]\nlog: []", "w:5:6: error: log: found a list; expected keys and values"},
        {1, "listeners: []", "w:1:12: error: listeners: is empty; expected at least one"},
        {1, "listeners: { address: ':8080' }", "w:1:12: error: listeners: found keys and values; expected a list"},
        {1, "listeners: ':8080'", "w:1:12: error: listeners: \":8080\" is text; expected a list"},
        {1, "listeners: [ ':8080' ]", "w:1:14: error: listeners[0]: \":8080\" is text; expected keys and values"},
        {2, "pools: { app: { endpoints: [] } }", "w:2:28: error: pools.app.endpoints: is empty; expected at least one"},
        {2, "pools: { app: { endpoints: 127.0.0.1:3000 } }", "w:2:28: error: pools.app.endpoints: \"127.0.0.1:3000\" is text; expected a list"},
        {2, "pools: { app: [ '127.0.0.1:3000' ] }", "w:2:15: error: pools.app: found a list; expected keys and values"},
        {2, "pools: { app: { endpoints: [ [] ] } }", "w:2:30: error: pools.app.endpoints[0]: found a list; expected an address, or keys and values"},
        {2, "pools:\n  app:\n    endpoints:\n      - 127.0.0.1:3000\n      -\n", "w:6:7: error: pools.app.endpoints[1]: is empty; expected an address, or keys and values"},
        {3, "routes: []", "w:3:9: error: routes: is empty; expected at least one"},
        {3, "routes: [ { pool: app, match: { host: [] } } ]", "w:3:39: error: routes[0].match.host: is empty; leave it out"},
        {3, "routes: [ { pool: app, match: { path: [ /a ] } } ]", "w:3:39: error: routes[0].match.path: found a list; expected text; put it in quotes"},
        {3, "routes: [ { pool: app, match: { path: { exact: /a } } } ]", "w:3:39: error: routes[0].match.path: found keys and values; expected text"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: [] } }", "w:2:58: error: pools.app.health: found a list; expected keys and values, or off"},
    });
}

TEST_CASE("config refuses numbers, durations, sizes and words out of their range or form") {
    expect_each({
        {4, "process: { workers: 0 }", "w:4:21: error: process.workers: \"0\" is out of range; expected a number from 1 to 1024, or auto"},
        {4, "process: { workers: 1025 }", "w:4:21: error: process.workers: \"1025\" is out of range"},
        {4, "process: { workers: -1 }", "w:4:21: error: process.workers: \"-1\" is no whole number"},
        {4, "process: { workers: 010 }", "w:4:21: error: process.workers: \"010\" is no whole number"},
        {4, "process: { workers: 0x10 }", "w:4:21: error: process.workers: \"0x10\" is no whole number"},
        {4, "process: { workers: 1:30 }", "w:4:21: error: process.workers: \"1:30\" is no whole number"},
        {4, "process: { workers: 2.0 }", "w:4:21: error: process.workers: \"2.0\" is no whole number"},
        {4, "process: { workers: 1_0 }", "w:4:21: error: process.workers: \"1_0\" is no whole number"},
        {4, "process: { workers: 99999999999999999999 }", "w:4:21: error: process.workers: \"99999999999999999999\" is no whole number"},
        {4, "process: { workers: off }", "w:4:21: error: process.workers: \"off\" is no whole number"},
        {4, "process: { workers: !!int 4 }", "w:4:21: error: process.workers: tags such as !!int are not read"},
        {4, "process: !!map { workers: 4 }", "w:4:10: error: process: tags such as !!int are not read"},
        {4, "trusted_proxies: !x []", "w:4:18: error: trusted_proxies: tags such as !!int are not read"},
        {4, "shutdown_timeout: 30", "w:4:19: error: shutdown_timeout: \"30\" is a duration without a unit (did you mean \"30s\"?)"},
        {4, "shutdown_timeout: 30sec", "w:4:19: error: shutdown_timeout: \"30sec\" is no duration such as 250ms, 2s, 1m or 8h"},
        {4, "shutdown_timeout: 1.5s", "w:4:19: error: shutdown_timeout: \"1.5s\" is no duration"},
        {4, "shutdown_timeout: 1m30s", "w:4:19: error: shutdown_timeout: \"1m30s\" is no duration"},
        {4, "shutdown_timeout: 1d", "w:4:19: error: shutdown_timeout: \"1d\" is no duration"},
        {4, "shutdown_timeout: 5 s", "w:4:19: error: shutdown_timeout: \"5 s\" is no duration"},
        {4, "shutdown_timeout: -1s", "w:4:19: error: shutdown_timeout: \"-1s\" is no duration"},
        {4, "shutdown_timeout: off", "w:4:19: error: shutdown_timeout: \"off\" is no duration"},
        {4, "shutdown_grace: 8761h", "w:4:17: error: shutdown_grace: \"8761h\" is out of range; expected a duration from 0s to 8760h"},
        {4, "shutdown_grace: 99999999999999999h", "w:4:17: error: shutdown_grace: \"99999999999999999h\" is too long"},
        {1, "listeners: [ { address: ':8080', limits: { header_bytes: 16k } } ]", "w:1:58: error: listeners[0].limits.header_bytes: \"16k\" is no size such as 512, 16KiB or 10MiB (did you mean \"16KiB\"?)"},
        {1, "listeners: [ { address: ':8080', limits: { header_bytes: 0 } } ]", "w:1:58: error: listeners[0].limits.header_bytes: \"0\" is out of range; expected a size from 1KiB to 1MiB"},
        {1, "listeners: [ { address: ':8080', limits: { header_bytes: 16 KiB } } ]", "w:1:58: error: listeners[0].limits.header_bytes: \"16 KiB\" is no size"},
        {1, "listeners: [ { address: ':8080', limits: { min_rate: 100/s } } ]", "w:1:54: error: listeners[0].limits.min_rate: \"100/s\" is no size"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], retry_budget: 20 } }", "w:2:64: error: pools.app.retry_budget: \"20\" is no share such as 20% or 0.5% (did you mean \"20%\"?); expected a share from 0% to 100%"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], retry_budget: 100.01% } }", "w:2:64: error: pools.app.retry_budget: \"100.01%\" is out of range; expected a share from 0% to 100%"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], retry_budget: 1.234% } }", "w:2:64: error: pools.app.retry_budget: \"1.234%\" is no share"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], retry_budget: 1.% } }", "w:2:64: error: pools.app.retry_budget: \"1.%\" is no share"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], replay: always } }", "w:2:58: error: pools.app.replay: \"always\": expected proven, likely or never"},
        {3, "routes: [ { pool: app, retry: { attempts: 0 } } ]", "w:3:43: error: routes[0].retry.attempts: \"0\" is out of range; expected a number from 1 to 10"},
        {3, "routes: [ { pool: app, retry: { when: [ 503 ] } } ]", "w:3:41: error: routes[0].retry.when[0]: \"503\": expected connect or reset"},
        {1, "listeners: [ { address: ':8080', backlog: 65536 } ]", "w:1:43: error: listeners[0].backlog: \"65536\" is out of range; expected a number from 1 to 65535"},
        {4, "log: { level: inof }", "w:4:15: error: log.level: \"inof\": expected error, warn, info or debug (did you mean \"info\"?)"},
        {4, "log: { level: INFO }", "w:4:15: error: log.level: \"INFO\": expected error, warn, info or debug"},
        {4, "log: { format: xml }", "w:4:16: error: log.format: \"xml\": expected json or text"},
        {4, "log: { access: off }", "w:4:16: error: log.access: \"off\" is text; expected keys and values"},
        {4, "log: { access: { to: /var/log/weir.log } }", "w:4:22: error: log.access.to: \"/var/log/weir.log\": expected stdout or off"},
        {4, "log: { access: { to: no } }", "w:4:22: error: log.access.to: \"no\": expected stdout or off"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { rise: 0 } } }", "w:2:66: error: pools.app.health.rise: \"0\" is out of range; expected a number from 1 to 1000"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { interval: 99ms } } }", "w:2:70: error: pools.app.health.interval: \"99ms\" is out of range; expected a duration from 100ms to 8760h"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { start: up } } }", "w:2:67: error: pools.app.health.start: \"up\": expected unknown or down"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { path: health } } }", "w:2:66: error: pools.app.health.path: \"health\": expected a path that begins with /"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { path: '/a b' } } }", "w:2:66: error: pools.app.health.path: \"/a b\": expected only what a URL may have in its path and query"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { expect: { status: 2xx } } } }", "w:2:78: error: pools.app.health.expect.status: \"2xx\": expected a status from 200 to 599, or a range of them such as 200-299"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { expect: { status: [ 299-200 ] } } } }", "w:2:80: error: pools.app.health.expect.status[0]: \"299-200\": expected a status"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { expect: { status: 99 } } } }", "w:2:78: error: pools.app.health.expect.status: \"99\": expected a status"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: { expect: { json: { ok: [] } } } } }", "w:2:82: error: pools.app.health.expect.json.ok: found a list; expected text"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000' ], health: on } }", "w:2:58: error: pools.app.health: \"on\" is text; expected keys and values, or off"},
        {3, "routes: [ { pool: app, timeout: '${WEIR_NONE}' } ]", "w:3:33: error: routes[0].timeout: the environment has no WEIR_NONE; set it, or write ${WEIR_NONE:-default}"},
        {3, "routes: [ { pool: app, name: \"a\\tb\" } ]", "w:3:30: error: routes[0].name: has a control character or a line break in it"},
    });
}

TEST_CASE("config refuses texts of the wrong form") {
    expect_each({
        {1, "listeners: [ { address: 'localhost:80' } ]", "w:1:25: error: listeners[0].address: \"localhost:80\": \"localhost\" is no IP address, and names are not looked up; expected an address such as \":8080\""},
        {1, "listeners: [ { address: '127.0.0.1' } ]", "w:1:25: error: listeners[0].address: \"127.0.0.1\": a port is missing"},
        {1, "listeners: [ { address: ':0' } ]", "w:1:25: error: listeners[0].address: \":0\": the port must be a number from 1 to 65535"},
        {1, "listeners: [ { address: 65536 } ]", "w:1:25: error: listeners[0].address: \"65536\": the port must be"},
        {1, "listeners: [ { address: '::1:80' } ]", "w:1:25: error: listeners[0].address: \"::1:80\": an IPv6 address stands in brackets"},
        {1, "listeners: [ { address: 'unix:/run/weir.sock' } ]", "w:1:25: error: listeners[0].address: \"unix:/run/weir.sock\": unix sockets are not listened on"},
        {1, "listeners: [ { address: '' } ]", "w:1:25: error: listeners[0].address: \"\": a port is missing"},
        {1, "listeners: [ { address: ':8080', name: '' } ]", "w:1:40: error: listeners[0].name: \"\": expected a name of 1 to 128 bytes"},
        {1, "listeners: [ { address: ':8080', name: '-' } ]", "w:1:40: error: listeners[0].name: \"-\": \"-\" stands for"},
        {4, "admin: { address: '0.0.0.0:9180' }", "w:4:19: error: admin.address: \"0.0.0.0:9180\": the admin address is for this machine alone"},
        {4, "admin: { address: ':9180' }", "w:4:19: error: admin.address: \":9180\": the admin address is for this machine alone"},
        {4, "admin: { address: 'unix:/run/a.sock' }", "w:4:19: error: admin.address: \"unix:/run/a.sock\": unix sockets are not"},
        {4, "trusted_proxies: [ 10.0.0.0/33 ]", "w:4:20: error: trusted_proxies[0]: \"10.0.0.0/33\": expected a length from 0 to 32"},
        {4, "trusted_proxies: [ 10.0.0.1/8 ]", "w:4:20: error: trusted_proxies[0]: \"10.0.0.1/8\": has bits set behind its length (did you mean \"10.0.0.0/8\"?)"},
        {4, "trusted_proxies:\n  - 10.0.0.0/8\n  - proxy.internal", "w:6:5: error: trusted_proxies[1]: \"proxy.internal\": expected a network"},
        {2, "pools: { app: { endpoints: [ '127.1:3000' ] } }", "w:2:30: error: pools.app.endpoints[0]: \"127.1:3000\": \"127.1\" is no IP address and no name of a host; expected a host and a port"},
        {2, "pools: { app: { endpoints: [ { address: 'fe80::1:3000' } ] } }", "w:2:41: error: pools.app.endpoints[0].address: \"fe80::1:3000\": an IPv6 address stands in brackets"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1' ] } }", "w:2:30: error: pools.app.endpoints[0]: \"127.0.0.1\": a port is missing"},
        {2, "pools: { app: { endpoints: [ ':3000' ] } }", "w:2:30: error: pools.app.endpoints[0]: \":3000\": a host is missing"},
        {2, "pools: { app: { endpoints: [ 'http://127.0.0.1:3000' ] } }", "w:2:30: error: pools.app.endpoints[0]: \"http://127.0.0.1:3000\": an endpoint is no URL"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:03000' ] } }", "w:2:30: error: pools.app.endpoints[0]: \"127.0.0.1:03000\": the port must be"},
        {2, "pools: { app: { endpoints: [ 'unix:app.sock' ] } }", "w:2:30: error: pools.app.endpoints[0]: \"unix:app.sock\": the path of a unix socket begins with `/`"},
        {2, "pools: { '-': { endpoints: [ '127.0.0.1:1' ] }, app: { endpoints: [ '127.0.0.1:1' ] } }", "w:2:10: error: pools.-: \"-\": \"-\" stands for"},
        {3, "routes: [ { pool: app, match: { path: api } } ]", "w:3:39: error: routes[0].match.path: \"api\": a path begins with `/`"},
        {3, "routes: [ { pool: app, match: { path: /api/* } } ]", "w:3:39: error: routes[0].match.path: \"/api/*\": a path is a prefix, not a pattern"},
        {3, "routes: [ { pool: app, match: { path: '/a?b' } } ]", "w:3:39: error: routes[0].match.path: \"/a?b\": a path ends before `?`"},
        {3, "routes: [ { pool: app, match: { path: /a/../b } } ]", "w:3:39: error: routes[0].match.path: \"/a/../b\": paths are matched with `.` and `..` resolved"},
        {3, "routes: [ { pool: app, match: { path: /%41 } } ]", "w:3:39: error: routes[0].match.path: \"/%41\": paths are matched with \"%41\" decoded; expected \"A\""},
        {3, "routes: [ { pool: app, match: { path: /%4 } } ]", "w:3:39: error: routes[0].match.path: \"/%4\": a broken escape"},
        {3, "routes: [ { pool: app, match: { path: /ü } } ]", "w:3:39: error: routes[0].match.path: \"/ü\": expected bytes outside of ASCII escaped"},
        {3, "routes: [ { pool: app, match: { path: /a;b } } ]", "w:3:39: error: routes[0].match.path: \"/a;b\": a segment's ;parameters"},
        {3, "routes: [ { pool: app, match: { host: 'a.example.com:80' } } ]", "w:3:39: error: routes[0].match.host: \"a.example.com:80\": hosts are matched without a port"},
        {3, "routes: [ { pool: app, match: { host: '*' } } ]", "w:3:39: error: routes[0].match.host: \"*\": leave `host` out"},
        {3, "routes: [ { pool: app, match: { host: [ a.de, 'a.*.de' ] } } ]", "w:3:47: error: routes[0].match.host[1]: \"a.*.de\": expected a host such as"},
        {3, "routes: [ { pool: app, match: { host: 'https://a.de' } } ]", "w:3:39: error: routes[0].match.host: \"https://a.de\": expected a host alone"},
        {3, "routes: [ { pool: app, match: { host: bücher.de } } ]", "w:3:39: error: routes[0].match.host: \"bücher.de\": expected the name as it is sent, in its xn-- form"},
        {3, "routes: [ { name: a, pool: app, match: { host: a..de } } ]", "w:3:48: error: routes[0].match.host: \"a..de\": expected a host such as"},
    });
}

TEST_CASE("config refuses what is used twice and what does not exist") {
    expect_each({
        {1, "listeners: [ { address: ':8080' }, { address: 8080 } ]", "w:1:47: error: listeners[1].address: the address \":8080\" is used twice, first at listeners[0].address"},
        {1, "listeners: [ { address: ':8080' }, { address: '127.0.0.1:8080' } ]", "w:1:47: error: listeners[1].address: \"127.0.0.1:8080\" can not be listened on beside \":8080\" of listeners[0].address"},
        {1, "listeners: [ { address: '127.0.0.1:1' }, { address: '0.0.0.0:1' } ]", "w:1:53: error: listeners[1].address: \"0.0.0.0:1\" can not be listened on beside \"127.0.0.1:1\" of listeners[0].address"},
        {1, "listeners: [ { address: '[::]:1' }, { address: '[::1]:1' } ]", "w:1:48: error: listeners[1].address: \"[::1]:1\" can not be listened on beside \"[::]:1\" of listeners[0].address"},
        {1, "listeners: [ { address: 9180 } ]", "w:1:25: error: listeners[0].address: \":9180\" can not be listened on beside \"127.0.0.1:9180\" of admin.address"},
        {1, "listeners: [ { address: ':1', name: a }, { address: ':2', name: a } ]", "w:1:65: error: listeners[1].name: the name \"a\" is used twice, first at listeners[0].name"},
        {1, "listeners: [ { address: ':1' }, { address: ':2', name: ':1' } ]", "w:1:56: error: listeners[1].name: the name \":1\" is used twice"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000', { address: '127.0.0.1:3000', name: b } ] } }", "w:2:59: error: pools.app.endpoints[1].address: the address \"127.0.0.1:3000\" is used twice, first at pools.app.endpoints[0].address"},
        {2, "pools: { app: { endpoints: [ '[::1]:3000', '[0:0::1]:3000' ] } }", "w:2:44: error: pools.app.endpoints[1].address: the address \"[::1]:3000\" is used twice"},
        {2, "pools: { app: { endpoints: [ '127.0.0.1:3000', '[::ffff:127.0.0.1]:3000' ] } }", "w:2:48: error: pools.app.endpoints[1].address: the address \"127.0.0.1:3000\" is used twice"},
        {2, "pools: { app: { endpoints: [ { address: '127.0.0.1:1', name: a }, { address: '127.0.0.1:2', name: a } ] } }", "w:2:99: error: pools.app.endpoints[1].name: the name \"a\" is used twice"},
        {3, "routes: [ { pool: ap } ]\n#", "w:3:19: error: routes[0].pool: there is no pool \"ap\" (did you mean \"app\"?)"},
        {3, "routes: [ { pool: app }, { pool: app } ]", "w:3:26: error: routes[1].match: the match \"*/\" is used twice, first at routes[0].match"},
        {3, "routes: [ { pool: app, match: { path: /a } }, { pool: app, match: { path: /a/ } } ]", "w:3:67: error: routes[1].match: the match \"*/a\" is used twice"},
        {3, "routes: [ { pool: app, match: { host: [ a.de, b.de ] } }, { pool: app, match: { host: [ c.de, B.DE. ] } } ]", "w:3:95: error: routes[1].match.host[1]: the match \"b.de/\" is used twice, first at routes[0].match.host[1]"},
        {3, "routes: [ { pool: app, match: { host: [ a.de, A.de ] } } ]", "w:3:47: error: routes[0].match.host[1]: the match \"a.de/\" is used twice"},
        {3, "routes: [ { pool: app, name: a }, { pool: app, name: a, match: { path: /x } } ]", "w:3:54: error: routes[1].name: the name \"a\" is used twice"},
        {3, "routes: [ { pool: app, match: { path: /x } }, { pool: app, name: '*/x' } ]", "w:3:11: error: routes[0]: the name \"*/x\" is used twice, first at routes[1].name"},
    });
}

TEST_CASE("config refuses buffers that are too few for anybody") {
    expect_each({
        {3, "routes: [ { pool: app } ]\nprocess: { buffers: 63KiB }", "w:4:21: error: process.buffers: too little to serve anybody: at least 64KiB, or 0 for no limit"},
        {3, "routes: [ { pool: app } ]\nprocess: { buffers: 1 }", "w:4:21: error: process.buffers: too little to serve anybody"},
    });
}
// clang-format on
