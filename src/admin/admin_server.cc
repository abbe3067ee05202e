#include "admin/admin_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include <string>

#include "admin/daemon.h"
#include "admin/host.h"
#include "base/check.h"
#include "base/text.h"

namespace weir::admin {

namespace {

constexpr int kTimeoutSeconds = 20;  // of a silent peer; longer than the usual 15 s between two scrapes
constexpr ev_ssize_t kMaxHeaderBytes = 8 * 1024;
constexpr ev_ssize_t kMaxBodyBytes = 16 * 1024;
constexpr struct timeval kPause = {0, 100'000};
constexpr int kAllMethods = EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
                            EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH;

struct Reply {
    int status = 200;
    const char* reason = "OK";
    std::string body;
    const char* type = "text/plain; charset=utf-8";
    const char* allow = nullptr;
};

Reply metrics(Daemon& daemon) {
    return {200, "OK", daemon.metrics(), "text/plain; version=0.0.4; charset=utf-8"};
}
Reply healthz(Daemon&) {
    return {200, "OK", "ok\n"};
}
Reply readyz(Daemon& daemon) {
    if (!daemon.ready()) return {503, "Service Unavailable", "not ready\n"};
    return {200, "OK", "ok\n"};
}

struct Page {
    std::string_view path;
    Reply (*make)(Daemon&);
};
constexpr Page kPages[] = {{"/metrics", metrics}, {"/healthz", healthz}, {"/readyz", readyz}};

enum class HostCheck { fine, foreign, malformed };

// RFC 9112 3.2: exactly one Host, in HTTP/1.0 none is enough. A target in absolute form has a host of its own.
HostCheck check_host(evhttp_request* request) {
    int hosts = 0;
    const evkeyval* header;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(request), next) {
        if (!equal_ignoring_case(header->key, "Host")) continue;
        ++hosts;
        if (!literal_or_localhost(header->value)) return HostCheck::foreign;
    }
    if (hosts > 1 || (hosts == 0 && request->minor > 0)) return HostCheck::malformed;
    const char* in_target = evhttp_uri_get_host(evhttp_request_get_evhttp_uri(request));
    if (in_target != nullptr && !literal_or_localhost(in_target)) return HostCheck::foreign;
    return HostCheck::fine;
}

Reply reply_to(evhttp_request* request, Daemon& daemon) {
    switch (check_host(request)) {
        case HostCheck::foreign:
            return {421, "Misdirected Request", "this Host is not served here\n"};
        case HostCheck::malformed:
            return {400, "Bad Request", "one Host is needed\n"};
        case HostCheck::fine:
            break;
    }
    const char* path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    for (const Page& page : kPages) {
        if (path == nullptr || page.path != path) continue;
        const evhttp_cmd_type method = evhttp_request_get_command(request);
        if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD) return page.make(daemon);
        return {405, "Method Not Allowed", "only GET and HEAD\n", "text/plain; charset=utf-8", "GET, HEAD"};
    }
    return {404, "Not Found", "no such page\n"};
}

// evhttp does not tell how many connections it has, but libevent counts what it watches: for an idle connection a
// descriptor and a timeout, for a busy one more. `others` are those that belong to no connection.
int count_connections(event_base* base, int others) {
    return (event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED) - others) / 2;
}

// Accepts nothing for a while, and as long as there are too many.
void pause(evconnlistener* listener) {
    evconnlistener_disable(listener);
    const auto try_again = [](evutil_socket_t, short, void* arg) {
        auto* paused = static_cast<evconnlistener*>(arg);
        const int connections = count_connections(evconnlistener_get_base(paused), 1 /* the stop event */);
        if (connections >= AdminServer::kMaxConnections) {
            pause(paused);
        } else {
            evconnlistener_enable(paused);
        }
    };
    event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, try_again, listener, &kPause);
}

void send(evhttp_request* request, const Reply& reply) {
    evkeyvalq* headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", reply.type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Content-Length", std::to_string(reply.body.size()).c_str());
    if (reply.allow != nullptr) evhttp_add_header(headers, "Allow", reply.allow);
    evbuffer* body = evbuffer_new();
    CHECK(body != nullptr);
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
        evbuffer_add(body, reply.body.data(), reply.body.size());
    evhttp_send_reply(request, reply.status, reply.reason, body);
    evbuffer_free(body);
}

}  // namespace

AdminServer::AdminServer(int fd, Daemon& daemon)
    : daemon_(daemon),
      stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      base_(event_base_new()),
      http_(evhttp_new(base_)) {
    CHECK(stop_ >= 0 && base_ != nullptr && http_ != nullptr);
    evhttp_set_timeout(http_, kTimeoutSeconds);
    evhttp_set_max_headers_size(http_, kMaxHeaderBytes);
    evhttp_set_max_body_size(http_, kMaxBodyBytes);
    evhttp_set_allowed_methods(http_, static_cast<ev_uint16_t>(kAllMethods));
    evhttp_set_gencb(
        http_, [](evhttp_request* request, void* self) { static_cast<AdminServer*>(self)->answer(request); }, this);
    // Asked once for each accepted connection. The bufferevent that evhttp would make itself is taken out of epoll
    // behind the close of its descriptor, which may be a worker's socket by then.
    evhttp_set_bevcb(
        http_,
        [](event_base* base, void* self) -> bufferevent* {
            static_cast<AdminServer*>(self)->pause_when_full();
            return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
        },
        this);
    const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);  // evhttp closes what it accepts from
    CHECK(own >= 0);
    evhttp_bound_socket* bound = evhttp_accept_socket_with_handle(http_, own);
    CHECK(bound != nullptr);
    listener_ = evhttp_bound_socket_get_listener(bound);
    // Out of descriptors: to try again at once would only burn CPU.
    evconnlistener_set_error_cb(listener_, [](evconnlistener* listener, void*) { pause(listener); });
    stop_event_ = event_new(
        base_, stop_, EV_READ,
        [](evutil_socket_t, short, void* base) { event_base_loopbreak(static_cast<event_base*>(base)); }, base_);
    CHECK(stop_event_ != nullptr);
    event_add(stop_event_, nullptr);
    thread_ = std::thread([this] { run(); });
}

AdminServer::~AdminServer() {
    const uint64_t one = 1;
    CHECK(::write(stop_, &one, sizeof one) == sizeof one);
    thread_.join();
    event_free(stop_event_);
    evhttp_free(http_);
    event_base_free(base_);
    ::close(stop_);
}

void AdminServer::run() {
    sigset_t all;  // signals are for the control thread; and a peer that left is an errno, not a SIGPIPE
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    event_base_dispatch(base_);
}

void AdminServer::answer(evhttp_request* request) {
    send(request, reply_to(request, daemon_));
}

// Called for a connection that is being accepted and not yet watched.
void AdminServer::pause_when_full() {
    const int connections = count_connections(base_, 2 /* the listener, the stop event */) + 1;
    if (connections >= kMaxConnections) pause(listener_);
}

}  // namespace weir::admin
