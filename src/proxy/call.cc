#include "proxy/call.h"

#include "proxy/engine.h"

namespace weir::proxy {

void CallStream::cancel() {
    fault_ = http::StreamFault::peer_reset;
    if (observer_ != nullptr) observer_->on_stream();
}

void CallStream::send_head(const http::ResponseHead& head, bool) {
    status_ = head.status;
    fields_.clear();
    for (const http::Field& field : head.fields)
        fields_.add(http::Field(field.id(), texts_.copy(field.name()), texts_.copy(field.value())));
}

void CallStream::send_body(Piece piece) {
    if (body_.size() + piece.size > call_.longest_answer) return cancel();
    body_ += piece.view();
}

bool CallStream::retract() {
    body_.clear();
    ended_ = false;
    return true;
}

Call::Call(Engine& engine, policy::Call call, const RoutePlan& target, const PolicyRun::Subject& of)
    : engine_(engine), target_(target), of_(of), stream_(std::move(call)) {}

Call::~Call() {
    if (!done_) stream_.cancel();
}

void Call::begin() {
    exchange_ = engine_.take_exchange();
    exchange_->begin_call(stream_, *this, of_.pin, target_, of_.hop);
}

// Its policy hears of it later: here it might still be asking.
void Call::on_exchange_done(Exchange& exchange) {
    answered_ = exchange.outcome() == Outcome::ok;
    done_ = true;
    engine_.retire(std::move(exchange_));
    of_.resume();
}

policy::CallAnswer Call::answer() const {
    return {answered_, stream_.status(), stream_.fields(), stream_.body()};
}

}  // namespace weir::proxy
