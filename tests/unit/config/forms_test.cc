#include "config/forms.h"

#include <vector>

#include "config/units_text.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::config;
using namespace std::chrono_literals;

namespace {

struct Row {
    std::string text;
    std::string becomes;  // empty: refused
};

void expect_each(Form form, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.text);
        const Result<std::string> shaped = form(row.text);
        CHECK_EQ(shaped ? *shaped : "", row.becomes);
        if (!shaped) CHECK_FALSE(shaped.error().message.empty());
        if (shaped) CHECK_EQ(*form(*shaped), *shaped);  // the one form is a form
    }
}

}  // namespace

TEST_CASE("an address to listen on is a port, or an IP address and a port") {
    expect_each(listen_form, {{":8080", ":8080"},
                              {"8080", ":8080"},
                              {"1", ":1"},
                              {"65535", ":65535"},
                              {"0.0.0.0:80", "0.0.0.0:80"},
                              {"[::]:80", "[::]:80"},
                              {"[0:0:0::1]:80", "[::1]:80"},
                              {"[2001:DB8::1]:80", "[2001:db8::1]:80"},
                              {"[::ffff:127.0.0.1]:80", "127.0.0.1:80"},
                              {"", ""},
                              {":", ""},
                              {":0", ""},
                              {"0", ""},
                              {":08080", ""},
                              {":+80", ""},
                              {": 80", ""},
                              {":65536", ""},
                              {":99999999999999999999999", ""},
                              {"::80", ""},
                              {"::1", ""},
                              {"[::1]", ""},
                              {"[::1]80", ""},
                              {"[::1]:", ""},
                              {"[127.0.0.1]:80", ""},
                              {"[::1%eth0]:80", ""},
                              {"[:80", ""},
                              {"]:80", ""},
                              {"127.0.0.1", ""},
                              {"127.1:80", ""},
                              {"127.0.0.01:80", ""},
                              {"256.0.0.1:80", ""},
                              {"*:80", ""},
                              {"localhost:80", ""},
                              {"unix:/run/weir.sock", ""},
                              {std::string("127.0.0.1\0:80", 13), ""}});
}

TEST_CASE("an admin address is a loopback one") {
    expect_each(admin_form, {{"127.0.0.1:9180", "127.0.0.1:9180"},
                             {"127.255.0.1:9180", "127.255.0.1:9180"},
                             {"[::1]:9180", "[::1]:9180"},
                             {"[::ffff:127.0.0.1]:9180", "127.0.0.1:9180"},
                             {"9180", ""},
                             {":9180", ""},
                             {"0.0.0.0:9180", ""},
                             {"[::]:9180", ""},
                             {"10.0.0.1:9180", ""},
                             {"128.0.0.1:9180", ""}});
}

TEST_CASE("an endpoint is a host and a port, or the path of a unix socket") {
    expect_each(endpoint_form, {{"127.0.0.1:3000", "127.0.0.1:3000"},
                                {"[::1]:3000", "[::1]:3000"},
                                {"unix:/run/app.sock", "unix:/run/app.sock"},
                                {"unix:/" + std::string(106, 'a'), "unix:/" + std::string(106, 'a')},
                                {"unix:/" + std::string(107, 'a'), ""},
                                {"unix:run/app.sock", ""},
                                {"unix:", ""},
                                {"UNIX:/run/app.sock", ""},
                                {"3000", ""},
                                {":3000", ""},
                                {"app:3000", "app:3000"},
                                {"App_1.Internal:3000", "app_1.internal:3000"},
                                {"app.internal.:3000", "app.internal.:3000"},
                                {"10-0-0-1.nodes:3000", "10-0-0-1.nodes:3000"},
                                {"4u.example:3000", "4u.example:3000"},
                                {"app.internal", ""},
                                {"app.internal:0", ""},
                                {"app..internal:3000", ""},
                                {"app internal:3000", ""},
                                {".:3000", ""},
                                {"127.1:3000", ""},
                                {"app.10:3000", ""},
                                {"0x7f000001:3000", ""},
                                {"010.0.0.1:3000", ""},
                                {"b\xc3\xbc"
                                 "cher.example:3000",
                                 ""},
                                {std::string(64, 'a') + ":3000", ""},
                                {"::1:3000", ""},
                                {"http://127.0.0.1:3000", ""},
                                {"127.0.0.1:3000/", ""},
                                {"127.0.0.1:0", ""}});
}

TEST_CASE("a network is an address and its length") {
    expect_each(network_form, {{"10.0.0.0/8", "10.0.0.0/8"},
                               {"0.0.0.0/0", "0.0.0.0/0"},
                               {"::/0", "::/0"},
                               {"10.1.2.3", "10.1.2.3/32"},
                               {"10.1.2.3/32", "10.1.2.3/32"},
                               {"10.1.2.2/31", "10.1.2.2/31"},
                               {"2001:DB8::/32", "2001:db8::/32"},
                               {"::1", "::1/128"},
                               {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
                               {"::ffff:10.0.0.1", "10.0.0.1/32"},
                               {"::ffff:10.0.0.0/8", ""},
                               {"10.0.0.1/8", ""},
                               {"10.1.2.3/31", ""},
                               {"2001:db8::1/32", ""},
                               {"10.0.0.0/33", ""},
                               {"::/129", ""},
                               {"10.0.0.0/", ""},
                               {"10.0.0.0/08", ""},
                               {"10.0.0.0/8/8", ""},
                               {"10.0.0/8", ""},
                               {"proxy.internal", ""},
                               {"", ""}});
}

TEST_CASE("a host is a name, a wildcard or an address, as requests are matched by it") {
    const std::string longest = std::string(63, 'a');
    expect_each(host_form, {{"Shop.Example.COM.", "shop.example.com"},
                            {"*.example.com", "*.example.com"},
                            {"*.Example.com.", "*.example.com"},
                            {"localhost", "localhost"},
                            {"my_app", "my_app"},
                            {"xn--bcher-kva.de", "xn--bcher-kva.de"},
                            {longest + ".de", longest + ".de"},
                            {longest + "a.de", ""},
                            {longest + "." + longest + "." + longest + "." + longest, ""},
                            {"10.0.0.1", "10.0.0.1"},
                            {"::1", "::1"},
                            {"[::1]", "::1"},
                            {"*", ""},
                            {"*.", ""},
                            {".", ""},
                            {"", ""},
                            {".example.com", ""},
                            {"example..com", ""},
                            {"a.*.com", ""},
                            {"*a.com", ""},
                            {"a b.com", ""},
                            {"bücher.de", ""},
                            {"example.com:80", ""},
                            {"http://example.com", ""},
                            {"example.com/api", ""}});
}

TEST_CASE("a path is what a normalised request path can begin with") {
    expect_each(path_form, {{"/", "/"},
                            {"/api", "/api"},
                            {"/api/", "/api"},
                            {"/a//b", "/a//b"},
                            {"/a%2Fb%20c", "/a%2Fb%20c"},
                            {"/.well-known/x...", "/.well-known/x..."},
                            {"/@a:b!$&'()+,=~", "/@a:b!$&'()+,=~"},
                            {"/*x", "/*x"},
                            {"/Api", "/Api"},
                            {"", ""},
                            {"api", ""},
                            {"/api/*", ""},
                            {"/{id}", ""},
                            {"/a b", ""},
                            {"/a?b", ""},
                            {"/a#b", ""},
                            {"/a;b", ""},
                            {"/a\\b", ""},
                            {"/ü", ""},
                            {"/%", ""},
                            {"/%4", ""},
                            {"/%zz", ""},
                            {"//", ""},
                            {"/api//", ""},
                            {"/%00", ""},
                            {"/%0d", ""},
                            {"/%7F", ""},
                            {"/%41", ""},
                            {"/%7e", ""},
                            {"/.", ""},
                            {"/..", ""},
                            {"/a/./b", ""},
                            {"/a/../b", ""}});
}

TEST_CASE("a name is text of a length that labels can bear") {
    expect_each(name_form, {{"a", "a"},
                            {"with space \"and\" ü", "with space \"and\" ü"},
                            {std::string(128, 'a'), std::string(128, 'a')},
                            {std::string(129, 'a'), ""},
                            {"-", ""},
                            {"", ""}});
}

TEST_CASE("durations and sizes are read and shown in their units") {
    CHECK_EQ(*read_duration("0"), 0s);
    CHECK_EQ(*read_duration("0s"), 0s);
    CHECK_EQ(*read_duration("250ms"), 250ms);
    CHECK_EQ(*read_duration("90m"), 90min);
    CHECK_EQ(*read_duration("87600h"), 87600h);
    for (const char* text : {"", "s", "1", "00s", "01s", "1 s", "1S", "1sec", "-1s", "+1s", "1.5s", "1h30m", "87601h",
                             "18446744073709551616s", "18446744073709551615h", "1us"}) {
        INFO(text);
        CHECK_FALSE(read_duration(text));
    }
    CHECK_EQ(show(Duration(0s)), "0s");
    CHECK_EQ(show(Duration(1500ms)), "1500ms");
    CHECK_EQ(show(Duration(90s)), "90s");
    CHECK_EQ(show(Duration(120min)), "2h");

    CHECK_EQ(read_size("0")->count, 0);
    CHECK_EQ(read_size("16KiB")->count, 16384);
    CHECK_EQ(read_size("3GiB")->count, 3ULL << 30);
    for (const char* text : {"", "KiB", "1kib", "1KB", "1K", "1 KiB", "1.5KiB", "-1", "01", "17179869184GiB", "1B"}) {
        INFO(text);
        CHECK_FALSE(read_size(text));
    }
    CHECK_EQ(show(Bytes{0}), "0");
    CHECK_EQ(show(Bytes{1536}), "1536");
    CHECK_EQ(show(Bytes{2048}), "2KiB");
    CHECK_EQ(show(64_MiB), "64MiB");
}

TEST_CASE("header names are tokens, and none that weir writes itself in any spelling") {
    for (const char* name : {"x-tenant", "X-Tenant", "server", "cookie", "Set-Cookie", "x_odd.name", "accept"})
        CHECK_EQ(*header_name_form(name), name);
    for (const char* name : {"", "x y", "x:y", "x\ny", "\xc3\xa4", "Connection", "content-length", "Content_Length",
                             "transfer.encoding", "Host", "via", "X-Forwarded-For", "x_request_id", "expect"}) {
        INFO(name);
        CHECK_FALSE(header_name_form(name));
    }
}

TEST_CASE("header values have no blanks around them and only placeholders that there are") {
    for (const char* value : {"1", "max-age=1; preload", "{client_ip}", "a {header.X-A} {\"json\":1}"})
        CHECK_EQ(*header_value_form(value), value);
    for (const char* value : {"", " x", "x ", "{clientip}", "{header.}"}) {
        INFO(value);
        CHECK_FALSE(header_value_form(value));
    }
}
