// What answers say of an endpoint's health, as tables.
#include "upstream/health_answer.h"

#include <vector>

#include "upstream/health_json.h"

#include "tests/support/doctest.h"

using namespace weir::upstream;

namespace {

HealthPlan lenient() {
    HealthPlan plan;
    plan.lenient = true;
    return plan;
}
HealthPlan strict() {
    HealthPlan plan;
    plan.status = {{200, 299}};
    return plan;
}

struct Row {
    int status;
    std::string_view type;
    std::string_view body;
    ProbeResult result;
};

void check(const HealthPlan& plan, const std::vector<Row>& rows, bool any_answer = false) {
    for (const Row& row : rows) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        const HealthFinding finding = judge(plan, {row.status, row.type, row.body}, any_answer);
        CAPTURE(finding.reason);
        CHECK_EQ(finding.result, row.result);
        CHECK_FALSE(finding.reason.empty());
    }
}

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kHealthJson = "application/health+json";

}  // namespace

TEST_CASE("without a word about health any answer but 5xx is good, and there need be no route") {
    check(lenient(), {
                         {200, "", "", ProbeResult::ok},
                         {204, "", "", ProbeResult::ok},
                         {302, "", "", ProbeResult::ok},
                         {401, "", "", ProbeResult::ok},
                         {429, "", "", ProbeResult::ok},
                         {404, "text/html", "Cannot GET /health", ProbeResult::no_route},
                         {404, kJson, R"({"status":"error","message":"no such route"})", ProbeResult::no_route},
                         {405, "", "", ProbeResult::no_route},
                         {501, "", "", ProbeResult::no_route},
                         {500, "", "", ProbeResult::unexpected},
                         {503, kJson, R"({"status":"error"})", ProbeResult::unexpected},
                     });
}

TEST_CASE("of an app without a health route it is enough that it answers") {
    check(lenient(),
          {
              {404, "", "", ProbeResult::no_route},
              {500, "", "", ProbeResult::no_route},
              {503, "", "", ProbeResult::no_route},
              {503, kJson, R"({"status":"shutting_down"})", ProbeResult::draining},
              {200, "", "", ProbeResult::ok},
          },
          true);
}

TEST_CASE("a health that is written about expects its status") {
    check(strict(), {
                        {200, "", "", ProbeResult::ok},
                        {299, "", "", ProbeResult::ok},
                        {302, "", "", ProbeResult::unexpected},
                        {404, "", "", ProbeResult::unexpected},
                        {500, "", "", ProbeResult::unexpected},
                    });
    HealthPlan plan = strict();
    plan.status = {{204, 204}, {300, 399}};
    check(plan,
          {{200, "", "", ProbeResult::unexpected}, {204, "", "", ProbeResult::ok}, {301, "", "", ProbeResult::ok}});
}

TEST_CASE("a health that is written about may expect a body and what JSON has at its outside") {
    HealthPlan plan = strict();
    plan.body = "ready";
    check(plan, {{200, "", "we are ready.", ProbeResult::ok}, {200, "", "not yet", ProbeResult::unexpected}});
    plan = strict();
    plan.json = {{"db", "1"}, {"live", "true"}};
    check(plan, {
                    {200, kJson, R"({"db":1,"live":true})", ProbeResult::ok},
                    {200, kJson, R"({"db":"1","live":"true","more":[{"db":2}]})", ProbeResult::ok},
                    {200, kJson, R"({"db":2,"live":true})", ProbeResult::unexpected},
                    {200, kJson, R"({"db":1})", ProbeResult::unexpected},
                    {200, kJson, R"({"in":{"db":1,"live":true}})", ProbeResult::unexpected},
                    {200, kJson, R"({"db":1,"live":true)", ProbeResult::unexpected},
                    {200, kJson, R"([{"db":1,"live":true}])", ProbeResult::unexpected},
                    {200, kJson, "", ProbeResult::unexpected},
                });
}

TEST_CASE("what Node's libraries say of health is understood without configuration") {
    const std::vector<Row> rows = {
        // @godaddy/terminus
        {200, kJson, R"({"status":"ok","info":{"db":"up"},"details":{"db":"up"}})", ProbeResult::ok},
        {503, kJson, R"({"status":"error"})", ProbeResult::unexpected},
        // NestJS
        {200, kJson, R"({"status":"degraded","info":{},"error":{},"details":{}})", ProbeResult::degraded},
        {503, kJson, R"({"status":"shutting_down","info":{},"error":{},"details":{}})", ProbeResult::draining},
        // @fastify/under-pressure
        {200, kJson, R"({"status":"ok"})", ProbeResult::ok},
        {503, kJson, R"({"statusCode":503,"code":"FST_UNDER_PRESSURE","error":"Service Unavailable"})",
         ProbeResult::degraded},
        // lightship
        {200, "text/plain", "SERVER_IS_READY", ProbeResult::ok},
        {500, "text/plain", "SERVER_IS_NOT_READY", ProbeResult::unexpected},
        {500, "text/plain", "SERVER_IS_SHUTTING_DOWN", ProbeResult::draining},
        {500, "text/plain", " SERVER_IS_SHUTTING_DOWN\r\n", ProbeResult::draining},
        // application/health+json
        {200, kHealthJson, R"({"status":"pass"})", ProbeResult::ok},
        {200, kHealthJson, R"({"status":"warn","notes":[]})", ProbeResult::degraded},
        {200, kHealthJson, R"({"status":"fail"})", ProbeResult::unexpected},
        {200, kHealthJson, R"({"status":"down"})", ProbeResult::unexpected},
    };
    check(lenient(), rows);
    check(strict(), rows);
}

TEST_CASE("who expects a certain word of health has the last word about it") {
    HealthPlan plan = strict();
    plan.json = {{"status", "warn"}};
    check(plan, {{200, kJson, R"({"status":"warn"})", ProbeResult::ok},
                 {200, kJson, R"({"status":"pass"})", ProbeResult::unexpected},
                 {503, kJson, R"({"status":"shutting_down"})", ProbeResult::draining}});
}

TEST_CASE("a finding says what was wrong, and never more of a body than fits a line") {
    CHECK_EQ(judge(strict(), {500, "", ""}, false).reason, "status 500");
    CHECK_EQ(judge(lenient(), {200, kJson, R"({"status":"fail"})"}, false).reason, "it says \"fail\"");
    HealthPlan plan = strict();
    plan.json = {{"a", "b"}};
    const std::string body = "{\"a\":\"" + std::string(1000, 'x') + "\\n\"}";
    const std::string reason = judge(plan, {200, kJson, body}, false).reason;
    CHECK_LT(reason.size(), 100);
    CHECK_EQ(reason.find('\n'), std::string::npos);
}

TEST_CASE("only a JSON object has scalars, of whatever depth and size") {
    CHECK_FALSE(read_json_scalars("").has_value());
    CHECK_FALSE(read_json_scalars("ok").has_value());
    CHECK_FALSE(read_json_scalars("[1]").has_value());
    CHECK_FALSE(read_json_scalars("{\"a\":1e999}").has_value());
    CHECK_FALSE(read_json_scalars("{\"a\":1}{").has_value());
    CHECK_FALSE(read_json_scalars("{\"a\":\"\xff\"}").has_value());
    CHECK_FALSE(read_json_scalars("{\"a\":" + std::string(60'000, '[')).has_value());
    const auto found = read_json_scalars(R"({"a":-1,"b":null,"c":{"a":5},"d":[6],"e":0.50,"a":"last"})");
    REQUIRE(found.has_value());
    CHECK_EQ(*found, JsonScalars{{"a", "last"}, {"b", "null"}, {"e", "0.50"}});
    const std::string deep = "{\"a\":" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
    CHECK(read_json_scalars(deep).has_value());
}
