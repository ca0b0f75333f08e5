// safetensors.hpp: weights read at run time. Opt-in, host only (nlohmann-json).
// Format: https://github.com/huggingface/safetensors, "Format".
#pragma once

#include "../core/error.hpp"
#include "../core/model.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace kaon {
namespace detail {

/// A weight file in memory: its header and its bytes.
class weight_file {
public:
    explicit weight_file(const std::string& path) : path_(path) {
        std::ifstream stream(path, std::ios::binary);
        if (!stream) refuse("", "cannot be opened");
        bytes_.assign(std::istreambuf_iterator<char>(stream), {});
        if (bytes_.size() < 8) refuse("", "is shorter than the 8 bytes that give its header's length");
        std::uint64_t length = 0;
        for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes_[i]);
        if (length > bytes_.size() - 8) refuse("", "ends within its header");
        data_ = 8 + static_cast<std::size_t>(length);
        header_ = nlohmann::json::parse(bytes_.data() + 8, bytes_.data() + data_, nullptr, false);
        if (!header_.is_object()) refuse("", "has a header that is no JSON object");
    }

    /// Copies the float32 tensor `name` of shape `extents` to `out`.
    void read(const std::string& name, const std::vector<std::size_t>& extents, float* out) {
        const auto entry = header_.find(name);
        if (entry == header_.end()) refuse(name, "is missing");
        if (!entry->is_object() || entry->value("dtype", nlohmann::json()) != "F32") refuse(name, "is not of type F32");
        if (entry->value("shape", nlohmann::json()) != nlohmann::json(extents)) {
            refuse(name, "has another shape than the network's " + nlohmann::json(extents).dump());
        }
        const auto offsets = entry->value("data_offsets", nlohmann::json());
        if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
            !offsets[1].is_number_unsigned()) {
            refuse(name, "has no data_offsets of two numbers");
        }
        std::size_t size = sizeof(float);
        for (const std::size_t extent : extents) size *= extent;
        const auto first = offsets[0].get<std::size_t>(), last = offsets[1].get<std::size_t>();
        if (first > last || last > bytes_.size() - data_ || last - first != size) {
            refuse(name, "has data_offsets that do not fit its shape and the file");
        }
        std::memcpy(out, bytes_.data() + data_ + first, size);
        read_.insert(name);
    }

    /// Refuses tensors that no layer asked for.
    void finish() const {
        for (const auto& item : header_.items()) {
            if (item.key() != "__metadata__" && read_.count(item.key()) == 0)
                refuse(item.key(), "belongs to no layer of the network");
        }
    }

private:
    [[noreturn]] void refuse(const std::string& tensor, const std::string& cause) const {
        throw error(path_ + ": " + (tensor.empty() ? "the file" : "tensor '" + tensor + "'") + " " + cause +
                    "; convert the model again");
    }
    std::string path_;
    std::vector<char> bytes_;
    std::size_t data_ = 0;
    nlohmann::json header_;
    std::set<std::string> read_;
};

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
std::vector<std::size_t> extents_of(const T*) {
    return {};
}
template <class T, std::size_t N>
std::vector<std::size_t> extents_of(const T (*)[N]) {
    auto inner = extents_of(static_cast<const T*>(nullptr));
    inner.insert(inner.begin(), N);
    return inner;
}

template <class Network, class Layer>
void read_layer(weight_file& file, typename Network::parameters& p) {
    auto& slot = get<Network::layout::template parameter_slot<Layer>()>(p);
    const std::string layer = layer_name<typename Layer::layer, Layer::index>();
    std::decay_t<decltype(slot)>::each(slot, [&](const char* name, auto& values) {
        using array = std::remove_reference_t<decltype(values)>;
        using scalar = std::remove_all_extents_t<array>;
        static_assert(std::is_same_v<scalar, float>, "kaon: load reads networks of float parameters");
        file.read(layer + "." + name, extents_of(static_cast<const array*>(nullptr)), reinterpret_cast<scalar*>(&values));
    });
}

template <class Network, class... Layers>
void read_layers(weight_file& file, typename Network::parameters& p, types<Layers...>) {
    (read_layer<Network, Layers>(file, p), ...);
}

}  // namespace detail

/// Reads the float32 weights of every layer ("NAME.weights", "NAME.bias", canonical layout) from a safetensors file.
/// Throws kaon::error that names the file and the tensor: missing, unknown, of another type or shape, beyond the file.
template <class Network>
std::unique_ptr<const model<Network>> load(const std::string& path) {
    detail::weight_file file(path);
    const auto p = std::make_unique<typename Network::parameters>();
    detail::read_layers<Network>(file, *p, typename Network::layout::owners{});
    file.finish();
    return std::make_unique<const model<Network>>(*p);
}

}  // namespace kaon
