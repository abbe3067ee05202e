// Server: the daemon. It owns the listening sockets, the workers and every living thing, and decides: start, signals,
// drain, stop. Its thread is the control thread: it may block, workers may not.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "admin/admin_server.h"
#include "admin/daemon.h"
#include "base/log_writer.h"
#include "config/config.h"
#include "net/event_poller.h"
#include "net/listen_sockets.h"
#include "net/resolver.h"
#include "server/health_control.h"
#include "server/listener_tls.h"
#include "server/living.h"
#include "server/publisher.h"
#include "server/signals.h"
#include "server/worker.h"
#include "upstream/names.h"

namespace weir::server {

// How run() ended; the values are the exit codes of the contract.
enum class Exit : int { fine = 0, refused = 1, environment = 3 };

class Server final : private admin::Daemon, private net::TimerOwner, private upstream::Names::Listener {
 public:
    // `config` outlives it. Behind Signals::block(): threads begin here. Throws std::system_error where no thread can
    // be started; run() does too.
    explicit Server(const config::Config& config);
    ~Server() override;

    // Binds, starts workers, and returns when a signal ended it and everything is drained or cut.
    Exit run();

 private:
    enum class Phase : uint8_t { starting, serving, grace, draining, stopped };

    Status start();
    Status bind_listeners();
    Status start_admin();
    Status read_pools_tls();
    Status read_sticky_secrets();
    Status start_tls();
    void hand_out_tls(ListenerTls& listener);
    void set_quotas(unsigned long files);
    void watch_names();
    void on_signal(int signal);
    void begin_grace();
    void begin_drain();
    void stop_now(std::string_view why);
    void close_listeners();
    void finish();
    void on_timer(net::Timer& timer) override;
    void end_phase();
    void on_addresses(upstream::Endpoint& endpoint, const upstream::Whereabouts& now) override;
    void look_at_files();
    bool read_again(ListenerTls& listener);
    // admin::Daemon; on the admin thread.
    bool ready() override;
    std::string metrics() override;

    const config::Config& config_;
    const unsigned workers_wanted_;
    Living living_;
    LogWriter log_;
    std::string pseudonym_;
    SystemClock clock_;
    net::EventPoller poller_;
    net::Loop loop_;
    net::Timer timer_;   // ends the grace, then the drain
    net::Timer memory_;  // a crowd has gone from some worker: its memory goes back to the kernel
    net::SystemResolver resolver_;
    upstream::Names names_;
    std::unique_ptr<Signals> signals_;
    net::Timer files_;  // to the next look at certificates
    net::TicketKeys own_ticket_keys_;
    TimePoint new_ticket_key_{};                     // when the next one is made
    std::vector<std::unique_ptr<ListenerTls>> tls_;  // of the listeners that speak it
    std::vector<net::ListenSockets> sockets_;        // one for each listener of the config
    std::optional<net::ListenSockets> admin_socket_;
    Publisher publisher_{loop_, workers_};
    HealthControl health_{loop_, living_, publisher_};
    std::vector<std::unique_ptr<Worker>> workers_;  // they give hints to the former
    std::unique_ptr<admin::AdminServer> admin_;
    std::atomic<bool> ready_{false};  // read by the admin thread
    size_t workers_accepted_all_ = 0;
    size_t workers_drained_ = 0;
    size_t workers_cut_ = 0;
    size_t exchanges_cut_ = 0;
    Phase phase_ = Phase::starting;
};

}  // namespace weir::server
