// The layer contract carries more than vectors: a rank-4 layer, a layer with a state, and one over an up_to<N> axis.
// The layers are minimal, and written here as a user would write one of their own.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>

#include "random.hpp"

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace users {

using kaon::maximum, kaon::multiply_add, kaon::select;

/// [x, y, z, channels] -> [channels]: the sum over a volume.
struct volume_sum {
    using tag = void;
    static constexpr char kind[] = "volume_sum";
    static constexpr bool pointwise = false;

    template <class Input>
    using verdict = std::conditional_t<Input::extents::rank == 4, kaon::accepted,
                                       kaon::refused<kaon::expects_rank<4>, kaon::got<typename Input::extents>>>;
    template <class Input>
    struct bind {
        static constexpr std::size_t channels = Input::extents::template extent<3>;
        static constexpr std::size_t voxels = Input::size / channels;
        using scalar = typename Input::scalar;
        using output = kaon::tensor<scalar, kaon::shape<channels>>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        static void forward(const Source& x, const Sink& sink) noexcept {
            using A = kaon::arithmetic<Target, scalar, channels>;
            kaon::repeat<Target, Source::rows>([&](std::size_t r) {
                kaon::repeat<Target, (channels + A::lanes - 1) / A::lanes>([&](std::size_t p) {
                    const std::size_t first = p * A::lanes;
                    auto sum = A::load_first(x.pointer(r, first), channels - first);
                    kaon::repeat<Target, voxels - 1>([&](std::size_t v) {
                        sum = sum + A::load_first(x.pointer(r, (v + 1) * channels + first), channels - first);
                    });
                    sink(r, first, sum);
                });
            });
        }
    };
};

/// y = 0.5 state + x; the state becomes y.
struct leaky_integrator {
    using tag = void;
    static constexpr char kind[] = "leaky_integrator";
    static constexpr bool pointwise = false;

    template <class Input>
    using verdict = kaon::accepted;
    template <class Input>
    struct bind {
        using scalar = typename Input::scalar;
        using output = Input;
        using parameters = void;
        using state = kaon::tensor<scalar, typename Input::extents>;
        static constexpr std::size_t multiplications = Input::size;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class State, class Source, class Sink>
        static void forward(const State& states, const Source& x, const Sink& sink) noexcept {
            using A = kaon::arithmetic<Target, scalar, Input::size>;
            using value = typename A::value;
            kaon::repeat<Target, Source::rows>([&](std::size_t r) {
                kaon::repeat<Target, (Input::size + A::lanes - 1) / A::lanes>([&](std::size_t p) {
                    const std::size_t first = p * A::lanes;
                    scalar* memory = states(r).values + first;
                    const value y = multiply_add(value(scalar(0.5f)), A::load(memory),
                                                 A::load_first(x.pointer(r, first), Input::size - first));
                    kaon::store(memory, y);
                    sink(r, first, y);
                });
            });
        }
    };
};

/// [up_to<N>, features] -> [features]: the largest value over the nodes that there are, 0 without any.
struct largest_over_nodes {
    using tag = void;
    static constexpr char kind[] = "largest_over_nodes";
    static constexpr bool pointwise = false;

    template <class Input>
    using verdict = std::conditional_t<Input::counted, kaon::accepted,
                                       kaon::refused<kaon::expects_rank<2>, kaon::got<typename Input::extents>>>;
    template <class Input>
    struct bind {
        static constexpr std::size_t nodes = Input::extents::template extent<0>;
        static constexpr std::size_t features = Input::size / nodes;
        using scalar = typename Input::scalar;
        using output = kaon::tensor<scalar, kaon::shape<features>>;
        using parameters = void;
        static constexpr std::size_t multiplications = 0;
        static constexpr std::size_t parameter_count = 0;

        template <class Target, class Source, class Sink>
        static void forward(const Source& x, const Sink& sink) noexcept {
            using A = kaon::arithmetic<Target, scalar, features>;
            using value = typename A::value;
            kaon::repeat<Target, Source::rows>([&](std::size_t r) {
                kaon::repeat<Target, (features + A::lanes - 1) / A::lanes>([&](std::size_t p) {
                    const std::size_t first = p * A::lanes;
                    value largest = value(scalar(0));
                    kaon::repeat<Target, nodes>([&](std::size_t n) {
                        const value v = A::load_first(x.pointer(r, n * features + first), features - first);
                        const bool better_if_there = n == 0;
                        largest = select(n < x.count(r), better_if_there ? v : maximum(largest, v), largest);
                    });
                    sink(r, first, largest);
                });
            });
        }
    };
};

}  // namespace users

namespace {

using users::largest_over_nodes, users::leaky_integrator, users::volume_sum;

template <class Slot>
float dense(const Slot& p, const float* x, std::size_t inputs, std::size_t o) {
    double y = double(p.bias[o]);
    for (std::size_t i = 0; i < inputs; ++i) y += double(x[i]) * double(p.weights[i][o]);
    return static_cast<float>(y);
}

}  // namespace

TEST_CASE("a rank-4 layer, on registers and scalars") {
    using net = kaon::network<kaon::input<float, 3, 4, 2, 5>, volume_sum, kaon::dense<3>>;
    static_assert(net::output::size == 3);
    net::parameters p;
    numbers(1).fill(reinterpret_cast<float*>(&p), sizeof p / sizeof(float));
    net::input x;
    numbers(2).fill(x.data(), x.size);
    float sums[5] = {};
    for (std::size_t i = 0; i < x.size; ++i) sums[i % 5] += x[i];
    const auto y = kaon::model<net>(p)(x);
    const auto z = kaon::model<net, kaon::cpu<kaon::scalar_isa>>(p)(x);
    for (std::size_t o = 0; o < 3; ++o) {
        CHECK(y[o] == doctest::Approx(dense(kaon::get<0>(p), sums, 5, o)).epsilon(1e-5));
        CHECK(z[o] == doctest::Approx(y[o]).epsilon(1e-5));
    }
}

TEST_CASE("a layer with a state, which is an argument") {
    using net = kaon::network<kaon::input<float, 7>, kaon::dense<19>, leaky_integrator, kaon::relu, leaky_integrator>;
    static_assert(net::has_state);
    net::parameters p;
    numbers(3).fill(reinterpret_cast<float*>(&p), sizeof p / sizeof(float));
    const kaon::model<net> model(p);

    constexpr std::size_t steps = 5, sequences = 11;
    std::vector<net::state> states(sequences);  // one for each row of a batch; all zero
    net::state alone{};
    float first[19] = {}, second[19] = {};
    std::vector<float> x(sequences * 7), y(sequences * 19);
    for (std::size_t t = 0; t < steps; ++t) {
        numbers(static_cast<unsigned>(40 + t)).fill(x.data(), x.size());
        model(kaon::batch_view<const float>{x.data(), sequences, 7}, kaon::batch_view<float>{y.data(), sequences, 19},
              states.data());
        net::input event{};
        for (std::size_t i = 0; i < 7; ++i) event[i] = x[4 * 7 + i];
        const auto single = model(event, alone);
        for (std::size_t o = 0; o < 19; ++o) {
            first[o] = 0.5f * first[o] + dense(kaon::get<0>(p), event.values, 7, o);
            second[o] = 0.5f * second[o] + (first[o] > 0 ? first[o] : 0);
            CHECK(single[o] == doctest::Approx(second[o]).epsilon(1e-5));
            CHECK(y[4 * 19 + o] == single[o]);
        }
    }
}

TEST_CASE("an up_to<N> axis: what lies beyond the count is masked, through pointwise layers too") {
    using net = kaon::network<kaon::input<float, kaon::up_to<6>, 3>, kaon::relu, largest_over_nodes>;
    static_assert(net::input::counted && net::input::size == 18);
    const kaon::model<net> model(net::parameters{});
    const kaon::model<net, kaon::cpu<kaon::scalar_isa>> one_by_one(net::parameters{});
    std::vector<float> values(7 * 18), out(7 * 3);
    std::vector<std::size_t> counts;
    numbers(9).fill(values.data(), values.size());
    for (std::size_t count = 0; count <= 6; ++count) {
        counts.push_back(count);
        for (std::size_t i = 3 * count; i < 18; ++i) values[count * 18 + i] = std::numeric_limits<float>::infinity();
    }
    model(kaon::batch_view<const float>{values.data(), 7, 18, 1, counts.data()}, kaon::batch_view<float>{out.data(), 7, 3});
    for (std::size_t count = 0; count <= 6; ++count) {
        net::input x{};
        for (std::size_t i = 0; i < 18; ++i) x[i] = values[count * 18 + i];
        x.count = count;
        const auto y = model(x);
        for (std::size_t f = 0; f < 3; ++f) {
            float expected = 0;
            for (std::size_t n = 0; n < count; ++n) expected = std::fmax(expected, x[3 * n + f]);
            CHECK(y[f] == expected);
            CHECK(one_by_one(x)[f] == expected);
            CHECK(out[count * 3 + f] == expected);
        }
    }
}
