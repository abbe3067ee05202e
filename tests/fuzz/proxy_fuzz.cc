// The whole proxy between clients and backends that say and do anything. The input is a program: a byte that picks the
// config, one that says how it ends, then commands, each a letter (its low five bits count) with what it needs behind
// it; run_command() has them. Small letters let weir run until nothing moves, others leave that to a later command, so
// that things happen in one turn. Bytes that mean nothing are skipped, so seeds have lines. What weir may not do is
// ProxyJudge's to know; at the end everything must be given back and counted once.
// WEIR_TRACE=1 proxy_fuzz INPUT shows who says, gets and does what.
#include <cerrno>

#include "base/log.h"
#include "tests/fuzz/proxy_texts.h"
#include "tests/support/access_lines.h"
#include "tests/support/proxy_judge.h"

using namespace weir;
using namespace weir::fuzz;
using namespace weir::support;
using namespace std::chrono_literals;

namespace {

struct Variant {
    const char* yaml;
    JudgeRules rules;
    bool times_out = true;  // silence alone ends everything
};

// A feature that changes what may happen gets a config of its own here, and a rule where the judge must know of it.
const Variant kVariants[] = {
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes: [ { pool: app } ]
)",
     {}},
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { header_bytes: 1KiB, headers: 12, header_timeout: 2s,
               body_timeout: 3s, min_rate: 100, keepalive_timeout: 5s, connections_per_client: 1 } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], header_bytes: 1KiB, connect_timeout: 500ms,
                response_timeout: 4s, read_timeout: 2s, connections: { idle: 1, idle_timeout: 3s } } }
routes: [ { pool: app, timeout: 9s } ]
)",
     {.head_bytes = 800}},
    {R"(
trusted_proxies: [ 192.0.2.0/24, 10.0.0.0/8 ]
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { min_rate: 0 } } ]
pools:
  app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ], connections: { idle: 0 } }
  other: { endpoints: [ "127.0.0.1:3001", "127.0.0.1:3002" ] }
routes: [ { pool: app, match: { host: a.test } }, { pool: other, match: { path: /x } } ]
)",
     {.own_ids = false}},
    {R"(
listeners: [ { name: in, address: "127.0.0.1:8080", limits: { header_timeout: 0, body_timeout: 0, min_rate: 0,
               keepalive_timeout: 0 } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ], connect_timeout: 0, response_timeout: 0, read_timeout: 0,
                connections: { idle_timeout: 0 } } }
routes: [ { pool: app } ]
)",
     {},
     false},
};

class Program final {
 public:
    Program(const Variant& variant, const config::Config& config, LogLane& lane, std::string_view code)
        : variant_(variant), lines_(lane), rig_(config, &lane), judge_(rig_, variant.rules), code_(code) {
        rig_.dialer.on_dial([this](const net::Address&, const MemoryLoop::Peer& peer) { on_dial(peer); });
    }
    void run() {
        const unsigned ending = byte();
        for (size_t commands = 0; !code_.empty() && commands < kMostCommands; ++commands) run_command();
        run_until_quiet();
        end(ending & 3);
        check_all_given_back();
        check_counts();
    }

 private:
    static constexpr size_t kMostCommands = 300;
    static constexpr size_t kMostClients = 12;
    static constexpr size_t kSlots = 4;            // of clients that are spoken of
    static constexpr size_t kMostBytes = 400'000;  // said by all peers; from then on bodies are small
    static constexpr int kMostTurns = 5000;
    static constexpr int kMostWakes = 20'000;

    // The program.
    unsigned byte() {
        if (code_.empty()) return 0;
        const auto first = static_cast<unsigned char>(code_.front());
        code_.remove_prefix(1);
        return first;
    }
    void run_command();
    void client_command(unsigned letter, ProxyClient& client);
    void backend_command(unsigned letter, ProxyBackend& backend);
    std::string_view raw();
    std::string text(std::string_view pattern, std::string_view mark, unsigned how, bool bodiless);
    static size_t window(unsigned how);
    template <typename Peer>
    void say(Peer& peer, const std::string& bytes, bool hold);
    template <typename Peer>
    void say_pending(Peer& peer, size_t most);
    void answer(ProxyBackend& backend, unsigned shape, unsigned how);
    void serve(unsigned shape, unsigned how);

    // Who is spoken of.
    ProxyClient& client(unsigned slot, bool to_ask);
    ProxyBackend* backend(unsigned which);
    void on_dial(const MemoryLoop::Peer& peer);
    void decide(ProxyBackend& backend, unsigned how);
    void decide_oldest(unsigned how);
    std::string mark(char who, size_t number);

    // The world.
    void turn();
    void run_until_quiet();
    void advance(Duration by) {
        rig_.clock.advance(by);
        run_until_quiet();
    }
    void run_out_of_timers();
    void end(unsigned how);
    template <typename Peer>
    void leave(Peer& peer, bool reset);
    void check_all_given_back();
    void check_counts();
    void check_lines();

    const Variant& variant_;
    AccessLines lines_;
    ProxyRig rig_;
    ProxyJudge judge_;
    std::string_view code_;
    ProxyClient* slots_[kSlots] = {};
    unsigned dial_mode_ = 0;
    size_t marks_ = 0;
    size_t said_ = 0;
};

void Program::run_command() {
    const unsigned command = byte();
    const unsigned letter = command & 31;
    constexpr auto of = [](char c) { return static_cast<unsigned>(c & 31); };
    constexpr std::string_view kClients = "qwgexpn";
    constexpr std::string_view kBackends = "ablfkh";
    const char name = static_cast<char>(letter | 0x60);
    if (kClients.find(name) != kClients.npos) {
        client_command(letter, client(byte(), name == 'q'));
    } else if (kBackends.find(name) != kBackends.npos) {
        const unsigned which = byte();
        if (ProxyBackend* at = backend(which)) backend_command(letter, *at);
    } else if (letter == of('s')) {  // every backend that was asked answers
        const unsigned shape = byte();
        serve(shape, byte());
    } else if (letter == of('d')) {  // what becomes of dials from now on
        dial_mode_ = byte();
    } else if (letter == of('c')) {  // the oldest dial that waits
        decide_oldest(byte());
    } else if (letter == of('t')) {  // time
        constexpr Duration kSteps[] = {1ms, 20ms, 300ms, 1s, 3s, 10s, 31s, 61s};
        rig_.clock.advance(kSteps[byte() & 7]);
    } else if (letter == of('i')) {
        return turn();
    } else if (letter == of('z')) {
        judge_.expect_drain();
        rig_.engine->drain();
    } else if (letter == of('y')) {
        judge_.expect_cuts();
        rig_.engine->cut();
    } else if (letter != of('r')) {
        return;
    }
    if ((command & 0x20) != 0) run_until_quiet();
}

void Program::client_command(unsigned letter, ProxyClient& client) {
    switch (letter | 0x60) {
        case 'q': {  // a request: its shape, and its size; 8 holds it back for `g`
            const unsigned shape = byte();
            const unsigned how = byte();
            return say(client, text(kRequests[shape & 15], mark('c', client.number), how, false), (how & 8) != 0);
        }
        case 'w':  // raw bytes
            return say(client, mark_raw(raw(), mark('c', client.number)), false);
        case 'g':  // some of what was held back
            return say_pending(client, window(byte()));
        case 'e':
            return ProxyJudge::finish(client);
        case 'x':
            return ProxyJudge::reset(client);
        case 'p':  // how much it reads
            return ProxyJudge::set_window(client, window(byte()));
        case 'n':  // another connection takes its place
            for (auto& slot : slots_)
                if (slot == &client) slot = nullptr;
            return;
        default:
            return;
    }
}

void Program::backend_command(unsigned letter, ProxyBackend& backend) {
    switch (letter | 0x60) {
        case 'a': {  // an answer: its shape, and its size; 8 holds it back for `l`
            const unsigned shape = byte();
            return answer(backend, shape, byte());
        }
        case 'b':  // raw bytes
            return say(backend, mark_raw(raw(), mark('b', backend.asked.size())), false);
        case 'l':  // some of what was held back
            return say_pending(backend, window(byte()));
        case 'f':
            if (!backend.pending) ProxyJudge::finish(backend);
            return;
        case 'k':
            if (!backend.pending) ProxyJudge::reset(backend);
            return;
        case 'h':  // how much it reads
            return ProxyJudge::set_window(backend, window(byte()));
        default:
            return;
    }
}

// Up to a backquote.
std::string_view Program::raw() {
    const size_t end = std::min(code_.find('`'), code_.size());
    const std::string_view bytes = code_.substr(0, end);
    code_.remove_prefix(std::min(end + 1, code_.size()));
    return bytes;
}

std::string Program::text(std::string_view pattern, std::string_view mark, unsigned how, bool bodiless) {
    constexpr size_t kSizes[] = {5, 0, 1, 100, 1000, 5000, 20'000, 100'000};
    size_t size = kSizes[how & 7];
    if (said_ + size > kMostBytes) size = 5;
    return fill(pattern, {mark, size, (how >> 4) & 3, bodiless});
}

size_t Program::window(unsigned how) {
    constexpr size_t kSteps[] = {SIZE_MAX, 0, 1, 3, 16, 200, 5000, 70'000};
    return kSteps[how & 7];
}

template <typename Peer>
void Program::say(Peer& peer, const std::string& bytes, bool hold) {
    said_ += bytes.size();
    peer.unsent += bytes;
    if (!hold) say_pending(peer, SIZE_MAX);
}

template <typename Peer>
void Program::say_pending(Peer& peer, size_t most) {
    const size_t size = std::min(most, peer.unsent.size());
    judge_.send(peer, std::string_view(peer.unsent).substr(0, size));
    peer.unsent.erase(0, size);
}

void Program::answer(ProxyBackend& backend, unsigned shape, unsigned how) {
    const bool to_head = !backend.asked.empty() && backend.asked.back().message().head.method == "HEAD";
    const bool bodiless = to_head && (how & 0x80) == 0;
    say(backend, text(kAnswers[shape & 15], mark('b', backend.asked.size()), how, bodiless), (how & 8) != 0);
}

void Program::serve(unsigned shape, unsigned how) {
    for (const auto& at : judge_.backends()) {
        if (at->pending || at->asked.empty() || !at->asked.back().message().done) continue;
        if (at->asked.back().answer() == nullptr) answer(*at, shape, how);
    }
}

// A connection that is over is replaced by a new one; one that weir has ended only to ask something.
ProxyClient& Program::client(unsigned slot, bool to_ask) {
    ProxyClient*& at = slots_[slot % kSlots];
    const bool over = at == nullptr || at->finished || at->reset || at->peer->closed() || (to_ask && at->ended);
    const bool full = judge_.clients().size() >= kMostClients;
    if (over && !full) at = &judge_.new_client();
    if (at == nullptr) at = judge_.clients()[slot % kMostClients].get();
    return *at;
}

// Counted from the newest of those that weir has not closed.
ProxyBackend* Program::backend(unsigned which) {
    ProxyBackend* found = nullptr;
    unsigned left = which & 7;
    for (auto at = judge_.backends().rbegin(); at != judge_.backends().rend(); ++at) {
        if ((*at)->peer->closed()) continue;
        found = at->get();
        if (left-- == 0) break;
    }
    return found;
}

void Program::on_dial(const MemoryLoop::Peer& peer) {
    ProxyBackend& backend = judge_.new_backend(peer);
    if ((dial_mode_ & 3) != 3) decide(backend, dial_mode_ & 3);
}

void Program::decide(ProxyBackend& backend, unsigned how) {
    constexpr int kErrors[] = {0, ECONNREFUSED, EHOSTUNREACH, 0};
    const int error = kErrors[how & 3];
    backend.pending = false;
    backend.refused = error != 0;
    trace(backend, backend.refused ? "refuses" : "accepts");
    if (backend.refused)
        backend.peer->refuse(error);
    else
        backend.peer->accept();
}

void Program::decide_oldest(unsigned how) {
    for (const auto& at : judge_.backends())
        if (at->pending && !at->peer->closed()) return decide(*at, how);
}

std::string Program::mark(char who, size_t number) {
    return who + std::to_string(number) + "-" + std::to_string(++marks_);
}

void Program::turn() {
    rig_.loop.turn(Duration::zero());
    judge_.observe();
    lines_.read();
}

void Program::run_until_quiet() {
    for (int turns = 0; turns < kMostTurns; ++turns) {
        turn();
        if (rig_.loop.quiet() && rig_.poller.quiet()) return judge_.check_quiet();
    }
    ProxyJudge::fail("it never comes to rest");
}

// As an idle worker would wake.
void Program::run_out_of_timers() {
    for (int wakes = 0; wakes < kMostWakes; ++wakes) {
        const auto wake = rig_.loop.wheel().next_wake();
        if (!wake) return;
        advance(std::max(*wake - rig_.clock.now(), Duration::zero()));
    }
    ProxyJudge::fail("timers go on for ever");
}

// Silence, or all peers close, or reset, or the daemon's time is up.
void Program::end(unsigned how) {
    if (how == 0 && variant_.times_out) run_out_of_timers();
    if (how == 3) {
        judge_.expect_cuts();
        rig_.engine->cut();
    }
    if (how != 0 || !variant_.times_out) {
        dial_mode_ = 1;
        for (const auto& client : judge_.clients()) leave(*client, how == 2);
        for (const auto& at : judge_.backends()) at->pending ? decide(*at, 1) : leave(*at, how == 2);
        run_until_quiet();
    }
    run_out_of_timers();
}

// Who does not read and is given all the time of the world is not missed.
template <typename Peer>
void Program::leave(Peer& peer, bool reset) {
    if (reset) return ProxyJudge::reset(peer);
    if (!variant_.times_out) ProxyJudge::set_window(peer, SIZE_MAX);
    ProxyJudge::finish(peer);
}

void Program::check_all_given_back() {
    using J = ProxyJudge;
    J::demand(rig_.engine->exchanges() == 0, "exchanges are left");
    J::demand(rig_.engine->connections() == 0, "connections to clients are left");
    for (const auto& client : judge_.clients()) J::demand(client->peer->closed(), "a client's connection is left open");
    for (const auto& at : judge_.backends()) J::demand(at->peer->closed(), "a backend's connection is left open");
    for (const auto& client : judge_.clients()) {
        const auto address = net::Address::parse(ProxyJudge::address_of(client->number));
        J::demand(rig_.plan->clients.enter(*address, 1), "a client that left is still counted");
    }
    const size_t bytes = rig_.loop.slabs().bytes_in_use();
    J::demand(bytes == 0, "slabs were not given back", std::to_string(bytes));
}

void Program::check_counts() {
    using J = ProxyJudge;
    const telemetry::Registry& registry = rig_.living.registry;
    uint64_t outcomes = 0, requests = 0, durations = 0;
    registry.each_route([&](const telemetry::RouteSeries& series) {
        series.each([&](const telemetry::RouteCells& cells) {
            J::demand(cells.active() == 0, "exchanges_active is not 0");
            for (unsigned i = 0; i < telemetry::RouteCells::kMaxOutcomes; ++i) outcomes += cells.outcome(i);
            for (unsigned i = 0; i < telemetry::RouteCells::kMaxMethods; ++i)
                if (const auto* row = cells.row(i))
                    for (const auto& cell : *row) requests += cell.value();
            for (size_t i = 0; i <= telemetry::Histogram::kBounds.size(); ++i) durations += cells.duration().bucket(i);
        });
    });
    registry.each_listener([](const telemetry::ListenerSeries& series) {
        series.each([](const telemetry::ListenerCells& cells) {
            J::demand(cells.connections_active.value() == 0, "connections_active is not 0");
        });
    });
    registry.each_endpoint([](const telemetry::EndpointSeries& series) {
        series.each([](const telemetry::EndpointCells& cells) {
            J::demand(cells.requests_active.value() == 0, "an endpoint's requests_active is not 0");
            J::demand(cells.connections_active.value() == 0 && cells.connections_idle.value() == 0,
                      "an endpoint's connections are not 0");
        });
    });
    J::demand(lines_.dropped() == 0, "lines were dropped");
    J::demand(outcomes == lines_.count() && requests == outcomes && durations == outcomes,
              "exchanges, outcomes and lines differ",
              std::to_string(outcomes) + " " + std::to_string(requests) + " " + std::to_string(lines_.count()));
    if (variant_.rules.own_ids) check_lines();
}

// What the log says is what the clients have seen.
void Program::check_lines() {
    using J = ProxyJudge;
    J::demand(!lines_.repeated(), "an exchange has two lines");
    size_t complete = 0, fine = 0;
    for (const auto& [id, line] : lines_.by_id()) fine += line.outcome == "ok" ? 1 : 0;
    for (const auto& client : judge_.clients()) {
        const auto& answers = client->got.messages();
        for (size_t i = 0; i < client->got.complete(); ++i) {
            const std::string id(answers[i].head.value("x-request-id"));
            const auto found = lines_.by_id().find(id);
            J::demand(found != lines_.by_id().end(), "an answer without a line", id);
            const AccessLine& line = found->second;
            J::demand(line.status == answers[i].head.status || line.status == 499, "a line with another status", id);
            if (line.outcome != "ok") continue;
            ++complete;
            J::demand(line.bytes_out == answers[i].wire, "a line with other bytes_out",
                      std::to_string(line.bytes_out) + " for " + std::to_string(answers[i].wire));
        }
    }
    J::demand(fine == complete, "an exchange is called ok whose answer was not whole",
              std::to_string(fine) + " for " + std::to_string(complete));
}

}  // namespace

// Every input makes a proxy anew: what it freed need not wait long for a use after free.
extern "C" const char* __asan_default_options() {
    return "quarantine_size_mb=8:malloc_context_size=12";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kVariantCount = sizeof kVariants / sizeof kVariants[0];
    constexpr size_t kLogBytes = 256 * 1024;
    static LogBell bell;
    static LogLane lane(bell, kLogBytes);
    static LogLane errors(bell, kLogBytes);  // nobody reads them: what does not fit is made, and dropped
    static const std::vector<config::Config> configs = [] {
        set_log_level(LogLevel::debug);
        set_log_format(LogFormat::json);
        log_detail::set_thread_lane(&errors);
        std::vector<config::Config> read;
        for (const Variant& variant : kVariants) read.push_back(ProxyRig::parse(variant.yaml));
        return read;
    }();
    if (size < 2) return 0;
    const size_t variant = (data[0] & 15) % kVariantCount;
    Program(kVariants[variant], configs[variant], lane, {reinterpret_cast<const char*>(data) + 1, size - 1}).run();
    return 0;
}
