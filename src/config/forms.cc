#include "config/forms.h"

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/cidr.h"
#include "base/placeholder_text.h"
#include "base/text.h"
#include "config/units_text.h"

namespace weir::config {
namespace {

bool letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

// IPv6 with or without brackets.
std::optional<Ip> read_ip(std::string_view text) {
    return text.substr(0, 1) == "[" ? Ip::parse_bracketed(text) : Ip::parse(text);
}

// RFC 9110 5.6.2, and not without an end.
bool is_token(std::string_view text) {
    static constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
    const auto fits = [](char c) { return letter_or_digit(c) || kSigns.find(c) != std::string_view::npos; };
    return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), fits);
}

bool port_ok(std::string_view text) {
    const Result<uint64_t> port = read_number(text);
    return port && *port >= 1 && *port <= 65'535;
}

std::string join(const Ip& ip, std::string_view port) {
    return (ip.is_v4() ? ip.text() : "[" + ip.text() + "]") + ":" + std::string(port);
}

// What stands before and behind the last colon outside of brackets; no colon: all of it is `host`.
struct HostPort {
    std::string_view host;
    std::string_view port;
    bool colon = false;
};

HostPort split_port(std::string_view text) {
    const size_t colon = text.rfind(':');
    const size_t bracket = text.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon)) {
        return {text, {}, false};
    }
    return {text.substr(0, colon), text.substr(colon + 1), true};
}

// What stands before a port: "ip" or "[ip]". A colon outside of brackets is a mistake of its own.
Status check_port(const HostPort& written, const std::string& expected) {
    if (!written.colon) return fail("a port is missing; expected " + expected);
    if (written.host.find(':') != std::string_view::npos && written.host.front() != '[') {
        return fail("an IPv6 address stands in brackets; expected " + expected);
    }
    if (!port_ok(written.port)) return fail("the port must be a number from 1 to 65535; expected " + expected);
    return {};
}

// "ip:port" in its one form, or what is wrong with it.
Result<std::string> ip_and_port(std::string_view text, const std::string& expected) {
    const HostPort written = split_port(text);
    if (const Status port = check_port(written, expected); !port) return Unexpected{port.error()};
    const std::optional<Ip> ip = read_ip(written.host);
    if (!ip)
        return fail("\"" + std::string(written.host) + "\" is no IP address, and names are not looked up; expected " +
                    expected);
    return join(*ip, written.port);
}

bool host_label_ok(std::string_view label) {
    if (label.empty() || label.size() > 63) return false;
    return std::all_of(label.begin(), label.end(), [](char c) { return letter_or_digit(c) || c == '-' || c == '_'; });
}

bool host_name_ok(std::string_view name) {
    if (name.size() > 253) return false;
    while (true) {
        const size_t dot = name.find('.');
        if (!host_label_ok(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

// A name that the resolver may be asked for. One whose last label is a number is an address to some readers, and to
// others another one ("127.1").
Status check_endpoint_host(std::string_view name, const std::string& expected) {
    for (const char c : name) {
        if (static_cast<signed char>(c) < 0) return fail("expected the name in its xn-- form");
    }
    if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
    const std::string_view last = name.substr(name.rfind('.') + 1);
    const bool number =
        !last.empty() && (is_digit(last[0]) && (last.find_first_not_of("0123456789") == last.npos ||
                                                last.substr(0, 2) == "0x" || last.substr(0, 2) == "0X"));
    if (!host_name_ok(name) || number) {
        return fail("\"" + std::string(name) + "\" is no IP address and no name of a host; expected " + expected);
    }
    return {};
}

// Escapes stay in a normalised path only where they mean something else than the character (RFC 3986 2.3, 6.2.2.2).
Status check_escape(std::string_view text, size_t at) {
    const int high = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
    if (high < 0 || low < 0) return fail("a broken escape; expected % and two hexadecimal digits");
    const char c = static_cast<char>(high * 16 + low);
    if ((c >= 0 && c < 0x20) || c == 0x7f) {
        return fail("\"" + std::string(text.substr(at, 3)) + "\" is refused in requests, so nothing would match");
    }
    if (letter_or_digit(c) || std::strchr("-._~", c) != nullptr) {
        return fail("paths are matched with \"" + std::string(text.substr(at, 3)) + "\" decoded; expected \"" +
                    std::string(1, c) + "\"");
    }
    return {};
}

Status check_path_byte(std::string_view text, size_t at) {
    const char c = text[at];
    if (c == '%') return check_escape(text, at);
    if (c == '?' || c == '#') return fail("a path ends before `?` and `#`");
    if (c == ';') return fail("a segment's ;parameters do not count in matching");
    if ((c == '*' && at + 1 == text.size()) || c == '{' || c == '}') {
        return fail("a path is a prefix, not a pattern; expected for example \"/api\"");
    }
    if (c <= ' ' || c == 0x7f || std::strchr("\\\"<>`", c) != nullptr) {
        return fail("\"" + std::string(1, c) + "\" can not stand in a path; expected it escaped as in %20");
    }
    return {};
}

}  // namespace

Result<std::string> name_form(std::string_view text) {
    if (text.empty() || text.size() > 128) return fail("expected a name of 1 to 128 bytes");
    if (text == "-") return fail("\"-\" stands for `none` in logs and metrics; expected another name");
    return std::string(text);
}

Result<std::string> listen_form(std::string_view text) {
    const std::string expected = "an address such as \":8080\", \"127.0.0.1:8080\" or \"[::1]:8080\"";
    if (text.substr(0, 5) == "unix:") return fail("unix sockets are not listened on; expected " + expected);
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits || text.rfind(':') == 0) {
        const std::string_view port = digits ? text : text.substr(1);
        if (!port_ok(port)) return fail("the port must be a number from 1 to 65535; expected " + expected);
        return ":" + std::string(port);
    }
    return ip_and_port(text, expected);
}

Result<std::string> admin_form(std::string_view text) {
    Result<std::string> address = listen_form(text);
    if (!address) return address;
    const std::string_view host = split_port(*address).host;
    const std::optional<Ip> ip = read_ip(host);
    if (!ip || !ip->loopback()) {
        return fail(
            "the admin address is for this machine alone; expected a loopback address such as "
            "\"127.0.0.1:9180\", or off");
    }
    return address;
}

Result<std::string> endpoint_form(std::string_view text) {
    const std::string expected =
        "a host and a port such as \"127.0.0.1:3000\" or \"app.internal:3000\", or "
        "\"unix:/run/app.sock\"";
    if (text.substr(0, 5) == "unix:") {
        const std::string_view path = text.substr(5);
        if (path.empty() || path.front() != '/') return fail("the path of a unix socket begins with `/`");
        if (path.size() >= sizeof(sockaddr_un::sun_path))
            return fail("the path of a unix socket has at most 107 bytes");
        return std::string(text);
    }
    if (text.find("://") != std::string_view::npos) return fail("an endpoint is no URL; expected " + expected);
    if (text.substr(0, 1) == ":") return fail("a host is missing; expected " + expected);
    const HostPort written = split_port(text);
    if (const Status port = check_port(written, expected); !port) return Unexpected{port.error()};
    if (const std::optional<Ip> ip = read_ip(written.host)) return join(*ip, written.port);
    if (const Status name = check_endpoint_host(written.host, expected); !name) return Unexpected{name.error()};
    std::string form(text);
    for (char& c : form) c = lower(c);
    return form;
}

Result<std::string> network_form(std::string_view text) {
    const Result<Cidr> network = Cidr::parse(text);
    if (!network) return Unexpected{network.error()};
    if (Ip::parse(text.substr(0, text.find('/'))) != network->first())
        return fail("has bits set behind its length (did you mean \"" + network->text() + "\"?)");
    return network->text();
}

Result<std::string> host_form(std::string_view text) {
    if (text == "*") return fail("leave `host` out to match any host");
    if (const std::optional<Ip> ip = read_ip(text)) return ip->text();
    if (text.find("://") != std::string_view::npos || text.find('/') != std::string_view::npos) {
        return fail("expected a host alone, without scheme and path");
    }
    if (text.find(':') != std::string_view::npos) return fail("hosts are matched without a port");
    for (const char c : text) {
        if (static_cast<signed char>(c) < 0) return fail("expected the name as it is sent, in its xn-- form");
    }
    std::string_view name = text;
    if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
    const bool wildcard = name.substr(0, 2) == "*.";
    if (!host_name_ok(wildcard ? name.substr(2) : name)) {
        return fail("expected a host such as \"shop.example.com\" or \"*.example.com\"");
    }
    std::string host(name);
    for (char& c : host) c = lower(c);
    return host;
}

Result<std::string> path_form(std::string_view text) {
    if (text.empty() || text.front() != '/') return fail("a path begins with `/`");
    for (size_t at = 0; at < text.size(); ++at) {
        if (static_cast<signed char>(text[at]) < 0) return fail("expected bytes outside of ASCII escaped as in %C3%BC");
        if (const Status ok = check_path_byte(text, at); !ok) return Unexpected{ok.error()};
    }
    const std::string framed = std::string(text) + "/";
    if (framed.find("/./") != std::string::npos || framed.find("/../") != std::string::npos) {
        return fail("paths are matched with `.` and `..` resolved, so this one would match nothing");
    }
    if (text.size() > 1 && text.substr(text.size() - 2) == "//") return fail("expected at most one `/` at its end");
    if (text.size() > 1 && text.back() == '/') text.remove_suffix(1);
    return std::string(text);
}

Result<std::string> cookie_form(std::string_view text) {
    if (!is_token(text)) return fail("expected the name of a cookie such as \"weir_api\"");
    return std::string(text);
}

Result<std::string> file_form(std::string_view text) {
    if (text.empty()) return fail("expected the path of a file");
    return std::string(text);
}

Result<std::string> protocol_form(std::string_view text) {
    if (text == "h2") return fail("HTTP/2 is not spoken yet; expected http/1.1");
    if (text != "http/1.1") return fail("expected http/1.1");
    return std::string(text);
}

Result<std::string> server_name_form(std::string_view text) {
    if (text.substr(0, 1) == "*") return fail("expected the name of one host such as \"api.internal\"");
    return host_form(text);
}

Result<std::string> header_name_form(std::string_view text) {
    if (!is_token(text)) return fail("expected the name of a header field such as \"x-tenant\"");
    // Of one connection, and what weir says of a message itself: another value would be a lie to who reads it.
    constexpr std::array<std::string_view, 22> kOurs = {"connection",
                                                        "keep-alive",
                                                        "proxy-connection",
                                                        "te",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade",
                                                        "content-length",
                                                        "host",
                                                        "via",
                                                        "forwarded",
                                                        "x-forwarded-for",
                                                        "x-forwarded-host",
                                                        "x-forwarded-port",
                                                        "x-forwarded-proto",
                                                        "x-real-ip",
                                                        "x-request-id",
                                                        "http2-settings",
                                                        "expect",
                                                        "max-forwards",
                                                        "proxy-status",
                                                        "date"};
    std::string read(text);
    for (char& c : read) c = c == '_' || c == '.' ? '-' : lower(c);
    if (std::find(kOurs.begin(), kOurs.end(), read) != kOurs.end())
        return fail("weir writes this field itself; it can not be changed here");
    return std::string(text);
}

Result<std::string> target_form(std::string_view text) {
    if (text.empty() || text.front() != '/') return fail("expected a path that begins with /");
    if (text.size() > 1024) return fail("expected at most 1024 bytes");
    const auto may_stand = [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '\\'; };
    if (!std::all_of(text.begin(), text.end(), may_stand))
        return fail("expected only what a URL may have in its path and query");
    return std::string(text);
}

Result<std::string> status_form(std::string_view text) {
    const size_t dash = text.find('-');
    const auto is_status = [](std::string_view part) {
        const Result<uint64_t> number = read_number(part);
        return number && *number >= 200 && *number <= 599;
    };
    const std::string_view first = text.substr(0, dash);
    const std::string_view last = dash == text.npos ? first : text.substr(dash + 1);
    if (!is_status(first) || !is_status(last) || first > last)
        return fail("expected a status from 200 to 599, or a range of them such as 200-299");
    return std::string(text);
}

Result<std::string> text_form(std::string_view text) {
    if (text.empty() || text.size() > 1024) return fail("expected 1 to 1024 bytes");
    return std::string(text);
}

Result<std::string> header_value_form(std::string_view text) {
    if (text.empty()) return fail("a value is missing; to take a field away name it in `remove`");
    if (text.size() > 8192) return fail("expected at most 8192 bytes");
    if (text != trim(text)) return fail("a value has no blanks around it");
    if (const auto parsed = PlaceholderText::parse(text); !parsed) return Unexpected{parsed.error()};
    return std::string(text);
}

}  // namespace weir::config
