// Diagnostic: one mistake in a config, with its place, as an operator reads it. Mistakes: collects them while a config
// is read, and knows where every value that was read stands, so that what is found later can still be pointed at.
// Decides nothing and prints nothing. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

enum class Severity : uint8_t { error, warning };

struct Diagnostic {
    Severity severity = Severity::error;
    std::string file;  // or the flag of the command line that it is about
    int line = 0;      // from 1; 0: a place without lines
    int column = 0;    // from 1, in characters
    std::string path;  // "pools.app.endpoints[0]"; empty: about the whole
    std::string message;

    // `file:line:col: error|warning: path: message`, without what is not there.
    std::string text() const;
};

// Where the values of a config stand that was read: what only shows when the files it names are opened can be pointed
// at too. A value.
class Places final {
 public:
    struct Spot {
        int line = 0;
        int column = 0;
    };
    Places() = default;
    Places(std::string file, std::map<std::string, Spot, std::less<>> spots)
        : file_(std::move(file)), spots_(std::move(spots)) {}
    // About the value at `path`, or the nearest thing around it that was written.
    Diagnostic diagnostic(Severity severity, std::string_view path, std::string message) const;

 private:
    std::string file_;
    std::map<std::string, Spot, std::less<>> spots_;
};

// A mistake on its way: `offset` is where it stands in the text that was read.
struct Mistake {
    Severity severity = Severity::error;
    size_t offset = 0;
    std::string path;
    std::string message;
    std::string first_at;  // of what is there twice: the path of the first one
};

class Mistakes final {
 public:
    void error(size_t offset, std::string_view path, std::string message);
    // About the value at `path`, or the nearest thing around it that was written.
    void error_at(std::string_view path, std::string message);
    // The same about the second of two that clash.
    void clash_at(std::string_view path, std::string_view first_at, std::string message);
    void warning_at(std::string_view path, std::string message);

    // The value at `path`, something in it or something around it was refused.
    bool refused(std::string_view path) const;
    // There are more than will be listed.
    bool full() const { return found_.size() == kMost; }

    // The value at `path` stands at `offset`.
    void remember(std::string_view path, size_t offset);
    const std::map<std::string, size_t, std::less<>>& places() const { return places_; }

    // All of them in the order of their places; past kMost a last one says how many more there are.
    static constexpr size_t kMost = 1000;
    std::vector<Mistake> sorted() const;

 private:
    void add(Mistake mistake);
    size_t offset_of(std::string_view path) const;
    std::vector<Mistake> found_;
    size_t unlisted_ = 0;
    std::map<std::string, size_t, std::less<>> places_;
};

}  // namespace weir::config
