#include "policy/max_body.h"

#include "tests/unit/policy/policy_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::policy;

TEST_CASE("a length that is said is judged before anything comes") {
    using Kind = http::BodyLength::Kind;
    const MaxBody policy(1000);
    struct Row {
        Kind kind;
        uint64_t bytes;
        int status;
    };
    for (const Row& row : {Row{Kind::none, 0, 0}, Row{Kind::sized, 0, 0}, Row{Kind::sized, 1000, 0},
                           Row{Kind::sized, 1001, 413}, Row{Kind::sized, UINT64_MAX, 413}}) {
        CAPTURE(row.bytes);
        PolicyBench bench;
        bench.head.body = {row.kind, row.bytes};
        CHECK_EQ(bench.status(policy), row.status);
        CHECK(bench.body == nullptr);  // and such a body is relayed unseen
    }
}

TEST_CASE("a body of unknown length is counted, and refused with its first byte too much") {
    PolicyBench bench;
    bench.head.body.kind = http::BodyLength::Kind::chunked;
    CHECK_EQ(bench.status(MaxBody(10)), 0);
    REQUIRE(bench.body != nullptr);
    TextSink out;
    CHECK(bench.body->push(piece_of("12345"), false, out) == BodyStage::Verdict::more);
    CHECK(bench.body->push(piece_of("67890"), false, out) == BodyStage::Verdict::more);
    CHECK(bench.body->push(piece_of(""), false, out) == BodyStage::Verdict::more);
    CHECK(bench.body->push(piece_of("x"), false, out) == BodyStage::Verdict::refused);
    CHECK_EQ(bench.body->refusal(), 413);
    CHECK_EQ(out.text, "1234567890");
}
