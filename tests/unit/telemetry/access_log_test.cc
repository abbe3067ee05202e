#include "telemetry/access_log.h"

#include <string>

#include "base/log_lane.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::telemetry;
using namespace std::chrono_literals;

namespace {

// A lane whose lines are read back.
struct Lines {
    LogBell bell;
    LogLane lane{bell, 64 * 1024};
    AccessLog log{&lane};

    std::string take() {
        struct iovec two[2];
        std::string bytes;
        const int count = lane.ring().readable(two);
        for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(two[i].iov_base), two[i].iov_len);
        lane.ring().consume(bytes.size());
        return bytes;
    }
};

AccessRecord ordinary() {
    AccessRecord record;
    record.time = WallTime{1'700'000'000s + 42ms};
    record.request_id = "0190a5b8-7d5e-7c11-9d5c-3b0e2f1f8a10";
    record.client = "203.0.113.7";
    record.listener = "public";
    record.protocol = "HTTP/1.1";
    record.tls = "TLSv1.3";
    record.method = "GET";
    record.host = "shop.example.com";
    record.path = "/api/items?page=2";
    record.status = 200;
    record.outcome = "ok";
    record.route = "api";
    record.pool = "app";
    record.endpoint = "10.0.0.1:3000";
    record.attempts = 1;
    record.bytes_in = 512;
    record.bytes_out = 18'446'744'073'709'551'615u;
    record.duration = 12'345'678ns;
    record.upstream = 7ms;
    record.user_agent = "Mozilla/5.0 (X11; Linux x86_64)";
    record.referer = "https://shop.example.com/";
    return record;
}

}  // namespace

TEST_CASE("an access line has every field in its place") {
    Lines lines;
    lines.log.write(ordinary());
    const std::string expected =
        R"({"time":"2023-11-14T22:13:20.042Z","request_id":"0190a5b8-7d5e-7c11-9d5c-3b0e2f1f8a10",)"
        R"("client":"203.0.113.7","listener":"public","protocol":"HTTP/1.1","tls":"TLSv1.3","method":"GET",)"
        R"("host":"shop.example.com","path":"/api/items?page=2","status":200,"outcome":"ok","route":"api",)"
        R"("pool":"app","endpoint":"10.0.0.1:3000","attempts":1,"bytes_in":512,)"
        R"("bytes_out":18446744073709551615,"duration_ms":12.345,"upstream_ms":7.000,)"
        R"x("user_agent":"Mozilla/5.0 (X11; Linux x86_64)","referer":"https://shop.example.com/")x";
    CHECK_EQ(lines.take(), expected + "}\n");
}

TEST_CASE("an access line says null for what an exchange did not have") {
    Lines lines;
    AccessRecord record;
    record.time = WallTime{0s};
    record.status = 404;
    record.outcome = "local";
    lines.log.write(record);
    const std::string expected =
        R"({"time":"1970-01-01T00:00:00.000Z","request_id":"","client":"","listener":"","protocol":"",)"
        R"("tls":null,"method":"","host":"","path":"","status":404,"outcome":"local","route":"-","pool":"-",)"
        R"("endpoint":null,"attempts":0,"bytes_in":0,"bytes_out":0,"duration_ms":0.000,"upstream_ms":null,)"
        R"("user_agent":null,"referer":null)";
    CHECK_EQ(lines.take(), expected + "}\n");
}

TEST_CASE("what clients send can neither end an access line nor a string in it") {
    Lines lines;
    AccessRecord record = ordinary();
    record.path = "/\"},{\"x\":\"\n\r\t\\";
    record.user_agent = std::string_view("\x1b[31m\0\x7f\xff", 8);
    record.host = "\xe2\x82\xac";
    lines.log.write(record);
    const std::string line = lines.take();
    CHECK_EQ(line.find('\n'), line.size() - 1);
    const std::string path = R"("path":"/\"},{\"x\":\"\n\r\t\\","status")";
    CHECK(line.find(path) != std::string::npos);
    CHECK(line.find(R"("user_agent":"\u001b[31m\u0000\u007f\u00ff",)") != std::string::npos);
    CHECK(line.find("\"host\":\"\xe2\x82\xac\",") != std::string::npos);
}

TEST_CASE("the longest line fits, with its fields cut") {
    const std::string endless(20'000, '\x01');  // six bytes each
    AccessRecord record = ordinary();
    for (std::string_view* field : {&record.request_id, &record.client, &record.listener, &record.protocol, &record.tls,
                                    &record.method, &record.host, &record.path, &record.outcome, &record.route,
                                    &record.pool, &record.endpoint, &record.user_agent, &record.referer}) {
        *field = endless;
    }
    record.status = 2'147'483'647;
    record.attempts = 4'294'967'295;
    record.bytes_in = record.bytes_out;
    record.duration = Duration::max();
    record.upstream = Duration::max();
    Lines lines;
    lines.log.write(record);
    const std::string line = lines.take();
    CHECK_LE(line.size(), LogLane::kLongestLine);
    CHECK_EQ(line.substr(line.size() - 12), "\\u0001...\"}\n");
    CHECK(line.find(R"(\u0001...","status":2147483647,)") != std::string::npos);

    record = ordinary();
    const std::string path = "/" + std::string(2900, 'p');
    const std::string id(128, 'i');  // the longest that is kept from a trusted proxy
    record.path = path;              // long, but there is room
    record.request_id = id;
    lines.log.write(record);
    const std::string whole = lines.take();
    CHECK(whole.find("\"" + path + "\"") != std::string::npos);
    CHECK(whole.find("\"" + id + "\"") != std::string::npos);
}

TEST_CASE("a duration before zero is zero") {
    Lines lines;
    AccessRecord record = ordinary();
    record.duration = -5ms;
    lines.log.write(record);
    CHECK(lines.take().find("\"duration_ms\":0.000,") != std::string::npos);
}

TEST_CASE("an access log that is off writes nothing") {
    AccessLog off(nullptr);
    off.write(ordinary());
}

TEST_CASE("access lines that find the ring full are dropped whole and counted") {
    Lines lines;
    int written = 0;
    while (lines.lane.dropped() == 0) {
        lines.log.write(ordinary());
        ++written;
    }
    CHECK_GT(written, 50);
    const std::string all = lines.take();
    CHECK_EQ(all.back(), '\n');
    lines.log.write(ordinary());
    CHECK_EQ(lines.lane.dropped(), 1);
    CHECK_EQ(lines.take() + "", all.substr(0, all.find('\n') + 1));
}
