#include "server/tls_files.h"

#include <utility>

#include "config/path.h"

namespace weir::server {

namespace {

constexpr std::chrono::hours kSoon(14 * 24);

// Takes what was read; else a mistake about `key`.
template <typename T, typename Take>
void take(Result<T> read, const std::string& key, std::vector<PartMistake>& mistakes, Take taken) {
    if (read) return taken(std::move(*read));
    mistakes.push_back({config::Severity::error, key, read.error()});
}

void tell_age(const net::TlsIdentity& identity, const std::string& file, const std::string& key, WallTime now,
              std::vector<PartMistake>& mistakes) {
    const std::string words = age_of(identity, now);
    if (!words.empty()) mistakes.push_back({config::Severity::warning, key, {file + ": the certificate " + words}});
}

bool has_error(const std::vector<PartMistake>& mistakes) {
    for (const PartMistake& mistake : mistakes)
        if (mistake.severity == config::Severity::error) return true;
    return false;
}

void check_listener(const config::ListenerTls& from, WallTime now, std::vector<PartMistake>& mistakes) {
    WatchedFiles files;
    net::TlsServerPlan plan = read_listener_tls(from, files, now, mistakes);
    if (plan.identities.empty() || has_error(mistakes)) return;
    if (plan.ticket_keys.empty()) plan.ticket_keys = {net::TicketKey::random()};
    take(net::TlsServer::make(plan), "certificates", mistakes, [](const auto&) {});
}

void check_pool(const config::PoolTls& from, WallTime now, std::vector<PartMistake>& mistakes) {
    net::TlsClientPlan plan = read_pool_tls(from, now, mistakes);
    if (!has_error(mistakes)) take(net::TlsClient::make(std::move(plan)), "cert", mistakes, [](const auto&) {});
}

}  // namespace

std::string age_of(const net::TlsIdentity& identity, WallTime now) {
    if (identity.not_before() > now) return "is not valid yet";
    if (identity.not_after() < now) return "has expired";
    const auto left = std::chrono::duration_cast<std::chrono::hours>(identity.not_after() - now);
    if (left >= kSoon) return {};
    return "expires in " + std::to_string(left.count() / 24) + " days";
}

Result<net::TlsIdentity> read_identity(WatchedFiles& files, const std::string& cert, const std::string& key) {
    auto chain = files.read(cert);
    auto secret = files.read(key);  // both are looked at, so that a change of either is told once
    if (!chain) return Unexpected{chain.error()};
    if (!secret) return Unexpected{secret.error()};
    auto identity = net::TlsIdentity::parse(*chain, *secret);
    if (!identity) return fail(cert + ": " + identity.error().message);
    return identity;
}

Result<net::TlsAuthorities> read_authorities(WatchedFiles& files, const std::string& path) {
    auto text = files.read(path);
    if (!text) return Unexpected{text.error()};
    auto authorities = net::TlsAuthorities::parse(*text);
    if (!authorities) return fail(path + ": " + authorities.error().message);
    return authorities;
}

Result<net::TicketKey> read_ticket_key(WatchedFiles& files, const std::string& path) {
    auto bytes = files.read(path);
    if (!bytes) return Unexpected{bytes.error()};
    auto key = net::TicketKey::parse(*bytes);
    if (!key) return fail(path + ": " + key.error().message);
    return key;
}

static_assert(static_cast<int>(config::TlsProfile::modern) == static_cast<int>(net::TlsProfile::modern));
static_assert(static_cast<int>(config::ClientAuth::required) == static_cast<int>(net::TlsClientAuth::required));

net::TlsServerPlan read_listener_tls(const config::ListenerTls& from, WatchedFiles& files, WallTime now,
                                     std::vector<PartMistake>& mistakes) {
    net::TlsServerPlan plan;
    plan.profile = static_cast<net::TlsProfile>(from.profile);
    plan.client_auth = static_cast<net::TlsClientAuth>(from.client_auth);
    for (size_t i = 0; i < from.certificates.size(); ++i) {
        const config::Certificate& files_of = from.certificates[i];
        const std::string key = "certificates[" + std::to_string(i) + "]";
        take(read_identity(files, files_of.cert, files_of.key), key, mistakes, [&](net::TlsIdentity identity) {
            tell_age(identity, files_of.cert, key, now, mistakes);
            plan.identities.push_back(std::move(identity));
        });
    }
    if (from.client_auth != config::ClientAuth::off)
        take(read_authorities(files, from.client_ca), "client_ca", mistakes,
             [&plan](net::TlsAuthorities authorities) { plan.client_ca = std::move(authorities); });
    for (size_t i = 0; i < from.ticket_keys.size(); ++i)
        take(read_ticket_key(files, from.ticket_keys[i]), "ticket_keys[" + std::to_string(i) + "]", mistakes,
             [&plan](const net::TicketKey& key) { plan.ticket_keys.push_back(key); });
    return plan;
}

net::TlsClientPlan read_pool_tls(const config::PoolTls& from, WallTime now, std::vector<PartMistake>& mistakes) {
    WatchedFiles files;
    net::TlsClientPlan plan;
    plan.verify = from.verify;
    plan.server_name = from.server_name;
    if (from.verify && !from.ca.empty())
        take(read_authorities(files, from.ca), "ca", mistakes,
             [&plan](net::TlsAuthorities authorities) { plan.ca = std::move(authorities); });
    if (!from.cert.empty())
        take(read_identity(files, from.cert, from.key), "cert", mistakes, [&](net::TlsIdentity identity) {
            tell_age(identity, from.cert, "cert", now, mistakes);
            plan.identity.emplace(std::move(identity));
        });
    return plan;
}

std::vector<FileMistake> check_tls_files(const config::Config& config, WallTime now) {
    std::vector<FileMistake> all;
    const auto add = [&all](const std::string& path, const std::vector<PartMistake>& mistakes) {
        for (const PartMistake& one : mistakes)
            all.push_back({one.severity, path + ".tls." + one.key, one.error.message, one.error.code});
    };
    for (size_t i = 0; i < config.listeners.size(); ++i) {
        if (!config.listeners[i].tls) continue;
        std::vector<PartMistake> mistakes;
        check_listener(*config.listeners[i].tls, now, mistakes);
        add("listeners[" + std::to_string(i) + "]", mistakes);
    }
    for (const auto& [name, pool] : config.pools) {
        if (!pool.tls) continue;
        std::vector<PartMistake> mistakes;
        check_pool(*pool.tls, now, mistakes);
        add(config::key_path("pools", name), mistakes);
    }
    return all;
}

}  // namespace weir::server
