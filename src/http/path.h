// The normal form of a path (RFC 3986 6.2.2): dot segments removed, escapes of unreserved characters decoded, and, for
// matching alone, every segment's `;parameters` cut. `%2F`, `//` and letter case stay, for backends tell them apart.
// Two steps: a scan that nearly every path leaves as it came, and the rewriting of the others. Any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/refusal.h"

namespace weir::http {

struct PathScan {
    size_t size = 0;    // of the path: what follows is `?` or nothing
    bool plain = true;  // nothing in it that normalising could change or would have to check
};
// `text` begins with the path's `/`. Refuses `\`, a fragment, and every byte that is not printable ASCII.
const Refusal* scan_path(std::string_view text, PathScan& into);

// The same for a query, its `?` first: `\` and any `%` may stand in it.
const Refusal* check_query(std::string_view query);

// Holds an escaped `/` or `\`, or a dot segment with parameters (`..;`): backends read such a path as one that was not
// matched. Nobody who guards a path lets it pass.
bool reads_two_ways(std::string_view path);

struct NormalPath {
    std::string_view matched;  // without parameters
    std::string_view forward;  // with them; `path` itself when nothing else was changed
};
// Rewrites a scanned path. `room` holds 2 * path.size() bytes and stays as long as the views. Refuses broken escapes,
// escaped control bytes, and a path that climbs above its root.
const Refusal* normalise_path(std::string_view path, char* room, NormalPath& into);

}  // namespace weir::http
