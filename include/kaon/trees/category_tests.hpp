// category_tests.hpp: questions whether a feature is in a set of categories.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kaon::detail {

/// As they are asked. After the words one that is never of a set.
template <class Number, std::size_t Tests, std::size_t Words>
struct category_constants {
    struct test {
        std::int32_t feature;
        /// Where its words begin, and the first category beyond them.
        /// @{
        std::int32_t first_word;
        Number end;
        /// @}
    };
    test tests[Tests];
    std::uint32_t words[Words + 1];
};
template <class Number, std::size_t Words>
struct category_constants<Number, 0, Words> {};

/// Whether every test reads a feature that there is and a set that lies in the words.
template <std::size_t Features, std::size_t Tests, std::size_t Words, class Parameters>
constexpr bool are_tests(const Parameters& p, std::size_t test) {
    const std::int64_t begin = p.test_sets[test];
    if (p.test_features[test] < 0 || p.test_features[test] >= std::int64_t(Features) || begin < 0 ||
        begin >= std::int64_t(Words)) {
        return false;
    }
    return p.sets[begin] >= 0 && begin + 1 + p.sets[begin] <= std::int64_t(Words);
}

/// Of a test that is none the set is empty.
template <class Number, std::size_t Features, std::size_t Tests, std::size_t Words, class Parameters>
constexpr category_constants<Number, Tests, Words> category_constants_of([[maybe_unused]] const Parameters& p) {
    category_constants<Number, Tests, Words> c{};
    if constexpr (Tests > 0) {
        // The largest category that a float tells apart from its neighbours has 24 bits.
        constexpr std::int32_t most = 1 << 19;
        for (std::size_t t = 0; t < Tests; ++t) {
            if (!are_tests<Features, Tests, Words>(p, t)) continue;
            const std::int32_t count = p.sets[p.test_sets[t]];
            c.tests[t] = {p.test_features[t], p.test_sets[t] + 1, Number(32 * (count < most ? count : most))};
        }
        for (std::size_t w = 0; w < Words; ++w) c.words[w] = static_cast<std::uint32_t>(p.sets[w]);
    }
    return c;
}

/// Whether x, truncated, is in a test's set. From -1 on where nodes split by `<=`, as LightGBM casts; from 0 where by `<`, as XGBoost.
template <bool OrEqual, class Constants, class Number>
[[gnu::always_inline]] constexpr bool in_set(const Constants& c, std::size_t test, Number x) noexcept {
    const auto& t = c.tests[test];
    if (!((OrEqual ? x > Number(-1) : x >= Number(0)) && x < t.end)) return false;
    const auto category = static_cast<std::uint32_t>(static_cast<std::int32_t>(x));
    return (c.words[static_cast<std::uint32_t>(t.first_word) + category / 32] >> (category % 32) & 1) != 0;
}

}  // namespace kaon::detail
