#include "net/doubts.h"

#include <event2/event.h>
#include <poll.h>

#include <array>

#include "base/check.h"
#include "net/plain_socket.h"

namespace weir::net {

Doubts::Doubts(event_base* base)
    : alarm_(event_new(
          base, -1, 0, [](evutil_socket_t, short, void* self) { static_cast<Doubts*>(self)->sweep(); }, this)) {
    CHECK(alarm_ != nullptr);
}

Doubts::~Doubts() {
    event_free(alarm_);
}

void Doubts::add(PlainSocket& socket) {
    sockets_.push_back(socket);
    if (!armed_) arm();
}

void Doubts::arm() {
    const timeval after{0, std::chrono::duration_cast<std::chrono::microseconds>(kPeriod).count()};
    CHECK(event_add(alarm_, &after) == 0);
    armed_ = true;
}

void Doubts::sweep() {
    constexpr size_t kBatch = 256;
    armed_ = false;
    List<PlainSocket, Doubts> left;
    left.splice_back(sockets_);
    while (!left.empty()) {
        std::array<pollfd, kBatch> asked;
        std::array<PlainSocket*, kBatch> sockets;
        nfds_t count = 0;
        while (!left.empty() && count < kBatch) {
            PlainSocket& socket = left.pop_front();
            if (socket.moved_since_doubted()) {
                sockets_.push_back(socket);
                continue;
            }
            asked[count] = {socket.fd(), 0, 0};  // errors are told unasked
            sockets[count++] = &socket;
        }
        const bool answered = poll(asked.data(), count, 0) >= 0;
        for (nfds_t i = 0; i < count; ++i) {
            if (answered) {
                sockets[i]->settle_doubt((asked[i].revents & POLLERR) != 0);
            } else {
                sockets_.push_back(*sockets[i]);  // no memory for it just now
            }
        }
    }
    if (!sockets_.empty()) arm();
}

}  // namespace weir::net
