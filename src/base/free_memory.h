// How much freed memory malloc keeps for the next taker, and how it goes back to the kernel. No state; see each.
#pragma once

namespace weir {

// A worker's handshakes take and free tens of kilobytes each: were every crest returned at once, a tenth of a handshake
// would be the kernel's work. So up to a MiB of each arena stays. Once, before threads are made.
void keep_free_memory();

// What malloc keeps goes back to the kernel. It takes the locks of all arenas, one after the other, and milliseconds:
// seldom, and not on a worker. Any thread.
void return_free_memory();

}  // namespace weir
