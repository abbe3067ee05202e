// Both kinds of block are asked the same questions: about every byte at every place, and by the algorithms over them.
#include "base/scan.h"

#include <random>
#include <string>

#include "tests/support/doctest.h"

using namespace weir::scan;

namespace {

template <typename B>
void check_every_byte() {
    for (int value = 0; value < 256; ++value) {
        const char c = static_cast<char>(value);
        const bool letter = (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
        const bool digit_or_dash = (value >= '0' && value <= '9') || value == '-';
        for (size_t place = 0; place < B::kBytes; ++place) {
            std::string bytes(B::kBytes, 'x');
            bytes[place] = c;
            const B block(bytes.data());
            const uint32_t here = uint32_t{1} << place;
            CAPTURE(value);
            CHECK_EQ(block.not_printable(), value >= 0x20 && value < 0x7f ? 0 : here);
            CHECK_EQ(block.not_visible(), value > 0x20 && value < 0x7f ? 0 : here);
            CHECK_EQ(block.letters_digits_dashes(), letter || digit_or_dash ? B::kAll : B::kAll & ~here);
            if (c != 'x') CHECK_EQ(block.equal(c), here);
        }
    }
}

template <typename B>
void check_matches() {
    const std::string text = "content-length:\xff";
    std::string fold(16, '\0');
    for (size_t i = 0; i < 14; ++i)
        if (text[i] != '-') fold[i] = 0x20;
    fold[15] = '\xff';
    CHECK(B("content-length:?").matches(text.data(), fold.data()));
    CHECK(B("CONTENT-LENGTH:\n").matches(text.data(), fold.data()));
    CHECK(B("Content-Length:\0").matches(text.data(), fold.data()));
    CHECK(!B("Content-Lengti:?").matches(text.data(), fold.data()));
    CHECK(!B("Content\rLength:?").matches(text.data(), fold.data()));  // CR is `-` without a bit
    CHECK(!B("Content-Length ?").matches(text.data(), fold.data()));
}

template <typename B>
void check_finds() {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 70, ' ');
        for (char& c : text) c = static_cast<char>(0x21 + random() % 90);
        // A few bytes of every kind.
        for (int i = 0; i < 2 && !text.empty(); ++i)
            text[random() % text.size()] = "\t\t \r\x01\x7f\x80\xff"[random() % 8];
        const char* begin = text.data();
        const char* end = begin + text.size();
        const char* visible = begin;
        while (visible != end && *visible > 0x20 && *visible < 0x7f) ++visible;
        CHECK_EQ(find_not_visible<B>(begin, end) - begin, visible - begin);
        const char* printable = begin;
        while (printable != end && *printable >= 0x20 && *printable < 0x7f) ++printable;
        CHECK_EQ(find_not_printable<B>(begin, end) - begin, printable - begin);
        const char* text_end = begin;
        while (text_end != end && (*text_end == '\t' || *text_end < 0 || (*text_end >= 0x20 && *text_end != 0x7f)))
            ++text_end;
        CHECK_EQ(find_control<B>(begin, end) - begin, text_end - begin);
    }
}

}  // namespace

TEST_CASE("portable blocks answer rightly about every byte at every place") {
    check_every_byte<PortableBlock>();
    check_matches<PortableBlock>();
}

TEST_CASE("the blocks of this machine answer rightly about every byte at every place") {
    check_every_byte<Block>();
    check_matches<Block>();
}

TEST_CASE("scans find the first byte that ends them, over either kind of block") {
    check_finds<PortableBlock>();
    check_finds<Block>();
}
