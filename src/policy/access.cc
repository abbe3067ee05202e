#include "policy/access.h"

#include "http/path.h"

namespace weir::policy {

Verdict Access::on_request(Request& request) const {
    const http::RequestHead& head = request.head;
    const std::string_view came = head.target_text.substr(0, head.target_text.find('?'));
    if (http::reads_two_ways(came) || http::reads_two_ways(head.target.forward_path)) return Verdict::answer({400});
    const std::optional<Ip> client = Ip::parse(request.hop.client);
    // Who came by a unix socket and names nobody is on no list.
    const bool denied = client && deny_.contains(*client);
    const bool allowed = allow_.empty() || (client && allow_.contains(*client));
    if (denied || !allowed) return Verdict::answer({403});
    return Verdict::go();
}

}  // namespace weir::policy
