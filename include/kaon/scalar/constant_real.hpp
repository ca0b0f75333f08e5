// constant_real.hpp: positive numbers with more bits than a double has, in integers, for the compiler: the same bits from each.
#pragma once

#include <cstdint>

namespace kaon {
namespace detail {

/// (digits as one number) * 2^(exponent - 32 N): N 32-bit digits, the lowest first, the first bit of the last one set; or all
/// are zero. Results are cut after the last digit: each operation errs by less than 2^(4 - 32 N) of what it gives.
template <int N>
struct constant_real {
    std::uint32_t digits[N];
    int exponent;

    constexpr bool is_zero() const { return digits[N - 1] == 0; }

    /// 32 bits from position `low` on; nothing lies beyond either end.
    constexpr std::uint32_t bits_from(int low) const {
        // Rounded down, for a negative position too.
        const int digit = low >= 0 ? low / 32 : -((31 - low) / 32);
        const int shift = low - 32 * digit;
        const std::uint64_t upper = digit + 1 >= 0 && digit + 1 < N ? digits[digit + 1] : 0;
        const std::uint64_t lower = digit >= 0 && digit < N ? digits[digit] : 0;
        return static_cast<std::uint32_t>((upper << 32 | lower) >> shift);
    }
};

constexpr int leading_zeros(std::uint64_t a) {
    int zeros = 0;
    for (int half = 32; half > 0; half /= 2) {
        if (a >> (64 - half) == 0) {
            a <<= half;
            zeros += half;
        }
    }
    return zeros;
}

/// Digits * 2^(exponent - 32 N) with the first bit where it belongs.
template <int N>
constexpr constant_real<N> normalised(const constant_real<N>& a) {
    int top = N - 1;
    while (top >= 0 && a.digits[top] == 0) --top;
    if (top < 0) return {};
    const int zeros = 32 * (N - 1 - top) + leading_zeros(a.digits[top]) - 32;
    if (zeros == 0) return a;
    constant_real<N> result{};
    for (int i = 0; i < N; ++i) result.digits[i] = a.bits_from(32 * i - zeros);
    result.exponent = a.exponent - zeros;
    return result;
}

/// value * 2^exponent, exact.
template <int N>
constexpr constant_real<N> real_of(std::uint64_t value, int exponent = 0) {
    constant_real<N> a{};
    a.digits[N - 1] = static_cast<std::uint32_t>(value >> 32);
    a.digits[N - 2] = static_cast<std::uint32_t>(value);
    a.exponent = exponent + 64;
    return normalised(a);
}

template <int N>
constexpr constant_real<N> operator*(const constant_real<N>& a, const constant_real<N>& b) {
    if (a.is_zero() || b.is_zero()) return {};
    std::uint32_t product[2 * N] = {};
    for (int i = 0; i < N; ++i) {
        std::uint64_t carry = 0;
        for (int j = 0; j < N; ++j) {
            carry += std::uint64_t{a.digits[i]} * b.digits[j] + product[i + j];
            product[i + j] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        product[i + N] = static_cast<std::uint32_t>(carry);
    }
    const int shift = product[2 * N - 1] >> 31 != 0 ? 0 : 1;
    constant_real<N> result{};
    for (int i = 0; i < N; ++i) {
        result.digits[i] = shift == 0 ? product[N + i] : product[N + i] << 1 | product[N + i - 1] >> 31;
    }
    result.exponent = a.exponent + b.exponent - shift;
    return result;
}

template <int N>
constexpr constant_real<N> operator/(const constant_real<N>& a, std::uint32_t divisor) {
    constant_real<N> result{};
    std::uint64_t rest = 0;
    for (int i = N; i-- > 0;) {
        rest = rest << 32 | a.digits[i];
        result.digits[i] = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
    result.exponent = a.exponent;
    return normalised(result);
}

/// a 2^n, exact.
template <int N>
constexpr constant_real<N> scaled_by(constant_real<N> a, int n) {
    a.exponent += n;
    return a;
}

template <int N>
constexpr constant_real<N> operator+(const constant_real<N>& a, const constant_real<N>& b) {
    if (b.is_zero()) return a;
    if (a.is_zero() || a.exponent < b.exponent) return b + a;
    const int shift = a.exponent - b.exponent;
    constant_real<N> result{};
    std::uint64_t carry = 0;
    for (int i = 0; i < N; ++i) {
        carry += std::uint64_t{a.digits[i]} + b.bits_from(32 * i + shift);
        result.digits[i] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    result.exponent = a.exponent;
    if (carry == 0) return result;
    for (int i = 0; i < N; ++i) {
        result.digits[i] = result.digits[i] >> 1 | (i + 1 < N ? result.digits[i + 1] : std::uint32_t{1}) << 31;
    }
    ++result.exponent;
    return result;
}

/// Of a >= b. What the two have in common is lost: the error is that of a.
template <int N>
constexpr constant_real<N> operator-(const constant_real<N>& a, const constant_real<N>& b) {
    if (b.is_zero()) return a;
    const int shift = a.exponent - b.exponent;
    constant_real<N> result{};
    std::uint64_t borrow = 0;
    for (int i = 0; i < N; ++i) {
        const std::uint64_t difference = std::uint64_t{a.digits[i]} - b.bits_from(32 * i + shift) - borrow;
        result.digits[i] = static_cast<std::uint32_t>(difference);
        borrow = difference >> 63;
    }
    result.exponent = a.exponent;
    return normalised(result);
}

/// 1 / a by Newton's method; each step doubles the bits of the first one's 30. It errs by less than 2^(12 - 32 N) of it.
template <int N>
constexpr constant_real<N> reciprocal(const constant_real<N>& a) {
    constant_real<N> mantissa = a;
    mantissa.exponent = 0;
    constant_real<N> x = real_of<N>((std::uint64_t{1} << 63) / mantissa.digits[N - 1], -31);
    const constant_real<N> two = real_of<N>(2);
    for (int bits = 30; bits < 32 * N - 8; bits *= 2) x = x * (two - mantissa * x);
    x.exponent -= a.exponent;
    return x;
}

}  // namespace detail
}  // namespace kaon
