#include "base/free_memory.h"

#include <malloc.h>

namespace weir {

void return_free_memory() {
    malloc_trim(0);
}

}  // namespace weir
