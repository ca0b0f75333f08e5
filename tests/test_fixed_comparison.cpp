// Comparisons of fixed point are of the values, also where no format holds both.
#include <doctest/doctest.h>

#include <kaon/scalar/fixed.hpp>

#include "raw_values.hpp"

using kaon::fixed;
using kaon::ufixed;

namespace {

using coarse = fixed<100, 100>;
using fine = fixed<100, 0>;

static_assert(coarse(5) > fine(0.25) && coarse(0) < fine(0.25) && coarse(-5) < fine(0.25) && coarse(0) > fine(-0.25));
static_assert(coarse::from_raw(coarse::integer_type(1) << 60) > fine(0.25) && fine(0.25) < coarse(1e20));
static_assert(coarse(0) == fine(0) && coarse(1) != fine(0));
static_assert(ufixed<8, -200>::from_raw(1) < fixed<8, 208>::from_raw(1));
static_assert(ufixed<8, -200>::from_raw(1) > fixed<8, 208>::from_raw(0));
static_assert(ufixed<8, -200>::from_raw(0) == fixed<8, 208>::from_raw(0));
static_assert(ufixed<8, 4>(1.5) > fixed<8, 4>(-1.5) && fixed<8, 4>(1.5) > 1 && fixed<8, 4>(1) == 1u);
static_assert(fixed<8, 4>(-1) < 1u && fixed<8, 4>(-1) < true && fixed<8, 4>(1) == true);
static_assert(fixed<8, 4>(0.5) < 0.75 && 0.75f > fixed<8, 4>(0.5) && fixed<64, 0>::from_raw(1) > 0.0);

/// Comparisons that differ from those of the same doubles, which are exact.
template <class A, class B>
int differences() {
    raw_values random(A::width + B::width);
    int different = 0;
    for (int i = 0; i < 2000; ++i) {
        const A a = random.next<A>();
        const B b = i % 4 == 0 ? B(a) : random.next<B>();
        const auto x = static_cast<double>(a), y = static_cast<double>(b);
        different += (a < b) != (x < y) || (a > b) != (x > y) || (a == b) != (x == y) || (a <= b) != (x <= y) ||
                     (a >= b) != (x >= y) || (a != b) != (x != y);
        different += (a < y) != (x < y) || (x < b) != (x < y) || (a == y) != (x == y) || (x == b) != (x == y) ||
                     (a >= y) != (x >= y) || (x >= b) != (x >= y);
    }
    return different;
}

}  // namespace

TEST_CASE("fixed point compares as its values do") {
    CHECK(differences<fixed<8, 4>, fixed<12, 6>>() == 0);
    CHECK(differences<ufixed<8, 4>, fixed<8, 4>>() == 0);
    CHECK(differences<ufixed<9, -3>, ufixed<4, 9>>() == 0);
    CHECK(differences<fixed<53, 200>, fixed<50, -200>>() == 0);
    CHECK(differences<fixed<50, 100>, ufixed<53, 1>>() == 0);
}
