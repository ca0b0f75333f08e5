// Layer normalisation in fixed point has the bits of hls4ml's firmware in ap_fixed. Its table is filled by a float's libm: with its
// entries there is no other bit, and the entries that are not the exact ones are listed.
#include <doctest/doctest.h>

#include "../raw_values.hpp"
#include "hls4ml.hpp"

#include <nnet_utils/nnet_layernorm.h>

#include <cstddef>
#include <cstdint>
#include <ratio>
#include <vector>

using kaon::fixed;
using kaon::ufixed;

namespace {

/// What a configuration of hls4ml says, with the defaults of its backend, and the same as options of a layer.
template <std::size_t N>
struct defaults {
    using x = fixed<16, 6>;
    using r = fixed<16, 6>;
    using scale = fixed<16, 6>;
    using bias = fixed<16, 6>;
    using sum = fixed<14, 4, kaon::round_conv, kaon::saturate>;
    using entry = ufixed<8, 5, kaon::round_conv, kaon::saturate>;
    using epsilon = std::ratio<1, 1000>;
    static constexpr unsigned epsilon_power = 3, range_power = 0;
    static constexpr std::size_t n = N, size = 4096;
};

template <class Types>
struct config {
    static const unsigned n_in = Types::n, seq_len = 1, axis = 2;
    static const unsigned epsilon_power_of_10 = Types::epsilon_power, table_range_power2 = Types::range_power;
    static const unsigned table_size = Types::size;
    static const unsigned io_type = nnet::io_parallel, reuse_factor = 1;
    typedef ap<typename Types::bias> bias_t;
    typedef ap<typename Types::scale> scale_t;
    typedef ap<typename Types::sum> accum_t;
    typedef ap<typename Types::entry> table_t;
    template <class A, class B>
    using product = nnet::product::mult<A, B>;
};

template <class Types>
struct entries_of {
    static inline std::int64_t raws[Types::size];
    static void fill() {
        static ap<typename Types::entry> entries[Types::size];
        nnet::init_invert_sqr_table<config<Types>, Types::size>(entries);
        raws_of(entries, raws);
    }
};

template <class Types, class... More>
using layer =
    kaon::layer_norm<typename Types::epsilon, kaon::accumulator<typename Types::sum>, kaon::weights<typename Types::scale>,
                     kaon::bias<typename Types::bias>, kaon::table<typename Types::entry, Types::size>,
                     kaon::table_range_power<int(Types::range_power)>, kaon::result<typename Types::r>, More...>;

struct outcome {
    int different;
    int distinct;
};

/// Outputs that differ over events at random, their values near each other and far apart, one by one and as a batch.
template <class Types, class Layer>
outcome compare() {
    using x = typename Types::x;
    using r = typename Types::r;
    constexpr std::size_t n = Types::n, events = 4000;
    using net = kaon::network<kaon::input<x, n>, Layer>;
    raw_values random(n);
    static typename net::parameters p;
    auto& numbers = kaon::get<0>(p);
    random.fill(numbers.scale, n);
    random.fill(numbers.offset, n);
    ap<typename Types::scale> scale[n];
    ap<typename Types::bias> bias[n];
    for (std::size_t i = 0; i < n; ++i) {
        scale[i] = to_ap(numbers.scale[i]);
        bias[i] = to_ap(numbers.offset[i]);
    }
    const kaon::model<net> model(p);
    std::vector<x> in(events * n);
    for (std::size_t e = 0; e < events; ++e) {
        for (std::size_t i = 0; i < n; ++i) in[e * n + i] = x(random.next<x>() >> static_cast<int>(e % 8));
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
        nnet::layernormalize<ap<x>, ap<r>, config<Types>>(data, expected, scale, bias);
        const auto y = model(event);
        for (std::size_t i = 0; i < n; ++i) {
            result.different += y[i].raw() != raw_of(expected[i]) || batch[e * n + i] != y[i];
            result.distinct += y[i].raw() != former;
            former = y[i].raw();
        }
    }
    return result;
}

struct standard : defaults<16> {};
struct odd : defaults<7> {
    using x = fixed<10, 3>;
    using scale = fixed<9, 2>;
    using bias = fixed<7, 4>;
    using r = fixed<12, 4, kaon::round, kaon::saturate>;
};
/// Sums that wrap, negative variances and those beyond the table among them; a table of 1/4.
struct wrapping : defaults<5> {
    using sum = fixed<18, 5>;
    using entry = fixed<12, 6, kaon::truncate, kaon::saturate>;
    using r = ufixed<14, 6>;
    static constexpr unsigned range_power = 2;
    static constexpr std::size_t size = 256;
};
/// Entries that wrap too, of another epsilon.
struct fine : defaults<9> {
    using x = ufixed<9, 2>;
    using sum = fixed<24, 8, kaon::round, kaon::saturate>;
    using entry = ufixed<18, 8>;
    using r = fixed<24, 10, kaon::round, kaon::wrap>;
    using epsilon = std::ratio<1, 100000>;
    static constexpr unsigned epsilon_power = 5;
    static constexpr std::size_t size = 1024;
};
/// So fine that a float does not decide every entry.
struct finest : defaults<4> {
    using entry = ufixed<20, 5>;
};
struct one_value : defaults<1> {};

template <class Types>
std::vector<std::size_t> inexact() {
    using table =
        typename kaon::detail::layer_norm_types<typename Types::epsilon, kaon::table<typename Types::entry, Types::size>,
                                                kaon::table_range_power<int(Types::range_power)>>::entries;
    entries_of<Types>::fill();
    return different_entries<table>(entries_of<Types>::raws);
}

}  // namespace

TEST_CASE_TEMPLATE("layer normalisation by hls4ml's table has the firmware's bits", Types, standard, odd, wrapping, fine,
                   finest, one_value) {
    entries_of<Types>::fill();
    const outcome o = compare<Types, layer<Types, kaon::table_values<entries_of<Types>::raws>>>();
    CHECK(o.different == 0);
    CHECK((Types::n == 1 || o.distinct > 500));  // no constant passes
}

TEST_CASE("hls4ml's tables, entry by entry, beside the exact ones") {
    using list = std::vector<std::size_t>;
    CHECK(inexact<standard>() == list{});
    CHECK(inexact<wrapping>() == list{});
    CHECK(inexact<fine>() == list{});
    CHECK(inexact<finest>() == list{240, 826, 1140, 1930, 2474});
}

TEST_CASE("where they are the same, so is every bit") {
    CHECK(compare<standard, layer<standard>>().different == 0);
    CHECK(compare<odd, layer<odd>>().different == 0);
}
