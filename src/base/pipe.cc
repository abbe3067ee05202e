#include "base/pipe.h"

#include <fcntl.h>
#include <unistd.h>

namespace weir {

Pipe::Pipe() {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return;
    out_ = ends[0];
    in_ = ends[1];
    if (fcntl(in_, F_SETPIPE_SZ, kBytes) >= static_cast<int>(kBytes)) return;
    close(in_);
    close(out_);
    in_ = out_ = -1;
}

Pipe::~Pipe() {
    if (!is_open()) return;
    close(in_);
    close(out_);
}

}  // namespace weir
