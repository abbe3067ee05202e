// Fuzzes ChunkedDecoder against a decoder that has all bytes at once and reads line by line. Input: a byte that seeds
// the cuts, then the body. Both must give the same data and end at the same place.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/text.h"
#include "http/token.h"
#include "tests/unit/http/rows.h"

using namespace weir;
using namespace weir::http;

namespace {

void demand(bool holds, const char* what) {
    if (holds) return;
    fprintf(stderr, "chunked_fuzz: %s\n", what);
    abort();
}

using State = ChunkedDecoder::Step::State;

struct Decoded {
    State state = State::more;
    std::string body;
    size_t consumed = 0;
    bool within_line = false;  // more: the last line has no end yet, so it may be refused already
};

void skip_blanks(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

bool take_token(std::string_view& text) {
    size_t size = 0;
    while (size < text.size() && is_token_byte(text[size])) ++size;
    text.remove_prefix(size);
    return size > 0;
}

bool take_quoted(std::string_view& text) {
    size_t at = 1;
    for (; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
        if (at >= text.size()) return false;
        const auto byte = static_cast<unsigned char>(text[at]);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
    }
    if (at >= text.size()) return false;
    text.remove_prefix(at + 1);
    return true;
}

// What stands behind a size: *( ";" BWS name [ BWS "=" BWS value ] BWS ), without white space at the end.
bool extensions_are_valid(std::string_view text) {
    if (!text.empty() && (text.front() != ';' || is_blank(text.back()))) return false;
    while (!text.empty()) {
        if (text.front() != ';') return false;
        text.remove_prefix(1);
        skip_blanks(text);
        if (!take_token(text)) return false;
        skip_blanks(text);
        if (!text.empty() && text.front() == '=') {
            text.remove_prefix(1);
            skip_blanks(text);
            const bool quoted = !text.empty() && text.front() == '"';
            if (!(quoted ? take_quoted(text) : take_token(text))) return false;
            skip_blanks(text);
        }
    }
    return true;
}

// The size of a chunk from its line without CRLF, or -1.
int64_t read_line(std::string_view line, size_t& all_extensions) {
    size_t digits = 0;
    while (digits < line.size() && hex_digit(line[digits]) >= 0) ++digits;
    if (digits == 0 || digits > ChunkedDecoder::kSizeDigits) return -1;
    uint64_t size = 0;
    const auto read = std::from_chars(line.data(), line.data() + digits, size, 16);
    if (read.ec != std::errc() || size > INT64_MAX) return -1;
    const std::string_view extensions = line.substr(digits);
    all_extensions += extensions.size();
    if (extensions.size() > ChunkedDecoder::kExtensionBytes) return -1;
    if (all_extensions > ChunkedDecoder::kAllExtensionBytes) return -1;
    return extensions_are_valid(extensions) ? static_cast<int64_t>(size) : -1;
}

Decoded decode_at_once(std::string_view input) {
    Decoded result;
    size_t at = 0;
    size_t extensions = 0;
    for (;;) {
        const size_t line_end = input.find('\n', at);
        if (line_end == input.npos) {
            result.within_line = true;
            return result;
        }
        result.state = State::refused;
        if (line_end == at || input[line_end - 1] != '\r') return result;
        const int64_t size = read_line(input.substr(at, line_end - 1 - at), extensions);
        if (size < 0) return result;
        at = line_end + 1;
        if (size == 0) {
            result.state = State::last_chunk;
            result.consumed = at;
            return result;
        }
        result.body += input.substr(at, static_cast<size_t>(size));
        at += std::min(static_cast<size_t>(size), input.size() - at);
        const std::string_view rest = input.substr(at, 2);
        if (rest != std::string_view("\r\n").substr(0, rest.size())) return result;
        result.state = State::more;
        if (rest.size() < 2) return result;
        at += 2;
    }
}

Decoded decode_in_pieces(std::string_view input, unsigned seed) {
    ChunkedDecoder decoder;
    Decoded result;
    std::minstd_rand random(seed + 1);
    size_t at = 0;
    while (at < input.size() && result.state == State::more) {
        const size_t piece = seed == 0 ? input.size() : std::min<size_t>(input.size() - at, 1 + random() % (8 * seed));
        rows::Copy copy(input.substr(at, piece));
        const ChunkedDecoder::Step step = decoder.decode(copy.data(), copy.size());
        demand(step.data <= step.consumed && step.consumed <= piece, "more than there is");
        demand(step.state != State::more || step.consumed == piece, "bytes were left");
        demand(std::string_view(copy.data() + step.consumed, piece - step.consumed) ==
                   input.substr(at + step.consumed, piece - step.consumed),
               "what is behind the last chunk was moved");
        result.body.append(copy.data(), step.data);
        result.state = step.state;
        at += step.consumed;
    }
    if (result.state == State::last_chunk) result.consumed = at;
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
    if (size < 1) return 0;
    const std::string_view body(reinterpret_cast<const char*>(input) + 1, size - 1);
    const Decoded expected = decode_at_once(body);
    for (const unsigned seed : {0U, 1U, unsigned{input[0]}}) {
        const Decoded decoded = decode_in_pieces(body, seed);
        const bool early = expected.within_line && decoded.state == State::refused;
        demand(decoded.state == expected.state || early, "another end");
        demand(decoded.body == expected.body, "other data");
        demand(decoded.consumed == expected.consumed, "it ends elsewhere");
    }
    return 0;
}
