#include "http/client_hop.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace weir::http {

namespace {

// Gives the elements of a list header from right to left, over all of its fields. A comma in quotes separates nothing.
// An escaped quote is not told from a plain one: no address has either, and nobody we trust writes them.
class ElementsFromRight final {
 public:
    ElementsFromRight(const Fields& fields, HeaderName name) : fields_(fields), name_(name), field_(fields.size()) {}

    bool next(std::string_view& element) {
        for (;;) {
            while (rest_.empty()) {
                if (field_ == 0) return false;
                const Field& field = fields_[--field_];
                if (field.id() == name_) rest_ = field.value();
            }
            const size_t comma = last_comma();
            element = trim(rest_.substr(comma + 1));  // npos + 1 is 0
            rest_ = comma == rest_.npos ? std::string_view() : rest_.substr(0, comma);
            if (!element.empty()) return true;
        }
    }

 private:
    size_t last_comma() const {
        bool quoted = false;
        for (size_t at = rest_.size(); at-- > 0;) {
            const char c = rest_[at];
            if (c == '"') quoted = !quoted;
            if (c == ',' && !quoted) return at;
        }
        return rest_.npos;
    }

    const Fields& fields_;
    const HeaderName name_;
    size_t field_;
    std::string_view rest_;
};

// The node behind `for=` in an element of Forwarded (RFC 7239 4), without quotes; empty when there is none.
std::string_view forwarded_for(std::string_view element) {
    while (!element.empty()) {
        const size_t end = element.find(';');
        const std::string_view pair = trim(element.substr(0, end));
        element = end == element.npos ? std::string_view() : element.substr(end + 1);
        if (!starts_with_ignoring_case(pair, "for=")) continue;
        const std::string_view node = pair.substr(4);
        const bool quoted = node.size() >= 2 && node.front() == '"' && node.back() == '"';
        return quoted ? node.substr(1, node.size() - 2) : node;
    }
    return {};
}

// "1.2.3.4", "1.2.3.4:5", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5": the address alone.
std::string_view without_port(std::string_view text) {
    std::string_view port;
    if (!text.empty() && text.front() == '[') {
        const size_t close = text.find(']');
        if (close == text.npos) return {};
        port = text.substr(close + 1);
        text = text.substr(1, close - 1);
        if (!port.empty() && port.front() != ':') return {};
    } else if (const size_t colon = text.find(':'); colon != text.npos && colon == text.rfind(':')) {
        port = text.substr(colon);
        text = text.substr(0, colon);
    }
    if (port.empty()) return text;
    return std::all_of(port.begin() + 1, port.end(), is_digit) ? text : std::string_view();
}

}  // namespace

std::string_view client_ip(const Fields& fields, const ClientHop& hop, Arena& arena) {
    if (!hop.trusted()) return hop.peer;
    const bool classic = fields.has(HeaderName::x_forwarded_for);
    if (!classic && !fields.has(HeaderName::forwarded)) return hop.peer;
    std::optional<Ip> nearest;
    ElementsFromRight elements(fields, classic ? HeaderName::x_forwarded_for : HeaderName::forwarded);
    for (std::string_view element; elements.next(element);) {
        const std::optional<Ip> ip = Ip::parse(without_port(classic ? element : forwarded_for(element)));
        if (!ip) break;
        nearest = ip;
        if (!hop.proxies->contains(*ip)) break;
    }
    if (!nearest) return hop.peer;
    char* const text = arena.take(Ip::kText);
    return {text, static_cast<size_t>(nearest->write(text) - text)};
}

std::string_view kept_request_id(const Fields& fields, const ClientHop& hop) {
    constexpr size_t kLongest = 128;
    if (!hop.trusted()) return {};
    const Field* field = fields.find(HeaderName::x_request_id);
    if (field == nullptr || field->value().size() > kLongest) return {};
    // It is shown in pages and logs of ours: nothing that means something in HTML or JSON.
    const auto plain = [](char c) {
        return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
               std::string_view("-_.~+/=:@").find(c) != std::string_view::npos;
    };
    return std::all_of(field->value().begin(), field->value().end(), plain) ? field->value() : std::string_view();
}

}  // namespace weir::http
