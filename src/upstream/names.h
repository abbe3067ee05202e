// Names: the addresses behind the host names of endpoints. A name is asked for as long as weir runs: again when its TTL
// is over, and after a failure with growing rests; what was known last stays while nobody knows better. Who opens
// connections to endpoints (each worker, the prober) hears of every change. Two endpoints of one host share its name.
// It looks up nothing itself (net/resolver), and says in the log what changed. Control's; one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/list.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "upstream/endpoint.h"
#include "upstream/whereabouts.h"

namespace weir::upstream {

class Names final {
 public:
    static constexpr Duration kShortestTtl = std::chrono::seconds(1);
    static constexpr Duration kLongestTtl = std::chrono::minutes(5);
    static constexpr Duration kFirstRest = std::chrono::seconds(1);  // after a failure; doubled each time
    static constexpr Duration kLongestRest = std::chrono::seconds(30);
    static constexpr size_t kAtOnce = 64;  // lookups; the others wait

    class Listener {
     public:
        virtual void on_addresses(Endpoint& endpoint, const Whereabouts& now) = 0;

     protected:
        ~Listener() = default;
    };

    // Both outlive it.
    Names(net::Loop& loop, net::Resolver& resolver);
    ~Names();

    // Asks for its host from now on. An endpoint with an address: nothing to do.
    void watch(Endpoint& endpoint);
    // Tells it what is known, and of each change from then on. It stays as long as this.
    void add(Listener& listener);
    // Every name was answered, if only by a failure.
    bool settled() const;

 private:
    class Host;
    void ask(Host& host);
    void on_asked();

    net::Loop& loop_;
    net::Resolver& resolver_;
    std::map<std::string, std::unique_ptr<Host>> hosts_;  // by name
    std::vector<Listener*> listeners_;
    List<Host, Host> waiting_;
    size_t asking_ = 0;
};

}  // namespace weir::upstream
