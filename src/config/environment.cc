#include "config/environment.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "config/path.h"

namespace weir::config {
namespace {

constexpr std::string_view kLiteral = "; a literal ${ is written $${";

bool is_name(std::string_view text) {
    const auto fits = [](char c) {
        return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && (text[0] < '0' || text[0] > '9') && std::all_of(text.begin(), text.end(), fits);
}

// What `within` the braces stands for.
Result<std::string> value_of(std::string_view within, const Environment& environment) {
    const size_t colon = within.find(":-");
    const std::string name(within.substr(0, colon));
    if (!is_name(name))
        return fail(quoted("${" + std::string(within) + "}") +
                    " names no variable; expected ${NAME} or ${NAME:-default}" + std::string(kLiteral));
    if (within.find("${") != std::string_view::npos)
        return fail("the default of ${" + name + "} has a ${ of its own; expected plain text");
    const std::optional<std::string> value = environment(name);
    if (colon != std::string_view::npos && value.value_or("").empty()) return std::string(within.substr(colon + 2));
    if (!value) return fail("the environment has no " + name + "; set it, or write ${" + name + ":-default}");
    return *value;
}

Result<std::string> expanded(std::string_view text, const Environment& environment) {
    std::string out;
    for (;;) {
        const size_t at = text.find("${");
        if (at == std::string_view::npos) return out.append(text);
        const bool literal = at > 0 && text[at - 1] == '$';
        out += text.substr(0, literal ? at - 1 : at);
        text.remove_prefix(at + 2);
        if (literal) {
            out += "${";
            continue;
        }
        const size_t end = text.find('}');
        if (end == std::string_view::npos) return fail("${ has no } behind it" + std::string(kLiteral));
        Result<std::string> value = value_of(text.substr(0, end), environment);
        if (!value) return value;
        out += *value;
        text.remove_prefix(end + 1);
    }
}

// Walks the tree, so that a mistake has its path; a node that aliases name too is expanded once.
class Expansion final {
 public:
    Expansion(Document& document, const Environment& environment, Mistakes& mistakes)
        : document_(document), environment_(environment), mistakes_(mistakes), done_(document.size()) {}

    void walk(NodeId id, const std::string& path) {
        if (done_[id]) return;
        done_[id] = true;
        Node& node = document_[id];
        if (node.kind == Node::Kind::list)
            for (size_t i = 0; i < node.children.size(); ++i) walk(node.children[i], item_path(path, i));
        if (node.kind == Node::Kind::map)
            for (size_t i = 0; i + 1 < node.children.size(); i += 2)
                walk(node.children[i + 1], key_path(path, document_[node.children[i]].text));
        if (node.kind != Node::Kind::text) return;
        Result<std::string> text = expanded(node.text, environment_);
        if (text && (grown_ += text->size()) > kMaxFileBytes)
            text = fail("the environment makes the config larger than 16MiB");
        node.refused = !text;
        if (!text) return mistakes_.error(node.offset, path, text.error().message);
        node.text = std::move(*text);
    }

 private:
    Document& document_;
    const Environment& environment_;
    Mistakes& mistakes_;
    std::vector<bool> done_;
    size_t grown_ = 0;  // bytes of all texts
};

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* const value = std::getenv(name.c_str());
        if (value == nullptr) return std::nullopt;
        return value;
    };
}

void expand_environment(Document& document, const Environment& environment, Mistakes& mistakes) {
    if (document.root != Document::kNone) Expansion(document, environment, mistakes).walk(document.root, "");
}

}  // namespace weir::config
