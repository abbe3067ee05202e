#include "http/fields.h"

#include <algorithm>

namespace weir::http {

// Out of line, so that add() is a few instructions wherever it stands.
void Fields::grow() {
    const size_t used = size();
    const size_t wider = used == 0 ? 16 : 2 * used;
    auto list = std::make_unique<Field[]>(wider);
    end_ = std::copy(begin(), end(), list.get());
    room_end_ = list.get() + wider;
    list_ = std::move(list);
}

}  // namespace weir::http
