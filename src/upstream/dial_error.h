// What the errno of a dial that failed says of the endpoint.
#pragma once

#include <cerrno>

namespace weir::upstream {

// Nobody listens there; of a unix socket also: it is not there.
inline bool is_refusal(int error) {
    return error == ECONNREFUSED || error == ENOENT;
}

// Nothing: it is this machine that lacks descriptors or memory, or a queue of a unix socket is full for a moment.
inline bool is_our_lack(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EAGAIN;
}

}  // namespace weir::upstream
