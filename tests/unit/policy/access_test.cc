#include "policy/access.h"

#include "tests/unit/policy/policy_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::policy;

namespace {
CidrSet set(std::initializer_list<const char*> texts) {
    std::vector<Cidr> blocks;
    for (const char* text : texts) blocks.push_back(*Cidr::parse(text));
    return CidrSet(blocks);
}

// The status of the reply, or 0.
int asked(const Access& access, std::string_view client, std::string_view target = "/admin") {
    PolicyBench bench;
    bench.hop.client = client;
    bench.head.target_text = target;
    bench.head.target.forward_path = target.substr(0, target.find('?'));
    return bench.status(access);
}
}  // namespace

TEST_CASE("deny wins, and where something is allowed only that is") {
    const Access open({}, {});
    const Access denies({}, set({"192.0.2.0/24", "2001:db8::/32"}));
    const Access allows(set({"10.0.0.0/8", "::1"}), {});
    const Access both(set({"10.0.0.0/8"}), set({"10.1.0.0/16"}));
    struct Row {
        const Access& access;
        const char* client;
        int status;
    };
    const Row rows[] = {
        {open, "203.0.113.1", 0},
        {denies, "203.0.113.1", 0},
        {denies, "192.0.2.9", 403},
        {denies, "2001:db8::1", 403},
        {allows, "10.2.3.4", 0},
        {allows, "::1", 0},
        {allows, "11.0.0.1", 403},
        {both, "10.2.0.1", 0},
        {both, "10.1.0.1", 403},
        {both, "192.0.2.1", 403},
        {denies, "", 0},    // came by a unix socket
        {allows, "", 403},  // and is on no list
        {denies, "::ffff:192.0.2.9", 403},
    };
    for (const Row& row : rows) {
        CAPTURE(row.client);
        CHECK_EQ(asked(row.access, row.client), row.status);
    }
}

TEST_CASE("a path that a backend may read as another one does not pass a guarded route") {
    const Access open({}, {});
    for (const char* target : {"/a%2Fb", "/a%2fb", "/a%5Cb", "/a%5cb", "/a/..;/b", "/a/..;x=1/b", "/a/%2e%2E;/b",
                               "/a/.%2e;/b", "/a/..%3b/b"}) {
        CAPTURE(target);
        CHECK_EQ(asked(open, "10.0.0.1", target), 400);
    }
    for (const char* target :
         {"/a/b", "/a%20b", "/a;v=1/b", "/a..b", "/a%2", "/a.;.;/b", "/a/%2e%2e/b", "/a?x=%2F..;"}) {
        CAPTURE(target);
        CHECK_EQ(asked(open, "10.0.0.1", target), 0);
    }
}
