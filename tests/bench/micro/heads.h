// Heads as browsers and programs send them to an application behind a proxy: what the parsers are measured with.
// Made up after what Chrome, Firefox, Safari and HTTP libraries of 2024 and 2025 send; names and tokens are invented.
#pragma once

#include <string_view>

namespace weir::bench {

// A Chrome navigation.
inline constexpr std::string_view kChromePage =
    "GET /products/lamps?sort=price&page=2 HTTP/1.1\r\n"
    "Host: shop.example.com\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\n"
    "sec-ch-ua: \"Chromium\";v=\"130\", \"Google Chrome\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Referer: https://shop.example.com/products\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7\r\n"
    "Cookie: sid=s%3AkQx0c1kT6v2mJvYpZ8aB3nH7.4mXr5wE2tU9iO1pA6sD8fG0hJ; theme=dark; cart=8c1f02d7; consent=1\r\n"
    "\r\n";

// Chrome fetching JSON for a page.
inline constexpr std::string_view kChromeFetch =
    "GET /api/v1/cart HTTP/1.1\r\n"
    "Host: shop.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua-platform: \"Windows\"\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: application/json\r\n"
    "sec-ch-ua: \"Google Chrome\";v=\"131\", \"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Referer: https://shop.example.com/products/lamps?sort=price&page=2\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n"
    "Cookie: sid=s%3AkQx0c1kT6v2mJvYpZ8aB3nH7.4mXr5wE2tU9iO1pA6sD8fG0hJ; theme=dark; cart=8c1f02d7; consent=1\r\n"
    "If-None-Match: W/\"1a4-0xkqN5tVw7bYzR2mC8dE\"\r\n"
    "\r\n";

// Firefox, a page.
inline constexpr std::string_view kFirefoxPage =
    "GET / HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: de,en-US;q=0.7,en;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "DNT: 1\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: _ga=GA1.1.1234567890.1700000000; _ga_ABCDEF1234=GS1.1.1700000000.3.1.1700000300.0.0.0\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Priority: u=0, i\r\n"
    "\r\n";

// Firefox, a picture.
inline constexpr std::string_view kFirefoxPicture =
    "GET /static/img/lamp-7f3e9a.webp HTTP/1.1\r\n"
    "Host: shop.example.com\r\n"
    "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0\r\n"
    "Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Connection: keep-alive\r\n"
    "Referer: https://shop.example.com/products/lamps\r\n"
    "Cookie: theme=dark; cart=8c1f02d7; consent=1\r\n"
    "Sec-Fetch-Dest: image\r\n"
    "Sec-Fetch-Mode: no-cors\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "If-Modified-Since: Tue, 05 Nov 2024 10:11:12 GMT\r\n"
    "Priority: u=5, i\r\n"
    "\r\n";

// Safari on a telephone, a page.
inline constexpr std::string_view kSafariPage =
    "GET /news/2024/11/a-rather-long-headline-about-lamps-and-shades HTTP/1.1\r\n"
    "Host: m.example.net\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Cookie: uid=b7e2c4f0-93a1-4d55-8f6e-0c1d2e3f4a5b; region=eu-west\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Connection: keep-alive\r\n"
    "\r\n";

// Chrome posting a form as JSON.
inline constexpr std::string_view kChromePost =
    "POST /api/v1/orders HTTP/1.1\r\n"
    "Host: shop.example.com\r\n"
    "Connection: keep-alive\r\n"
    "Content-Length: 412\r\n"
    "sec-ch-ua-platform: \"macOS\"\r\n"
    "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\r\n"
    "sec-ch-ua: \"Google Chrome\";v=\"131\", \"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\"\r\n"
    "Content-Type: application/json\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "Accept: */*\r\n"
    "Origin: https://shop.example.com\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Referer: https://shop.example.com/checkout\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n"
    "Cookie: sid=s%3AkQx0c1kT6v2mJvYpZ8aB3nH7.4mXr5wE2tU9iO1pA6sD8fG0hJ; theme=dark; cart=8c1f02d7; consent=1\r\n"
    "\r\n";

// A browser behind another proxy.
inline constexpr std::string_view kForwarded =
    "GET /dashboard/widgets/17/data?from=2024-11-01&to=2024-11-21&tz=Europe%2FBerlin HTTP/1.1\r\n"
    "Host: app.example.com\r\n"
    "X-Forwarded-For: 203.0.113.77, 198.51.100.9\r\n"
    "X-Forwarded-Proto: https\r\n"
    "X-Forwarded-Host: app.example.com\r\n"
    "X-Real-IP: 203.0.113.77\r\n"
    "X-Request-Id: 01932f4e-7c2a-7b1d-9e3f-5a6b7c8d9e0f\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: de-DE,de;q=0.9\r\n"
    "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiIsImV4cCI6MTczMjIwMDAwMH0.c2lnbmF0dXJlLW9mLW5vdGhpbmc\r\n"
    "Referer: https://app.example.com/dashboard\r\n"
    "Cookie: session=Zm9vYmFyYmF6cXV4; lang=de\r\n"
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
    "\r\n";

// A program.
inline constexpr std::string_view kProgram =
    "GET /health HTTP/1.1\r\n"
    "Host: 10.0.0.11:3000\r\n"
    "User-Agent: curl/7.88.1\r\n"
    "Accept: */*\r\n"
    "\r\n";

inline constexpr std::string_view kHeads[] = {kChromePage, kChromeFetch, kFirefoxPage, kFirefoxPicture,
                                              kSafariPage, kChromePost,  kForwarded,   kProgram};

}  // namespace weir::bench
