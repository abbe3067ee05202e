#include "http/chunked.h"

#include <algorithm>
#include <cstring>

#include "base/scan.h"
#include "base/text.h"
#include "http/token.h"

namespace weir::http {

ChunkedDecoder::Step ChunkedDecoder::decode(char* input, size_t size) {
    size_t read = 0;
    size_t written = 0;
    while (read < size && at_ != At::end && at_ != At::refused) {
        if (at_ == At::data) {
            const size_t count = static_cast<size_t>(std::min<uint64_t>(left_, size - read));
            if (written != read) memmove(input + written, input + read, count);
            written += count;
            read += count;
            left_ -= count;
            if (left_ == 0) at_ = At::data_cr;
        } else if (line_byte(input[read])) {
            ++read;
        } else {
            at_ = At::refused;
        }
    }
    if (at_ == At::refused) return {Step::State::refused, written, read};
    return {at_ == At::end ? Step::State::last_chunk : Step::State::more, written, read};
}

bool ChunkedDecoder::refuse(Reason reason) {
    refusal_ = &refusal_of(reason);
    return false;
}

// A byte that is no data: false when it is refused.
bool ChunkedDecoder::line_byte(char c) {
    switch (at_) {
        case At::size:
            return size_byte(c);
        case At::line_lf:
            if (c != '\n') return refuse(Reason::chunk_line_end);
            line_ends();
            return true;
        case At::data_cr:
            if (c != '\r') return refuse(Reason::chunk_data_end);
            at_ = At::data_lf;
            return true;
        case At::data_lf:
            if (c != '\n') return refuse(Reason::chunk_data_end);
            at_ = At::size;
            return true;
        default:
            return extension_byte(c);
    }
}

void ChunkedDecoder::line_ends() {
    at_ = left_ == 0 ? At::end : At::data;
    digits_ = 0;
    extension_bytes_ = 0;
}

// White space behind the size is refused, though RFC 9112 7.1.1 lets a reader skip it in front of an extension: readers
// disagree about what stands behind it.
bool ChunkedDecoder::size_byte(char c) {
    const int digit = hex_digit(c);
    if (digit >= 0) {
        if (left_ >> 59 != 0) return refuse(Reason::chunk_size_too_large);
        if (digits_ == kSizeDigits) return refuse(Reason::chunk_size_too_long);
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        ++digits_;
        return true;
    }
    if (digits_ == 0) return refuse(Reason::chunk_size_missing);
    if (c == '\n') return refuse(Reason::chunk_line_end);
    if (c != '\r' && c != ';') return refuse(Reason::chunk_size_malformed);
    if (c == '\r') {
        at_ = At::line_lf;
        return true;
    }
    at_ = At::name;  // so that the `;` is taken, and counted, as one behind a name
    return extension_byte(c);
}

// What follows an extension that is complete in front of `c`; `refused` when nothing can.
ChunkedDecoder::At ChunkedDecoder::behind_extension(char c) const {
    if (c == ';') return At::extension;
    if (c == '\r') return At::line_lf;
    return At::refused;
}

// Extensions are read only to be sure where the line ends, then dropped.
bool ChunkedDecoder::extension_byte(char c) {
    if (c != '\r' && ++extension_bytes_ > kExtensionBytes) return refuse(Reason::extension_too_long);
    if (c != '\r' && ++extensions_bytes_ > kAllExtensionBytes) return refuse(Reason::extensions_too_long);
    if (c == '\n') return refuse(Reason::chunk_line_end);
    if (scan::is_control(c) && c != '\t' && c != '\r') return refuse(Reason::extension_control);
    const bool token = is_token_byte(c);
    const bool blank = is_blank(c);
    At next = At::refused;
    switch (at_) {
        case At::extension:
            if (token || blank) next = token ? At::name : At::extension;
            break;
        case At::name:
            next = token ? At::name : blank ? At::name_gap : c == '=' ? At::equals : behind_extension(c);
            break;
        case At::name_gap:
            if (blank || c == '=' || c == ';') next = blank ? At::name_gap : c == '=' ? At::equals : At::extension;
            break;
        case At::equals:
            if (token || blank || c == '"') next = token ? At::value : blank ? At::equals : At::quoted;
            break;
        case At::value:
            next = token ? At::value : blank ? At::value_gap : behind_extension(c);
            break;
        case At::quoted:
            if (c != '\r') next = c == '"' ? At::value_end : c == '\\' ? At::escaped : At::quoted;
            break;
        case At::escaped:
            if (c != '\r') next = At::quoted;
            break;
        case At::value_end:
            next = blank ? At::value_gap : behind_extension(c);
            break;
        case At::value_gap:
            if (blank || c == ';') next = blank ? At::value_gap : At::extension;
            break;
        default:
            break;
    }
    if (next == At::refused) return refuse(Reason::extension_malformed);
    at_ = next;
    return true;
}

}  // namespace weir::http
