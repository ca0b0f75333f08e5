// Forests that split by category, and leaves that are vectors: in every form of the trees.
#include "check_forest.hpp"

#include <cstddef>
#include <limits>

namespace {

constexpr std::size_t lanes = kaon::arithmetic<kaon::native, float, 100>::lanes;

template <class Target, class Scalar, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth,
          std::size_t Outputs, class... Options>
void check_options() {
    using layer = kaon::forest<Trees, Nodes, Depth, Outputs, Options...>;
    CAPTURE(Features);
    CAPTURE(Depth);
    check_on<Target, kaon::network<kaon::input<Scalar, Features>, layer>, Depth, layer::or_equal, layer::missing>(Features +
                                                                                                                  Trees);
}

using categories = kaon::splits_by_category<5, 6>;

}  // namespace

TEST_CASE("splits by category") {
    check_options<kaon::native, float, 7, 20, 220, 4, 1, categories>();
    check_options<kaon::native, float, lanes - 2, 20, 220, 4, 2, categories, kaon::less_or_equal,
                  kaon::missing_by_direction>();
    check_options<kaon::native, float, 7, 20, 400, 9, 1, kaon::less_or_equal, categories>();
    check_options<kaon::native, double, 7, 20, 400, 9, 3, categories, kaon::missing_by_direction>();
    check_options<kaon::hls, float, 3, 4, 28, 3, 1, categories, kaon::missing_by_direction>();
    check_options<kaon::cpu<kaon::scalar_isa>, float, 3, 4, 28, 3, 1, categories, kaon::less_or_equal>();
}

TEST_CASE("leaves that are vectors") {
    check_options<kaon::native, float, 7, 21, 221, 4, 3, kaon::vector_leaves>();
    check_options<kaon::native, float, 7, 1, 13, 4, lanes + 1, kaon::vector_leaves, kaon::less_or_equal>();
    check_options<kaon::native, float, 7, 20, 400, 9, 5, kaon::vector_leaves, kaon::missing_by_direction, categories>();
    check_options<kaon::native, double, 4, 10, 70, 3, 2, kaon::vector_leaves, categories, kaon::less_or_equal>();
    check_options<kaon::hls, float, 3, 4, 28, 3, 2, kaon::vector_leaves>();
}

TEST_CASE("categories that are none") {
    using layer = kaon::forest<1, 3, 1, 1, kaon::splits_by_category<1, 2>>;
    using net = kaon::network<kaon::input<float, 2>, layer>;
    net::parameters p = {{{{0}, {-2, -1, -1}, {2, 0, 0}, {1}, {0}, {1, 1}, {0, 1, 2}, {4}}}};  // x1 of {0}: 5, else 6
    const kaon::model<net> model(p);
    const auto score = [&](float x) { return model({{0, x}})[0]; };
    CHECK(score(0) == 5);
    CHECK(score(-0.0f) == 5);
    CHECK(score(0.99f) == 5);
    for (const float x : {1.0f, -0.5f, 32.0f, 33.0f, 4e9f, -1e30f, std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        CHECK(score(x) == 6);
    }
    using bound = layer::bind<kaon::tensor<float, kaon::shape<2>>>;
    const auto fault = [&](auto change) {
        net::parameters changed = p;
        change(kaon::get<0>(changed));
        (void)kaon::model<net>(changed)({{0, 31}});  // whatever it gives, it reads nothing that is not its own
        return bound::fault(kaon::get<0>(changed)) != nullptr;
    };
    CHECK(!fault([](auto&) {}));
    CHECK(fault([](auto& f) { f.test_features[0] = 2; }));
    CHECK(fault([](auto& f) { f.test_features[0] = -1; }));
    CHECK(fault([](auto& f) { f.test_sets[0] = 2; }));
    CHECK(fault([](auto& f) { f.test_sets[0] = -1; }));
    CHECK(fault([](auto& f) { f.sets[0] = 2; }));
    CHECK(fault([](auto& f) { f.sets[0] = -1; }));
    CHECK(fault([](auto& f) { f.features[0] = -3; }));
}

TEST_CASE("a set of no category") {
    using layer = kaon::forest<1, 3, 1, 1, kaon::less_or_equal, kaon::splits_by_category<1, 3>>;
    using net = kaon::network<kaon::input<float, 2>, layer>;
    // The test asks the empty set before another one, whose size is 1.
    const kaon::model<net> model({{{{0}, {-2, -1, -1}, {2, 0, 0}, {1}, {0}, {0, 1, 1}, {0, 1, 2}, {4}}}});
    for (const float x : {-0.5f, 0.0f, -0.0f, 0.5f, 1.0f, 31.0f, -1.0f}) CHECK(model({{0, x}})[0] == 6);
}
