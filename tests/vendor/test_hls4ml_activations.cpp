// Activations in fixed point have the bits of hls4ml's firmware in ap_fixed, over every value of several input formats. Its tables are
// filled by a float's libm: with its entries there is no other bit, and the entries that are not the exact ones are listed.
#include <doctest/doctest.h>

#include "hls4ml.hpp"

#include <cstddef>
#include <cstdint>
#include <ratio>
#include <vector>

using kaon::fixed;
using kaon::ufixed;

namespace {

constexpr std::size_t width = 32;

template <class Table = fixed<18, 8>>
struct config {
    static const unsigned n_in = width;
    static const unsigned table_size = 1024;
    static const unsigned io_type = nnet::io_parallel;
    typedef ap<Table> table_t;
};

/// Outputs that differ over every value of X: Layer on X in registers and in scalars, Firmware on ap_fixed, results R.
template <class X, class R, class Layer, class Firmware>
int different_bits() {
    using net = kaon::network<kaon::input<X, width>, Layer>;
    static_assert(std::is_same_v<typename net::output::scalar, R>);
    static typename net::parameters p;
    const kaon::model<net> model(p);
    const kaon::model<net, kaon::cpu<kaon::scalar_isa>> scalars(p);
    int different = 0;
    const std::int64_t first = kaon::detail::raw_min<std::int64_t>(X::width, X::is_signed);
    const std::int64_t count = std::int64_t{1} << X::width;
    for (std::int64_t begin = 0; begin < count; begin += std::int64_t{width}) {
        typename net::input in;
        ap<X> data[width];
        ap<R> expected[width];
        for (std::size_t i = 0; i < width; ++i) {
            const auto offset = static_cast<std::int64_t>(i);
            in[i] = X::from_raw(first + (begin + offset) % count);
            data[i] = to_ap(in[i]);
        }
        Firmware::run(data, expected);
        const auto y = model(in);
        const auto z = scalars(in);
        for (std::size_t i = 0; i < width; ++i) different += y[i].raw() != raw_of(expected[i]) || z[i] != y[i];
    }
    return different;
}

using rounded = ufixed<9, 2, kaon::round, kaon::saturate>;
using plain = fixed<16, 6>;
using table_scalar = fixed<18, 8>;

struct sigmoid_case {
    static inline std::int64_t entries[1024];
    template <class Scalar>
    using exact = kaon::exact_table<kaon::detail::sigmoid_table, kaon::within_eight<1024>, Scalar>;
    template <class R>
    using layer = kaon::basic_sigmoid<kaon::table_values<entries>, kaon::result<R>>;
    template <class Config, class Entries>
    static void fill(Entries& table) {
        nnet::init_sigmoid_table<Config, 1024>(table);
    }
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::sigmoid<Data, Result, config<>>(data, result);
    }
};
struct tanh_case {
    static inline std::int64_t entries[1024];
    template <class Scalar>
    using exact = kaon::exact_table<kaon::detail::tanh_table, kaon::within_four<1024>, Scalar>;
    template <class R>
    using layer = kaon::basic_tanh<kaon::table_values<entries>, kaon::result<R>>;
    template <class Config, class Entries>
    static void fill(Entries& table) {
        nnet::init_tanh_table<Config, 1024>(table);
    }
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::tanh<Data, Result, config<>>(data, result);
    }
};
struct softplus_case {
    static inline std::int64_t entries[1024];
    template <class Scalar>
    using exact = kaon::exact_table<kaon::detail::softplus_table, kaon::within_eight<1024>, Scalar>;
    template <class R>
    using layer = kaon::basic_softplus<kaon::table_values<entries>, kaon::result<R>>;
    template <class Config, class Entries>
    static void fill(Entries& table) {
        nnet::init_softplus_table<Config, 1024>(table);
    }
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::softplus<Data, Result, config<>>(data, result);
    }
};
struct softsign_case {
    static inline std::int64_t entries[1024];
    template <class Scalar>
    using exact = kaon::exact_table<kaon::detail::softsign_table, kaon::within_eight<1024>, Scalar>;
    template <class R>
    using layer = kaon::basic_softsign<kaon::table_values<entries>, kaon::result<R>>;
    template <class Config, class Entries>
    static void fill(Entries& table) {
        nnet::init_softsign_table<Config, 1024>(table);
    }
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::softsign<Data, Result, config<>>(data, result);
    }
};
struct selu_case {
    static inline std::int64_t entries[1024];
    template <class Scalar>
    using exact = kaon::exact_table<kaon::detail::selu_table<kaon::selu_constants>, kaon::down_to_minus_eight<1024>, Scalar>;
    template <class R>
    using layer = kaon::basic_selu<kaon::table_values<entries>, kaon::result<R>>;
    template <class Config, class Entries>
    static void fill(Entries& table) {
        nnet::init_selu_table<Config, 1024>(table);
    }
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::selu<Data, Result, config<>>(data, result);
    }
};
/// Alpha: a parameter with a type of its own.
struct elu_case {
    using alpha_number = std::ratio<3, 8>;
    using alpha = fixed<16, 6>;
    static inline std::int64_t entries[1024];
    template <class Scalar>
    using exact = kaon::exact_table<kaon::detail::elu_table, kaon::down_to_minus_eight<1024>, Scalar>;
    template <class R>
    using layer = kaon::elu<alpha_number, kaon::weights<alpha>, kaon::table_values<entries>, kaon::result<R>>;
    template <class Config, class Entries>
    static void fill(Entries& table) {
        nnet::init_elu_table<Config, 1024>(table);
    }
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::elu<Data, ap<alpha>, Result, config<>>(data, 0.375, result);
    }
};

/// Wrong bits over every value of inputs with more range than the table, with bits below its step, without a sign, with whole numbers.
template <class Case>
int wrong_bits() {
    ap<table_scalar> entries[1024];
    Case::template fill<config<>>(entries);
    raws_of(entries, Case::entries);
    return different_bits<fixed<16, 6>, plain, typename Case::template layer<plain>, Case>() +
           different_bits<fixed<14, 1>, rounded, typename Case::template layer<rounded>, Case>() +
           different_bits<ufixed<12, 4>, rounded, typename Case::template layer<rounded>, Case>() +
           different_bits<fixed<8, 8>, plain, typename Case::template layer<plain>, Case>();
}

struct leaky_relu_case {
    using slope = fixed<16, 6>;
    template <class R>
    using layer = kaon::leaky_relu<std::ratio<1, 5>, kaon::weights<slope>, kaon::result<R>>;
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::leaky_relu<Data, ap<slope>, Result, config<>>(data, 0.2, result);
    }
};

/// The slope is cut to 16 bits, as hls4ml's default type does it.
struct hard_config {
    static const unsigned n_in = width;
    [[maybe_unused]] static constexpr unsigned io_type = nnet::io_parallel;
    static inline const ap_ufixed<16, 0> slope = 0.2;
    static inline const ap_ufixed<2, 0> shift = 0.5;
};
struct hard_sigmoid_case {
    template <class R>
    using layer = kaon::hard_sigmoid<std::ratio<1, 5>, std::ratio<1, 2>, kaon::weights<ufixed<16, 0>>,
                                     kaon::bias<ufixed<2, 0>>, kaon::result<R>>;
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::hard_sigmoid<Data, Result, hard_config>(data, result);
    }
};
struct hard_tanh_case {
    template <class R>
    using layer = kaon::hard_tanh<std::ratio<1, 5>, std::ratio<1, 2>, kaon::weights<ufixed<16, 0>>, kaon::bias<ufixed<2, 0>>,
                                  kaon::result<R>>;
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::hard_tanh<Data, Result, hard_config>(data, result);
    }
};
struct relu6_case {
    template <class R>
    using layer = kaon::clip<std::ratio<0>, std::ratio<6>, kaon::result<R>>;
    template <class Data, class Result>
    static void run(Data* data, Result* result) {
        nnet::relu6<Data, Result, config<>>(data, result);
    }
};

template <class Case>
int wrong_bits_without_table() {
    return different_bits<fixed<16, 6>, plain, typename Case::template layer<plain>, Case>() +
           different_bits<fixed<14, 1>, rounded, typename Case::template layer<rounded>, Case>() +
           different_bits<ufixed<12, 4>, rounded, typename Case::template layer<rounded>, Case>() +
           different_bits<fixed<8, 8>, plain, typename Case::template layer<plain>, Case>();
}

using places = std::vector<std::size_t>;

/// Entries in Scalar that are not the exact ones.
template <class Case, class Scalar>
places differing() {
    ap<Scalar> entries[1024];
    Case::template fill<config<Scalar>>(entries);
    std::int64_t raws[1024];
    raws_of(entries, raws);
    return different_entries<typename Case::template exact<Scalar>>(raws);
}

}  // namespace

TEST_CASE_TEMPLATE("a function by hls4ml's table has the firmware's bits, over every input", Case, sigmoid_case, tanh_case,
                   softplus_case, softsign_case, elu_case, selu_case) {
    CHECK(wrong_bits<Case>() == 0);
}

TEST_CASE_TEMPLATE("an exact function has the firmware's bits, over every input", Case, leaky_relu_case, hard_sigmoid_case,
                   relu6_case) {
    CHECK(wrong_bits_without_table<Case>() == 0);
}

TEST_CASE("hls4ml's default tables are correctly rounded, entry by entry") {
    CHECK(differing<sigmoid_case, table_scalar>().empty());
    CHECK(differing<tanh_case, table_scalar>().empty());
    CHECK(differing<softplus_case, table_scalar>().empty());
    CHECK(differing<softsign_case, table_scalar>().empty());
    CHECK(differing<elu_case, table_scalar>().empty());
    CHECK(differing<selu_case, table_scalar>().empty());
}

TEST_CASE("entries of finer tables that hls4ml's floats round elsewhere than the exact values") {
    // By the libm of glibc 2.36. Each is the neighbour of the exact entry.
    using finer = fixed<18, 2>;
    CHECK(differing<sigmoid_case, finer>() == places{536});
    CHECK(differing<softplus_case, finer>() == places{673, 787, 963, 998, 1002});
    CHECK(differing<softsign_case, finer>().empty());
}
