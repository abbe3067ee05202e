#include "upstream/health_json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace weir::upstream {

namespace {

using Json = nlohmann::json;

// What the parser says, in the order of the text. An answer of false ends the parsing.
class Scalars final : public nlohmann::json_sax<Json> {
 public:
    bool null() override { return take("null"); }
    bool boolean(bool value) override { return take(value ? "true" : "false"); }
    bool number_integer(Json::number_integer_t value) override { return take(std::to_string(value)); }
    bool number_unsigned(Json::number_unsigned_t value) override { return take(std::to_string(value)); }
    bool number_float(Json::number_float_t, const std::string& text) override { return take(text); }
    bool string(std::string& value) override { return take(std::move(value)); }
    bool binary(Json::binary_t&) override { return false; }
    bool start_object(size_t) override { return ++depth_ > 0; }
    bool key(std::string& name) override {
        if (depth_ == 1) key_ = std::move(name);
        return true;
    }
    bool end_object() override { return --depth_ >= 0; }
    bool start_array(size_t) override { return ++depth_ > 1; }  // not as the outermost
    bool end_array() override { return --depth_ >= 0; }
    bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

    JsonScalars found;

 private:
    bool take(std::string value) {
        if (depth_ == 1) found[key_] = std::move(value);
        return depth_ > 0;
    }
    std::string key_;
    int depth_ = 0;
};

}  // namespace

std::optional<JsonScalars> read_json_scalars(std::string_view text) {
    Scalars scalars;
    if (!Json::sax_parse(text.begin(), text.end(), &scalars)) return std::nullopt;
    return std::move(scalars.found);
}

}  // namespace weir::upstream
