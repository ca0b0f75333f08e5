// SystemC's sc_fix: conversions of fixed have its bits, in the seven rounding and four overflow modes that it has; in the other
// two rounding modes they have those of whole-number arithmetic. All cases: test_systemc --no-skip (docs/fixed-point.md).
#include <doctest/doctest.h>

#include <kaon/scalar/fixed.hpp>

#define SC_INCLUDE_FX
#include <systemc>

#include "drawn_types.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <utility>

using kaon::overflow_mode;
using kaon::rounding_mode;

/// SystemC's library has a main of its own, which wants this.
int sc_main(int, char**) { return 0; }

namespace {

constexpr int roundings = 9, overflows = 4;
constexpr sc_dt::sc_q_mode sc_roundings[] = {sc_dt::SC_TRN,      sc_dt::SC_TRN_ZERO,    sc_dt::SC_RND,
                                             sc_dt::SC_RND_ZERO, sc_dt::SC_RND_MIN_INF, sc_dt::SC_RND_INF,
                                             sc_dt::SC_RND_CONV};
constexpr sc_dt::sc_o_mode sc_overflows[] = {sc_dt::SC_WRAP, sc_dt::SC_SAT, sc_dt::SC_SAT_ZERO, sc_dt::SC_SAT_SYM};
constexpr bool in_systemc(rounding_mode q) { return static_cast<std::size_t>(q) < std::size(sc_roundings); }

struct target {
    int width;
    int integer;
    bool is_signed;
    rounding_mode q;
    overflow_mode o;
    int fraction() const { return width - integer; }
};

/// SystemC's raw values of a run-time format.
class oracle {
public:
    explicit oracle(const target& t)
        : fraction_(t.fraction()), width_(t.width), is_signed_(t.is_signed),
          params_(t.width, t.integer, sc_roundings[static_cast<int>(t.q)], sc_overflows[static_cast<int>(t.o)]),
          with_sign_(params_), without_sign_(params_) {}

    /// Of up to 53 bits.
    std::int64_t raw(double value) { return static_cast<std::int64_t>(std::ldexp(converted(value).to_double(), fraction_)); }
    /// Of up to 64 bits: bit by bit.
    std::int64_t raw_bits(double value) {
        sc_dt::sc_fxnum& x = converted(value);
        std::uint64_t bits = 0;
        for (int i = 0; i < width_; ++i) bits |= static_cast<std::uint64_t>(static_cast<bool>(x[i])) << i;
        return kaon::detail::wrapped(static_cast<std::int64_t>(bits), width_, is_signed_);
    }

private:
    sc_dt::sc_fxnum& converted(double value) {
        if (is_signed_) return with_sign_ = value;
        return without_sign_ = value;
    }

    int fraction_;
    int width_;
    bool is_signed_;
    sc_dt::sc_fxtype_params params_;
    sc_dt::sc_fix with_sign_;
    sc_dt::sc_ufix without_sign_;
};

/// floor(n / 2^bits), and the remainder.
struct division {
    std::int64_t quotient;
    std::int64_t remainder;
    division(std::int64_t n, int bits) : quotient(n / (std::int64_t(1) << bits)), remainder(n % (std::int64_t(1) << bits)) {
        if (remainder < 0) {
            --quotient;
            remainder += std::int64_t(1) << bits;
        }
    }
};

/// The two modes that SystemC lacks, in whole numbers: raw 2^-dropped into a target.
std::int64_t in_whole_numbers(std::int64_t raw, int dropped, const target& t) {
    const division d(raw, dropped);
    const bool up = d.remainder > 0 && (t.q == rounding_mode::toward_plus_infinity || raw > 0);
    const std::int64_t rounded = d.quotient + (up ? 1 : 0);
    const std::int64_t values = std::int64_t(1) << t.width;
    const std::int64_t low = t.is_signed ? -values / 2 : 0, high = low + values - 1;
    if (rounded >= low && rounded <= high && !(t.o == overflow_mode::saturate_symmetric && t.is_signed && rounded == low)) {
        return rounded;
    }
    switch (t.o) {
    case overflow_mode::wrap:
        return low + division(rounded - low, t.width).remainder;
    case overflow_mode::saturate:
        return rounded < low ? low : high;
    case overflow_mode::saturate_zero:
        return 0;
    default:
        return rounded > high ? high : t.is_signed ? low + 1 : low;
    }
}

struct tally {
    long long compared = 0;
    long long different = 0;
};

/// Bits that the source of a conversion has beyond the target's, at either end: more than any rule looks at.
constexpr int extra = 3;

/// Source values, one in `stride`, of all formats of up to 12 bits, in all modes: from finer, equal and coarser steps.
tally compare_all(std::uint64_t stride) {
    tally result;
    std::uint64_t at = stride / 2;
    for (int mode = 0; mode < roundings * overflows; ++mode) {
        for (int width = 1; width <= 12; ++width) {
            for (int integer = -3; integer <= 15; ++integer) {
                for (const bool is_signed : {false, true}) {
                    const target t{width, integer, is_signed, static_cast<rounding_mode>(mode % roundings),
                                   static_cast<overflow_mode>(mode / roundings)};
                    oracle sc(in_systemc(t.q) ? t : target{1, 1, true, kaon::truncate, kaon::wrap});
                    for (const int dropped : {extra, 0, -2}) {
                        const double step = std::ldexp(1.0, -t.fraction() - dropped);
                        const std::int64_t end = std::int64_t(1) << (width + extra + dropped - 1);
                        for (std::int64_t raw = -end; raw < end; ++raw) {
                            if (++at % stride != 0) continue;
                            const std::int64_t expected = in_systemc(t.q) ? sc.raw(static_cast<double>(raw) * step)
                                                          : dropped < 0   ? in_whole_numbers(raw * 4, 0, t)
                                                                          : in_whole_numbers(raw, dropped, t);
                            result.different +=
                                kaon::detail::requantized(raw, dropped, t.q, t.o, width, is_signed) != expected;
                            ++result.compared;
                        }
                    }
                }
            }
        }
    }
    return result;
}

/// A double near the values of a format, of any number of bits; or any double at all.
double real(std::mt19937_64& random, int integer, int fraction) {
    const auto bits = static_cast<std::int64_t>(random());
    switch (random() % 8) {
    case 0:  // half a step from values
        return std::ldexp(static_cast<double>(bits >> (64 - 20)), -fraction - 1);
    case 1:  // around the ends
        return std::ldexp(bits < 0 ? -1.0 : 1.0, integer - 1 + static_cast<int>(random() % 2)) +
               std::ldexp(static_cast<double>(bits % 8), -fraction - 2);
    case 2:
        return std::ldexp(static_cast<double>(bits), static_cast<int>(random() % 2080) - 1130);
    default:
        return std::ldexp(static_cast<double>(bits >> static_cast<int>(random() % 60)),
                          integer - 64 + pick(random(), 0, 30));
    }
}

/// The N-th of a list of types: formats at random, modes in turn.
template <std::size_t N>
tally compare_type(int count) {
    constexpr int width = N % 3 == 0 ? pick(3 * N, 1, 64) : pick(3 * N, 1, 24);
    constexpr int integer = pick(3 * N + 1, -8, width + 8);
    constexpr bool is_signed = width == 64 || pick(3 * N + 2, 0, 2) != 0;
    constexpr auto q = static_cast<rounding_mode>(N % roundings);
    constexpr auto o = static_cast<overflow_mode>(N / roundings % overflows);
    using type = kaon::basic_fixed<width, integer, is_signed, q, o>;
    using finer = kaon::fixed<60, 30>;
    const target t{width, integer, is_signed, q, o};
    oracle sc(in_systemc(q) ? t : target{1, 1, true, kaon::truncate, kaon::wrap});
    std::mt19937_64 random(N);
    tally result;
    for (int i = 0; i < count; ++i) {
        const auto raw = static_cast<std::int64_t>(random()) >> (4 + random() % 40);
        const std::int64_t by_rule = static_cast<std::int64_t>(
            kaon::detail::requantized(kaon::detail::int128(raw), 30 - t.fraction(), q, o, width, is_signed));
        result.different += type(finer::from_raw(raw)).raw() != by_rule;
        ++result.compared;
        if (in_systemc(q)) {
            const double value = real(random, integer, t.fraction());
            result.different += type(value).raw() != sc.raw_bits(value);
            ++result.compared;
        } else if constexpr (width <= 60) {
            // One in eight is next to nothing, which these two modes count as something.
            const bool tiny = i % 8 == 0;
            const std::int64_t shown = tiny ? (raw < 0 ? -1 : 1) : raw >> 16;
            const double value = std::ldexp(static_cast<double>(shown), tiny ? -1074 : -t.fraction() - 12);
            result.different += type(value).raw() != in_whole_numbers(shown, 12, t);
            ++result.compared;
        }
    }
    return result;
}

template <std::size_t... N>
tally compare_types(int count, std::index_sequence<N...>) {
    tally result;
    const auto add = [&](const tally& t) {
        result.compared += t.compared;
        result.different += t.different;
    };
    (add(compare_type<N>(count)), ...);
    return result;
}

}  // namespace

TEST_CASE("conversions have sc_fix's bits: one case in 101 of all formats to 12 bits") {
    const tally t = compare_all(101);
    CHECK(t.different == 0);
    CHECK(t.compared > 6000000);
}

TEST_CASE("conversions have sc_fix's bits: every case of all formats to 12 bits" * doctest::skip()) {
    const tally t = compare_all(1);
    MESSAGE(t.compared << " conversions");
    CHECK(t.different == 0);
    CHECK(t.compared == 2LL * 19 * 36 * (64 + 8 + 2) * (8192 - 2));
}

TEST_CASE("types of up to 64 bits convert from another and from doubles as the rule and sc_fix do") {
    const tally t = compare_types(400, std::make_index_sequence<4 * 36 + 1>());
    MESSAGE(t.compared << " conversions");
    CHECK(t.different == 0);
}
