// What malloc keeps for the next taker goes back to the kernel. It takes the locks of all arenas, one after the other,
// and milliseconds: seldom, and not on a worker.
#pragma once

namespace weir {

// Any thread.
void return_free_memory();

}  // namespace weir
