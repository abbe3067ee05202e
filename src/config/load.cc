#include "config/load.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "base/result.h"
#include "config/check.h"
#include "config/reader.h"
#include "config/yaml.h"

namespace weir::config {
namespace {

// Turns offsets into lines and columns. Offsets come in ascending order, so the text is walked once.
class Cursor final {
 public:
    explicit Cursor(std::string_view text) : text_(text) {}
    void place(size_t offset, Diagnostic& diagnostic) {
        const Places::Spot spot = place(offset);
        diagnostic.line = spot.line;
        diagnostic.column = spot.column;
    }
    Places::Spot place(size_t offset) {
        for (; at_ < std::min(offset, text_.size()); ++at_) {
            const bool inside = (static_cast<unsigned char>(text_[at_]) & 0xc0) == 0x80;  // of a UTF-8 character
            if (!inside) ++column_;
            if (text_[at_] != '\n') continue;
            ++line_;
            column_ = 1;
        }
        return {line_, column_};
    }

 private:
    std::string_view text_;
    size_t at_ = 0;
    int line_ = 1;
    int column_ = 1;
};

Diagnostic diagnostic_of(Mistake&& mistake, std::string_view file) {
    Diagnostic diagnostic;
    diagnostic.severity = mistake.severity;
    diagnostic.file = file;
    diagnostic.path = std::move(mistake.path);
    diagnostic.message = std::move(mistake.message);
    return diagnostic;
}

bool has_error(const std::vector<Diagnostic>& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& d) { return d.severity == Severity::error; });
}

Loaded unreadable(const std::string& path, std::string message) {
    Loaded loaded;
    loaded.unreadable = true;
    loaded.diagnostics.push_back({Severity::error, path, 0, 0, "", std::move(message)});
    return loaded;
}

Places places_of(const Mistakes& mistakes, std::string_view file, std::string_view text) {
    std::vector<std::pair<size_t, std::string_view>> in_order;
    for (const auto& [path, offset] : mistakes.places()) in_order.emplace_back(offset, path);
    std::sort(in_order.begin(), in_order.end());
    Cursor cursor(text);
    std::map<std::string, Places::Spot, std::less<>> spots;
    for (const auto& [offset, path] : in_order) spots.emplace(path, cursor.place(offset));
    return {std::string(file), std::move(spots)};
}

// At most `limit` bytes and one more, so that the caller sees that there were more.
Result<std::string> read_file(const std::string& path, size_t limit) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(std::strerror(errno), errno);
    std::string text;
    char portion[64 * 1024];
    int failed = 0;
    while (text.size() <= limit) {
        const ssize_t got = ::read(fd, portion, std::min(sizeof portion, limit + 1 - text.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) failed = errno;
        if (got <= 0) break;
        text.append(portion, static_cast<size_t>(got));
    }
    ::close(fd);
    if (failed != 0) return fail(std::strerror(failed), failed);
    return text;
}

}  // namespace

Loaded load(const std::string& path, const Environment& environment) {
    const Result<std::string> text = read_file(path, kMaxFileBytes);
    if (!text) return unreadable(path, "can not be read: " + text.error().message);
    return parse(*text, path, environment);
}

Loaded parse(std::string_view text, std::string_view file_name, const Environment& environment) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
    Mistakes mistakes;
    Document document;
    Config config;
    if (text.size() > kMaxFileBytes) {
        text = {};
        mistakes.error(0, "", "is larger than 16MiB, which no config needs to be");
    } else if (read_yaml(text, document, mistakes)) {
        expand_environment(document, environment, mistakes);
        config = read_config(document, mistakes, file_name.substr(0, file_name.rfind('/') + 1));
        if (!mistakes.full()) check_config(config, mistakes);
    }
    Loaded loaded;
    Cursor cursor(text);
    for (Mistake& mistake : mistakes.sorted()) {
        const size_t offset = mistake.offset;
        if (!mistake.first_at.empty()) mistake.message += ", first at " + mistake.first_at;
        loaded.diagnostics.push_back(diagnostic_of(std::move(mistake), file_name));
        cursor.place(offset, loaded.diagnostics.back());
    }
    if (has_error(loaded.diagnostics)) return loaded;
    loaded.config = std::move(config);
    loaded.places = places_of(mistakes, file_name, text);
    return loaded;
}

namespace {

// The tree of the quick start. Its offsets are the flags: 0 is --listen, 1 is --to.
class Written final {
 public:
    NodeId text(std::string_view words, uint32_t flag) {
        Node node;
        node.kind = Node::Kind::text;
        node.text = words;
        node.offset = flag;
        return document.add(std::move(node));
    }
    NodeId group(Node::Kind kind, std::vector<NodeId> children, uint32_t flag) {
        Node node;
        node.kind = kind;
        node.children = std::move(children);
        node.offset = flag;
        return document.add(std::move(node));
    }
    NodeId map(std::string_view key, NodeId value, uint32_t flag) {
        return group(Node::Kind::map, {text(key, flag), value}, flag);
    }
    NodeId list(std::vector<NodeId> items, uint32_t flag) { return group(Node::Kind::list, std::move(items), flag); }

    Document document;
};

}  // namespace

Loaded quick(std::string_view listen, const std::vector<std::string>& backends) {
    constexpr uint32_t kListen = 0;
    constexpr uint32_t kTo = 1;
    Written written;
    std::vector<NodeId> endpoints;
    endpoints.reserve(backends.size());
    for (const std::string& backend : backends) endpoints.push_back(written.text(backend, kTo));
    const NodeId listener = written.map("address", written.text(listen, kListen), kListen);
    const NodeId pool = written.map("endpoints", written.list(std::move(endpoints), kTo), kTo);
    const NodeId route = written.map("pool", written.text("app", kTo), kTo);
    const NodeId listeners = written.list({listener}, kListen);
    const NodeId pools = written.map("app", pool, kTo);
    const NodeId routes = written.list({route}, kTo);
    written.document.root = written.group(Node::Kind::map,
                                          {written.text("listeners", kListen), listeners, written.text("pools", kTo),
                                           pools, written.text("routes", kTo), routes},
                                          kListen);
    Mistakes mistakes;
    Config config = read_config(written.document, mistakes);
    check_config(config, mistakes);
    Loaded loaded;
    for (Mistake& mistake : mistakes.sorted()) {
        mistake.path.clear();  // of a file that there is not
        const std::string_view flag = mistake.offset == kListen ? "--listen" : "--to";
        loaded.diagnostics.push_back(diagnostic_of(std::move(mistake), flag));
    }
    if (!has_error(loaded.diagnostics)) loaded.config = std::move(config);
    return loaded;
}

}  // namespace weir::config
