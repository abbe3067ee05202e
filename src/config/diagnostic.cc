#include "config/diagnostic.h"

#include <algorithm>

namespace weir::config {

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
    while (true) {
        if (const auto at = places_.find(path); at != places_.end()) return at->second;
        const size_t cut = path.find_last_of(".[");
        if (cut == std::string_view::npos) return 0;
        path = path.substr(0, cut);
    }
}

}  // namespace weir::config
