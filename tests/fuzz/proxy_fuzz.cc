// The whole proxy between clients and backends that say and do anything. The input is a program: a byte that picks the
// config, one that says how it ends, then commands, each a letter (its low five bits count) with what it needs behind
// it; run_command() has them. Small letters let weir run until nothing moves, others leave that to a later command, so
// that things happen in one turn. Bytes that mean nothing are skipped, so seeds have lines. What weir may not do is
// ProxyJudge's to know; at the end everything must be given back and counted once.
// WEIR_TRACE=1 proxy_fuzz INPUT shows who says, gets and does what.
#include <cerrno>

#include "base/log.h"
#include "tests/fuzz/proxy_texts.h"
#include "tests/fuzz/proxy_variants.h"
#include "tests/support/proxy_accounts.h"

using namespace weir;
using namespace weir::fuzz;
using namespace weir::support;
using namespace std::chrono_literals;

namespace {

class Program final {
 public:
    // `buffers` outlives the program.
    Program(const Variant& variant, const config::Config& config, LogLane& lane, Quota& buffers, std::string_view code)
        : variant_(variant),
          lines_(lane),
          rig_(config, &lane, [this](proxy::Snapshot& to) { add_policies(variant_.rules.policies, watch_, to); }),
          judge_(rig_, variant.rules),
          buffers_(buffers),
          code_(code) {
        rig_.dialer.on_dial([this](const net::Address& to, const MemoryLoop::Peer& peer) { on_dial(to, peer); });
        if (variant.rules.starves) rig_.loop.slabs().share(buffers, 1);
    }
    void run() {
        const unsigned ending = byte();
        for (size_t commands = 0; !code_.empty() && commands < kMostCommands; ++commands) run_command();
        run_until_quiet();
        end(ending & 3);
        const ProxyAccounts accounts(rig_, judge_, lines_);
        accounts.check_given_back(watch_);
        accounts.check_counts(watch_.calls);
        if (variant_.rules.own_ids) accounts.check_lines();
        ProxyJudge::demand(buffers_.used() <= kBuffers / 4, "an idle store keeps much of its quota");
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
    void on_dial(const net::Address& to, const MemoryLoop::Peer& peer);
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
    void resume_all();

    const Variant& variant_;
    AccessLines lines_;
    PolicyWatch watch_;
    ProxyRig rig_;
    ProxyJudge judge_;
    const Quota& buffers_;
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
    } else if (letter == of('m')) {  // whoever waits for it is resumed, and whoever did
        resume_all();
    } else if (letter == of('v')) {  // one of them, counted from the newest
        const size_t back = byte() & 15;
        if (back < watch_.all.size()) watch_.wake(watch_.all.size() - 1 - back);
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
        case 'a': {  // an answer: its shape, and its size; 8 holds it back for `l`, 64 makes it a live stream
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
    std::string pattern(kAnswers[shape & 15]);
    if ((how & 0x40) != 0) pattern = as_live(pattern);
    say(backend, text(pattern, mark('b', backend.asked.size()), how, bodiless), (how & 8) != 0);
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

void Program::on_dial(const net::Address& to, const MemoryLoop::Peer& peer) {
    ProxyBackend& backend = judge_.new_backend(to, peer);
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

// As an idle worker would wake, or a busy one. Who paused a body sees to its end: nobody has forgotten to.
void Program::run_out_of_timers() {
    for (int wakes = 0; wakes < kMostWakes; ++wakes) {
        auto wake = rig_.loop.wheel().next_wake();
        if (!wake) {
            resume_all();
            run_until_quiet();
            wake = rig_.loop.wheel().next_wake();
        }
        if (!wake) return;
        advance(std::max(*wake - rig_.clock.now(), variant_.wakes_late));
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

// Those that have ended too: a token of theirs wakes nobody.
void Program::resume_all() {
    for (size_t i = 0; i < watch_.all.size(); ++i) watch_.wake(i);
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
    Quota buffers;
    buffers.set_limit(kBuffers);
    Program(kVariants[variant], configs[variant], lane, buffers, {reinterpret_cast<const char*>(data) + 1, size - 1})
        .run();
    ProxyJudge::demand(buffers.used() == 0, "the quota of buffers is not given back");
    return 0;
}
