#include "config/reader.h"

#include <set>

#include "base/text.h"
#include "config/fields.h"
#include "config/path.h"
#include "config/units_text.h"

namespace weir::config {
namespace {

// `off` and `false` are the same wherever either stands.
bool same_word(std::string_view written, std::string_view word) {
    return written == word || (word == "off" && written == "false") || (word == "false" && written == "off");
}

template <Worded E>
std::string words_of() {
    std::string out;
    for (const auto& [word, value] : Words<E>::list) {
        if (!out.empty()) out += &word == &Words<E>::list.back().word ? " or " : ", ";
        out += word;
    }
    return out;
}

class Reader final {
 public:
    Reader(const Document& document, Mistakes& mistakes, std::string_view folder)
        : document_(document), mistakes_(mistakes), folder_(folder) {}

    Config read_all() {
        Config config;
        if (document_.root == Document::kNone) {
            mistakes_.error(0, "", "nothing is configured; expected at least `listeners` and `routes`");
            return config;
        }
        read(document_[document_.root], "", config, any());
        return config;
    }

 private:
    void wrong(const Node& node, const std::string& path, std::string message) {
        mistakes_.error(node.offset, path, std::move(message));
    }
    void unfit(const Node& node, const std::string& path, const std::string& expected) {
        switch (node.kind) {
            case Node::Kind::empty:
                return wrong(node, path, "is empty; expected " + expected);
            case Node::Kind::text:
                return wrong(node, path, quoted(node.text) + " is text; expected " + expected);
            case Node::Kind::list:
                return wrong(node, path, "found a list; expected " + expected);
            case Node::Kind::map:
                return wrong(node, path, "found keys and values; expected " + expected);
        }
    }

    // The text of a scalar, or null with a mistake.
    const std::string* text(const Node& node, const std::string& path, const std::string& expected) {
        if (node.refused) return nullptr;
        if (node.tagged) return wrong(node, path, "tags such as !!int are not read; put it in quotes"), nullptr;
        if (node.kind != Node::Kind::text) {
            const bool text_to_a_human = node.flow || node.hidden;
            return unfit(node, path, expected + (text_to_a_human ? kQuotes : "")), nullptr;
        }
        for (const char c : node.text) {
            if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f) continue;
            return wrong(node, path, "has a control character or a line break in it; expected " + expected), nullptr;
        }
        return &node.text;
    }
    // `none`: the word that might have stood there instead.
    bool is_map(const Node& node, const std::string& path, std::string_view none = {}) {
        if (node.refused) return false;
        if (node.tagged) return wrong(node, path, "tags such as !!int are not read"), false;
        const std::string expected = none.empty() ? "keys and values" : "keys and values, or " + std::string(none);
        if (node.kind != Node::Kind::map) return unfit(node, path, expected), false;
        return true;
    }
    bool is_list(const Node& node, const std::string& path) {
        if (node.refused) return false;
        if (node.tagged) return wrong(node, path, "tags such as !!int are not read"), false;
        if (node.kind != Node::Kind::list) return unfit(node, path, "a list"), false;
        return true;
    }

    // Numbers, durations and sizes: `read_as` makes one of the text, `count` counts it in the unit of the rule.
    template <typename T, typename Read, typename Count>
    void read_ranged(const Node& node, const std::string& path, T& into, const Rule& rule, const std::string& range,
                     Read read_as, Count count) {
        const std::string expected = range + (rule.none.empty() ? "" : ", or " + std::string(rule.none));
        const std::string* written = text(node, path, expected);
        if (written == nullptr) return;
        if (!rule.none.empty() && same_word(*written, rule.none)) {
            into = T{};
            return;
        }
        const auto value = read_as(*written);
        if (!value) return wrong(node, path, quoted(*written) + " " + value.error().message + "; expected " + expected);
        if (count(*value) < rule.min || count(*value) > rule.max) {
            return wrong(node, path, quoted(*written) + " is out of range; expected " + expected);
        }
        into = static_cast<T>(*value);
    }
    void read(const Node& node, const std::string& path, unsigned& into, const Rule& rule) {
        const std::string range = "a number from " + show(rule.min) + " to " + show(rule.max);
        read_ranged(node, path, into, rule, range, read_number, [](uint64_t number) { return number; });
    }
    void read(const Node& node, const std::string& path, Duration& into, const Rule& rule) {
        using Ms = std::chrono::milliseconds;
        const std::string range =
            "a duration from " + show(Duration(Ms(rule.min))) + " to " + show(Duration(Ms(rule.max)));
        read_ranged(node, path, into, rule, range, read_duration, [](Duration duration) {
            return static_cast<uint64_t>(std::chrono::duration_cast<Ms>(duration).count());
        });
    }
    void read(const Node& node, const std::string& path, Bytes& into, const Rule& rule) {
        const std::string range = "a size from " + show(Bytes{rule.min}) + " to " + show(Bytes{rule.max});
        read_ranged(node, path, into, rule, range, read_size, [](Bytes bytes) { return bytes.count; });
    }

    void read(const Node& node, const std::string& path, Percent& into, const Rule& rule) {
        const auto number = [](uint64_t count) { return Percent{static_cast<uint32_t>(count)}; };
        const std::string range = "a share from " + show(number(rule.min)) + " to " + show(number(rule.max));
        read_ranged(node, path, into, rule, range, read_percent, [](Percent share) { return share.hundredths; });
    }

    void read(const Node& node, const std::string& path, std::string& into, const Rule& rule) {
        const std::string* written = text(node, path, "text");
        if (written == nullptr) return;
        if (!rule.none.empty() && same_word(*written, rule.none)) return into.clear();
        Result<std::string> shaped = rule.form(*written);
        into.clear();
        if (!shaped) return wrong(node, path, quoted(*written) + ": " + shaped.error().message);
        into = std::move(*shaped);
        if (rule.form == file_form && into.front() != '/') into.insert(0, folder_);
    }
    template <Worded E>
    void read(const Node& node, const std::string& path, E& into, const Rule&) {
        const std::string* written = text(node, path, words_of<E>());
        if (written == nullptr) return;
        std::vector<std::string_view> candidates;
        for (const auto& [word, value] : Words<E>::list) {
            candidates.push_back(word);
            if (!same_word(*written, word)) continue;
            into = value;
            return;
        }
        wrong(node, path, quoted(*written) + ": expected " + words_of<E>() + meant(closest(*written, candidates)));
    }
    // The rule's word stands for what is not set.
    template <typename T>
    void read(const Node& node, const std::string& path, std::optional<T>& into, const Rule& rule) {
        const bool word = !rule.none.empty() && node.kind == Node::Kind::text && same_word(node.text, rule.none);
        if (word && !node.tagged) return into.reset();
        read(node, path, into.emplace(), rule);
    }

    template <typename T>
    void read(const Node& node, const std::string& path, std::vector<T>& into, const Rule& rule) {
        if (rule.one && node.kind == Node::Kind::text) return read(node, path, into.emplace_back(), rule);
        if (!is_list(node, path)) return;
        into.clear();
        if (node.children.empty() && rule.one) return wrong(node, path, "is empty; leave it out to match any");
        if (node.children.empty() && rule.required) return wrong(node, path, "is empty; expected at least one");
        for (size_t i = 0; i < node.children.size(); ++i) {
            const Node& entry = document_[node.children[i]];
            const std::string at = item_path(path, i);
            mistakes_.remember(at, entry.offset);
            read(entry, at, into.emplace_back(), rule);
        }
    }
    // An endpoint may be its address alone.
    void read(const Node& node, const std::string& path, Endpoint& into, const Rule& rule) {
        if (node.kind == Node::Kind::map) return read<Endpoint>(node, path, into, rule);
        if (text(node, path, "an address, or keys and values") == nullptr) return;
        read(node, path, into.address, shaped(endpoint_form));
    }

    // Off, true, or a port; which port `true` is shows in the whole (check.h).
    void read(const Node& node, const std::string& path, RedirectToHttps& into, const Rule&) {
        const std::string expected = "true, a port from 1 to 65535, or off";
        const std::string* written = text(node, path, expected);
        if (written == nullptr || same_word(*written, "off")) return;
        if (*written != "true") {
            const Result<uint64_t> port = read_number(*written);
            if (!port || *port < 1 || *port > 65'535)
                return wrong(node, path, quoted(*written) + ": expected " + expected);
            into.port = static_cast<uint16_t>(*port);
        }
        into.on = true;
    }

    // Calls visit(key, key node, value node) for each key that may stand where it stands.
    template <typename Visit>
    void for_each_key(const Node& node, const std::string& path, Visit visit) {
        std::set<std::string_view> seen;
        for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
            const Node& key = document_[node.children[i]];
            if (key.kind == Node::Kind::text && key.plain && key.text == "<<") {
                wrong(key, path, "merge keys (<<) are not read; expected the keys themselves");
                continue;
            }
            const std::string* name = text(key, path, "a key");
            if (name == nullptr) continue;
            if (!seen.insert(*name).second) {
                wrong(key, key_path(path, *name), "is here twice; expected each key once");
                continue;
            }
            visit(*name, key, document_[node.children[i + 1]]);
        }
    }
    template <typename S>
    void read(const Node& node, const std::string& path, std::map<std::string, S>& into, const Rule& rule) {
        if (!is_map(node, path)) return;
        for_each_key(node, path, [&](const std::string& name, const Node& key, const Node& value) {
            const std::string at = key_path(path, name);
            mistakes_.remember(at, key.offset);
            const Form form = rule.key != nullptr ? rule.key : name_form;
            if (const Result<std::string> ok = form(name); !ok) {
                return wrong(key, at, quoted(name) + ": " + ok.error().message);
            }
            read(value, at, into[name], rule);
        });
    }
    template <Tabled S>
    void read(const Node& node, const std::string& path, S& into, const Rule& rule) {
        if (!is_map(node, path, rule.none)) return;
        std::set<std::string_view> here;  // keys that are there, or were meant by one that is
        for_each_key(node, path, [&](const std::string& name, const Node& key, const Node& value) {
            const std::string at = key_path(path, name);
            bool known = false;
            std::vector<std::string_view> candidates;
            for_each_field<S>([&](const auto& field) {
                candidates.push_back(field.key);
                if (field.key != name) return;
                known = true;
                here.insert(field.key);
                mistakes_.remember(at, value.offset);
                read(value, at, into.*field.member, field.rule);
            });
            if (known) return;
            const std::string_view guess = closest(name, candidates);
            here.insert(guess);
            wrong(key, at, "unknown key" + meant(guess));
        });
        for_each_field<S>([&](const auto& field) {
            if (!field.rule.required || here.count(field.key) > 0) return;
            wrong(node, key_path(path, field.key), "is missing; it can not be left out");
        });
    }

    static constexpr const char* kQuotes = "; put it in quotes if it is meant as text";
    const Document& document_;
    Mistakes& mistakes_;
    const std::string_view folder_;
};

}  // namespace

Config read_config(const Document& document, Mistakes& mistakes, std::string_view folder) {
    return Reader(document, mistakes, folder).read_all();
}

}  // namespace weir::config
