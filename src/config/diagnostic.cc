#include "config/diagnostic.h"

#include <algorithm>

namespace weir::config {

namespace {

// What stands at `path`, or at the nearest path around it; the end of the map when there is nothing.
template <typename Map>
auto find_around(const Map& map, std::string_view path) {
    while (true) {
        if (const auto at = map.find(path); at != map.end()) return at;
        const size_t cut = path.find_last_of(".[");
        if (cut == std::string_view::npos) return map.end();
        path = path.substr(0, cut);
    }
}

}  // namespace

std::string Diagnostic::text() const {
    std::string out = file;
    if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
    if (!out.empty()) out += ": ";
    out += severity == Severity::error ? "error: " : "warning: ";
    if (!path.empty()) out += path + ": ";
    return out + message;
}

void Mistakes::add(Mistake mistake) {
    if (found_.size() == kMost) {
        ++unlisted_;
        return;
    }
    found_.push_back(std::move(mistake));
}

void Mistakes::error(size_t offset, std::string_view path, std::string message) {
    add({Severity::error, offset, std::string(path), std::move(message), {}});
}

void Mistakes::error_at(std::string_view path, std::string message) {
    error(offset_of(path), path, std::move(message));
}

void Mistakes::clash_at(std::string_view path, std::string_view first_at, std::string message) {
    add({Severity::error, offset_of(path), std::string(path), std::move(message), std::string(first_at)});
}

void Mistakes::warning_at(std::string_view path, std::string message) {
    add({Severity::warning, offset_of(path), std::string(path), std::move(message), {}});
}

bool Mistakes::refused(std::string_view path) const {
    return std::any_of(found_.begin(), found_.end(), [path](const Mistake& mistake) {
        const std::string_view shorter = mistake.path.size() < path.size() ? std::string_view(mistake.path) : path;
        const std::string_view longer = mistake.path.size() < path.size() ? path : std::string_view(mistake.path);
        if (mistake.severity != Severity::error || longer.substr(0, shorter.size()) != shorter) return false;
        return longer.size() == shorter.size() || longer[shorter.size()] == '.' || longer[shorter.size()] == '[';
    });
}

void Mistakes::remember(std::string_view path, size_t offset) {
    places_.insert_or_assign(std::string(path), offset);
}

std::vector<Mistake> Mistakes::sorted() const {
    std::vector<Mistake> all = found_;
    std::stable_sort(all.begin(), all.end(), [](const Mistake& a, const Mistake& b) { return a.offset < b.offset; });
    if (unlisted_ > 0) {
        all.push_back(
            {Severity::error, all.back().offset, "", "and " + std::to_string(unlisted_) + " more like these", ""});
    }
    return all;
}

size_t Mistakes::offset_of(std::string_view path) const {
    const auto found = find_around(places_, path);
    return found != places_.end() ? found->second : 0;
}

Diagnostic Places::diagnostic(Severity severity, std::string_view path, std::string message) const {
    const auto found = find_around(spots_, path);
    const Spot spot = found != spots_.end() ? found->second : Spot{};
    return {severity, file_, spot.line, spot.column, std::string(path), std::move(message)};
}

}  // namespace weir::config
