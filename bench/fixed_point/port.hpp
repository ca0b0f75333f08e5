// port.hpp: a port of a Verilog module as a number of fixed point: its bits, as Verilator keeps them.
#pragma once

#include <cmath>
#include <cstdint>

namespace bench {

/// Up to 32 bits, Fraction of them after the binary point.
template <int Width, int Fraction, bool Signed>
class port {
    static constexpr std::uint32_t mask = Width == 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << Width % 32) - 1;

public:
    std::uint32_t bits = 0;

    port() = default;
    explicit port(double value) : bits(static_cast<std::uint32_t>(std::int64_t(std::ldexp(value, Fraction))) & mask) {}
    double to_double() const {
        constexpr std::int64_t beyond = std::int64_t{1} << Width;
        const bool negative = Signed && (bits >> (Width - 1) & 1) != 0;
        return std::ldexp(double(std::int64_t{bits} - (negative ? beyond : 0)), -Fraction);
    }
};

}  // namespace bench
