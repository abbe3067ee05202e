#include "net/race.h"

#include <cerrno>
#include <utility>

namespace weir::net {

namespace {

// The address could not even be tried: this machine has no way there. Another one's error tells more.
bool is_unroutable(int error) {
    return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

}  // namespace

Race::Runner::Runner(Race& race, std::unique_ptr<Transport> dialled) : transport(std::move(dialled)), race_(race) {
    transport->set_owner(*this, Lane::upstream_read);
}

Race::Race(Loop& loop, Dialer& dialer, std::vector<Address> addresses, int nowhere)
    : loop_(loop), dialer_(dialer), addresses_(std::move(addresses)), timer_(loop.wheel(), *this) {
    if (addresses_.empty()) {
        error_ = nowhere;
    } else {
        start_next();
    }
}

Race::~Race() = default;

void Race::set_owner(Job& job, Lane lane) {
    owner_ = &job;
    lane_ = lane;
    if (!connecting()) loop_.schedule(*owner_, lane_);
}

// What fails at once is told of later, as every failure is.
void Race::start_next() {
    runners_.push_back(std::make_unique<Runner>(*this, dialer_.dial(addresses_[next_++])));
    ++running_;
    if (next_ < addresses_.size()) {
        timer_.arm(loop_.now() + kDelay);
    } else {
        timer_.cancel();
    }
}

void Race::on_runner(Runner& runner) {
    if (!connecting() || runner.transport == nullptr || runner.transport->connecting()) return;
    std::unique_ptr<Transport> decided = std::move(runner.transport);
    --running_;
    if (decided->connect_error() == 0) return win(std::move(decided));
    note(decided->connect_error());
    if (next_ < addresses_.size()) return start_next();
    if (running_ == 0) lose();
}

// The others are closed at once, by whoever may: the winner's own runner is at work here and goes with us.
void Race::win(std::unique_ptr<Transport> transport) {
    winner_ = std::move(transport);
    timer_.cancel();
    for (auto& runner : runners_) runner->transport.reset();
    running_ = 0;
    if (owner_ != nullptr) loop_.schedule(*owner_, lane_);
}

void Race::note(int error) {
    if (seen_error_ == 0 || !is_unroutable(error)) seen_error_ = error;
}

void Race::lose() {
    error_ = seen_error_;
    if (owner_ != nullptr) loop_.schedule(*owner_, lane_);
}

}  // namespace weir::net
