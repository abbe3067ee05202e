// In-memory transports: the same promises as a socket, without a kernel, so that the whole proxy runs in one thread on
// manual time. Tests, fuzz targets and the instruction-count benchmark hold the other end of each pipe.
// What a peer does is told to weir by the next ManualPoller::wait(), as epoll would. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/list.h"
#include "net/loop.h"
#include "net/tls_workshop.h"
#include "net/transport.h"

namespace weir::net {

class MemoryTransport;

// A Poller whose wait() only reports what the other ends of memory transports did; never sleeps.
class ManualPoller final : public Poller {
 public:
    void wait(Duration longest) override;
    void wake() override {}
    // True when the next wait() has nothing to report.
    bool quiet() const { return marked_.empty(); }

 private:
    friend class MemoryTransport;
    List<MemoryTransport, MemoryTransport> marked_;
};

// The far end of a memory transport, in the hands of a test. Stays when weir has closed its end.
class MemoryPeer final {
 public:
    MemoryPeer() = default;
    MemoryPeer(const MemoryPeer&) = delete;
    MemoryPeer& operator=(const MemoryPeer&) = delete;

    // --- what the peer does --------------------------------------------------------------------------------------
    void send(std::string_view bytes);
    void finish();  // FIN, behind what was sent
    void reset();   // RST; what was sent before can still be read, as on a socket
    // How many more bytes weir may write before it is blocked; without limit at first.
    void set_window(size_t bytes);
    // What Transport::unanswered() says from now on; none at first.
    void set_unanswered(std::optional<Duration> silence) { unanswered_ = silence; }
    // What was written behind this counts as acknowledged no more; everything is at first.
    void stop_acknowledging() { acknowledged_ = received_total_; }
    // Answers a dial: connected, or refused with an errno. Both tell the owner.
    void accept();
    void refuse(int error);

    // --- what weir did -------------------------------------------------------------------------------------------
    const std::string& received() const { return received_; }
    std::string take_received();
    bool saw_fin() const { return saw_fin_; }      // shutdown_write(), or closed without reset()
    bool saw_reset() const { return saw_reset_; }  // closed after reset(), or with bytes left unread, as a kernel does
    bool closed() const { return transport_ == nullptr; }
    size_t unread() const { return sent_.size() - read_; }  // bytes sent that weir has not read
    bool paused() const;                                    // weir has paused reading
    size_t reads() const { return reads_; }                 // calls, each of them a recv on a socket
    size_t writes() const { return writes_; }
    size_t pipings() const { return pipings_; }      // reads and writes that went through a pipe
    size_t questions() const { return questions_; }  // unanswered() was asked

 private:
    friend class MemoryTransport;
    MemoryTransport* transport_ = nullptr;  // null once weir closed it
    std::string sent_;                      // to weir, from read_ on
    size_t read_ = 0;
    std::string received_;
    size_t window_ = SIZE_MAX;
    size_t reads_ = 0;
    size_t writes_ = 0;
    size_t pipings_ = 0;
    size_t questions_ = 0;
    std::optional<Duration> unanswered_;
    uint64_t received_total_ = 0;
    uint64_t acknowledged_ = UINT64_MAX;  // of received_total_
    bool finished_ = false;
    bool reset_ = false;
    bool saw_fin_ = false;
    bool saw_reset_ = false;
};

// A pair: the transport that weir owns, and the peer's end.
struct MemoryPair {
    std::unique_ptr<Transport> transport;
    std::shared_ptr<MemoryPeer> peer;
};
MemoryPair make_memory_pair(Loop& loop, ManualPoller& poller, const Address& peer, const Address& local);

// A Dialer whose connections end in MemoryPeers. The hook is told each new one and decides: accept() or refuse() it at
// once or later. Without a hook every dial is accepted at once.
class MemoryDialer final : public Dialer {
 public:
    using OnDial = std::function<void(const Address& to, const std::shared_ptr<MemoryPeer>& peer)>;

    MemoryDialer(Loop& loop, ManualPoller& poller) : loop_(loop), poller_(poller), tls_(loop) {}
    void on_dial(OnDial hook) { on_dial_ = std::move(hook); }
    std::unique_ptr<Transport> dial(const Address& to) override;
    TlsWorkshop* tls_workshop() override { return &tls_; }

 private:
    Loop& loop_;
    ManualPoller& poller_;
    TlsWorkshop tls_;
    OnDial on_dial_;
};

}  // namespace weir::net
