// check_forest.hpp: a forest against its definition: every leaf, one event and batches.
#pragma once

#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random_forest.hpp"

#include <cmath>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

template <class P, class = void>
inline constexpr std::size_t tests_of = 0;
template <class P>
inline constexpr std::size_t tests_of<P, std::void_t<decltype(P::test_sets)>> = sizeof(P::test_sets) / sizeof(std::int32_t);

/// Leaves are multiples of 1/512 and few enough that sums are exact: a wrong leaf shows, whatever the order.
template <class Target, class Net, std::size_t Depth, bool OrEqual, bool Missing>
void check_on(unsigned seed) {
    constexpr std::size_t rows = 37, in = Net::input::size, out = Net::output::size;
    using scalar = typename Net::input::scalar;
    auto p = std::make_unique<typename Net::parameters>();
    auto& trees = kaon::get<0>(*p);
    constexpr std::size_t tests = tests_of<std::decay_t<decltype(trees)>>;
    random_forest<Depth>(seed, in, trees, tests);
    if constexpr (tests > 0) random_tests(seed, in, trees);
    REQUIRE(Net::bound::leaves::size == 1);
    REQUIRE(kaon::detail::first_bad_tree<Depth, in, tests>(trees) == sizeof trees.roots / 4);
    const auto model = std::make_unique<kaon::model<Net, Target>>(*p);
    std::vector<scalar> x(rows * in), y(rows * out), columns(in * rows), z(out * rows);
    random_features(seed + 1, x, Missing, tests > 0);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < in; ++i) columns[i * rows + row] = x[row * in + i];
    }
    (*model)({x.data(), rows, in}, {y.data(), rows, out});
    (*model)({columns.data(), rows, 1, rows}, {z.data(), rows, 1, rows});
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        typename Net::input event;
        for (auto& v : event.values) v = scalar(std::nan(""));  // what lies beyond the last value is never read as one
        for (std::size_t i = 0; i < in; ++i) event[i] = x[row * in + i];
        const auto single = (*model)(event);
        for (std::size_t o = 0; o < out; ++o) {
            double scale = 0;
            const double expected = forest_sum<OrEqual>(trees, x.data() + row * in, o, scale);
            for (const scalar got : {single[o], y[row * out + o], z[o * rows + row]}) wrong += double(got) != expected;
        }
    }
    CHECK(wrong == 0);
}
