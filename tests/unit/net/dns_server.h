// DnsServer: a DNS server on loopback, UDP and TCP, that says what a test tells it to: lies and garbage too. It runs in
// the turns of the test's own loop. One thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "tests/unit/net/socket_bench.h"

namespace weir::net {

struct DnsQuery {
    std::string packet;
    std::string name;  // "app.internal"
    int type = 0;      // kA, kAaaa
    bool tcp = false;

    static constexpr int kA = 1;
    static constexpr int kAaaa = 28;
    static constexpr int kCname = 5;
};

struct DnsRecord {
    int type;
    uint32_t ttl;
    std::string bytes;  // the address; of an alias the encoded name
};

inline std::string dns_number(uint32_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
    return text;
}

inline std::string dns_name(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        const size_t dot = std::min(name.find('.'), name.size());
        text += static_cast<char>(dot);
        text += name.substr(0, dot);
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return text + '\0';
}

inline DnsRecord dns_record(std::string_view address, uint32_t ttl) {
    const Ip ip = *Ip::parse(address);
    const Ip::Bytes& bytes = ip.bytes();
    const size_t from = ip.is_v4() ? Ip::kV4At : 0;
    return {ip.is_v4() ? DnsQuery::kA : DnsQuery::kAaaa, ttl, std::string(bytes.begin() + from, bytes.end())};
}

// The answer to `query`: records of its name, or none with an rcode (3: no such name, 2: trouble).
inline std::string dns_answer(const DnsQuery& query, const std::vector<DnsRecord>& records, int rcode = 0,
                              bool truncated = false) {
    std::string packet = query.packet.substr(0, 2);
    packet += dns_number(0x8180U | (truncated ? 0x200U : 0U) | static_cast<uint32_t>(rcode), 2);
    packet += dns_number(1, 2) + dns_number(static_cast<uint32_t>(records.size()), 2) + dns_number(0, 4);
    packet += query.packet.substr(12, query.name.size() + 2 + 4);
    std::string owner = dns_number(0xc00c, 2);  // the name of the question
    for (const DnsRecord& record : records) {
        packet += owner + dns_number(static_cast<uint32_t>(record.type), 2) + dns_number(1, 2);
        packet += dns_number(record.ttl, 4) + dns_number(static_cast<uint32_t>(record.bytes.size()), 2) + record.bytes;
        if (record.type == DnsQuery::kCname) owner = record.bytes;
    }
    return packet;
}

class DnsServer final {
 public:
    // Packets to send back, in their order; none: silence.
    using Script = std::function<std::vector<std::string>(const DnsQuery&)>;

    DnsServer(EventPoller& poller, Script script) : poller_(poller), script_(std::move(script)) { open(); }

    // As SystemResolver takes it.
    std::string address() const { return "127.0.0.1:" + std::to_string(name_of(udp_.fd()).port()); }
    const std::vector<DnsQuery>& queries() const { return queries_; }

 private:
    // Both protocols on one port; another process may have one of them.
    void open() {
        for (int i = 0; i < 16; ++i) {
            udp_ = TestSocket(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            tcp_ = TestSocket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            if (bind_to(udp_, 0) && bind_to(tcp_, name_of(udp_.fd()).port()) && listen(tcp_.fd(), 8) == 0) break;
        }
        udp_watch_ = std::make_unique<Watch>(poller_, udp_.fd(), [this] { on_udp(); });
        tcp_watch_ = std::make_unique<Watch>(poller_, tcp_.fd(), [this] { on_connection(); });
    }
    static bool bind_to(const TestSocket& socket, uint16_t port) {
        sockaddr_storage raw;
        const socklen_t size = Address::of(Ip::v4({127, 0, 0, 1}), port).fill(raw);
        return bind(socket.fd(), reinterpret_cast<const sockaddr*>(&raw), size) == 0;
    }
    std::vector<std::string> answers(std::string packet, bool tcp) {
        DnsQuery query;
        query.packet = std::move(packet);
        query.tcp = tcp;
        size_t at = 12;
        for (size_t length; at < query.packet.size() && (length = static_cast<uint8_t>(query.packet[at])) != 0;
             at += length + 1)
            query.name += (query.name.empty() ? "" : ".") + query.packet.substr(at + 1, length);
        query.type = static_cast<uint8_t>(query.packet.at(at + 2));
        queries_.push_back(query);
        return script_(query);
    }
    void on_udp() {
        char room[2048];
        sockaddr_storage from;
        socklen_t size = sizeof(from);
        const ssize_t got = recvfrom(udp_.fd(), room, sizeof(room), 0, reinterpret_cast<sockaddr*>(&from), &size);
        if (got < 12) return;
        for (const std::string& packet : answers(std::string(room, static_cast<size_t>(got)), false))
            sendto(udp_.fd(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
    void on_connection() {
        const int fd = accept4(tcp_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        connections_.emplace_back(fd);
        watches_.push_back(std::make_unique<Watch>(poller_, fd, [this, fd, i = watches_.size()] {
            if (!on_queries(fd)) watches_[i]->enable(false);
        }));
    }
    // What comes at once comes whole on loopback.
    bool on_queries(int fd) {
        char room[2048];
        const ssize_t got = recv(fd, room, sizeof(room), MSG_DONTWAIT);
        if (got <= 0) return false;
        std::string_view left(room, static_cast<size_t>(got));
        while (left.size() > 2) {
            const size_t size = static_cast<uint8_t>(left[0]) * 256U + static_cast<uint8_t>(left[1]);
            for (const std::string& packet : answers(std::string(left.substr(2, size)), true)) {
                const std::string framed = dns_number(static_cast<uint32_t>(packet.size()), 2) + packet;
                if (send(fd, framed.data(), framed.size(), MSG_NOSIGNAL) < 0) return false;
            }
            left.remove_prefix(std::min(left.size(), size + 2));
        }
        return true;
    }

    EventPoller& poller_;
    Script script_;
    TestSocket udp_;
    TestSocket tcp_;
    std::vector<TestSocket> connections_;
    std::unique_ptr<Watch> udp_watch_;
    std::unique_ptr<Watch> tcp_watch_;
    std::vector<std::unique_ptr<Watch>> watches_;
    std::vector<DnsQuery> queries_;
};

}  // namespace weir::net
