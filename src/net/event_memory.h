// Where libevent gets its memory. For every descriptor there ever was it keeps a few bytes to the end; between the
// connections of a crowd each of them would keep a page. The small ones come from pages of their own here.
// Private to net/. Any thread.
#pragma once

namespace weir::net {

// Before libevent's first allocation; again it does nothing.
void give_libevent_its_memory();

}  // namespace weir::net
