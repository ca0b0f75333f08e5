// ac_fixed: its operators give fixed's formats and bits; integers and ++ differ, as docs/fixed-point.md says.
#include <doctest/doctest.h>

#include <kaon/scalar/fixed.hpp>

#include <ac_fixed.h>

#include "operators.hpp"

namespace {

struct ac_types {
    static constexpr bool as_in_c = false;
    static constexpr bool divides_integers = true;
    static constexpr ac_q_mode rounding[] = {AC_TRN,         AC_TRN_ZERO, AC_RND,     AC_RND_ZERO,
                                             AC_RND_MIN_INF, AC_RND_INF,  AC_RND_CONV};
    static constexpr ac_o_mode overflow[] = {AC_WRAP, AC_SAT, AC_SAT_ZERO, AC_SAT_SYM};
    template <class Fixed>
    using type = ac_fixed<Fixed::width, Fixed::integer, Fixed::is_signed, rounding[static_cast<int>(Fixed::rounding)],
                          overflow[static_cast<int>(Fixed::overflow)]>;
    template <class T>
    struct format {
        static constexpr int width = T::width;
        static constexpr int integer = T::i_width;
        static constexpr bool is_signed = T::sign;
    };
    /// The only value of a format of one bit that is symmetric is 0: ac_fixed saturates to -1, SystemC to 0.
    template <class From, class To>
    static constexpr bool converts = !one_symmetric_bit<To>;
    template <class A, class B>
    static constexpr bool orders = true;
    template <class A, class B>
    static constexpr bool divides(const A&, const B&) {
        return true;
    }
};

}  // namespace

TEST_CASE("ac_fixed's operators have fixed's formats and bits, for pairs of types at random") {
    operators<ac_types> o;
    o.compare(50, std::make_index_sequence<100>());
    // Products of 128 bits.
    drawn_values values(1);
    for (int i = 0; i < 200; ++i) o.compare(values.next<kaon::fixed<64, 32>>(), values.next<kaon::fixed<64, 40>>());
    MESSAGE(o.compared << " results");
    CHECK(o.different == 0);
}

TEST_CASE("integers of ac_fixed are cut toward minus infinity and ++ adds a step, where fixed follows ap_fixed") {
    CHECK(ac_fixed<8, 4, true>(-7.5).to_int() == -8);
    CHECK(static_cast<int>(kaon::fixed<8, 4>(-7.5)) == -7);
    ac_fixed<8, 4, true> x = 0.5;
    kaon::fixed<8, 4> a = 0.5;
    CHECK((++x).to_double() == 0.5625);
    CHECK(static_cast<double>(++a) == 1.5);
}
