#include "upstream/names.h"

#include <algorithm>

#include "base/log.h"

namespace weir::upstream {

using net::FamilyAnswer;
using net::NameAnswer;

namespace {

bool same(const std::vector<Ip>& a, const std::vector<Ip>& b) {
    return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

// What one family has from now on: who could not say changes nothing, and who says the same in another order neither.
// True when something changed.
bool take(std::vector<Ip>& known, const FamilyAnswer& answer) {
    const bool says = answer.kind == FamilyAnswer::Kind::found || answer.kind == FamilyAnswer::Kind::none;
    if (!says || same(known, answer.addresses)) return false;
    known = answer.addresses;
    return true;
}

// The families take turns, IPv6 first, so that one that is broken costs one address (RFC 8305 4).
std::vector<Ip> in_turn(const std::vector<Ip>& v6, const std::vector<Ip>& v4) {
    std::vector<Ip> all;
    for (size_t i = 0; i < std::max(v6.size(), v4.size()); ++i) {
        if (i < v6.size()) all.push_back(v6[i]);
        if (i < v4.size()) all.push_back(v4[i]);
    }
    return all;
}

std::string text_of(const std::vector<Ip>& addresses) {
    std::string text;
    for (const Ip& ip : addresses) text += (text.empty() ? "" : ", ") + ip.text();
    return text;
}

}  // namespace

// One name, and the endpoints there.
class Names::Host final : public ListHook<Host>, private net::TimerOwner, private net::Lookup::Owner {
 public:
    Host(Names& names, std::string name) : names_(names), name_(std::move(name)), timer_(names.loop_.wheel(), *this) {}

    void add(Endpoint& endpoint) { endpoints_.push_back(&endpoint); }
    void look_up() { lookup_ = names_.resolver_.look_up(name_, *this); }
    bool answered() const { return answered_; }
    void tell(Listener& listener) const {
        for (Endpoint* endpoint : endpoints_) listener.on_addresses(*endpoint, whereabouts(*endpoint));
    }
    Whereabouts whereabouts(const Endpoint& endpoint) const;

 private:
    void on_answer(const NameAnswer& answer) override;
    void on_timer(net::Timer&) override { names_.ask(*this); }
    void on_found(const NameAnswer& answer);
    void on_failure(const NameAnswer& answer);
    void tell_all() const;

    Names& names_;
    const std::string name_;
    net::Timer timer_;  // to the next time it is asked for
    std::unique_ptr<net::Lookup> lookup_;
    std::vector<Endpoint*> endpoints_;
    std::vector<Ip> v6_;  // as they were known last
    std::vector<Ip> v4_;
    net::DialFault fault_ = net::kNameTimedOut;
    Duration rest_ = kFirstRest;
    bool answered_ = false;
    bool failing_ = false;
};

void Names::Host::on_answer(const NameAnswer& answer) {
    names_.loop_.dispose(std::move(lookup_));
    using Kind = FamilyAnswer::Kind;
    if (answer.v6.kind == Kind::found || answer.v4.kind == Kind::found) {
        on_found(answer);
    } else {
        on_failure(answer);
    }
    answered_ = true;
    names_.on_asked();
}

void Names::Host::on_found(const NameAnswer& answer) {
    const bool v6_changed = take(v6_, answer.v6);
    const bool v4_changed = take(v4_, answer.v4);
    if (v6_changed || v4_changed) {
        LOG(info, "{} is {}", name_, text_of(in_turn(v6_, v4_)));
        tell_all();
    } else if (failing_) {
        LOG(info, "{} resolves again, to the addresses it had", name_);
    }
    failing_ = false;
    rest_ = kFirstRest;
    Duration ttl = kLongestTtl;
    for (const FamilyAnswer* family : {&answer.v6, &answer.v4})
        if (family->kind == FamilyAnswer::Kind::found) ttl = std::min(ttl, family->ttl);
    timer_.arm(names_.loop_.now() + std::max(ttl, kShortestTtl));
}

// The addresses that were known stay: a server that has trouble is no reason to leave a backend that has none.
void Names::Host::on_failure(const NameAnswer& answer) {
    using Kind = FamilyAnswer::Kind;
    const bool timed_out = answer.v6.kind == Kind::timed_out || answer.v4.kind == Kind::timed_out;
    const net::DialFault fault = timed_out ? net::kNameTimedOut : net::kNameFailed;
    const std::string known = text_of(in_turn(v6_, v4_));
    if (!failing_ && known.empty()) LOG(warn, "{} does not resolve, it is asked for again: {}", name_, answer.why);
    if (!failing_ && !known.empty()) LOG(warn, "{} does not resolve any more, {} stays: {}", name_, known, answer.why);
    if (std::exchange(fault_, fault) != fault && known.empty()) tell_all();
    failing_ = true;
    timer_.arm(names_.loop_.now() + rest_);
    rest_ = std::min(2 * rest_, kLongestRest);
}

void Names::Host::tell_all() const {
    for (Listener* listener : names_.listeners_) tell(*listener);
}

Whereabouts Names::Host::whereabouts(const Endpoint& endpoint) const {
    Whereabouts now;
    for (const Ip& ip : in_turn(v6_, v4_)) now.addresses.push_back(net::Address::of(ip, endpoint.port));
    now.fault = fault_;
    return now;
}

Names::Names(net::Loop& loop, net::Resolver& resolver) : loop_(loop), resolver_(resolver) {}

Names::~Names() = default;

void Names::watch(Endpoint& endpoint) {
    if (endpoint.host.empty()) return;
    auto& host = hosts_[endpoint.host];
    const bool known = host != nullptr;
    if (!known) host = std::make_unique<Host>(*this, endpoint.host);
    host->add(endpoint);
    if (!known) return ask(*host);
    for (Listener* listener : listeners_) listener->on_addresses(endpoint, host->whereabouts(endpoint));
}

void Names::add(Listener& listener) {
    listeners_.push_back(&listener);
    for (const auto& [name, host] : hosts_) host->tell(listener);
}

bool Names::settled() const {
    return std::all_of(hosts_.begin(), hosts_.end(), [](const auto& entry) { return entry.second->answered(); });
}

void Names::ask(Host& host) {
    if (asking_ == kAtOnce) return waiting_.push_back(host);
    ++asking_;
    host.look_up();
}

void Names::on_asked() {
    --asking_;
    if (!waiting_.empty()) ask(waiting_.pop_front());
}

}  // namespace weir::upstream
