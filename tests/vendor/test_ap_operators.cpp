// ap_fixed: its operators give fixed's formats and bits.
#include <doctest/doctest.h>

#include <kaon/scalar/ap_fixed.hpp>

#include "operators.hpp"

namespace {

struct ap_types {
    static constexpr bool as_in_c = true;
    static constexpr bool divides_integers = false;
    template <class Fixed>
    using type = typename kaon::detail::as_ap<Fixed>::type;
    template <class T>
    using format = kaon::format_of<T>;
    /// The open headers assert that the first bit that a conversion drops is one of the number's. The only value of a format of one
    /// bit that is symmetric is 0: they saturate to -1, SystemC to 0.
    template <class From, class To>
    static constexpr bool converts = From::fraction - To::fraction <= From::width && !one_symmetric_bit<To>;
    /// They compare as C does: of two signs, what has 32 bits or more as unsigned.
    template <class A, class B>
    static constexpr bool orders = A::is_signed == B::is_signed || kaon::sum_format<A, B>::width <= 32;
    /// They divide in the dividend's width: its least value by -1 step wraps.
    template <class A, class B>
    static constexpr bool divides(const A& a, const B& b) {
        return a.raw() != kaon::detail::raw_min<typename A::integer_type>(A::width, A::is_signed) || b.raw() != -1;
    }
};

}  // namespace

TEST_CASE("ap_fixed's operators have fixed's formats and bits, for pairs of types at random") {
    operators<ap_types> o;
    o.compare(50, std::make_index_sequence<100>());
    // Products of 128 bits.
    drawn_values values(1);
    for (int i = 0; i < 200; ++i) o.compare(values.next<kaon::fixed<64, 32>>(), values.next<kaon::fixed<64, 40>>());
    MESSAGE(o.compared << " results");
    CHECK(o.different == 0);
}

TEST_CASE("integers of ap_fixed are cut toward zero and ++ adds one, as fixed's") {
    CHECK(ap_fixed<8, 4>(-7.5).to_int() == -7);
    CHECK(static_cast<int>(kaon::fixed<8, 4>(-7.5)) == -7);
    ap_fixed<8, 4> x = 0.5;
    kaon::fixed<8, 4> a = 0.5;
    CHECK((++x).to_double() == 1.5);
    CHECK(static_cast<double>(++a) == 1.5);
}

TEST_CASE("values are compared and divided exactly where the open headers of ap_fixed wrap") {
    CHECK((ap_fixed<8, 4>(-8) / ap_fixed<8, 4>(-0.0625)).to_double() == -128);
    CHECK(static_cast<double>(kaon::fixed<8, 4>(-8) / kaon::fixed<8, 4>(-0.0625)) == 128);
    CHECK_FALSE(ap_fixed<40, 4>(-1) < ap_ufixed<40, 4>(1));
    CHECK(kaon::fixed<40, 4>(-1) < kaon::ufixed<40, 4>(1));
}

TEST_CASE("an integer's quotient has fixed point's format; ap_fixed takes that of the opposite quotient") {
    const auto x = 7 / ap_fixed<8, 4>(2.0);
    const auto a = 7 / kaon::fixed<8, 4>(2.0);
    static_assert(std::is_same_v<std::decay_t<decltype(a)>, kaon::fixed<37, 37>>);
    static_assert(kaon::format_of<std::decay_t<decltype(x)>>::integer == 5);
    CHECK(static_cast<double>(a) == 3.0);
    CHECK(x.to_double() == 3.0);
    CHECK((100 / ap_fixed<8, 4>(2.0)).to_double() == -14.0);
    CHECK(static_cast<double>(100 / kaon::fixed<8, 4>(2.0)) == 50.0);
}
