// Resolver: from a host's name to its addresses, without waiting: /etc/hosts first, then the DNS servers of
// /etc/resolv.conf. SystemResolver does it with c-ares, which nobody else sees; tests write a Resolver of their own.
// It keeps no answer and asks nothing again: upstream/names does. It reads small files, so it is control's and never a
// worker's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "net/event_poller.h"
#include "net/loop.h"

namespace weir::net {

// What is known of a name's addresses of one family.
struct FamilyAnswer {
    enum class Kind : uint8_t {
        found,
        none,       // the name is not there, or has no address of this family
        failed,     // nobody could say
        timed_out,  // nobody said anything in time
    };
    Kind kind = Kind::timed_out;
    std::vector<Ip> addresses;  // at least one where found; in the order they are to be tried (RFC 6724)
    Duration ttl{};             // for how long they may be believed
};

struct NameAnswer {
    FamilyAnswer v6;
    FamilyAnswer v4;
    std::string why;  // where neither was found: what was said, in words for an operator
};

// A question on its way. Disposing of it takes it back.
class Lookup : public Disposable {
 public:
    class Owner {
     public:
        // Once, and never from within look_up().
        virtual void on_answer(const NameAnswer& answer) = 0;

     protected:
        ~Owner() = default;
    };
};

class Resolver {
 public:
    virtual ~Resolver() = default;
    // `name` without a port; `owner` outlives the lookup. Not to be deleted in on_answer(): Loop::dispose does it.
    virtual std::unique_ptr<Lookup> look_up(const std::string& name, Lookup::Owner& owner) = 0;
};

class SystemResolver final : public Resolver {
 public:
    static constexpr Duration kLongest = std::chrono::seconds(10);  // a lookup with all its tries
    // Once one family is there the other is waited for no longer than so (RFC 8305 3, for somebody who is in no hurry).
    static constexpr Duration kOtherFamily = std::chrono::milliseconds(500);
    static constexpr Duration kFileTtl = std::chrono::seconds(10);  // of what /etc/hosts says: it may be edited
    static constexpr size_t kMostAddresses = 32;                    // of a family; more are not looked at

    // Where tests have answers from: DNS servers as "127.0.0.1:5353,...", and no files.
    SystemResolver(EventPoller& poller, Loop& loop, std::string servers = "");
    std::unique_ptr<Lookup> look_up(const std::string& name, Lookup::Owner& owner) override;

 private:
    EventPoller& poller_;
    Loop& loop_;
    const std::string servers_;
};

}  // namespace weir::net
