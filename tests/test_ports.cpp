// The ports of top functions: raw values in and out, as single ports, arrays, words and streams of words.

#include <kaon/hls.hpp>
#include <kaon/hls/ports.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

namespace {

using narrow = kaon::tensor<kaon::fixed<5, 2>, kaon::shape<3>>;
using unsigned_wide = kaon::tensor<kaon::ufixed<9, 4>, kaon::shape<2>>;
using widest = kaon::tensor<kaon::fixed<64, 9>, kaon::shape<1>>;
using numbers = kaon::tensor<std::int32_t, kaon::shape<2>>;

/// A queue, as far as a stage needs one.
struct queue {
    std::vector<std::uint32_t> words;
    std::uint32_t read() {
        const std::uint32_t first = words.front();
        words.erase(words.begin());
        return first;
    }
    void write(std::uint32_t word) { words.push_back(word); }
};

}  // namespace

TEST_CASE("single ports") {
    const auto x = kaon::ports::read<narrow>(std::int8_t{-16}, std::int8_t{15}, std::int8_t{-1});
    CHECK(static_cast<double>(x[0]) == -2.0);
    CHECK(static_cast<double>(x[2]) == -0.125);
    std::int8_t y[3] = {};
    kaon::ports::write(x, y[0], y[1], y[2]);
    CHECK(y[0] == -16);
    CHECK(y[1] == 15);
    CHECK(y[2] == -1);
    // What lies above a port's width is not read: hardware has no wire for it.
    CHECK(kaon::ports::read<narrow>(std::int8_t{33}, std::int8_t{0}, std::int8_t{0})[0].raw() == 1);
}

TEST_CASE("arrays, of integers too") {
    const std::int32_t from[2] = {-7, 1 << 30};
    const auto x = kaon::ports::read_array<numbers>(from);
    std::int32_t to[2] = {};
    kaon::ports::write_array(x, to);
    CHECK(to[0] == -7);
    CHECK(to[1] == 1 << 30);
}

TEST_CASE("words: number i from bit i * width on, signs extended") {
    static_assert(kaon::ports::bits_of<narrow> == 15);
    static_assert(kaon::ports::bits_of<numbers> == 64);
    const auto x = kaon::ports::read<narrow>(std::int8_t{-16}, std::int8_t{15}, std::int8_t{-1});
    const auto z = kaon::ports::read<unsigned_wide>(std::uint16_t{511}, std::uint16_t{1});
    std::uint64_t word = 0;
    kaon::ports::write_word(x, word);
    CHECK(word == 32240);
    kaon::ports::write_word<15>(z, word);
    CHECK((word >> 15) == 1023);
    for (std::uint64_t above : {std::uint64_t{0}, ~std::uint64_t{0} << 33}) {
        const auto back = kaon::ports::read_word<narrow>(word | above);
        const auto behind = kaon::ports::read_word<unsigned_wide, 15>(word | above);
        for (std::size_t i = 0; i < 3; ++i) CHECK(back[i].raw() == x[i].raw());
        for (std::size_t i = 0; i < 2; ++i) CHECK(behind[i].raw() == z[i].raw());
    }
    std::uint64_t whole = 0;
    kaon::ports::write_word(kaon::ports::read<widest>(std::int64_t{-5}), whole);
    CHECK(whole == ~std::uint64_t{0} - 4);
    CHECK(kaon::ports::read_word<widest>(whole)[0].raw() == -5);
}

TEST_CASE("a stage of a stream; two of them are the whole network") {
    using first = kaon::network<kaon::input<kaon::fixed<5, 2>, 3>, kaon::basic_relu<kaon::result<kaon::ufixed<4, 1>>>>;
    using second = kaon::network<kaon::input<kaon::ufixed<4, 1>, 3>, kaon::basic_relu<kaon::result<kaon::fixed<8, 3>>>>;
    const kaon::model<first, kaon::hls> one{first::parameters{}};
    const kaon::model<second, kaon::hls> two{second::parameters{}};
    queue in{{16u | 15u << 5 | 31u << 10, 1u | 2u << 5 | 3u << 10}}, between, out;
    for (int event = 0; event < 2; ++event) {
        kaon::ports::stage<std::uint32_t>(one, in, between);
        kaon::ports::stage<std::uint32_t>(two, between, out);
    }
    CHECK(between.words.empty());
    CHECK(out.words == std::vector<std::uint32_t>{0u | 60u << 8 | 0u << 16, 4u | 8u << 8 | 12u << 16});
}
