// PolicyBench: a request for policies to look at, without an exchange.
#pragma once

#include <string>

#include "policy/policy.h"

namespace weir::policy {

struct PolicyBench {
    Verdict ask(const Policy& policy) {
        Request request{head, hop, "api", arena, edits, body, {}};
        return policy.on_request(request);
    }
    // The status of its reply, or 0 when it lets the request go on.
    int status(const Policy& policy) {
        const Verdict verdict = ask(policy);
        return verdict.kind == Verdict::Kind::reply ? verdict.reply.status : 0;
    }
    // What `edits` make of these fields.
    std::string edited(http::Fields& fields) const {
        edits.apply(fields);
        std::string all;
        for (const http::Field& field : fields)
            all += std::string(field.name()) + "=" + std::string(field.value()) + " ";
        return all;
    }

    http::RequestHead head;
    http::ClientHop hop;
    Arena arena;
    http::FieldEdits edits;
    std::unique_ptr<BodyStage> body;
};

// Keeps what a stage lets through.
struct TextSink final : BodySink {
    void send(Piece piece) override { text += piece.view(); }
    std::string text;
};

inline Piece piece_of(std::string_view text) {
    return {SlabRef(), text.data(), text.size()};
}

}  // namespace weir::policy
