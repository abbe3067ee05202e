#include "cli/commands.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/dump.h"
#include "config/load.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/sticky_secret.h"
#include "server/tls_files.h"
#include "server/version.h"

namespace weir::cli {

namespace {

constexpr int kFine = 0;
constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kEnvironment = 3;
constexpr const char* kDefaultConfig = "/etc/weir/weir.yaml";

struct RunOptions {
    std::string config = kDefaultConfig;
    std::optional<std::string> listen;  // no file then
    std::vector<std::string> to;
    bool sticky = false;
    bool tls_self_signed = false;
};

void print(const config::Diagnostic& diagnostic) {
    std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
}

// Those that only show in the files that a config names. kEnvironment when one can not be opened.
int report_files(const config::Loaded& loaded) {
    int worst = kFine;
    std::vector<server::FileMistake> mistakes = server::check_tls_files(*loaded.config, SystemClock().wall());
    for (server::FileMistake& mistake : server::check_sticky_secrets(*loaded.config))
        mistakes.push_back(std::move(mistake));
    for (const server::FileMistake& mistake : mistakes) {
        print(loaded.places.diagnostic(mistake.severity, mistake.path, mistake.message));
        if (mistake.severity == config::Severity::warning) continue;
        if (worst != kRefused) worst = mistake.code != 0 ? kEnvironment : kRefused;
    }
    return worst;
}

// Prints every mistake and warning; 0 when there is a config that can be run.
int report(const config::Loaded& loaded) {
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) print(diagnostic);
    if (loaded.config) return report_files(loaded);
    return loaded.unreadable ? kEnvironment : kRefused;
}

void set_up_log(const config::Log& log) {
    set_log_level(static_cast<LogLevel>(log.level));
    if (!log.format) return set_log_format(LogFormat::automatic);
    set_log_format(*log.format == config::LogFormat::json ? LogFormat::json : LogFormat::text);
}

int run(const RunOptions& options) {
    config::Loaded loaded = options.listen ? config::quick(*options.listen, options.to) : config::load(options.config);
    if (options.sticky && loaded.config) loaded.config->pools.begin()->second.sticky.emplace().cookie = "weir_app";
    if (options.tls_self_signed && loaded.config) loaded.config->listeners.front().tls.emplace().self_signed = true;
    if (const int refused = report(loaded)) return refused;
    loaded.places = config::Places();  // nobody is told of a place any more
    set_up_log(loaded.config->log);
    server::Signals::block();
    try {
        server::Server server(*loaded.config);
        return static_cast<int>(server.run());
    } catch (const std::system_error& error) {  // of std::thread
        std::fprintf(stderr, "weir: can not start a thread: %s (ulimit -u, TasksMax)\n",
                     error.code().message().c_str());
        return kEnvironment;
    }
}

// Started without one of the three, the next descriptor that is opened would take its place and be written to.
void fill_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) _exit(kEnvironment);
}

int check(const std::string& path) {
    const config::Loaded loaded = config::load(path);
    if (const int refused = report(loaded)) return refused;
    std::printf("%s: fine\n", path.c_str());
    return kFine;
}

int dump(const std::string& path) {
    const config::Loaded loaded = config::load(path);
    if (const int refused = report(loaded)) return refused;
    if (std::fputs(config::dump(*loaded.config).c_str(), stdout) >= 0 && std::fflush(stdout) == 0) return kFine;
    std::fprintf(stderr, "weir: the config could not be written: %s\n", std::strerror(errno));
    return kEnvironment;
}

int parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? -1 : kUsage;  // --help is no mistake
    }
    return kFine;
}

}  // namespace

int main(int argc, char** argv) {
    fill_standard_descriptors();
    CLI::App app{"weir: a reverse proxy and load balancer for fleets of Node.js backends"};
    app.name("weir");
    app.require_subcommand(1);
    RunOptions options;

    CLI::App* run_command = app.add_subcommand("run", "Run the daemon");
    CLI::Option* file = run_command->add_option("-c,--config", options.config, "Config file")->capture_default_str();
    CLI::Option* listen =
        run_command->add_option("--listen", options.listen, "Address to listen on, without a config file");
    CLI::Option* to = run_command->add_option("--to", options.to, "Backends, HOST:PORT[,HOST:PORT...]")->delimiter(',');
    CLI::Option* self_signed = run_command->add_flag("--tls-self-signed", options.tls_self_signed,
                                                     "Speak TLS, with a certificate made on the spot");
    self_signed->needs(listen);
    run_command->add_flag("--sticky", options.sticky, "Keep a client on its backend by a cookie")->needs(listen);
    listen->needs(to)->excludes(file);
    to->needs(listen);

    std::string looked_at = kDefaultConfig;
    CLI::App* check_command = app.add_subcommand("check", "Say every mistake of a config file");
    check_command->add_option("-c,--config", looked_at, "Config file")->capture_default_str();
    CLI::App* dump_command = app.add_subcommand("dump", "Print the config that a file comes to, defaults filled in");
    dump_command->add_option("-c,--config", looked_at, "Config file")->capture_default_str();

    CLI::App* version_command = app.add_subcommand("version", "Print the version");

    if (const int stop = parse(app, argc, argv)) return stop < 0 ? kFine : stop;
    if (version_command->parsed()) {
        std::printf("weir %.*s\n", static_cast<int>(server::kVersion.size()), server::kVersion.data());
        return kFine;
    }
    if (dump_command->parsed()) return dump(looked_at);
    return check_command->parsed() ? check(looked_at) : run(options);
}

}  // namespace weir::cli
