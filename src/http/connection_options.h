// ConnectionOptions: the fields that Connection names as concerning this connection alone (RFC 9110 7.6.1). A peer can
// not use it to take away what must arrive: Host, framing, credentials, cookies, and what proxies say of a request.
// `close` and `keep-alive` are framing's to read. Views into the fields it read; one thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/fields.h"

namespace weir::http {

class ConnectionOptions final {
 public:
    static constexpr size_t kMost = 100;  // names; a real message has one or two, and framing refuses more

    // Of a message that framing let pass.
    explicit ConnectionOptions(const Fields& fields);
    bool name(const Field& field) const {
        return field.id() == HeaderName::other ? count_ > 0 && name_other(field.name()) : known_.has(field.id());
    }

 private:
    void add(std::string_view option);
    bool name_other(std::string_view name) const;

    // Nearly every message names none, so no place is made ready for one.
    struct Option {
        const char* text;
        size_t size;
    };
    HeaderSet known_;
    size_t count_ = 0;
    Option others_[kMost];
};

}  // namespace weir::http
