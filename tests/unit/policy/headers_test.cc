#include "policy/headers.h"

#include "tests/unit/policy/policy_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::policy;

namespace {
http::Template value(std::string_view text) {
    return std::move(*http::Template::parse(text));
}
http::Fields fields(std::initializer_list<std::pair<const char*, const char*>> list) {
    http::Fields made;
    for (const auto& [name, text] : list) made.add(http::Field(http::find_header_name(name), name, text));
    return made;
}
}  // namespace

TEST_CASE("request headers are removed, then set, then added, whatever the order they were written in") {
    HeaderChanges changes;
    changes.add("x-b", value("2"));
    changes.set("x-b", value("{client_ip}"));
    changes.remove("x-b");
    changes.remove("x-debug");
    PolicyBench bench;
    bench.hop.client = "192.0.2.1";
    const RequestHeaders policy(std::move(changes));
    CHECK_EQ(bench.status(policy), 0);
    http::Fields forwarded = fields({{"X-B", "client's"}, {"X-Debug", "1"}, {"Accept", "*/*"}});
    CHECK_EQ(bench.edited(forwarded), "Accept=*/* x-b=192.0.2.1 x-b=2 ");
}

TEST_CASE("a value that turns out empty is not sent, and the client's own is gone all the same") {
    HeaderChanges changes;
    changes.set("x-user", value("{cookie.user}"));
    changes.add("x-more", value("{header.x-none}"));
    PolicyBench bench;
    const RequestHeaders policy(std::move(changes));
    bench.ask(policy);
    http::Fields forwarded = fields({{"X_User", "root"}, {"X-User", "root"}, {"X-More", "kept"}});
    CHECK_EQ(bench.edited(forwarded), "X-More=kept ");
}

TEST_CASE("response headers may say what is known of the request") {
    HeaderChanges changes;
    changes.set("x-route", value("{route} {method}"));
    changes.remove("x-powered-by");
    const ResponseHeaders policy(std::move(changes));
    PolicyBench bench;
    bench.head.method_text = "GET";
    http::ResponseHead head;
    Response response{bench.head, bench.hop, "api", head, false, bench.arena, bench.edits, bench.body};
    CHECK_FALSE(policy.on_response(response).has_value());
    http::Fields sent = fields({{"X-Powered-By", "Express"}, {"X-Route", "other"}});
    CHECK_EQ(bench.edited(sent), "x-route=api GET ");
}
