// category_tests.hpp: questions whether a feature is in a set of categories.
#pragma once

#include "forest_sizes.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kaon::detail {

template <class Number>
struct category_test {
    std::int32_t feature;
    /// Where its words begin, and the first category beyond them.
    /// @{
    std::int32_t first_word;
    Number end;
    /// @}
};

/// As they are asked. After the words one that is never of a set.
template <class Number, std::size_t Tests, std::size_t Words, class Arrays = sized_arrays>
struct category_constants {
    typename Arrays::template array<category_test<Number>, Tests> tests;
    typename Arrays::template array<std::uint32_t, Words + 1> words;
};
template <class Number, std::size_t Words>
struct category_constants<Number, 0, Words, sized_arrays> {};

/// Whether every test reads a feature that there is and a set that lies in the words.
template <class Parameters>
constexpr bool are_tests(const Parameters& p, std::size_t test, std::size_t features, std::size_t words) {
    const std::int64_t begin = p.test_sets[test];
    if (p.test_features[test] < 0 || p.test_features[test] >= std::int64_t(features) || begin < 0 ||
        begin >= std::int64_t(words)) {
        return false;
    }
    const std::int64_t count = p.sets[std::size_t(begin)];
    return count >= 0 && begin + 1 + count <= std::int64_t(words);
}

/// Of a test that is none the set is empty.
template <class Constants, class Parameters>
constexpr void keep_tests(Constants& c, const Parameters& p, std::size_t features, std::size_t tests, std::size_t words) {
    // The largest category that a float tells apart from its neighbours has 24 bits.
    constexpr std::int32_t most = 1 << 19;
    set_size(c.tests, tests);
    set_size(c.words, words + 1);
    for (std::size_t t = 0; t < tests; ++t) {
        // Of no category: also where -0.5 is category 0.
        auto& end = c.tests[t].end;
        end = static_cast<std::decay_t<decltype(end)>>(-1);
        if (!are_tests(p, t, features, words)) continue;
        const std::int32_t begin = p.test_sets[t], count = p.sets[std::size_t(begin)];
        c.tests[t].feature = p.test_features[t];
        c.tests[t].first_word = begin + 1;
        if (count > 0) end = static_cast<std::decay_t<decltype(end)>>(32 * (count < most ? count : most));
    }
    for (std::size_t w = 0; w < words; ++w) c.words[w] = static_cast<std::uint32_t>(p.sets[w]);
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
