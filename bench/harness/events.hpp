// events.hpp: the inputs that every engine of a bench sees, read from a raw file of float32 rows.
#pragma once

#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// Rows of features, C order.
struct events {
    std::size_t features = 0;
    std::vector<float> values;

    std::size_t rows() const noexcept { return values.size() / features; }
    const float* row(std::size_t index) const noexcept { return values.data() + index * features; }
};

/// Reads all whole rows of a file; throws std::runtime_error where there are fewer than `least` rows.
inline events read_events(const std::string& path, std::size_t features, std::size_t least) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    const auto bytes = static_cast<std::size_t>(file.tellg());
    const std::size_t rows = bytes / (features * sizeof(float));
    if (rows < least) {
        throw std::runtime_error(path + ": " + std::to_string(rows) + " rows; at least " + std::to_string(least) +
                                 " distinct events are needed");
    }
    events result{features, std::vector<float>(rows * features)};
    file.seekg(0);
    file.read(reinterpret_cast<char*>(result.values.data()),
              static_cast<std::streamsize>(result.values.size() * sizeof(float)));
    return result;
}

}  // namespace bench
