#include "server/sticky_secret.h"

#include "config/path.h"
#include "server/watched_files.h"

namespace weir::server {

Result<std::string> read_sticky_secret(const std::string& path) {
    WatchedFiles files;
    Result<std::string> secret = files.read(path);
    if (!secret) return secret;
    while (!secret->empty() && (secret->back() == '\n' || secret->back() == '\r')) secret->pop_back();
    if (secret->size() < kLeastSecret || secret->size() > kMostSecret)
        return fail(path + ": has " + std::to_string(secret->size()) + " bytes; expected " +
                    std::to_string(kLeastSecret) + " to " + std::to_string(kMostSecret) +
                    ", as of: openssl rand -hex 32");
    return secret;
}

std::vector<FileMistake> check_sticky_secrets(const config::Config& config) {
    std::vector<FileMistake> all;
    for (const auto& [name, pool] : config.pools) {
        if (!pool.sticky || pool.sticky->secret_file.empty()) continue;
        const auto secret = read_sticky_secret(pool.sticky->secret_file);
        if (secret) continue;
        const std::string path = config::key_path(config::key_path("pools", name), "sticky.secret_file");
        all.push_back({config::Severity::error, path, secret.error().message, secret.error().code});
    }
    return all;
}

}  // namespace weir::server
