// safetensors.hpp: weights read at run time. Opt-in, host only (nlohmann-json).
#pragma once

#include "weight_file.hpp"

#include "../core/model.hpp"
#include "../scalar/format.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace kaon {
namespace detail {

/// The layer's own name, or its kind and its place: dense_0.
template <class Layer, std::size_t Index>
std::string layer_name() {
    if constexpr (std::is_void_v<typename Layer::tag>) {
        return std::string(Layer::kind) + "_" + std::to_string(Index);
    } else {
        return Layer::tag::name;
    }
}

template <class T>
std::vector<std::uint64_t> extents_of(const T*) {
    return {};
}
template <class T, std::size_t N>
std::vector<std::uint64_t> extents_of(const T (*)[N]) {
    auto inner = extents_of(static_cast<const T*>(nullptr));
    inner.insert(inner.begin(), N);
    return inner;
}

/// Layers whose numbers have to fit together say what is wrong with some: `static const char* fault(const parameters&)`, or nullptr.
template <class Bound, class Parameters, class = void>
inline constexpr bool judges_numbers = false;
template <class Bound, class Parameters>
inline constexpr bool
    judges_numbers<Bound, Parameters, std::void_t<decltype(Bound::fault(std::declval<const Parameters&>()))>> = true;

template <class Network, class Layer>
void read_layer(weight_file& file, typename Network::parameters& p) {
    auto& slot = get<Network::layout::template parameter_slot<Layer>()>(p);
    const std::string layer = layer_name<typename Layer::layer, Layer::index>();
    std::decay_t<decltype(slot)>::each(slot, [&](const char* name, auto& values) {
        using array = std::remove_reference_t<decltype(values)>;
        using scalar = std::remove_all_extents_t<array>;
        const auto extents = extents_of(static_cast<const array*>(nullptr));
        auto* const first = reinterpret_cast<scalar*>(&values);
        if constexpr (is_fixed_point<scalar>) {
            using format = format_of<scalar>;
            constexpr std::int64_t half = std::int64_t{1} << (format::width - 1);
            file.read_integers(layer + "." + name, extents, first, format::is_signed ? -half : 0,
                               format::is_signed ? half - 1 : half - 1 + half,
                               [](std::int64_t raw) { return scalar::from_raw(raw); });
        } else if constexpr (std::is_integral_v<scalar>) {
            using limits = std::numeric_limits<scalar>;
            file.read_integers(layer + "." + name, extents, first, limits::min(), limits::max(),
                               [](std::int64_t number) { return static_cast<scalar>(number); });
        } else {
            static_assert(std::is_floating_point_v<scalar>,
                          "kaon: load reads float, double, integer and fixed-point parameters");
            file.read(layer + "." + name, extents, first);
        }
    });
    if constexpr (judges_numbers<typename Layer::bound, std::decay_t<decltype(slot)>>) {
        const char* const fault = Layer::bound::fault(slot);
        if (fault != nullptr) file.refuse(layer, fault);
    }
}

template <class Network, class... Layers>
std::unique_ptr<const model<Network>> model_of(weight_file& file, const char* network_sha256, types<Layers...>) {
    if (network_sha256 != nullptr) file.require_network(network_sha256);
    const auto p = std::make_unique<typename Network::parameters>();
    (read_layer<Network, Layers>(file, *p), ...);
    file.finish();
    return std::make_unique<const model<Network>>(*p);
}

}  // namespace detail

/// Reads the weights of every layer ("NAME.weights", "NAME.bias", ..., canonical layout; unnamed layers are dense_0, prelu_1, ...) from a
/// safetensors file: F32 into float, F32 and F64 into double, raw integers of any width into fixed point, integers into integers.
/// network_sha256: where given, the file must say that it was written for that network (a converted header has the constant).
/// Throws kaon::error, one line that names the file, the tensor, the cause and the remedy, for whatever is missing, unknown, of
/// another type or shape, not finite, described twice, overlapping or beyond the file. Whole or not at all. docs/weights.md.
template <class Network>
std::unique_ptr<const model<Network>> load(const std::string& path, const char* network_sha256 = nullptr) {
    // A number takes 8 bytes at most.
    detail::weight_file file(path, 8 * std::uint64_t(Network::cost::parameters));
    return detail::model_of<Network>(file, network_sha256, typename Network::layout::owners{});
}

/// The same from memory. name: what messages call it.
template <class Network>
std::unique_ptr<const model<Network>> load(const void* bytes, std::size_t size, const std::string& name,
                                           const char* network_sha256 = nullptr) {
    detail::weight_file file(bytes, size, name);
    return detail::model_of<Network>(file, network_sha256, typename Network::layout::owners{});
}

}  // namespace kaon
