// The scalars in the outermost object of a JSON text, for answers about health. The only sight of the JSON library.
// It builds no tree: what is nested is read over, so that a hostile text costs no more than its length. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::upstream {

// By key, as text: strings as they are, 12, 0.5, true, null. Of a key that is there twice the last one counts.
using JsonScalars = std::map<std::string, std::string, std::less<>>;

// None: the text is no JSON object.
std::optional<JsonScalars> read_json_scalars(std::string_view text);

}  // namespace weir::upstream
