#include "policy/max_body.h"

namespace weir::policy {

namespace {

class Count final : public BodyStage {
 public:
    explicit Count(uint64_t most) : left_(most) {}
    Verdict push(Piece piece, bool, BodySink& out) override {
        if (piece.size > left_) return Verdict::refused;
        left_ -= piece.size;
        if (piece.size > 0) out.send(std::move(piece));
        return Verdict::more;
    }
    uint16_t refusal() const override { return 413; }

 private:
    uint64_t left_;
};

}  // namespace

Verdict MaxBody::on_request(Request& request) const {
    const http::BodyLength& length = request.head.body;
    if (length.kind == http::BodyLength::Kind::sized && length.bytes > most_) return Verdict::answer({413});
    if (length.kind == http::BodyLength::Kind::chunked) request.body = std::make_unique<Count>(most_);
    return Verdict::go();
}

}  // namespace weir::policy
