// Headers: what a route sets, adds and removes in the fields of requests to its backends (RequestHeaders) and of
// responses to clients (ResponseHeaders). A value may have placeholders; one that turns out empty is not sent, but what
// the peer said under that name is gone all the same.
#pragma once

#include <string>
#include <vector>

#include "http/template.h"
#include "policy/policy.h"

namespace weir::policy {

// The changes that were written, in the order remove, set, add.
class HeaderChanges final {
 public:
    void remove(std::string name);
    void set(std::string name, http::Template value);
    void add(std::string name, http::Template value);
    bool empty() const { return changes_.empty(); }
    void make(const http::Template::Source& source, Arena& arena, http::FieldEdits& edits) const;

 private:
    enum class Kind : uint8_t { remove, set, add };
    struct Change {
        Kind kind;
        http::HeaderName id;
        std::string name;
        http::Template value;
    };
    void insert(Kind kind, std::string name, http::Template value);
    std::vector<Change> changes_;
};

class RequestHeaders final : public Policy {
 public:
    explicit RequestHeaders(HeaderChanges changes) : changes_(std::move(changes)) {}
    Verdict on_request(Request& request) const override;

 private:
    HeaderChanges changes_;
};

// Of local responses too: what a route promises about its answers it promises about all of them.
class ResponseHeaders final : public Policy {
 public:
    explicit ResponseHeaders(HeaderChanges changes) : changes_(std::move(changes)) {}
    std::optional<Reply> on_response(Response& response) const override;

 private:
    HeaderChanges changes_;
};

}  // namespace weir::policy
