#include "http/cookies.h"

#include <string>

#include "tests/support/doctest.h"

using namespace weir;
using http::Cookies;
using http::Fields;
using http::HeaderName;

TEST_CASE("a cookie has the values that stand in Cookie fields, in their order") {
    struct Row {
        const char* first;
        const char* second;
        const char* values;
    };
    const Row rows[] = {
        {"id=1", nullptr, "1 "},
        {"a=0; id=1; b=2", nullptr, "1 "},
        {"id=1; id=2", "x=0;id=3", "1 2 3 "},
        {"", "id=1", "1 "},
        {"xid=1; idx=2; ID=3; id", nullptr, ""},  // RFC 6265 5.4: names are compared as they stand
        {"  id=a=b ;id=", nullptr, "a=b  "},
        {";;; ;", "=1", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.first);
        Fields fields;
        fields.add(HeaderName::cookie, row.first);
        fields.add(HeaderName::accept, "id=9");
        if (row.second != nullptr) fields.add(HeaderName::cookie, row.second);
        std::string values;
        Cookies cookies(fields, "id");
        for (std::string_view value; cookies.next(value);) values += std::string(value) + " ";
        CHECK_EQ(values, row.values);
    }
}

TEST_CASE("without Cookie fields there are no cookies") {
    Fields fields;
    fields.add(HeaderName::accept, "id=9");
    std::string_view value;
    CHECK_FALSE(Cookies(fields, "id").next(value));
}
