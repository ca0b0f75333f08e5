// forest_file.hpp: weight files of forests, in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

/// A weight file in the making.
struct forest_weights {
    std::string entries, data;

    template <class Scalar>
    void add(const std::string& name, const std::string& shape, const Scalar* numbers, std::size_t count) {
        const std::size_t begin = data.size();
        data.append(reinterpret_cast<const char*>(numbers), count * sizeof(Scalar));
        const char* const type = std::is_integral_v<Scalar> ? "I32" : sizeof(Scalar) == 4 ? "F32" : "F64";
        entries += ",\"bdt." + name + "\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[" +
                   std::to_string(begin) + "," + std::to_string(data.size()) + "]}";
    }
    template <class Scalar, std::size_t N>
    void add(const char* name, const Scalar (&array)[N]) {
        add(name, std::to_string(N), array, N);
    }
    template <class Scalar, std::size_t N, std::size_t M>
    void add(const char* name, const Scalar (&array)[N][M]) {
        add(name, std::to_string(N) + "," + std::to_string(M), array[0], N * M);
    }
    template <class Scalar>
    void add(const char* name, const std::vector<Scalar>& numbers) {
        add(name, std::to_string(numbers.size()), numbers.data(), numbers.size());
    }
    std::string file(const std::string& metadata) const {
        const std::string header = "{\"__metadata__\":{" + metadata + "}" + entries + "}";
        std::string bytes;
        for (int i = 0; i < 8; ++i) bytes += static_cast<char>(std::uint64_t(header.size()) >> (8 * i) & 255);
        return bytes + header + data;
    }
};

inline std::string said(std::size_t features, bool or_equal, const char* link) {
    return "\"forest.features\":\"" + std::to_string(features) + "\",\"forest.split\":\"" + (or_equal ? "<=" : "<") +
           "\",\"forest.link\":\"" + link + "\"";
}

/// The file of a forest's parameters.
template <class Layer, class P>
std::string file_of(const P& trees, std::size_t features, const char* link) {
    forest_weights w;
    P::each(trees, [&](const char* name, const auto& array) { w.add(name, array); });
    return w.file(said(features, Layer::or_equal, link));
}
