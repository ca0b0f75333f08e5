// std::numeric_limits and std::hash of fixed point.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/scalar/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <unordered_set>

using kaon::fixed;
using kaon::ufixed;

namespace {

template <class T>
using limits = std::numeric_limits<T>;

static_assert(limits<fixed<16, 6>>::is_specialized && limits<const fixed<16, 6>>::is_specialized);
static_assert(limits<fixed<16, 6>>::is_signed && !limits<ufixed<16, 6>>::is_signed);
static_assert(!limits<fixed<16, 6>>::is_integer && limits<fixed<16, 16>>::is_integer && limits<ufixed<8, 12>>::is_integer);
static_assert(limits<fixed<16, 6>>::is_exact && limits<fixed<16, 6>>::is_bounded && !limits<fixed<16, 6>>::has_infinity);
static_assert(limits<fixed<16, 6>>::is_modulo && !limits<fixed<16, 6, kaon::truncate, kaon::saturate>>::is_modulo);
static_assert(limits<fixed<16, 6>>::digits == 15 && limits<ufixed<16, 6>>::digits == 16 && limits<fixed<16, 6>>::radix == 2);
static_assert(double(limits<fixed<4, 2>>::max()) == 1.75 && double(limits<fixed<4, 2>>::lowest()) == -2.0);
static_assert(double(limits<fixed<4, 2>>::min()) == 0.25 && double(limits<fixed<4, 4>>::min()) == -8.0);
static_assert(double(limits<fixed<4, 2, kaon::round, kaon::saturate_symmetric>>::lowest()) == -1.75);
static_assert(double(limits<ufixed<4, 2>>::lowest()) == 0.0 && double(limits<ufixed<4, 2>>::max()) == 3.75);
static_assert(double(limits<fixed<8, -2>>::epsilon()) == 0.0009765625 && double(limits<fixed<4, 2>>::epsilon()) == 0.25);
static_assert(limits<fixed<1, 0>>::max() == 0 && limits<fixed<1, 0>>::lowest() == -0.5 && limits<fixed<1, 0>>::min() == 0);
static_assert(double(limits<fixed<128, 128>>::max()) == 1.7014118346046923e38 && limits<fixed<128, 0>>::lowest() == -0.5);
static_assert(limits<fixed<64, 64>>::max() == std::numeric_limits<std::int64_t>::max());
static_assert(limits<fixed<64, 64>>::digits10 == std::numeric_limits<std::int64_t>::digits10);
static_assert(limits<fixed<32, 32>>::digits10 == std::numeric_limits<std::int32_t>::digits10);
static_assert(limits<ufixed<8, 8>>::digits10 == std::numeric_limits<std::uint8_t>::digits10);
static_assert(limits<fixed<54, 1>>::digits10 == std::numeric_limits<double>::digits10);
static_assert(limits<fixed<54, 1>>::max_digits10 == std::numeric_limits<double>::max_digits10);
static_assert(limits<fixed<25, 1>>::max_digits10 == std::numeric_limits<float>::max_digits10);
static_assert(limits<fixed<8, 4>>::round_style == std::round_toward_neg_infinity);
static_assert(limits<fixed<8, 4, kaon::truncate_zero>>::round_style == std::round_toward_zero);
static_assert(limits<fixed<8, 4, kaon::round_conv>>::round_style == std::round_to_nearest);
static_assert(limits<fixed<8, 4, kaon::toward_plus_infinity>>::round_style == std::round_toward_infinity);
static_assert(limits<fixed<8, 4, kaon::away_from_zero>>::round_style == std::round_indeterminate);

/// Hashes of all values of T, into one set.
template <class T>
void collect(std::unordered_set<std::size_t>& hashes) {
    for (int raw = 0; raw < 1 << T::width; ++raw) hashes.insert(std::hash<T>()(T::from_raw(raw)));
}

}  // namespace

TEST_CASE("equal values hash equal, other values and other types otherwise") {
    CHECK(std::hash<fixed<8, 4>>()(fixed<8, 4>(1.5)) == std::hash<fixed<8, 4>>()(fixed<8, 4>::from_raw(24)));
    std::unordered_set<std::size_t> hashes;
    collect<fixed<10, 4>>(hashes);
    collect<ufixed<10, 4>>(hashes);
    collect<fixed<10, 5>>(hashes);
    collect<fixed<10, -5>>(hashes);
    collect<fixed<10, 4, kaon::round>>(hashes);
    collect<fixed<10, 4, kaon::truncate, kaon::saturate>>(hashes);
    CHECK(hashes.size() == 6 * 1024);
    using wide = fixed<100, 50>;
    std::unordered_set<std::size_t> wides;
    for (int bit = 0; bit < 100; ++bit) wides.insert(std::hash<wide>()(wide::from_raw(wide::integer_type(1) << bit)));
    CHECK(wides.size() == 100);
}

TEST_CASE("fixed point as a key") {
    std::unordered_map<fixed<12, 6>, int> counts;
    for (double value : {0.5, -0.5, 0.5, 31.0, 0.5}) ++counts[value];
    CHECK(counts.size() == 3);
    CHECK(counts[0.5] == 3);
}
