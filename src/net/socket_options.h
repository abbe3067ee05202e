// What every TCP socket of weir is set to. A socket accepted from a listening one inherits all of it from that (Linux),
// so accepting costs no further system calls. Any thread.
#pragma once

namespace weir::net {

// TCP_NODELAY, because what leaves is gathered by us; keep-alive after 20 s, every 10 s, three times, so that a
// vanished host is noticed within a minute. On a socket that is not TCP this does nothing.
void set_tcp_options(int fd);

// The same, for the sockets of clients: the kernel takes no more than 16 KiB that it can not send yet. Whoever reads
// slowly would else be a few megabytes of its memory, and writable again only when a third of them has left.
void set_client_options(int fd);

// A peer from which nobody reads may have filled what the kernel has let its buffer grow to, up to tcp_rmem's 6 or 32
// MiB. Over 4 MiB it gets no more than that from now on. True when it did: asking again is no use.
bool bound_receive_buffer(int fd);

// What was sent with MSG_MORE leaves now. On a socket that is not TCP nothing waits.
void push_segments(int fd);

// From here on the kernel drops the SYNs that this listening socket would get, so that nobody begins a handshake with
// it; those that have begun one come into its queue. On a socket that is not TCP this does nothing.
void drop_new_handshakes(int fd);

}  // namespace weir::net
