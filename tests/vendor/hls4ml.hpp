// hls4ml.hpp: values between kaon and the functions of hls4ml's firmware, and the entries of its tables.
#pragma once

#include <kaon/kaon.hpp>
#include <kaon/scalar/ap_fixed.hpp>

#include <nnet_utils/nnet_activation.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

template <class Fixed>
using ap = typename kaon::detail::as_ap<Fixed>::type;

template <class Fixed>
ap<Fixed> to_ap(const Fixed& value) {
    return ap<Fixed>(static_cast<double>(value));
}

/// value * 2^fraction: the raw integer, exact up to 53 bits.
template <class T>
std::int64_t raw_of(const T& value) {
    return static_cast<std::int64_t>(std::ldexp(value.to_double(), kaon::format_of<T>::fraction));
}

/// hls4ml's entries, in its order, for kaon::table_values.
template <class TableType, std::size_t Size>
void raws_of(const TableType (&entries)[Size], std::int64_t (&raws)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) raws[i] = raw_of(entries[i]);
}

/// Entries where Table, exact, is not as the firmware's.
template <class Table, std::size_t Size>
std::vector<std::size_t> different_entries(const std::int64_t (&firmware)[Size]) {
    static_assert(Table::size == Size);
    std::vector<std::size_t> different;
    for (std::size_t i = 0; i < Size; ++i) {
        if (Table::raw(static_cast<std::int32_t>(i)) != firmware[i]) different.push_back(i);
    }
    return different;
}
