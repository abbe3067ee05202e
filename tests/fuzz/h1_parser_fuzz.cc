// Fuzzes H1Parser and framing. Input: a byte that says what to read, a byte that seeds the cuts, then the bytes.
// A head must say the same however it comes in pieces; what was accepted must hold what it promises, and written anew
// from its parts it must be read as the same again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "http/token.h"
#include "tests/unit/http/rows.h"

using namespace weir::http;
using namespace weir::http::rows;

namespace {

void demand(bool holds, const char* what) {
    if (holds) return;
    fprintf(stderr, "h1_parser_fuzz: %s\n", what);
    abort();
}

std::string lines_of(const Fields& fields) {
    std::string text;
    for (const Field& field : fields) text += std::string(field.name()) + ": " + std::string(field.value()) + "\r\n";
    return text + "\r\n";
}

void check_fields(const Fields& fields) {
    for (const Field& field : fields) {
        demand(!field.name().empty(), "an empty name");
        bool odd = false;
        for (const char c : field.name()) {
            demand(is_token_byte(c), "a name that is no token");
            odd = odd || c == '_' || c == '.';
        }
        demand(odd == field.odd_name(), "odd_name is wrong");
        demand(field.id() == find_header_name(field.name()), "the wrong id");
        for (const char c : field.value())
            demand(c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f), "a control byte in a value");
        if (!field.value().empty())
            demand(!is_blank(field.value().front()) && !is_blank(field.value().back()), "white space around a value");
        const std::string plain = std::string(field.name()) + ": " + std::string(field.value()) + "\r\n";
        const bool same = std::string_view(field.name().data(), plain.size()) == plain;
        demand(!field.plain_line() || same, "plain_line is wrong");
    }
}

// Reads `bytes` whole; the head written anew, or nothing when it was not accepted.
std::string rewritten(Kind kind, HeadLimits limits, std::string_view bytes) {
    H1Parser parser(limits);
    RequestHead request;
    ResponseHead response;
    Fields trailers;
    if (kind == Kind::request) parser.begin_request(request);
    if (kind == Kind::response || kind == Kind::response_to_head) parser.begin_response(response);
    if (kind == Kind::trailers) parser.begin_trailers(trailers);
    if (parser.parse(bytes.data(), bytes.size()) != H1Parser::State::done) return "";
    demand(parser.consumed() <= std::min(bytes.size(), limits.bytes), "more consumed than there is");
    if (kind == Kind::request) {
        check_fields(request.fields);
        demand(request.fields.size() <= limits.fields, "too many fields");
        const std::string version = request.minor_version == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
        return std::string(request.method_text) + " " + std::string(request.target_text) + version +
               lines_of(request.fields);
    }
    if (kind == Kind::trailers) {
        check_fields(trailers);
        return lines_of(trailers);
    }
    check_fields(response.fields);
    const std::string version = response.minor_version == 1 ? "HTTP/1.1 " : "HTTP/1.0 ";
    return version + std::to_string(response.status) + " " + std::string(response.reason) + "\r\n" +
           lines_of(response.fields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
    if (size < 2) return 0;
    constexpr Kind kKinds[] = {Kind::request, Kind::response, Kind::response_to_head, Kind::trailers};
    const Kind kind = kKinds[input[0] % 4];
    const HeadLimits limits = (input[0] & 4) == 0 ? HeadLimits{} : HeadLimits{96, 4};
    const std::string_view bytes(reinterpret_cast<const char*>(input) + 2, size - 2);

    const Answer whole = read(kind, limits, bytes, {});
    std::minstd_rand random(input[1] + 1U);
    std::vector<size_t> cuts;
    for (size_t cut = random() % 32; cut < bytes.size(); cut += 1 + random() % (1 + bytes.size() / 4))
        cuts.push_back(cut);
    demand(read(kind, limits, bytes, cuts) == whole, "pieces are read as something else");
    if (bytes.size() <= 128) {
        cuts.clear();
        for (size_t cut = 1; cut < bytes.size(); ++cut) cuts.push_back(cut);
        demand(read(kind, limits, bytes, cuts) == whole, "single bytes are read as something else");
    }

    Copy copy(bytes);
    const std::string again = rewritten(kind, limits, {copy.data(), copy.size()});
    if (!again.empty()) demand(rewritten(kind, {1 << 20, 1000}, again) == again, "what is written is read otherwise");
    return 0;
}
