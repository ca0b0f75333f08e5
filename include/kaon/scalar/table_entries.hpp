// table_entries.hpp: the raw integers of a table, computed by the compiler.
#pragma once

#include "constant_array.hpp"
#include "constant_functions.hpp"
#include "fixed.hpp"
#include "table_functions.hpp"
#include "table_rounding.hpp"

#include <cstddef>
#include <cstdint>

namespace kaon {
namespace detail {

/// What Function prepares of e^(-m 2^Lowest), m below Count.
template <class Function, int N, int Lowest, std::size_t Count>
struct prepared_magnitudes {
    using value_type = constant_real<N>;
    static constexpr value_type at(std::size_t m) {
        constexpr int low = 64;
        return Function::prepared(decays_of<N, Lowest, low>.values[m % low] *
                                  decays_of<N, Lowest + 6, int(Count) / low + 1>.values[m / low]);
    }
};

/// An entry of a table and whether it is correctly rounded for certain.
template <class Raw>
struct table_entry {
    Raw raw;
    bool determined;
};

/// Digits: of 32 bits, so many that they show a quarter of the last bit of every value and 48 bits after it, or more.
template <class Function, class Address, class Scalar, int Digits>
struct table_plan {
    using argument = typename Address::scalar;
    using value_type = table_entry<typename Scalar::raw_type>;
    static constexpr int lowest = -argument::fraction;
    static constexpr std::size_t magnitudes =
        argument::is_signed ? (std::size_t{1} << (argument::width - 1)) + 1 : std::size_t{1} << argument::width;

    static constexpr value_type at(std::size_t index) {
        const quarters q = quarters_at(Address::raw(static_cast<std::int32_t>(index)));
        // Rounded and overflown by the scalar itself.
        const auto magnitude = static_cast<std::int64_t>(q.magnitude);
        const Scalar value(fixed<64, 62 - Scalar::fraction>::from_raw(q.negative ? -magnitude : magnitude));
        return {static_cast<typename Scalar::raw_type>(value.raw()), q.determined};
    }

private:
    static constexpr quarters quarters_at(std::int64_t raw) {
        const auto magnitude = static_cast<std::uint64_t>(raw < 0 ? -raw : raw);
        if constexpr (Function::is_ratio) {
            return quarters_of(Function::at(raw < 0, magnitude, lowest), Scalar::fraction);
        } else {
            using prepared = prepared_magnitudes<Function, Digits, lowest, magnitudes>;
            const table_argument<Digits> x{raw < 0, magnitude, lowest, array_of<prepared, magnitudes>.values[magnitude]};
            return quarters_of(Function::at(x), Scalar::fraction, Scalar::overflow == overflow_mode::wrap,
                               Scalar::integer + 2);
        }
    }
};

template <class Function, class Address, class Scalar>
constexpr int digits_of_table() {
    if constexpr (Function::is_ratio) {
        return 2;
    } else {
        const int limit = Scalar::overflow == overflow_mode::wrap ? 1 << 30 : Scalar::integer + 2;
        const int greatest = Function::greatest_exponent(Address::scalar::integer);
        const int bits = Scalar::fraction + 2 + (greatest > limit ? limit : greatest) + 48;
        return bits <= 64 ? 2 : (bits + 31) / 32;
    }
}

/// Entries as the firmware has them: plain integers, for an HLS compiler refuses tables of objects.
template <class Plan, class Raw, std::size_t Size>
struct table_entries {
    Raw values[Size];
    bool determined;

    constexpr table_entries() : values(), determined(true) {
        for (std::size_t i = 0; i < Size; ++i) {
            const auto& entry = array_of<Plan, Size>.values[i];
            values[i] = entry.raw;
            determined = determined && entry.determined;
        }
    }
};
template <class Plan, class Raw, std::size_t Size>
inline constexpr table_entries<Plan, Raw, Size> entries_of{};

/// With a digit more for as long as an entry lies too close to where rounding changes.
template <class Function, class Address, class Scalar, int Digits = digits_of_table<Function, Address, Scalar>(),
          int More = 3>
constexpr const auto& correctly_rounded() {
    using plan = table_plan<Function, Address, Scalar, Digits>;
    constexpr auto& entries = entries_of<plan, typename Scalar::raw_type, Address::size>;
    if constexpr (entries.determined || More == 0) {
        return entries;
    } else {
        return correctly_rounded<Function, Address, Scalar, Digits + 1, More - 1>();
    }
}

}  // namespace detail
}  // namespace kaon
