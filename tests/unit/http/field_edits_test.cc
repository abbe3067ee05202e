#include "http/field_edits.h"

#include <string>

#include "tests/support/doctest.h"

using namespace weir::http;

namespace {

Field other(std::string_view name, std::string_view value) {
    return Field(find_header_name(name), name, value);
}

std::string text(const Fields& fields) {
    std::string all;
    for (const Field& field : fields) all += std::string(field.name()) + "=" + std::string(field.value()) + " ";
    return all;
}

Fields received() {
    Fields fields;
    fields.add(other("Host", "shop"));
    fields.add(other("X-Tenant", "evil"));
    fields.add(other("X_Tenant", "worse"));
    fields.add(other("x.tenant", "worst"));
    fields.add(other("X-Tenant", "again"));
    fields.add(other("Accept", "text/html"));
    return fields;
}

}  // namespace

TEST_CASE("a field that is set takes the place of all that may be read as it") {
    FieldEdits edits;
    edits.set(other("x-tenant", "shop"));
    Fields fields = received();
    edits.apply(fields);
    CHECK_EQ(text(fields), "Host=shop Accept=text/html x-tenant=shop ");
}

TEST_CASE("a field that is added stands beside those of its name, not beside its doubles") {
    FieldEdits edits;
    edits.add(other("x-tenant", "shop"));
    Fields fields = received();
    edits.apply(fields);
    CHECK_EQ(text(fields), "Host=shop X-Tenant=evil X-Tenant=again Accept=text/html x-tenant=shop ");
}

TEST_CASE("a field that is removed is gone in every spelling, and what is known of the rest stays true") {
    FieldEdits edits;
    edits.remove(HeaderName::other, "X-TENANT");
    edits.remove(HeaderName::accept, "accept");
    Fields fields = received();
    edits.apply(fields);
    CHECK_EQ(text(fields), "Host=shop ");
    CHECK_FALSE(fields.has(HeaderName::accept));
    CHECK(fields.has(HeaderName::host));
}

TEST_CASE("trailers lose what is set or removed, and gain nothing") {
    FieldEdits edits;
    edits.set(other("x-tenant", "shop"));
    edits.remove(HeaderName::accept, "accept");
    edits.add(other("x-more", "2"));
    Fields trailers = received();
    trailers.add(other("X-More", "1"));
    trailers.add(other("X_More", "3"));
    edits.apply_to_trailers(trailers);
    CHECK_EQ(text(trailers), "Host=shop X-More=1 ");
}

TEST_CASE("edits are applied in the order they were made") {
    FieldEdits edits;
    edits.add(other("Accept", "a"));
    edits.set(other("Accept", "b"));
    edits.add(other("Accept", "c"));
    Fields fields = received();
    edits.apply(fields);
    CHECK(text(fields).find("Accept=b Accept=c") != std::string::npos);
    CHECK_EQ(text(fields).find("Accept=a"), std::string::npos);
    CHECK(fields.repeats(HeaderName::accept));
}
