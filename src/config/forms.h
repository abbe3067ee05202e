// Forms: what the texts of a config must look like (addresses, networks, hosts, paths, names), and the one way each is
// written from then on, so that two spellings of one thing are equal. Resolves and opens nothing.
// Pure functions; each returns the text in its one form, or an Error that says what was expected.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::config {

using Form = Result<std::string> (*)(std::string_view text);

// A name of a pool, route, listener or endpoint: it becomes a metric label and a word in logs.
Result<std::string> name_form(std::string_view text);
// ":8080" or "8080" (becomes ":8080"), "127.0.0.1:8080", "[::1]:8080".
Result<std::string> listen_form(std::string_view text);
// As listen_form, but on a loopback address: there is no token yet that could guard another one.
Result<std::string> admin_form(std::string_view text);
// "127.0.0.1:3000", "[::1]:3000", "unix:/run/app.sock", "app.internal:3000" (in lower case).
Result<std::string> endpoint_form(std::string_view text);
// "10.0.0.0/8", "2001:db8::/32"; an address alone is a network of one.
Result<std::string> network_form(std::string_view text);
// "shop.example.com", "*.example.com", "10.0.0.1", "::1"; lower case, no port, no dot at the end.
Result<std::string> host_form(std::string_view text);
// "/api"; without a `/` at its end unless it is all of it. Only what a normalised request path can begin with.
Result<std::string> path_form(std::string_view text);

// "/health?full=1": what a request line may ask for; a path and perhaps a query, as they are sent.
Result<std::string> target_form(std::string_view text);
// "204" or "200-299": a final status or a range of them.
Result<std::string> status_form(std::string_view text);
// Any text of 1 to 1024 bytes.
Result<std::string> text_form(std::string_view text);
// "weir_api": the name of a cookie (RFC 6265 4.1.1).
Result<std::string> cookie_form(std::string_view text);
// The path of a file.
Result<std::string> file_form(std::string_view text);
// A protocol for ALPN: "http/1.1".
Result<std::string> protocol_form(std::string_view text);

// Whom a certificate is of: "api.internal", "10.0.0.1"; lower case, no port, no wildcard.
Result<std::string> server_name_form(std::string_view text);

// "X-Tenant": a field name that is not of the connection or its framing, nor one that weir writes itself.
Result<std::string> header_name_form(std::string_view text);
// The value of a field: no control bytes, and only placeholders that there are (http/template.h).
Result<std::string> header_value_form(std::string_view text);

}  // namespace weir::config
