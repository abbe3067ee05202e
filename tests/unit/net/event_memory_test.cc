#include "net/event_memory.h"

#include <event2/event.h>

#include <thread>
#include <vector>

#include "net/event_poller.h"

#include "tests/support/doctest.h"

using namespace weir;

TEST_CASE("bases of several threads share libevent's memory, and what one gave back another takes") {
    const auto work = [] {
        for (int round = 0; round < 20; ++round) {
            net::EventPoller poller;
            std::vector<event*> events;
            for (int i = 0; i < 200; ++i) {
                events.push_back(event_new(
                    poller.base(), -1, EV_PERSIST, [](evutil_socket_t, short, void*) {}, nullptr));
                const timeval later{3600 + i, 0};  // a heap that grows
                CHECK_EQ(event_add(events.back(), &later), 0);
            }
            for (event* each : events) event_free(each);
        }
    };
    std::thread other(work);
    work();
    other.join();
}
