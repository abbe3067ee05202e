#include "config/yaml.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <streambuf>

#include "config/yaml_text.h"

namespace weir::config {
namespace {

// The text on its way into yaml-cpp, in small portions. yaml-cpp reads a whole [...] or {...} before it tells of its
// first node, so what it holds back is bounded here: by the characters that can make it remember something.
class Feed final : public std::streambuf {
 public:
    static constexpr size_t kMaxHeldBack = 250'000;

    explicit Feed(std::string_view text) : rest_(text) {}
    void told() { held_back_ = 0; }
    void stop() { rest_ = {}; }
    bool overfull() const { return overfull_; }

 protected:
    int_type underflow() override {
        constexpr size_t kPortion = 2048;
        const std::string_view portion = rest_.substr(0, kPortion);
        if (portion.empty() || overfull_) return traits_type::eof();
        rest_.remove_prefix(portion.size());
        held_back_ += static_cast<size_t>(std::count_if(portion.begin(), portion.end(), [](char c) {
            return std::string_view("[]{},:?&*!\"'").find(c) != std::string_view::npos;
        }));
        overfull_ = held_back_ > kMaxHeldBack;
        buffer_.assign(portion);
        setg(buffer_.data(), buffer_.data(), buffer_.data() + buffer_.size());
        return traits_type::to_int_type(buffer_.front());
    }

 private:
    std::string_view rest_;
    std::string buffer_;
    size_t held_back_ = 0;
    bool overfull_ = false;
};

// Builds the tree from yaml-cpp's events. After a mistake that ends it, it swallows what still comes.
class Builder final : public YAML::EventHandler {
 public:
    Builder(std::string_view text, Feed& feed, Document& document, Mistakes& mistakes)
        : text_(text), feed_(feed), document_(document), mistakes_(mistakes) {}

    bool stopped() const { return stopped_; }
    void stop(size_t offset, std::string message) {
        if (!stopped_) mistakes_.error(offset, "", std::move(message));
        stopped_ = true;
        feed_.stop();
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 1 || stopped_) return;
        const size_t at = place(mark);
        stop(at, text_.substr(at, 3) == "---" ? "a second document begins; expected one in a file"
                                              : "expected nothing more here; check the indentation");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (!begin(mark)) return;
        // To yaml-cpp `null`, `~` and nothing at all are one; to us the first two are text.
        Node node = nothing(mark);
        const size_t at = skip_anchor(text_, place(mark));
        const std::string_view word = null_word(text_, at);
        if (word.empty()) return static_cast<void>(attach(std::move(node), anchor));
        const Node empty = node;
        node.kind = Node::Kind::text;
        node.plain = true;
        node.text = word;
        node.offset = static_cast<uint32_t>(place(mark));
        unsure_ = Unsure{attach(std::move(node), anchor), at, empty};
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (!begin(mark)) return;
        const auto named = anchors_.find(anchor);
        if (named == anchors_.end()) return stop(place(mark), "an alias that names nothing");
        if (std::find(open_.begin(), open_.end(), named->second) != open_.end()) {
            return stop(place(mark), "an alias within what it stands for would never end");
        }
        expanded_ += document_[named->second].size;
        if (expanded_ > kMaxExpandedNodes) {
            return stop(place(mark), "aliases stand for more than " + std::to_string(kMaxExpandedNodes) + " nodes");
        }
        hang(named->second);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (!begin(mark)) return;
        Node node = make(mark, tag, Node::Kind::text);
        node.text = value;
        node.plain = tag == "?";
        if (!closes_quote(text_, skip_anchor(text_, node.offset))) {
            return stop(node.offset, "the closing quote is missing");
        }
        attach(std::move(node), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(mark, tag, anchor, style, Node::Kind::list);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(mark, tag, anchor, style, Node::Kind::map);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

 private:
    struct Unsure {
        NodeId id = Document::kNone;
        size_t at = 0;  // where its word stands
        Node empty;     // what it is when the word is another node's
    };

    size_t place(const YAML::Mark& mark) const {
        return mark.pos < 0 ? 0 : std::min(static_cast<size_t>(mark.pos), text_.size());
    }
    // What every node begins with; false: it is to be ignored.
    bool begin(const YAML::Mark& mark) {
        if (stopped_) return false;
        feed_.told();
        const size_t at = place(mark);
        if (unsure_.id != Document::kNone && unsure_.at == at) {
            // The `null` we took for text is this node; what was told before was the empty value in front of it.
            document_[unsure_.id] = unsure_.empty;
        }
        unsure_.id = Document::kNone;
        if (document_.size() >= kMaxNodes) {
            stop(at, "more than " + std::to_string(kMaxNodes) + " values");
            return false;
        }
        if (const size_t tab = tab_before(text_, at); tab != std::string_view::npos && tab != last_tab_) {
            last_tab_ = tab;
            mistakes_.error(tab, "", "a tab; expected spaces");
        }
        return true;
    }
    Node make(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) const {
        Node node;
        node.kind = kind;
        node.offset = static_cast<uint32_t>(place(mark));
        node.tagged = (tag != "?" && tag != "!") || text_.substr(node.offset, 1) == "!";
        return node;
    }
    // An empty node. It is told where the next thing stands; its key, or the sign of its list, is the better place.
    Node nothing(const YAML::Mark& mark) const {
        Node node;
        node.offset = static_cast<uint32_t>(place(mark));
        if (open_.empty()) return node;
        const Node& parent = document_[open_.back()];
        if (parent.kind == Node::Kind::list) {
            node.offset = static_cast<uint32_t>(empty_item(text_, node.offset));
        } else if (parent.children.size() % 2 == 1) {
            const Node& key = document_[parent.children.back()];
            node.offset = key.offset;
            node.hidden = key.plain && hidden_value(text_, key.offset + key.text.size());
        }
        return node;
    }
    NodeId attach(Node node, YAML::anchor_t anchor) {
        const NodeId id = document_.add(std::move(node));
        if (anchor != YAML::NullAnchor) anchors_[anchor] = id;
        hang(id);
        return id;
    }
    void hang(NodeId id) {
        if (open_.empty()) {
            document_.root = id;
            return;
        }
        Node& parent = document_[open_.back()];
        parent.children.push_back(id);
        parent.size += document_[id].size;  // a list or map that is still open adds the rest in close()
    }
    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style,
              Node::Kind kind) {
        if (!begin(mark)) return;
        if (open_.size() >= kMaxDepth) {
            return stop(place(mark), "nested deeper than " + std::to_string(kMaxDepth) + " levels");
        }
        Node node = make(mark, tag, kind);
        node.flow = style == YAML::EmitterStyle::Flow;
        open_.push_back(attach(std::move(node), anchor));
    }
    void close() {
        if (stopped_) return;
        const NodeId id = open_.back();
        open_.pop_back();
        if (!open_.empty()) document_[open_.back()].size += document_[id].size - 1;
    }

    std::string_view text_;
    Feed& feed_;
    Document& document_;
    Mistakes& mistakes_;
    std::vector<NodeId> open_;
    std::map<YAML::anchor_t, NodeId> anchors_;
    Unsure unsure_;
    size_t last_tab_ = std::string_view::npos;
    uint64_t expanded_ = 0;
    unsigned documents_ = 0;
    bool stopped_ = false;
};

}  // namespace

bool read_yaml(std::string_view text, Document& document, Mistakes& mistakes) {
    if (const std::optional<TextFault> fault = find_fault(text)) {
        mistakes.error(fault->offset, "", fault->message);
        return false;
    }
    Feed feed(text);
    std::istream stream(&feed);
    Builder builder(text, feed, document, mistakes);
    TextFault failed;
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder) && !builder.stopped()) {
        }
    } catch (const YAML::DeepRecursion& deep) {
        failed = {static_cast<size_t>(std::max(deep.mark.pos, 0)), "nested too deep"};
    } catch (const YAML::Exception& complaint) {
        failed = explain(text, static_cast<size_t>(std::max(complaint.mark.pos, 0)), complaint.msg);
    } catch (const std::exception& complaint) {
        failed.message = std::string("can not be read as YAML: ") + complaint.what();
    }
    if (feed.overfull()) failed = {0, "one [...] or {...} holds too much; expected it on lines of its own"};
    if (!failed.message.empty()) builder.stop(failed.offset, failed.message);
    return !builder.stopped();
}

}  // namespace weir::config
