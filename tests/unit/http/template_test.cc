#include "http/template.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::http;

namespace {

struct Asked {
    Asked() {
        head.method_text = "GET";
        head.target.host = "shop.example.com";
        head.target.path = "/a/b";
        head.target.forward_path = "/a;v=1/b";
        head.target.query = "?q=1&r=";
        head.fields.add(Field(HeaderName::cookie, "Cookie", "theme=dark; uid=42;empty=; uid=43"));
        head.fields.add(Field(HeaderName::accept, "Accept", "text/html"));
        head.fields.add(Field(HeaderName::accept, "accept", "*/*"));
        hop.client = "192.0.2.1";
        hop.request_id = "id-1";
    }
    std::string render(std::string_view text) {
        const auto made = Template::parse(text);
        REQUIRE(made.has_value());
        return std::string(made->render({head, hop, "api"}, arena));
    }
    RequestHead head;
    ClientHop hop;
    Arena arena;
};

}  // namespace

TEST_CASE("placeholders say what is known of a request") {
    struct Row {
        const char* text;
        const char* rendered;
    };
    const Row rows[] = {
        {"https://{host}{uri}", "https://shop.example.com/a;v=1/b?q=1&r="},
        {"{path}", "/a/b"},
        {"{query}", "q=1&r="},
        {"{method} over {scheme} by {client_ip}", "GET over http by 192.0.2.1"},
        {"{request_id}/{route}", "id-1/api"},
        {"{header.Accept}", "text/html, */*"},
        {"[{header.X-None}]", "[]"},
        {"{cookie.uid},{cookie.theme},{cookie.empty},{cookie.none}", "42,dark,,"},
        {"plain", "plain"},
        {"", ""},
        {"{\"group\":\"x\"}", "{\"group\":\"x\"}"},
        {"{}{ host}{host", "{}{ host}{host"},
        {"a{{host}}b", "a{shop.example.com}b"},
    };
    Asked asked;
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK_EQ(asked.render(row.text), row.rendered);
    }
    CHECK(Template::parse("plain {x")->constant());
    CHECK_FALSE(Template::parse("{host}")->constant());
    asked.head.fields.add(Field(HeaderName::other, "X-Many", ""));
    asked.head.fields.add(Field(HeaderName::other, "x-many", "b"));
    asked.head.fields.add(Field(HeaderName::other, "X-Many", ""));
    asked.head.fields.add(Field(HeaderName::other, "X-MANY", "c"));
    CHECK_EQ(asked.render("{header.x-many}"), "b, , c");
    asked.head.target.query = {};
    CHECK_EQ(asked.render("{uri}?{query}"), "/a;v=1/b?");
}

TEST_CASE("a word in braces that is no placeholder is refused with what was meant") {
    CHECK_EQ(Template::parse("{hots}").error().message, "{hots} is no placeholder (did you mean {host}?)");
    CHECK_FALSE(Template::parse("{header.}").has_value());
    CHECK_FALSE(Template::parse("x{nonsense}").has_value());
}
