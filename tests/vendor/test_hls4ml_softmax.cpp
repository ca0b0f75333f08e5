// Softmax in fixed point has the bits of hls4ml's firmware in ap_fixed, in each of its variants. Its tables are filled by a float's
// libm: with its entries there is no other bit, and the entries that are not the exact ones are listed.
#include <doctest/doctest.h>

#include "../raw_values.hpp"
#include "hls4ml.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using kaon::fixed;
using kaon::ufixed;

namespace {

using standard = fixed<18, 8, kaon::round, kaon::saturate>;

/// What a configuration of hls4ml says, and the same as options of a layer. Each has tables of its own.
template <class X, nnet::softmax_implementation Implementation, std::size_t N, class R>
struct defaults {
    using x = X;
    using r = R;
    using exp_type = standard;
    using inv_type = standard;
    using sum = standard;
    using inv_input = standard;
    using norm = kaon::detail::default_norm_input<X>;
    static constexpr std::size_t n = N, exp_size = 1024, inv_size = 1024;
    static constexpr nnet::softmax_implementation implementation = Implementation;
};

template <class Types>
struct config {
    static const unsigned n_in = Types::n, n_slice = Types::n;
    static const unsigned exp_table_size = Types::exp_size, inv_table_size = Types::inv_size;
    static const unsigned io_type = nnet::io_parallel;
    static const nnet::softmax_implementation implementation = Types::implementation;
    static constexpr float exp_scale = 1;
    typedef ap<typename Types::exp_type> exp_table_t;
    typedef ap<typename Types::exp_type> table_t;  // of legacy, for both of its tables
    typedef ap<typename Types::inv_type> inv_table_t;
    typedef ap<typename Types::sum> accum_t;
    typedef ap<typename Types::inv_input> inv_inp_t;
    typedef ap<typename Types::norm> inp_norm_t;
};

constexpr kaon::softmax_variant variant_of(nnet::softmax_implementation i) {
    return i == nnet::softmax_implementation::latency  ? kaon::softmax_variant::latency
           : i == nnet::softmax_implementation::legacy ? kaon::softmax_variant::legacy
           : i == nnet::softmax_implementation::argmax ? kaon::softmax_variant::argmax
                                                       : kaon::softmax_variant::stable;
}

template <class Types>
struct entries_of {
    static inline std::int64_t exponentials[Types::exp_size];
    static inline std::int64_t inverses[Types::inv_size];

    static void fill() {
        using c = config<Types>;
        static ap<typename Types::exp_type> exps[Types::exp_size];
        static ap<typename Types::inv_type> invs[Types::inv_size];
        if constexpr (Types::implementation == nnet::softmax_implementation::legacy) {
            nnet::init_exp_table_legacy<c, Types::exp_size>(exps);
            nnet::init_invert_table_legacy<c, Types::inv_size>(invs);
        } else if constexpr (Types::implementation == nnet::softmax_implementation::latency) {
            nnet::init_exp_table<ap<typename Types::x>, c>(exps);
            nnet::init_invert_table<typename c::inv_inp_t, c>(invs);
        } else {
            nnet::init_exp_table<typename c::inp_norm_t, c>(exps, true);
            nnet::init_invert_table<typename c::inv_inp_t, c>(invs);
        }
        raws_of(exps, exponentials);
        raws_of(invs, inverses);
    }
};

template <class Types, class... More>
using layer = kaon::basic_softmax<kaon::softmax_as<variant_of(Types::implementation)>,
                                  kaon::exp_table<typename Types::exp_type, Types::exp_size>,
                                  kaon::inv_table<typename Types::inv_type, Types::inv_size>,
                                  kaon::accumulator<typename Types::sum>, kaon::inv_input<typename Types::inv_input>,
                                  kaon::norm_input<typename Types::norm>, kaon::result<typename Types::r>, More...>;

template <class Types>
using with_entries = layer<Types, kaon::exp_table_values<entries_of<Types>::exponentials>,
                           kaon::inv_table_values<entries_of<Types>::inverses>>;

struct outcome {
    int different;
    int distinct;
};

/// Outputs that differ over events that next() gives, one by one and as a batch.
template <class Types, class Layer, class Next>
outcome compare(std::size_t events, const Next& next) {
    using x = typename Types::x;
    using r = typename Types::r;
    constexpr std::size_t n = Types::n;
    using net = kaon::network<kaon::input<x, n>, Layer>;
    static_assert(std::is_same_v<typename net::output::scalar, r>);
    static typename net::parameters p;
    const kaon::model<net> model(p);
    std::vector<x> in(events * n);
    for (std::size_t e = 0; e < events; ++e) {
        for (std::size_t i = 0; i < n; ++i) in[e * n + i] = next(e, i);
    }
    std::vector<r> batch(events * n);
    model(kaon::batch_view<const x>{in.data(), events, n}, kaon::batch_view<r>{batch.data(), events, n});
    outcome result{0, 0};
    std::int64_t former = 0;
    for (std::size_t e = 0; e < events; ++e) {
        typename net::input event;
        ap<x> data[n];
        ap<r> expected[n];
        for (std::size_t i = 0; i < n; ++i) {
            event[i] = in[e * n + i];
            data[i] = to_ap(event[i]);
        }
        nnet::softmax<ap<x>, ap<r>, config<Types>>(data, expected);
        const auto y = model(event);
        for (std::size_t i = 0; i < n; ++i) {
            result.different += y[i].raw() != raw_of(expected[i]) || batch[e * n + i] != y[i];
            result.distinct += y[i].raw() != former;
            former = y[i].raw();
        }
    }
    return result;
}

/// Events at random, their values near each other and far apart.
template <class Types, class Layer>
outcome compare_random() {
    raw_values random(Types::n);
    return compare<Types, Layer>(4000, [&](std::size_t e, std::size_t) {
        using x = typename Types::x;
        const x value = random.next<x>();
        return e % 2 == 0 ? value : x(value >> 2);
    });
}

/// Every pair of values.
template <class Types, class Layer>
outcome compare_all_pairs() {
    static_assert(Types::n == 2);
    using x = typename Types::x;
    return compare<Types, Layer>(std::size_t{1} << (2 * x::width), [](std::size_t e, std::size_t i) {
        return x::from_raw(static_cast<std::int64_t>(i == 0 ? e : e >> x::width));
    });
}

constexpr auto latency = nnet::softmax_implementation::latency;
constexpr auto stable = nnet::softmax_implementation::stable;
constexpr auto legacy = nnet::softmax_implementation::legacy;
constexpr auto argmax = nnet::softmax_implementation::argmax;

using scores = fixed<16, 6>;
using result = fixed<16, 6>;
struct jets_stable : defaults<scores, stable, 5, result> {};
struct jets_latency : defaults<scores, latency, 5, result> {};
struct jets_argmax : defaults<scores, argmax, 5, result> {};
struct jets_legacy : defaults<scores, legacy, 5, result> {
    using exp_type = fixed<18, 8>;
    using inv_type = fixed<18, 8>;
};
/// Small and odd: entries that wrap, a sum that wraps, indices of a few bits, more values than a tree's power of two.
struct wrapping_stable : defaults<ufixed<7, 3>, stable, 7, ufixed<8, 0>> {
    using exp_type = fixed<8, 1>;
    using sum = fixed<10, 2>;
    using inv_input = fixed<9, 3, kaon::round_conv, kaon::wrap>;
    using inv_type = ufixed<10, 3, kaon::truncate, kaon::saturate>;
    static constexpr std::size_t exp_size = 32, inv_size = 64;
};
/// A saturating sum of entries of which some are negative: the order of the tree shows.
struct saturating_sum : defaults<fixed<9, 4>, latency, 11, fixed<14, 4, kaon::round, kaon::saturate>> {
    using exp_type = fixed<8, 2>;
    using sum = fixed<9, 3, kaon::truncate, kaon::saturate>;
    static constexpr std::size_t exp_size = 256, inv_size = 512;
};
struct signed_norm : defaults<fixed<10, 5>, stable, 3, ufixed<12, 1, kaon::round, kaon::saturate>> {
    using norm = fixed<9, 5, kaon::round, kaon::saturate>;
    static constexpr std::size_t exp_size = 512;
};
struct many_legacy : defaults<fixed<12, 5>, legacy, 16, ufixed<10, 0, kaon::round, kaon::saturate>> {
    using exp_type = fixed<16, 7, kaon::truncate, kaon::saturate>;
    using inv_type = fixed<16, 7, kaon::truncate, kaon::saturate>;
    static constexpr std::size_t exp_size = 256, inv_size = 2048;
};
struct pairs_stable : defaults<fixed<7, 4>, stable, 2, ufixed<8, 0, kaon::round, kaon::saturate>> {
    static constexpr std::size_t exp_size = 64;
};
struct pairs_latency : defaults<fixed<7, 4>, latency, 2, ufixed<8, 0, kaon::round, kaon::saturate>> {
    static constexpr std::size_t exp_size = 128;
};
struct pairs_legacy : defaults<ufixed<7, 4>, legacy, 2, ufixed<8, 0, kaon::round, kaon::saturate>> {};
struct pairs_argmax : defaults<fixed<7, 4>, argmax, 2, ufixed<8, 1>> {};

}  // namespace

TEST_CASE_TEMPLATE("softmax by hls4ml's tables has the firmware's bits", Types, jets_stable, jets_latency, jets_legacy,
                   wrapping_stable, saturating_sum, signed_norm, many_legacy) {
    entries_of<Types>::fill();
    const outcome o = compare_random<Types, with_entries<Types>>();
    CHECK(o.different == 0);
    CHECK(o.distinct > 500);  // no constant passes
}

TEST_CASE_TEMPLATE("softmax by hls4ml's tables has the firmware's bits, for every pair of values", Types, pairs_stable,
                   pairs_latency, pairs_legacy) {
    entries_of<Types>::fill();
    const outcome o = compare_all_pairs<Types, with_entries<Types>>();
    CHECK(o.different == 0);
    CHECK(o.distinct > 500);
}

TEST_CASE("the largest value's place is the firmware's") {
    CHECK(compare_random<jets_argmax, layer<jets_argmax>>().different == 0);
    CHECK(compare_all_pairs<pairs_argmax, layer<pairs_argmax>>().different == 0);
    CHECK(compare_random<jets_argmax, layer<jets_argmax>>().distinct > 500);
}
