// Forests in fixed point: every bit of the definition on values, traversed, as wires of an HLS compiler, and as a record.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/rtl/evaluate.hpp>
#include <kaon/rtl/trace.hpp>

#include "fixed_forest.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace {

using kaon::fixed, kaon::ufixed;

/// Hls: on an HLS compiler's target too; recorded wherever that can be.
template <bool Hls, class Input, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth,
          std::size_t Outputs, class... Options>
void check() {
    using layer = kaon::forest<Trees, Nodes, Depth, Outputs, Options...>;
    using net = kaon::network<kaon::input<Input, Features>, layer>;
    using types = typename layer::template bind<kaon::tensor<Input, kaon::shape<Features>>>::types;
    constexpr int rows = 101;
    CAPTURE(Depth);
    auto p = std::make_unique<typename net::parameters>();
    auto& trees = kaon::get<0>(*p);
    random_numbers<Depth>(Trees + Features, Features, trees);
    const auto model = std::make_unique<kaon::model<net>>(*p);
    raw_values random(7);
    std::vector<Input> x(rows * Features);
    std::vector<typename types::result> y(rows * Outputs);
    random.fill(x.data(), x.size());
    // On thresholds and beside them.
    for (std::size_t i = 0; i + 1 < x.size() && i + 1 < Nodes; i += 2) x[i] = Input(trees.values[i]);
    (*model)({x.data(), rows, Features}, {y.data(), rows, Outputs});
    kaon::rtl::record record;
    constexpr bool shallow = Depth <= kaon::detail::complete_levels;
    if constexpr (shallow) record = kaon::rtl::trace<net>(*p);
    using wired = std::conditional_t<Hls, kaon::hls, kaon::native>;
    const auto wires = std::make_unique<kaon::model<net, wired>>(*p);
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        typename net::input event{};
        std::vector<std::int64_t> raw;
        for (std::size_t i = 0; i < Features; ++i) raw.push_back((event[i] = x[row * Features + i]).raw());
        const auto single = (*model)(event);
        const auto in_hardware = (*wires)(event);
        std::vector<std::int64_t> recorded;
        if constexpr (shallow) recorded = kaon::rtl::evaluate(record, raw);
        for (std::size_t o = 0; o < Outputs; ++o) {
            const auto sum = raw_sum<typename types::leaf, layer::or_equal>(trees, event.values, o);
            const auto expected = typename types::result(types::sum::from_raw(sum));
            wrong += single[o].raw() != expected.raw();
            wrong += y[row * Outputs + o].raw() != expected.raw();
            wrong += in_hardware[o].raw() != expected.raw();
            if constexpr (shallow) wrong += recorded[o] != expected.raw();
        }
    }
    CHECK(wrong == 0);
}

using input = fixed<8, 4>;

}  // namespace

TEST_CASE("thresholds finer, coarser, wider and narrower than inputs") {
    check<true, input, 5, 3, 21, 3, 1, kaon::weights<fixed<12, 4>>, kaon::less_or_equal>();
    check<false, input, 5, 10, 70, 3, 1, kaon::weights<fixed<12, 6>>, kaon::bias<fixed<10, 2>>>();
    check<false, fixed<40, 20>, 5, 10, 70, 3, 1, kaon::weights<ufixed<33, 20>>, kaon::bias<ufixed<30, 10>>,
          kaon::less_or_equal>();
}

TEST_CASE("sums that wrap, leaves that are rounded to them, rounded results, no level, levels that are traversed") {
    using leaf = kaon::bias<fixed<12, 4>>;
    check<false, ufixed<7, 2>, 5, 11, 77, 3, 2, leaf, kaon::weights<fixed<9, 4>>,
          kaon::accumulator<fixed<7, 3, kaon::round>>, kaon::result<fixed<6, 3, kaon::round, kaon::saturate>>>();
    check<false, input, 5, 7, 7, 0, 1, leaf>();
    check<false, input, 5, 9, 301, 9, 2, leaf, kaon::weights<fixed<9, 2>>, kaon::less_or_equal>();
}

TEST_CASE("vectors") {
    check<true, input, 5, 3, 21, 3, 2, kaon::vector_leaves, kaon::bias<fixed<9, 2>>>();
    check<false, input, 5, 9, 301, 20, 3, kaon::vector_leaves, kaon::accumulator<fixed<7, 2>>, kaon::missing_by_direction>();
}

TEST_CASE("quantize gives a forest its scalars") {
    struct bdt {};
    using F = fixed<10, 4>;
    using net = kaon::network<kaon::input<float, 5>, kaon::forest<10, 70, 3, 1, kaon::less_or_equal, bdt>>;
    using given = kaon::by_default<kaon::weights<F>, kaon::bias<F>, kaon::accumulator<F>, kaon::result<F>>;
    using quantized = kaon::quantize<net, kaon::precisions<kaon::of_input<input>, given>>;
    static_assert(
        std::is_same_v<quantized, kaon::network<kaon::input<input, 5>,
                                                kaon::forest<10, 70, 3, 1, kaon::less_or_equal, bdt, kaon::weights<F>,
                                                             kaon::bias<F>, kaon::accumulator<F>, kaon::result<F>>>>);
}

TEST_CASE("equal comparisons are one, and a tree that says nothing leaves no selection") {
    using piece = fixed<6, 3>;
    using net = kaon::network<kaon::input<piece, 2>, kaon::forest<2, 6, 1, 1>>;
    const auto nodes = [](piece left, piece right, kaon::rtl::operation kind) {
        net::parameters p{};
        kaon::get<0>(p) = {
            {0, 3}, {1, -1, -1, 1, -1, -1}, {2, 0, 0, 5, 0, 0}, {1, 0, 0, 1, 0, 0}, {{{left}, {right}, {left}, {right}}},
            {0}};
        return kaon::rtl::trace<net>(p).count(kind);
    };
    using kaon::rtl::operation;
    CHECK(nodes(1, 2, operation::less) == 1);
    CHECK(nodes(1, 2, operation::select) == nodes(1, 1, operation::select) + 1);
}
