// parser_bench ours|llhttp LIBNODE: reads the heads of heads.h over and over with one parser, within measured(), around
// which callgrind counts. llhttp is that of Debian's Node library, with callbacks that note the span of every name and
// value; ours goes as far as the exchange gets a head: names known, framing decided, target and Host in normal form.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/framing.h"
#include "http/h1_parser.h"
#include "tests/bench/micro/heads.h"

namespace {

using weir::bench::kHeads;

constexpr int kRounds = 500;

[[noreturn]] void give_up(const char* why) {
    fprintf(stderr, "parser_bench: %s\n", why);
    exit(3);
}

// The part of llhttp 6's interface that is needed, as the library of Debian 12 has it.
struct Llhttp {
    using OnEvent = int (*)(void* parser);
    using OnSpan = int (*)(void* parser, const char* at, size_t size);
    struct Settings {
        OnEvent on_message_begin;
        OnSpan on_url;
        OnSpan on_status;
        OnSpan on_header_field;
        OnSpan on_header_value;
        OnEvent on_headers_complete;
        void* others[16];  // never called when null
    };
    static constexpr int kRequest = 1;

    void (*init)(void* parser, int type, const Settings*);
    void (*reset)(void* parser);
    int (*execute)(void* parser, const char* data, size_t size);
    alignas(16) char parser[256];  // 96 bytes in 6.1
    Settings settings;
};

struct Span {
    const char* at;
    size_t size;
};
Span spans[256];
size_t span_count;
size_t heads_read;

int note(void*, const char* at, size_t size) {
    spans[span_count++] = {at, size};
    return 0;
}
int begin(void*) {
    span_count = 0;
    return 0;
}
int complete(void*) {
    ++heads_read;
    return 1;  // no body follows, whatever the head says
}

void load(Llhttp& llhttp, const char* path) {
    void* library = dlopen(path, RTLD_NOW);
    if (library == nullptr) give_up(dlerror());
    const auto find = [library](const char* name) {
        void* symbol = dlsym(library, name);
        if (symbol == nullptr) give_up(dlerror());
        return symbol;
    };
    llhttp.init = reinterpret_cast<decltype(llhttp.init)>(find("llhttp_init"));
    llhttp.reset = reinterpret_cast<decltype(llhttp.reset)>(find("llhttp_reset"));
    llhttp.execute = reinterpret_cast<decltype(llhttp.execute)>(find("llhttp_execute"));
    llhttp.settings = {begin, note, nullptr, note, note, complete, {}};
    llhttp.init(llhttp.parser, Llhttp::kRequest, &llhttp.settings);
}

struct Ours {
    weir::http::H1Parser parser{weir::http::HeadLimits{}};
    weir::http::RequestHead head;
};

void read_heads(Ours& ours, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (const std::string_view head : kHeads) {
            ours.parser.begin_request(ours.head);
            if (ours.parser.parse(head.data(), head.size()) != weir::http::H1Parser::State::done) give_up("not done");
            if (weir::http::frame_request(ours.head)) give_up("refused");
            ++heads_read;
            span_count = 2 * ours.head.fields.size() + 1;
        }
    }
}

void read_heads(Llhttp& llhttp, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (const std::string_view head : kHeads) {
            llhttp.reset(llhttp.parser);  // as no body follows; a few instructions
            if (llhttp.execute(llhttp.parser, head.data(), head.size()) != 0) give_up("llhttp failed");
        }
    }
}

template <typename Parser>
[[gnu::noinline]] void measured(Parser& parser) {
    read_heads(parser, kRounds);
}

// The first round is not counted: it binds symbols and lets vectors grow.
template <typename Parser>
void run(Parser& parser) {
    const size_t corpus = sizeof kHeads / sizeof *kHeads;
    read_heads(parser, 1);
    heads_read = 0;
    measured(parser);
    if (heads_read != corpus * kRounds || span_count != 7) give_up("not every head was read whole");
    printf("%zu\n", heads_read);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view which = argc > 1 ? argv[1] : "";
    if (which == "ours") {
        Ours ours;
        run(ours);
    } else if (which == "llhttp" && argc > 2) {
        Llhttp llhttp;
        load(llhttp, argv[2]);
        run(llhttp);
    } else {
        give_up("usage: parser_bench ours | llhttp LIBNODE");
    }
}
