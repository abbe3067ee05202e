#include "net/resolver.h"

#include <ares.h>
#include <event2/event.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "net/address.h"

namespace weir::net {

namespace {

using Kind = FamilyAnswer::Kind;

constexpr int kTry = 2000;  // ms, doubled each time all servers have been asked
constexpr int kTries = 3;

Kind kind_of(int status) {
    switch (status) {
        case ARES_SUCCESS:
            return Kind::found;
        case ARES_ENODATA:
        case ARES_ENOTFOUND:
            return Kind::none;
        case ARES_ETIMEOUT:
            return Kind::timed_out;
        default:
            return Kind::failed;
    }
}

// The unspecified address is nobody's (RFC 1122 3.2.1.3, RFC 4291 2.5.2); to Linux it would be this machine.
bool is_destination(const Ip& ip) {
    return !(ip == Ip() || ip == Ip::v4({}));
}

void add_address(FamilyAnswer& into, const Ip& ip) {
    const auto& known = into.addresses;
    if (known.size() == SystemResolver::kMostAddresses || !is_destination(ip)) return;
    if (std::find(known.begin(), known.end(), ip) == known.end()) into.addresses.push_back(ip);
}

void take_host(const hostent& host, FamilyAnswer& into) {
    for (char* const* at = host.h_addr_list; *at != nullptr; ++at) {
        Ip::Bytes v6;
        std::array<uint8_t, 4> v4;
        if (host.h_addrtype == AF_INET6) {
            std::memcpy(v6.data(), *at, v6.size());
            add_address(into, Ip(v6));
        } else if (host.h_addrtype == AF_INET) {
            std::memcpy(v4.data(), *at, v4.size());
            add_address(into, Ip::v4(v4));
        }
    }
}

// RFC 6761 6.3: no server and no file is asked. Node listens on one of the two.
bool is_localhost(std::string_view name) {
    constexpr std::string_view kName = "localhost";
    if (name.size() > kName.size() && name.back() == '.') name.remove_suffix(1);
    if (name.size() < kName.size() || name.substr(name.size() - kName.size()) != kName) return false;
    return name.size() == kName.size() || name[name.size() - kName.size() - 1] == '.';
}

FamilyAnswer loopback(const Ip& ip) {
    return {Kind::found, {ip}, std::chrono::minutes(5)};
}

// The question for one family's records, over a channel of its own: it has the servers that /etc/resolv.conf names now,
// a source port and an id that nobody has seen yet (RFC 5452), and errors of its socket are no other question's.
class Question final {
 public:
    // `job` runs on Lane::upstream when there is something to process().
    Question(EventPoller& poller, Loop& loop, Job& job, int family)
        : poller_(poller), loop_(loop), job_(job), family_(family) {}
    ~Question() { close(); }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    // An error of c-ares, or 0.
    int open(const std::string& servers);
    void ask(const std::string& name);
    // Looks into /etc/hosts; true when it has the name.
    bool find_in_file(const std::string& name);
    void process();
    // What c-ares wants to be called for, from now; none: nothing.
    std::optional<Duration> next_deadline() const;
    // What is known otherwise.
    void settle(FamilyAnswer with);
    void fail(int status) { on_found(status, nullptr); }
    void close();

    bool over() const { return over_; }
    FamilyAnswer& answer() { return answer_; }
    int status() const { return status_; }

 private:
    // A socket of c-ares: what came of what it waits for.
    struct Socket {
        Question* question;
        int fd;
        short ready = 0;
        event* watch = nullptr;
    };
    void on_found(int status, const ares_addrinfo* found);
    void on_socket(int fd, bool read, bool write);

    EventPoller& poller_;
    Loop& loop_;
    Job& job_;
    const int family_;
    ares_channel channel_ = nullptr;
    std::vector<std::unique_ptr<Socket>> sockets_;
    FamilyAnswer answer_;
    int status_ = ARES_ETIMEOUT;
    bool over_ = false;
};

int Question::open(const std::string& servers) {
    ares_options options{};
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_FLAGS;
    options.flags = ARES_FLAG_NOALIASES;  // of the environment
    options.timeout = kTry;
    options.tries = kTries;
    char dns_only[] = "b";  // files are looked at here
    options.lookups = dns_only;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
        static_cast<Question*>(self)->on_socket(fd, read != 0, write != 0);
    };
    options.sock_state_cb_data = this;
    int opened = ares_init_options(&channel_, &options, mask);
    if (opened == ARES_SUCCESS && !servers.empty()) opened = ares_set_servers_ports_csv(channel_, servers.c_str());
    return opened;
}

bool Question::find_in_file(const std::string& name) {
    hostent* host = nullptr;
    if (ares_gethostbyname_file(channel_, name.c_str(), family_, &host) == ARES_SUCCESS && host != nullptr)
        take_host(*host, answer_);
    ares_free_hostent(host);
    return !answer_.addresses.empty();
}

void Question::ask(const std::string& name) {
    ares_addrinfo_hints hints{};
    hints.ai_family = family_;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NOSORT;  // it would open a socket to each; Race has an order of its own
    const auto done = [](void* self, int status, int, ares_addrinfo* found) {
        if (status != ARES_EDESTRUCTION) static_cast<Question*>(self)->on_found(status, found);
        ares_freeaddrinfo(found);
    };
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, done, this);
}

void Question::settle(FamilyAnswer with) {
    answer_ = std::move(with);
    status_ = ARES_SUCCESS;
    over_ = true;
}

void Question::on_found(int status, const ares_addrinfo* found) {
    over_ = true;
    status_ = status;
    answer_.kind = kind_of(status);
    if (answer_.kind != Kind::found || found == nullptr) return;
    // The shortest life on the way counts, also that of an alias (RFC 2181 5.2 and 10.1).
    int ttl = INT32_MAX;
    for (const auto* alias = found->cnames; alias != nullptr; alias = alias->next) ttl = std::min(ttl, alias->ttl);
    for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
        add_address(answer_, Address::from(node->ai_addr, node->ai_addrlen).ip());
        ttl = std::min(ttl, node->ai_ttl);
    }
    answer_.ttl = std::chrono::seconds(std::max(ttl, 0));
    if (answer_.addresses.empty()) answer_.kind = Kind::none;
}

// c-ares has opened a socket, closes it, or wants something else of it.
void Question::on_socket(int fd, bool read, bool write) {
    const auto known =
        std::find_if(sockets_.begin(), sockets_.end(), [fd](const auto& socket) { return socket->fd == fd; });
    if (known != sockets_.end()) {
        event_free((*known)->watch);
        sockets_.erase(known);
    }
    if (!read && !write) return;
    sockets_.push_back(std::make_unique<Socket>(Socket{this, fd}));
    const auto mark = [](evutil_socket_t, short what, void* arg) {
        auto& socket = *static_cast<Socket*>(arg);
        socket.ready = static_cast<short>(socket.ready | what);
        socket.question->loop_.schedule(socket.question->job_, Lane::upstream);
    };
    const auto wanted = static_cast<short>(EV_PERSIST | (read ? EV_READ : 0) | (write ? EV_WRITE : 0));
    Socket& socket = *sockets_.back();
    socket.watch = event_new(poller_.base(), fd, wanted, mark, &socket);
    CHECK(socket.watch != nullptr);
    event_add(socket.watch, nullptr);  // where it fails the tries time out
}

void Question::process() {
    if (over_) return;
    std::vector<std::pair<int, short>> ready;  // c-ares opens and closes sockets meanwhile
    for (auto& socket : sockets_)
        if (socket->ready != 0) ready.emplace_back(socket->fd, std::exchange(socket->ready, 0));
    for (const auto& [fd, what] : ready)
        ares_process_fd(channel_, (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
                        (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
    if (ready.empty()) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // its own deadlines
}

std::optional<Duration> Question::next_deadline() const {
    timeval after{};
    if (over_ || ares_timeout(channel_, nullptr, &after) == nullptr) return std::nullopt;
    return std::chrono::seconds(after.tv_sec) + std::chrono::microseconds(after.tv_usec);
}

void Question::close() {
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
}

// Both families of a name.
class AresLookup final : public Lookup, private Job, private TimerOwner {
 public:
    AresLookup(EventPoller& poller, Loop& loop, Owner& owner)
        : loop_(loop),
          owner_(owner),
          timer_(loop.wheel(), *this),
          deadline_(loop.now() + SystemResolver::kLongest),
          v6_(poller, loop, *this, AF_INET6),
          v4_(poller, loop, *this, AF_INET) {}

    void begin(const std::string& name, const std::string& servers);

 private:
    bool find_in_file(const std::string& name);
    void run_job() override { step(); }
    void on_timer(Timer&) override { step(); }
    void step();
    TimePoint until() const;
    void finish();

    Loop& loop_;
    Owner& owner_;
    Timer timer_;
    const TimePoint deadline_;
    std::optional<TimePoint> half_since_;  // one family is there
    Question v6_;
    Question v4_;
};

void AresLookup::begin(const std::string& name, const std::string& servers) {
    loop_.schedule(*this, Lane::upstream);  // never told from within look_up()
    if (is_localhost(name)) {
        Ip::Bytes one{};
        one.back() = 1;
        v6_.settle(loopback(Ip(one)));
        v4_.settle(loopback(Ip::v4({127, 0, 0, 1})));
        return;
    }
    int opened = v6_.open(servers);
    if (opened == ARES_SUCCESS) opened = v4_.open(servers);
    if (opened != ARES_SUCCESS) {
        v6_.fail(opened);
        v4_.fail(opened);
        return;
    }
    if (servers.empty() && find_in_file(name)) return;
    v6_.ask(name);
    v4_.ask(name);
}

// What stands there is all there is of a name: who writes one address means no other.
bool AresLookup::find_in_file(const std::string& name) {
    const bool has_v6 = v6_.find_in_file(name);
    const bool has_v4 = v4_.find_in_file(name);
    if (!has_v6 && !has_v4) return false;
    for (Question* question : {&v6_, &v4_}) {
        const bool has = question == &v6_ ? has_v6 : has_v4;
        question->settle({has ? Kind::found : Kind::none, question->answer().addresses, SystemResolver::kFileTtl});
    }
    return true;
}

// Until a socket is ready, or for the next deadline: c-ares' own, the other family's, or that of it all.
void AresLookup::step() {
    v6_.process();
    v4_.process();
    const auto found = [](Question& question) { return question.over() && question.answer().kind == Kind::found; };
    if (!half_since_ && (found(v6_) || found(v4_))) half_since_ = loop_.now();
    if ((v6_.over() && v4_.over()) || loop_.now() >= until()) return finish();
    TimePoint next = until();
    for (const Question* question : {&v6_, &v4_})
        if (const auto after = question->next_deadline()) next = std::min(next, loop_.now() + *after);
    timer_.arm(next);
}

TimePoint AresLookup::until() const {
    return half_since_ ? std::min(deadline_, *half_since_ + SystemResolver::kOtherFamily) : deadline_;
}

// A socket that became ready in the same turn has us on its lane still.
void AresLookup::finish() {
    timer_.cancel();
    Job::unlink();
    NameAnswer answer;
    const Question& telling = v6_.answer().kind == Kind::none ? v4_ : v6_;
    if (telling.status() != ARES_SUCCESS) answer.why = ares_strerror(telling.status());
    answer.v6 = std::move(v6_.answer());
    answer.v4 = std::move(v4_.answer());
    v6_.close();
    v4_.close();
    owner_.on_answer(answer);
}

}  // namespace

SystemResolver::SystemResolver(EventPoller& poller, Loop& loop, std::string servers)
    : poller_(poller), loop_(loop), servers_(std::move(servers)) {
    static const int begun = ares_library_init(ARES_LIB_INIT_ALL);
    CHECK(begun == ARES_SUCCESS);
}

std::unique_ptr<Lookup> SystemResolver::look_up(const std::string& name, Lookup::Owner& owner) {
    auto lookup = std::make_unique<AresLookup>(poller_, loop_, owner);
    lookup->begin(name, servers_);
    return lookup;
}

}  // namespace weir::net
