// request_bench: whole requests through the in-memory proxy, one at a time on kept connections, within measured(),
// around which callgrind counts: everything weir does for a request but the system calls. Prints the number of requests
// measured. An argument is put into the route: its policies.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/micro/heads.h"
#include "tests/support/proxy_rig.h"

namespace {

using weir::support::ProxyRig;

constexpr int kWarmUp = 200;
constexpr int kRequests = 2000;

std::string make_answer() {
    return "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: "
           "application/json\r\n"
           "Content-Length: 1024\r\nConnection: keep-alive\r\nETag: \"abc\"\r\nCache-Control: max-age=600\r\n\r\n" +
           std::string(1024, 'x');
}

[[gnu::noinline]] void measured(ProxyRig& rig) {
    rig.loop.turn(weir::Duration::zero());
}

}  // namespace

int main(int count, char** arguments) {
    ProxyRig rig(weir::support::one_backend("", "", count > 1 ? arguments[1] : ""));
    const auto client = rig.connect();
    const std::string answer = make_answer();
    for (int i = 0; i < kWarmUp + kRequests; ++i) {
        client->send(weir::bench::kChromePage);
        i < kWarmUp ? rig.loop.turn(weir::Duration::zero()) : measured(rig);
        if (rig.backends.empty() || rig.backend()->received().empty()) rig.run();
        if (rig.backend()->take_received().empty()) return 3;
        rig.backend()->send(answer);
        i < kWarmUp ? rig.loop.turn(weir::Duration::zero()) : measured(rig);
        if (client->take_received().size() < 1024) return 3;
    }
    std::printf("%d\n", kRequests);
    return 0;
}
