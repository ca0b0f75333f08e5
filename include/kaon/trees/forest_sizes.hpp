// forest_sizes.hpp: how many of everything a forest has, where its type says so: the nests ask, and a loaded forest answers with numbers
// (loaded_sizes.hpp).
#pragma once

#include "../core/loop.hpp"

#include <cstddef>

namespace kaon::detail {

/// Arrays whose sizes their types say.
struct sized_arrays {
    template <class T, std::size_t N>
    using array = T[N];
    template <class T, std::size_t N, std::size_t Width>
    using rows = T[N][Width];
};

/// Gives an array its size, a table its rows: these have them.
/// @{
template <class T, std::size_t N>
constexpr void set_size(T (&)[N], std::size_t) {}
template <class T, std::size_t N, std::size_t Width>
constexpr void set_size(T (&)[N][Width], std::size_t, std::size_t) {}
/// @}

/// Features of an event, tests by category, outputs, groups of trees of one sum; Second: where copies of the features begin that send a
/// missing value right, or 0.
template <std::size_t Features, std::size_t Tests, std::size_t Outputs, std::size_t Groups, std::size_t Second>
struct known_sizes {
    static constexpr bool are_known = true;
    static constexpr constant<Features> features() noexcept { return {}; }
    static constexpr constant<Tests> tests() noexcept { return {}; }
    static constexpr constant<Outputs> outputs() noexcept { return {}; }
    static constexpr constant<Groups> groups() noexcept { return {}; }
    static constexpr constant<Second> second() noexcept { return {}; }

    /// What parameters say, in groups of so many trees.
    template <class Parameters>
    static constexpr void set(const Parameters&, std::size_t) noexcept {}
};

}  // namespace kaon::detail
