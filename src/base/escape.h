// Escaping of what peers send for one line of a log: control bytes, quotes, and whatever is not valid UTF-8 can
// neither end the line nor reach a terminal as they came. Writes into room the caller owns, allocates nothing.
// Any thread.
#pragma once

#include <string_view>

namespace weir {

// Writes `text` as the inside of a JSON string (RFC 8259 section 7) to `at` and returns the end of what was written,
// at most `end`. What does not fit is cut between two characters and ends in "..."; there is room for at least 8
// bytes. A byte that belongs to no UTF-8 character becomes \u00XX; DEL and C1 controls are escaped too.
char* escape_json(std::string_view text, char* at, char* end);

// The same for a line that people read: quotes and backslashes stay.
char* escape_controls(std::string_view text, char* at, char* end);

}  // namespace weir
