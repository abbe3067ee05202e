// The steps of an exchange, in the order of a request's way. Each looks at what is there, does its part and returns the
// next step, `wait` when it needs something that has not come, or what finish() returns.
#include "base/check.h"
#include "base/log.h"
#include "http/cookies.h"
#include "http/live_stream.h"
#include "http/upgrade.h"
#include "proxy/engine.h"
#include "proxy/exchange.h"
#include "proxy/node_said.h"

namespace weir::proxy {

namespace {
const http::Field kAllow[] = {
    http::Field(http::HeaderName::other, "Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")};
const http::Field kRetryAfter[] = {http::Field(http::HeaderName::retry_after, "Retry-After", "1")};
}  // namespace

// Is it a request at all, and one that weir passes on?
Step Exchange::accept() {
    using http::HeaderName;
    const http::RequestHead& request = downstream_->request();
    if (downstream_->fault() == http::StreamFault::refused_bytes) {
        log_refused();
        return answer(owner_->head_timed_out() ? Outcome::client_timeout : Outcome::http_request_error,
                      downstream_->refusal().status);
    }
    // Whom a client's certificate was asked for (RFC 9110 15.5.20).
    if (owner_->plan().client_auth) {
        const auto tls = owner_->tls();
        if (tls && tls->names != nullptr && !tls->names->cover(request.target.host)) return answer(Outcome::local, 421);
    }
    const bool refused = request.method == http::Method::trace || request.method == http::Method::connect;
    if (refused || http::is_last_hop(request)) {
        reply_.fields = kAllow;
        return answer(Outcome::local, refused ? 405 : 204);
    }
    if (owner_->plan().https_port != 0) return redirect_to_https();
    // Other protocols are not offered to backends: their Upgrade is removed.
    if (http::asks_for_websocket(request)) return answer(Outcome::local, 501);
    return Step::route;
}

Step Exchange::redirect_to_https() {
    const http::Target& target = downstream_->request().target;
    if (target.host.empty()) return answer(Outcome::local, 400);  // HTTP/1.0 need not say whom it asks
    const bool v6 = target.host.find(':') != target.host.npos;
    const uint16_t port = owner_->plan().https_port;
    const std::string behind = (v6 ? "]" : "") + (port == 443 ? "" : ":" + std::to_string(port));
    const std::string_view path = target.form == http::Target::Form::asterisk ? "/" : target.forward_path;
    location_[0] = http::Field(
        http::HeaderName::location, "Location",
        arena_.join(v6 ? "https://[" : "https://", target.host, std::string_view(behind), path, target.query));
    reply_.fields = location_;
    return answer(Outcome::local, 308);
}

// Which of many reasons it was stands in no metric.
void Exchange::log_refused() const {
    const http::Refusal& why = downstream_->refusal();
    LOG(info, "bad request from {} in step {}, request {}: {} ({})", hop_.client, step_name(), hop_.request_id,
        why.reason, why.rfc);
}

// Who came, under which id.
void Exchange::look_at_hop() {
    const http::RequestHead& request = downstream_->request();
    if (!owner_->peer().is_unix()) {
        char* at = arena_.take(net::Address::kHostText);
        hop_.peer = {at, static_cast<size_t>(owner_->peer().write_host(at) - at)};
        const CidrSet& trusted = pin_->snapshot->trusted_proxies;
        if (trusted.contains(owner_->peer().ip())) hop_.proxies = &trusted;
    }
    hop_.port = owner_->plan().port;
    if (owner_->tls()) hop_.scheme = "https";
    hop_.pseudonym = engine_.pseudonym();
    hop_.client = http::client_ip(request.fields, hop_, arena_);
    hop_.request_id = http::kept_request_id(request.fields, hop_);
    if (hop_.request_id.empty())
        hop_.request_id = engine_.request_ids().make(engine_.loop().wall(), arena_.take(RequestIds::kSize));
}

Step Exchange::route() {
    const Snapshot& snapshot = *pin_->snapshot;
    route_ = target_;
    if (route_ == nullptr) {
        const auto found = snapshot.router.match(downstream_->request());
        if (!found) return answer(Outcome::local, 404);
        route_ = &snapshot.routes[*found];
    }
    pool_ = &snapshot.pools[route_->pool];
    cells_->active(-1);
    series_ = route_->series;
    cells_ = &engine_.cells(*series_);
    cells_->active(+1);
    if (route_->finish_on_abort) downstream_->hear_out();
    if (route_->timeout > Duration::zero()) total_deadline_ = begun_ + route_->timeout;
    if (http::passed_here(downstream_->request().fields, hop_.pseudonym)) return answer(Outcome::proxy_loop_detected);
    if (route_->policies.empty()) return Step::pick;
    begin_policies();
    return Step::policies;
}

void Exchange::begin_policies() {
    if (policies_ == nullptr) policies_ = std::make_unique<PolicyRun>(engine_);
    has_policies_ = true;
    policies_->begin({*route_, *pin_, downstream_->request(), hop_, owner_->plan(), owner_->peer(), arena_,
                      policy::Resume(engine_, index_, generation_)});
}

Step Exchange::ask_policies() {
    switch (policies_->ask()) {
        case PolicyRun::Next::go_on:
            return Step::pick;
        case PolicyRun::Next::reply:
            return answer_as(policies_->reply());
        case PolicyRun::Next::wait:
            break;
    }
    return Step::wait;
}

// A policy's reply lives until its run is cleared.
Step Exchange::answer_as(const policy::Reply& reply) {
    reply_.fields = reply.fields;
    if (reply.body) reply_.body = &*reply.body;
    return answer(Outcome::local, reply.status);
}

Step Exchange::pick() {
    const TimePoint now = engine_.loop().now();
    const upstream::Choice choice{hop_.client, tries_.endpoints(), sticky_endpoint()};
    upstream::Endpoint* endpoint = engine_.roster(*pool_->pool).pick(choice, now);
    if (endpoint == nullptr && tries_.made() == 0) {
        reply_.fields = kRetryAfter;
        return answer(Outcome::destination_unavailable);
    }
    const bool once_more = endpoint != nullptr && tries_.has(*endpoint);
    if (endpoint == nullptr || (once_more && tries_.in_vain(*endpoint))) return answer(failure_);
    if (tries_.made() == 0)
        pool_->pool->retry_budget().count_request(now);
    else
        engine_.cells(pool_->pool->series()).retries[static_cast<size_t>(retry_.reason)].add();
    tries_.begin(*endpoint);
    step_ = Step::connect;  // the attempt may call back before it returns
    attempt_.begin(engine_.connections(*endpoint), *endpoint, *pool_, lend(once_more));
    return Step::connect;
}

// The endpoint that a cookie of the client names, if it takes requests.
upstream::Endpoint* Exchange::sticky_endpoint() const {
    if (!pool_->sticky) return nullptr;
    const upstream::StickyTokens& tokens = engine_.roster(*pool_->pool).set().sticky();
    http::Cookies cookies(downstream_->request().fields, pool_->sticky->name);
    for (std::string_view token; cookies.next(token);)
        if (upstream::Endpoint* const endpoint = tokens.find(token)) return endpoint;
    return nullptr;
}

// Tells the client by whom it was answered, unless it knows.
void Exchange::add_sticky_cookie(Draft& draft) const {
    const upstream::Endpoint& endpoint = *attempt_.endpoint();
    const std::string_view token = engine_.roster(*pool_->pool).set().sticky().of(endpoint);
    if (token.empty() || sticky_endpoint() == &endpoint) return;
    const upstream::StickyCookie& cookie = *pool_->sticky;
    const std::string_view value =
        draft.texts.join(cookie.name, "=", token, cookie.attributes, owner_->tls() ? "; Secure" : "");
    draft.response.fields.add(http::Field(http::HeaderName::set_cookie, "Set-Cookie", value));
}

Step Exchange::connect() {
    if (attempt_.state() == Attempt::State::no_connection) return no_connection();
    return attempt_.state() == Attempt::State::leased ? Step::send_request : Step::wait;
}

Step Exchange::send_request() {
    if (up_.begun() && !replay_.whole()) return answer(failure_);  // given up meanwhile
    const TimePoint now = engine_.loop().now();
    const http::RequestHead& request = downstream_->request();
    Draft& draft = engine_.draft();
    http::RequestHead& head = draft.request;
    head.method = request.method;
    head.method_text = request.method_text;
    head.target.form = request.target.form;
    head.target.forward_path = request.target.forward_path;
    head.target.query = request.target.query;
    head.body = request.body;
    http::forward_request_fields(request, hop_, head.fields, draft.texts);
    if (has_policies_) {
        policies_->request_edits().apply(head.fields);
        if (request_stage() != nullptr) head.body = {http::BodyLength::Kind::chunked};
    }
    request_sent_ = now;
    repeatable_ = http::idempotent(request.method) || head.fields.has(http::HeaderName::idempotency_key);
    attempt_.stream().send_head(head);
    begin_upload(now);
    return Step::await_response;
}

policy::BodyStage* Exchange::request_stage() const {
    const bool has_body = downstream_->request().body.kind != http::BodyLength::Kind::none;
    return has_policies_ && has_body ? policies_->request_stage() : nullptr;
}

// The request's body; what an earlier try has sent of it comes first.
void Exchange::begin_upload(TimePoint now) {
    const http::RequestHead& request = downstream_->request();
    pace_.begin(now, downstream_->bytes_received());
    if (up_.begun()) return up_.redirect(attempt_.stream(), now);
    head_bytes_ = downstream_->bytes_received();
    replay_.begin(route_->buffer, request.bytes.get());
    BodyFlow::Changes changes{request_stage(), nullptr, &replay_};
    if (has_policies_) changes.edits = &policies_->request_edits();
    // A body that is kept as a whole does not pass by in a pipe.
    changes.unseen = request.body.kind != http::BodyLength::Kind::sized || request.body.bytes > route_->buffer;
    up_.begin(*downstream_, attempt_.stream(), now, changes);
}

Step Exchange::await_response() {
    const TimePoint now = engine_.loop().now();
    http::ClientStream& upstream = attempt_.stream();
    up_.pump(now);
    if (up_.refused()) return refuse_body();
    while (const http::ResponseHead* head = upstream.take_head()) {
        if (!head->informational()) {
            upstream_head_ = head;
            upstream_time_ = now - request_sent_;
            engine_.cells(pool_->pool->series()).observe_response(upstream_time_);
            return Step::send_response;
        }
        pass_informational(*head);
    }
    return upstream.fault() == http::StreamFault::none ? Step::wait : begin_to_prove();
}

void Exchange::pass_informational(const http::ResponseHead& head) {
    Draft& draft = engine_.draft();
    draft.response.status = head.status;
    draft.response.reason = head.reason;
    http::forward_response_fields(head, {}, draft.response.fields, draft.texts);
    if (head.status == 100) {
        continued_ = true;
        up_.restart(engine_.loop().now());
    }
    informed_ = true;
    downstream_->send_informational(draft.response);
}

Step Exchange::send_response() {
    const http::ResponseHead& head = *upstream_head_;
    replay_.give_up();
    node_said_ = node_said(head).value_or(Outcome::ok);
    Draft& draft = engine_.draft();
    draft.response.status = head.status;
    draft.response.reason = head.reason;
    draft.response.body = head.body;
    const http::ResponseHop hop{engine_.date(), hop_.request_id};
    http::forward_response_fields(head, hop, draft.response.fields, draft.texts);
    BodyFlow::Changes changes;
    if (has_policies_) {
        if (!policies_->respond(draft.response, false, draft.texts)) return answer_as(policies_->reply());
        changes.edits = &policies_->response_edits();
        if (head.body.kind != http::BodyLength::Kind::none) changes.stage = policies_->response_stage();
        if (changes.stage != nullptr) draft.response.body = {http::BodyLength::Kind::chunked};
    }
    if (pool_->sticky) add_sticky_cookie(draft);
    // An answer before the request's end ends the connection: what still comes of that request is thrown away.
    const bool early = !downstream_->received_all();
    downstream_->send_head(draft.response, early || engine_.draining());
    status_ = static_cast<uint16_t>(head.status);
    down_.begin(attempt_.stream(), *downstream_, engine_.loop().now(), changes);
    if (http::is_live(downstream_->request(), head)) go_live();
    return Step::relay;
}

// It may go on for days: nothing of the config and no slab is held for it meanwhile.
void Exchange::go_live() {
    live_ = LiveStream{route_->stream_idle};
    total_deadline_ = TimePoint::max();
    route_ = nullptr;
    pool_ = nullptr;
    upstream_head_ = nullptr;
    // Stages and what they look at belong to it.
    if (!has_policies_) engine_.unpin(*std::exchange(pin_, nullptr));
    hop_.proxies = nullptr;
    hop_.client = arena_.copy(hop_.client);
    hop_.request_id = arena_.copy(hop_.request_id);
    downstream_->shrink_request(arena_);
    attempt_.stream().take_head();  // gives up the one before
}

Step Exchange::relay() {
    const TimePoint now = engine_.loop().now();
    up_.pump(now);
    down_.pump(now);
    if (up_.refused() || down_.refused()) return refuse_body();
    if (down_.ended()) return answered();
    const http::StreamFault fault = attempt_.stream().fault();
    if (fault == http::StreamFault::none) return Step::wait;
    // Node resets behind an answer of its own when the request was longer than it read.
    if (fault == http::StreamFault::peer_reset && node_said_ != Outcome::ok && !down_.moved()) {
        down_.stop();
        downstream_->send_end(nullptr);
        return answered();
    }
    return fail_upstream();
}

// The backend's answer has come whole.
Step Exchange::answered() {
    up_.stop();
    attempt_.end();
    if (node_said_ != Outcome::ok && !down_.moved()) outcome_ = node_said_;
    return Step::settle;
}

// As long as nothing of it has left another answer may take its place.
void Exchange::take_head_back() {
    if (!head_sent() || !downstream_->retract()) return;
    down_.stop();
    live_.reset();
    status_ = 0;
}

// The backend broke its side: an answer of ours while nothing has left, else a cut that the client can see.
Step Exchange::fail_upstream() {
    take_head_back();
    const http::ClientStream& upstream = attempt_.stream();
    Outcome outcome = head_sent() ? Outcome::http_response_incomplete : Outcome::connection_terminated;
    if (upstream.fault() == http::StreamFault::refused_bytes) {
        const bool too_long = upstream.refusal().status == 431;
        outcome = too_long ? Outcome::http_response_header_section_size : Outcome::http_protocol_error;
        LOG(warn, "bad response from {} in pool {} in step {}, request {}: {} ({})", attempt_.endpoint()->name,
            series_->labels().pool, step_name(), hop_.request_id, upstream.refusal().reason, upstream.refusal().rfc);
    } else if (!head_sent() && upstream.bytes_received() > 0) {
        outcome = Outcome::http_response_incomplete;
    }
    if (head_sent()) return finish(outcome);
    return step_ == Step::prove ? lose(loss(), outcome) : answer(outcome);
}

// A stage lets nothing more pass. Behind an answer that has begun only a cut tells.
Step Exchange::refuse_body() {
    const bool request = up_.refused();
    const uint16_t status = request ? policies_->request_stage()->refusal() : policies_->response_stage()->refusal();
    take_head_back();
    const Outcome outcome = request ? Outcome::local : Outcome::proxy_internal_error;
    return head_sent() ? finish(outcome) : answer(outcome, status);
}

Step Exchange::answer(Outcome outcome, uint16_t status) {
    outcome_ = outcome;
    reply_.outcome = outcome;
    reply_.status = status;
    up_.stop();
    replay_.give_up();
    attempt_.end();
    if (has_policies_) policies_->cancel();
    return Step::reply;
}

Step Exchange::reply() {
    Draft& draft = engine_.draft();
    Piece body = make_local_reply(reply_, downstream_->request(), hop_.request_id, engine_.date(), draft.texts,
                                  engine_.workshop().scratch, draft.response);
    if (has_policies_) policies_->respond(draft.response, true, draft.texts);
    const bool broken = downstream_->fault() != http::StreamFault::none;
    const bool early = !downstream_->received_all();
    // Behind a CONNECT its client may speak another protocol already (RFC 9931).
    const bool connect = downstream_->request().method == http::Method::connect;
    status_ = static_cast<uint16_t>(draft.response.status);
    downstream_->send_head(draft.response, broken || early || connect || engine_.draining());
    if (body.size > 0) downstream_->send_body(std::move(body));
    downstream_->send_end(nullptr);
    return Step::settle;
}

// The answer is read to its end, and nobody hears it.
Step Exchange::abandoned() {
    http::ClientStream& upstream = attempt_.stream();
    while (upstream_head_ == nullptr) {
        const http::ResponseHead* head = upstream.take_head();
        if (head == nullptr) break;
        abandoned_moved_ = engine_.loop().now();
        if (!head->informational()) upstream_head_ = head;
    }
    for (Piece piece = upstream.take_body(); piece.size > 0; piece = upstream.take_body()) {
        upstream.consume(piece.size);
        abandoned_moved_ = engine_.loop().now();
    }
    const bool over = upstream.received_all() || upstream.fault() != http::StreamFault::none;
    return over ? finish(Outcome::client_abort) : Step::wait;
}

Step Exchange::settle() {
    return downstream_->sent_all() ? finish(outcome_) : Step::wait;
}

}  // namespace weir::proxy
