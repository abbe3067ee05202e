#include "server/server.h"

#include <cerrno>
#include <csignal>

#include "base/crypto.h"
#include "base/free_memory.h"
#include "base/log.h"
#include "base/text.h"
#include "server/compile.h"
#include "server/limits.h"
#include "server/sticky_secret.h"
#include "server/tls_files.h"
#include "server/version.h"
#include "telemetry/exposition.h"

namespace weir::server {

namespace {

constexpr int kAdminBacklog = 64;
// Other workers' crowds go at the same time.
constexpr Duration kMemoryRest = std::chrono::milliseconds(250);
constexpr Duration kLookAtFiles = std::chrono::seconds(1);
// A ticket lives for a day: it is opened for as long, and sealed by a key that is at most half a day old.
constexpr Duration kTicketKeyTime = std::chrono::hours(12);
constexpr size_t kTicketKeys = 3;

// How long the start waits for the addresses of backends, at most.
constexpr Duration kNamesWait = std::chrono::seconds(1);

// Our name in Via: told apart from other weirs on the way, so that only a request that comes back to us is a loop.
std::string make_pseudonym() {
    std::array<unsigned char, 4> bytes;
    random_bytes(bytes);
    char hex[8];
    write_hex(bytes, hex);
    return "weir-" + std::string(hex, sizeof hex);
}

unsigned worker_count(const config::Config& config) {
    return config.process.workers != 0 ? config.process.workers : usable_cpus();
}

std::string limit_text(const Quota& quota) {
    return quota.limit() == UINT64_MAX ? "no limit" : std::to_string(quota.limit());
}

}  // namespace

Server::Server(const config::Config& config)
    : config_(config),
      workers_wanted_(worker_count(config)),
      living_(workers_wanted_),
      pseudonym_(make_pseudonym()),
      loop_(poller_, clock_),
      timer_(loop_.wheel(), *this),
      memory_(loop_.wheel(), *this),
      resolver_(poller_, loop_),
      names_(loop_, resolver_),
      files_(loop_.wheel(), *this) {
    living_.registry.show_log(&log_);
}

Server::~Server() = default;

Exit Server::run() {
    if (const Status started = start(); !started) {
        LOG(error, "{}", started.error().message);
        admin_.reset();
        workers_.clear();
        return started.error().code != 0 ? Exit::environment : Exit::refused;
    }
    loop_.run();
    admin_.reset();
    workers_.clear();
    LOG(info, "stopped");
    return Exit::fine;
}

Status Server::start() {
    keep_free_memory();
    const unsigned long files = raise_file_limit();
    if (const unsigned long needed = files_needed(workers_wanted_, config_.listeners.size()); files < needed)
        return fail("only " + std::to_string(files) + " open files are allowed, and " +
                        std::to_string(workers_wanted_) + " workers need " + std::to_string(needed) +
                        " before the first connection (ulimit -n, LimitNOFILE)",
                    EMFILE);
    set_quotas(files);
    if (Status read = read_pools_tls(); !read) return read;
    if (Status read = read_sticky_secrets(); !read) return read;
    auto compiled = compile(config_, living_, workers_wanted_);
    if (!compiled) return Unexpected{compiled.error()};
    const std::shared_ptr<const proxy::Snapshot> snapshot = std::move(*compiled);
    if (Status read = start_tls(); !read) return read;
    if (Status bound = bind_listeners(); !bound) return bound;
    if (Status admin = start_admin(); !admin) return admin;
    watch_names();
    health_.watch(config_);
    names_.add(health_);
    signals_ = std::make_unique<Signals>(poller_, loop_, [this](int signal) { on_signal(signal); });
    for (unsigned i = 0; i < workers_wanted_; ++i) {
        Worker::Parts parts{
            i, workers_wanted_, living_, log_, config_.log.access.to != config::AccessTo::off, pseudonym_, {}, {}, {}};
        parts.hints = health_.hints();
        parts.on_accepted_all = [this] { loop_.post([this] { close_listeners(); }); };
        parts.on_drained = [this] { loop_.post([this] { ++workers_drained_, finish(); }); };
        parts.on_crowd_gone = [this] { loop_.post([this] { memory_.arm(loop_.now() + kMemoryRest); }); };
        workers_.push_back(std::make_unique<Worker>(std::move(parts)));
        workers_.back()->adopt(snapshot);
    }
    for (auto& tls : tls_) hand_out_tls(*tls);
    names_.add(*this);  // clients wait in the queues already: before these the addresses
    for (size_t k = 0; k < sockets_.size(); ++k)
        for (unsigned i = 0; i < workers_wanted_; ++i)
            workers_[i]->listen(sockets_[k].fd(i), *living_.listeners.at(config_.listeners[k].name));
    phase_ = Phase::serving;
    ready_.store(true, std::memory_order_relaxed);
    LOG(info, "weir {} is ready: {} workers, connections: {}, bytes of buffers: {}", kVersion, workers_wanted_,
        limit_text(living_.connections), limit_text(living_.buffers));
    return {};
}

void Server::set_quotas(unsigned long files) {
    const config::Process& process = config_.process;
    const unsigned long possible = most_connections(files, workers_wanted_ * config_.listeners.size());
    living_.connections.set_limit(process.max_connections.value_or(static_cast<unsigned>(possible)));
    if (process.max_connections > possible)
        LOG(warn, "max_connections is {}, but {} open files are enough for {} alone (LimitNOFILE)",
            *process.max_connections, files, possible);
    constexpr uint64_t kShare = 4;  // of the memory
    living_.buffers.set_limit(process.buffers.value_or(Bytes{usable_memory() / kShare}).count);
}

Status Server::bind_listeners() {
    for (const config::Listener& listener : config_.listeners) {
        auto sockets = net::ListenSockets::bind(listener.address, workers_wanted_, static_cast<int>(listener.backlog));
        if (!sockets) return fail("listener " + listener.name + ": " + sockets.error().message, sockets.error().code);
        living_.listeners.at(listener.name)->port = sockets->address().port();
        LOG(info, "listening on {} ({})", sockets->address().text(), listener.name);
        sockets_.push_back(std::move(*sockets));
    }
    return {};
}

Status Server::start_admin() {
    if (config_.admin.address.empty()) return {};
    auto socket = net::ListenSockets::bind(config_.admin.address, 1, kAdminBacklog);
    if (!socket) return fail("admin: " + socket.error().message, socket.error().code);
    admin_socket_ = std::move(*socket);
    admin::Daemon& self = *this;
    admin_ = std::make_unique<admin::AdminServer>(admin_socket_->fd(0), self);
    LOG(info, "admin on {}", config_.admin.address);
    return {};
}

// The first requests should find the backends that can be found, so the start waits a moment. It fails for none of
// them.
void Server::watch_names() {
    for (const auto& [name, pool] : living_.pools)
        for (const auto& member : pool->members()) names_.watch(*member.endpoint);
    const TimePoint until = clock_.now() + kNamesWait;
    while (!names_.settled() && clock_.now() < until) loop_.turn(until - clock_.now());
}

void Server::on_addresses(upstream::Endpoint& endpoint, const upstream::Whereabouts& now) {
    for (auto& worker : workers_) worker->move(endpoint, now);
}

// Once: a pool's files are not looked at again.
Status Server::read_pools_tls() {
    for (const auto& [name, pool] : config_.pools) {
        if (!pool.tls) continue;
        std::vector<PartMistake> mistakes;
        net::TlsClientPlan plan = read_pool_tls(*pool.tls, clock_.wall(), mistakes);
        for (const PartMistake& mistake : mistakes) {
            const std::string words = "pool " + name + ": " + mistake.error.message;
            if (mistake.severity == config::Severity::error) return fail(words, mistake.error.code);
            LOG(warn, "{}", words);
        }
        auto client = net::TlsClient::make(std::move(plan));
        if (!client) return fail("pool " + name + ": " + client.error().message);
        living_.tls_clients[name] = std::move(*client);
    }
    return {};
}

Status Server::read_sticky_secrets() {
    for (const auto& [name, pool] : config_.pools) {
        if (!pool.sticky || pool.sticky->secret_file.empty()) continue;
        auto secret = read_sticky_secret(pool.sticky->secret_file);
        if (!secret) return fail("pool " + name + ": " + secret.error().message, secret.error().code);
        living_.sticky_secrets[name] = std::move(*secret);
    }
    return {};
}

Status Server::start_tls() {
    own_ticket_keys_ = {net::TicketKey::random()};
    new_ticket_key_ = loop_.now() + kTicketKeyTime;
    for (const config::Listener& listener : config_.listeners) {
        if (!listener.tls) continue;
        tls_.push_back(std::make_unique<ListenerTls>(*listener.tls, *living_.listeners.at(listener.name)));
        if (Status read = tls_.back()->read(own_ticket_keys_, clock_.wall()); !read)
            return fail("listener " + listener.name + ": " + read.error().message, read.error().code);
    }
    if (!tls_.empty()) files_.arm(loop_.now() + kLookAtFiles);
    return {};
}

// One for each worker: nothing of it is shared.
void Server::hand_out_tls(ListenerTls& listener) {
    for (auto& worker : workers_) worker->adopt_tls(listener.plan(), listener.take_server());
}

// New files are taken when they are whole; old ones stay until then.
void Server::look_at_files() {
    files_.arm(loop_.now() + kLookAtFiles);
    const bool new_key = loop_.now() >= new_ticket_key_;
    if (new_key) {
        own_ticket_keys_.insert(own_ticket_keys_.begin(), net::TicketKey::random());
        if (own_ticket_keys_.size() > kTicketKeys) own_ticket_keys_.pop_back();
        new_ticket_key_ = loop_.now() + kTicketKeyTime;
    }
    for (auto& tls : tls_) {
        const bool renewed = new_key && tls->uses_own_keys();
        if (renewed) tls->renew_keys(own_ticket_keys_);
        bool read = tls->changed();
        if (read) read = read_again(*tls);
        if (read || renewed) hand_out_tls(*tls);
    }
}

bool Server::read_again(ListenerTls& listener) {
    if (Status read = listener.read(own_ticket_keys_, clock_.wall()); !read) {
        LOG(warn, "listener {} keeps the certificates it has: {}", listener.plan().name, read.error().message);
        return false;
    }
    LOG(info, "listener {} has read its certificates again", listener.plan().name);
    return true;
}

void Server::on_signal(int signal) {
    if (signal == SIGTERM || signal == SIGINT) {
        if (phase_ == Phase::serving) return begin_grace();
        return stop_now("a second signal");
    }
    if (signal == SIGHUP) LOG(warn, "HUP: reloading is not supported, restart to load a new config");
}

// Not ready from now on, so that whoever balances over us looks elsewhere; for a while everything is served as before.
void Server::begin_grace() {
    phase_ = Phase::grace;
    ready_.store(false, std::memory_order_relaxed);
    LOG(info, "stopping: new connections are taken for {} ms more",
        std::chrono::duration_cast<std::chrono::milliseconds>(config_.shutdown_grace).count());
    if (config_.shutdown_grace <= Duration::zero()) return begin_drain();
    timer_.arm(loop_.now() + config_.shutdown_grace);
}

void Server::begin_drain() {
    phase_ = Phase::draining;
    for (auto& worker : workers_) worker->drain();
    if (config_.shutdown_timeout > Duration::zero()) timer_.arm(loop_.now() + config_.shutdown_timeout);
}

void Server::on_timer(net::Timer& timer) {
    if (&timer == &timer_) return end_phase();
    if (&timer == &files_) return look_at_files();
    return_free_memory();
}

void Server::end_phase() {
    if (phase_ == Phase::grace) return begin_drain();
    if (phase_ == Phase::draining) stop_now("shutdown_timeout is over");
}

void Server::stop_now(std::string_view why) {
    if (phase_ == Phase::stopped) return;
    phase_ = Phase::stopped;
    LOG(warn, "stopping now: {}", why);
    for (auto& worker : workers_) {
        worker->cut([this](size_t exchanges) {
            loop_.post([this, exchanges] {
                exchanges_cut_ += exchanges;
                ++workers_cut_;
                finish();
            });
        });
    }
}

// The last worker has emptied its queues: from now on connects are refused.
void Server::close_listeners() {
    if (++workers_accepted_all_ == workers_.size()) sockets_.clear();
}

// Ends the control loop once every worker has nothing left.
void Server::finish() {
    if (phase_ == Phase::stopped && workers_cut_ == workers_.size()) {
        if (exchanges_cut_ > 0) LOG(warn, "{} exchanges were cut", exchanges_cut_);
        loop_.stop();
    } else if (phase_ == Phase::draining && workers_drained_ == workers_.size()) {
        phase_ = Phase::stopped;
        LOG(info, "drained: nothing was cut");
        loop_.stop();
    }
}

bool Server::ready() {
    return ready_.load(std::memory_order_relaxed);
}

std::string Server::metrics() {
    return telemetry::render(living_.registry);
}

}  // namespace weir::server
