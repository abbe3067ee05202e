#include "base/free_memory.h"

#include <malloc.h>

namespace weir {

void keep_free_memory() {
    constexpr int kKept = 1024 * 1024;
    mallopt(M_TRIM_THRESHOLD, kKept);
    mallopt(M_MMAP_THRESHOLD, kKept);  // else it stays at 128 KiB, for the other is set
}

void return_free_memory() {
    malloc_trim(0);
}

}  // namespace weir
