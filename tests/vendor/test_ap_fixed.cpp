// ap_fixed: its operators and conversions have fixed's bits, and so have networks on it.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/scalar/ap_fixed.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ratio>
#include <type_traits>
#include <utility>

using kaon::fixed;
using kaon::ufixed;

namespace {

/// Raw values at random, one in eight an extreme of the format.
class raws {
public:
    explicit raws(std::uint64_t seed) : state_(seed) {}

    std::int64_t next(int width, bool is_signed) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        const std::uint64_t bits = state_ >> 11;
        if (bits % 16 == 0) return kaon::detail::raw_min(width, is_signed);
        if (bits % 16 == 1) return kaon::detail::raw_max(width, is_signed);
        return kaon::detail::wrapped(static_cast<std::int64_t>(bits >> 4), width, is_signed);
    }

private:
    std::uint64_t state_;
};

/// value * 2^fraction: the raw integer, exact up to 53 bits.
template <class T>
double raw_of(const T& value) {
    return std::ldexp(value.to_double(), kaon::format_of<T>::fraction);
}

template <class Fixed>
using ap = typename kaon::detail::as_ap<Fixed>::type;

template <class Fixed>
ap<Fixed> to_ap(const Fixed& value) {
    return ap<Fixed>(static_cast<double>(value));
}

/// Whether type and bits are equal.
template <class Fixed, class Ap>
bool same(const Fixed& a, const Ap& b) {
    using format = kaon::format_of<Ap>;
    return format::width == Fixed::width && format::integer == Fixed::integer && format::is_signed == Fixed::is_signed &&
           static_cast<double>(a.raw()) == raw_of(b);
}

constexpr int pick(std::size_t seed, int low, int high) {
    std::uint64_t s = seed * 0x9E3779B97F4A7C15u;
    s = (s ^ (s >> 31)) * 0xBF58476D1CE4E5B9u;
    return low + static_cast<int>((s >> 33) % static_cast<std::uint64_t>(high - low + 1));
}

/// A format at random, drawn by its number.
template <std::size_t N>
struct drawn {
    static constexpr int width = pick(5 * N, 2, 24);
    static constexpr int integer = pick(5 * N + 1, -4, width + 4);
    using type =
        kaon::basic_fixed<width, integer, pick(5 * N + 2, 0, 2) != 0, pick(5 * N + 3, 0, 1) ? kaon::round : kaon::truncate,
                          pick(5 * N + 4, 0, 1) ? kaon::saturate : kaon::wrap>;
};

/// The vendor's open headers assert that the first bit that a conversion drops is one of the number's.
template <class From, class To>
inline constexpr bool converts = From::fraction - To::fraction <= From::width;

template <std::size_t N>
int differences_of_pair() {
    using A = typename drawn<2 * N>::type;
    using B = typename drawn<2 * N + 1>::type;
    raws random(N + 1);
    int different = 0;
    for (int i = 0; i < 200; ++i) {
        const A a = A::from_raw(random.next(A::width, A::is_signed));
        const B b = B::from_raw(random.next(B::width, B::is_signed));
        const auto x = to_ap(a);
        const auto y = to_ap(b);
        different += !same(a, x) + !same(b, y);
        different += !same(a * b, x * y) + !same(a + b, x + y) + !same(a - b, x - y);
        if constexpr (converts<A, B>) different += !same(B(a), ap<B>(x));
        if constexpr (converts<B, A>) different += !same(A(b), ap<A>(y));
        if constexpr (converts<decltype(a * b), B>) different += !same(B(a * b), ap<B>(x * y));
        const double real = static_cast<double>(a) * 1.0009765625;
        different += !same(B(real), ap<B>(real));
    }
    return different;
}

template <std::size_t... N>
int differences_of_pairs(std::index_sequence<N...>) {
    return (differences_of_pair<N>() + ... + 0);
}

/// Layers in one kind of type: plain, or the vendor's.
struct plain {
    template <class T>
    using type = T;
};
struct vendors {
    template <class T>
    using type = ap<T>;
};

struct exact_sums {
    template <class Kind>
    using net = kaon::network<kaon::input<typename Kind::template type<fixed<8, 3>>, 7>,
                              kaon::dense<9, kaon::weights<typename Kind::template type<fixed<6, 1>>>>, kaon::relu>;
};
struct named_accumulator {
    template <class Kind>
    using net = kaon::network<kaon::input<typename Kind::template type<fixed<16, 6>>, 16>,
                              kaon::dense<12, kaon::accumulator<typename Kind::template type<fixed<16, 6>>>>, kaon::relu,
                              kaon::dense<5, kaon::weights<typename Kind::template type<fixed<10, 2>>>,
                                          kaon::bias<typename Kind::template type<fixed<12, 5>>>,
                                          kaon::accumulator<typename Kind::template type<fixed<14, 5, kaon::round>>>>>;
};
struct rounded_results {
    template <class Kind>
    using net = kaon::network<
        kaon::input<typename Kind::template type<fixed<8, 4>>, 13>,
        kaon::dense<11, kaon::weights<typename Kind::template type<fixed<7, 1>>>,
                    kaon::result<typename Kind::template type<fixed<10, 5, kaon::round, kaon::saturate>>>>,
        kaon::basic_relu<kaon::result<typename Kind::template type<ufixed<6, 3, kaon::round, kaon::saturate>>>>,
        kaon::dense<4, kaon::weights<typename Kind::template type<fixed<7, 1>>>,
                    kaon::result<typename Kind::template type<fixed<9, 2, kaon::truncate, kaon::wrap>>>>>;
};
/// Results named in plain fixed: the layer gives the vendor's.
struct plain_names {
    template <class Kind>
    using net = kaon::network<kaon::input<typename Kind::template type<ufixed<9, 2>>, 6>,
                              kaon::dense<8, kaon::weights<typename Kind::template type<fixed<5, 2>>>,
                                          kaon::result<ufixed<9, 4, kaon::truncate, kaon::saturate>>>,
                              kaon::relu>;
};

/// Functions by tables and exact ones after a dense layer; a softmax.
struct functions {
    template <class Kind>
    using net =
        kaon::network<kaon::input<typename Kind::template type<fixed<8, 4>>, 6>,
                      kaon::dense<7, kaon::weights<typename Kind::template type<fixed<7, 2>>>,
                                  kaon::result<typename Kind::template type<fixed<10, 4, kaon::round, kaon::saturate>>>>,
                      kaon::basic_tanh<kaon::table<fixed<12, 2>, 256>>, kaon::elu<std::ratio<1>, kaon::result<fixed<12, 3>>>,
                      kaon::leaky_relu<std::ratio<-1, 4>, kaon::result<fixed<10, 3, kaon::round_conv, kaon::saturate>>>,
                      kaon::basic_softmax<kaon::result<ufixed<10, 0, kaon::round, kaon::saturate>>>>;
};

template <class Slot, class ApSlot>
void fill(raws& random, Slot& slot, ApSlot& ap_slot) {
    for (std::size_t i = 0; i < std::size(slot.weights); ++i) {
        for (std::size_t o = 0; o < std::size(slot.bias); ++o) {
            auto& w = slot.weights[i][o];
            using weight = std::remove_reference_t<decltype(w)>;
            w = weight::from_raw(random.next(weight::width, weight::is_signed));
            ap_slot.weights[i][o] = to_ap(w);
        }
    }
    for (std::size_t o = 0; o < std::size(slot.bias); ++o) {
        auto& b = slot.bias[o];
        using bias = std::remove_reference_t<decltype(b)>;
        b = bias::from_raw(random.next(bias::width, bias::is_signed));
        ap_slot.bias[o] = to_ap(b);
    }
}

struct outcome {
    int different;
    int distinct;
};

/// Outputs that differ between the vendor's type in scalars and plain fixed in registers, over 1,000 events.
template <class Topology>
outcome compare() {
    using net = typename Topology::template net<plain>;
    using ap_net = typename Topology::template net<vendors>;
    static_assert(kaon::detail::is_ap<typename ap_net::output::scalar>);
    raws random(net::cost::multiplications);
    static typename net::parameters p;
    static typename ap_net::parameters q;
    fill(random, kaon::get<0>(p), kaon::get<0>(q));
    if constexpr (net::layout::owners::size > 1) fill(random, kaon::get<1>(p), kaon::get<1>(q));
    const kaon::model<net> model(p);
    const kaon::model<ap_net> ap_model(q);
    outcome result{0, 0};
    double former = 0;
    using x = typename net::input::scalar;
    for (int event = 0; event < 1000; ++event) {
        typename net::input in;
        typename ap_net::input ap_in;
        for (std::size_t i = 0; i < net::input::size; ++i) {
            in[i] = event == 0   ? x::from_raw(kaon::detail::raw_min(x::width, x::is_signed))
                    : event == 1 ? x::from_raw(kaon::detail::raw_max(x::width, x::is_signed))
                                 : x::from_raw(random.next(x::width, x::is_signed));
            ap_in[i] = to_ap(in[i]);
        }
        const auto y = model(in);
        const auto ap_y = ap_model(ap_in);
        for (std::size_t o = 0; o < net::output::size; ++o) {
            result.different += !same(y[o], ap_y[o]);
            const double value = static_cast<double>(y[o]);
            result.distinct += value != former;
            former = value;
        }
    }
    return result;
}

}  // namespace

TEST_CASE("operators and conversions of fixed have ap_fixed's bits, for formats at random") {
    CHECK(differences_of_pairs(std::make_index_sequence<32>{}) == 0);
}

TEST_CASE_TEMPLATE("a network of dense and relu on ap_fixed has fixed's bits", Topology, exact_sums, named_accumulator,
                   rounded_results, plain_names, functions) {
    const outcome o = compare<Topology>();
    CHECK(o.different == 0);
    CHECK(o.distinct > 1000);  // no constant network passes
}

TEST_CASE("a saturating accumulator is no sum in any order") {
    static_assert(kaon::sums_in_any_order<ap_fixed<16, 6>>);
    static_assert(!kaon::sums_in_any_order<ap_fixed<16, 6, AP_TRN, AP_SAT>>);
    static_assert(!kaon::sums_in_any_order<ap_ufixed<16, 6, AP_TRN, AP_SAT_SYM>>);
}
