#include "telemetry/access_log.h"

#include <cstring>

#include "base/escape.h"
#include "base/log_lane.h"
#include "base/text.h"

namespace weir::telemetry {

namespace {

// The most bytes of a field after escaping; what is longer is cut. Together with keys and numbers a line always fits.
enum Room : size_t {
    kTokenRoom = 64,  // protocol, method, ...
    kNameRoom = 256,  // of things in the config, and hosts
    kTextRoom = 1024,
    kPathRoom = 3072,
};
constexpr size_t kTokens = 4, kNames = 7, kTexts = 2;
constexpr size_t kKeysAndNumbers = 640;
static_assert(kTokens * kTokenRoom + kNames * kNameRoom + kTexts * kTextRoom + kPathRoom + kKeysAndNumbers <=
              LogLane::kLongestLine);

template <size_t N>
char* put(char* at, const char (&literal)[N]) {
    std::memcpy(at, literal, N - 1);
    return at + N - 1;
}

char* put_string(char* at, std::string_view text, Room room) {
    *at++ = '"';
    at = escape_json(text, at, at + room);
    *at++ = '"';
    return at;
}

char* put_string_or_null(char* at, std::string_view text, Room room) {
    return text.empty() ? put(at, "null") : put_string(at, text, room);
}

// Milliseconds with three decimals.
char* put_ms(char* at, Duration duration) {
    const auto us = static_cast<uint64_t>(duration > Duration::zero() ? duration.count() / 1000 : 0);
    at = write_decimal(us / 1000, at);
    const auto part = static_cast<unsigned>(us % 1000);
    *at++ = '.';
    *at++ = static_cast<char>('0' + part / 100);
    *at++ = static_cast<char>('0' + part / 10 % 10);
    *at++ = static_cast<char>('0' + part % 10);
    return at;
}

char* put_request(char* at, const AccessRecord& record) {
    at = put_string(put(at, ",\"request_id\":"), record.request_id, kNameRoom);
    at = put_string(put(at, ",\"client\":"), record.client, kTokenRoom);
    at = put_string(put(at, ",\"listener\":"), record.listener, kNameRoom);
    at = put_string(put(at, ",\"protocol\":"), record.protocol, kTokenRoom);
    at = put_string_or_null(put(at, ",\"tls\":"), record.tls, kTokenRoom);
    at = put_string(put(at, ",\"method\":"), record.method, kTokenRoom);
    at = put_string(put(at, ",\"host\":"), record.host, kNameRoom);
    return put_string(put(at, ",\"path\":"), record.path, kPathRoom);
}

char* put_answer(char* at, const AccessRecord& record) {
    at = write_decimal(static_cast<uint64_t>(record.status > 0 ? record.status : 0), put(at, ",\"status\":"));
    at = put_string(put(at, ",\"outcome\":"), record.outcome, kNameRoom);
    at = put_string(put(at, ",\"route\":"), record.route, kNameRoom);
    at = put_string(put(at, ",\"pool\":"), record.pool, kNameRoom);
    at = put_string_or_null(put(at, ",\"endpoint\":"), record.endpoint, kNameRoom);
    at = write_decimal(record.attempts, put(at, ",\"attempts\":"));
    at = write_decimal(record.bytes_in, put(at, ",\"bytes_in\":"));
    at = write_decimal(record.bytes_out, put(at, ",\"bytes_out\":"));
    at = put_ms(put(at, ",\"duration_ms\":"), record.duration);
    at = put(at, ",\"upstream_ms\":");
    return record.upstream ? put_ms(at, *record.upstream) : put(at, "null");
}

}  // namespace

void AccessLog::write_line(const AccessRecord& record) {
    char* const line = lane_->begin_line();
    if (line == nullptr) return;  // counted
    char* at = put(line, "{\"time\":\"");
    const std::string_view time = time_.text(record.time);
    std::memcpy(at, time.data(), Timestamp::kSize);
    at = put(at + Timestamp::kSize, "\"");
    at = put_request(at, record);
    at = put_answer(at, record);
    at = put_string_or_null(put(at, ",\"user_agent\":"), record.user_agent, kTextRoom);
    at = put_string_or_null(put(at, ",\"referer\":"), record.referer, kTextRoom);
    at = put(at, "}\n");
    lane_->end_line(static_cast<size_t>(at - line));
}

}  // namespace weir::telemetry
