// loaded_sizes.hpp: a forest whose sizes are known when it is loaded: its parameters, and what the nests ask instead of their types.
#pragma once

#include "forest_parameters.hpp"
#include "forest_types.hpp"

#include "../core/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace kaon::detail {

/// Levels, outputs and features of a loaded forest, at most.
/// @{
inline constexpr std::size_t most_levels = 256;
inline constexpr std::size_t most_outputs = 256;
inline constexpr std::size_t most_features = 4096;
/// @}

/// Zeros, aligned to the widest register; T: a number, or an array of them.
template <class T>
class aligned_array {
public:
    aligned_array() = default;
    explicit aligned_array(std::size_t size)
        : data_(static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t(register_bytes)))) {
        static_assert(std::is_trivially_copyable_v<T>);
        std::memset(static_cast<void*>(data_.get()), 0, size * sizeof(T));
    }
    template <class Index>
    T& operator[](Index i) noexcept {
        return data_.get()[i];
    }
    template <class Index>
    const T& operator[](Index i) const noexcept {
        return data_.get()[i];
    }

private:
    struct free_aligned {
        void operator()(T* p) const noexcept { ::operator delete(static_cast<void*>(p), std::align_val_t(register_bytes)); }
    };
    std::unique_ptr<T, free_aligned> data_;
};

/// Rows of numbers, all of one width.
template <class T>
class aligned_rows {
public:
    aligned_rows() = default;
    aligned_rows(std::size_t rows, std::size_t width) : numbers_(rows * width), width_(width) {}
    template <class Index>
    T* operator[](Index row) noexcept {
        return &numbers_[static_cast<std::size_t>(row) * width_];
    }
    template <class Index>
    const T* operator[](Index row) const noexcept {
        return &numbers_[static_cast<std::size_t>(row) * width_];
    }

private:
    aligned_array<T> numbers_;
    std::size_t width_ = 0;
};

/// As sized_arrays, of sizes that are set.
struct owned_arrays {
    template <class T, std::size_t>
    using array = aligned_array<T>;
    template <class T, std::size_t, std::size_t>
    using rows = aligned_rows<T>;
};
template <class T>
void set_size(aligned_array<T>& array, std::size_t size) {
    array = aligned_array<T>(size);
}
template <class T>
void set_size(aligned_rows<T>& rows, std::size_t count, std::size_t width) {
    rows = aligned_rows<T>(count, width);
}

/// Parameters as forest_parameters has them; directions of missing values are there in any case.
template <class T>
struct loaded_parameters {
    std::size_t trees = 0, nodes = 0, outputs = 0, inputs = 0, tests = 0, words = 0;
    bool or_equal = false, missing = false, vectors = false;
    std::vector<std::int32_t> roots, features, right, missing_left, test_features, test_sets, sets;
    std::vector<T> values, base;
    aligned_rows<T> leaves;

    std::size_t trees_a_sum() const { return vectors ? trees : (trees + outputs - 1) / outputs; }
    /// Levels of the deepest tree.
    std::size_t depth() const {
        std::size_t deepest = 0;
        for (std::size_t tree = 0; tree < trees; ++tree) {
            walk_tree<most_levels>(*this, tree, inputs, tests, [&](const tree_position& at, bool) {
                if (at.depth > deepest) deepest = at.depth;
            });
        }
        return deepest;
    }
    /// Values that nodes may ask for, of packs of so many lanes: see event_features.
    std::size_t read(std::size_t lanes) const { return (missing ? round_up(inputs + tests, lanes) : 0) + inputs + tests; }
    /// The same sums of trees whose leaves are single numbers: a copy of each tree for every output.
    loaded_parameters of_single_leaves() const {
        loaded_parameters p;
        p.outputs = outputs;
        p.inputs = inputs;
        p.tests = tests;
        p.words = words;
        p.or_equal = or_equal;
        p.missing = missing;
        p.test_features = test_features;
        p.test_sets = test_sets;
        p.sets = sets;
        p.base = base;
        std::size_t first_leaf = 0;
        for (std::size_t tree = 0; tree < trees; ++tree) {
            const auto begin = std::size_t(roots[tree]), end = tree + 1 < trees ? std::size_t(roots[tree + 1]) : nodes;
            std::size_t leaf = first_leaf;
            for (std::size_t o = 0; o < outputs; ++o) {
                leaf = first_leaf;
                const auto moved = std::int32_t(p.values.size()) - roots[tree];
                p.roots.push_back(roots[tree] + moved);
                for (std::size_t n = begin; n < end; ++n) {
                    const bool is_leaf = features[n] == -1;
                    p.features.push_back(features[n]);
                    p.right.push_back(is_leaf ? 0 : right[n] + moved);
                    p.missing_left.push_back(missing_left[n]);
                    p.values.push_back(is_leaf ? leaves[leaf++][o] : values[n]);
                }
            }
            first_leaf = leaf;
        }
        p.trees = p.roots.size();
        p.nodes = p.values.size();
        return p;
    }
    /// Where a file has no directions: NaN goes right where nodes split by `<` or by category, left where by `<=`.
    void set_directions() {
        missing_left.resize(nodes);
        for (std::size_t n = 0; n < nodes; ++n) missing_left[n] = or_equal && features[n] >= 0 ? 1 : 0;
    }
};

/// As known_sizes.
class loaded_sizes {
public:
    static constexpr bool are_known = false;
    std::size_t features() const noexcept { return features_; }
    std::size_t tests() const noexcept { return tests_; }
    std::size_t outputs() const noexcept { return outputs_; }
    std::size_t groups() const noexcept { return groups_; }
    std::size_t second() const noexcept { return second_; }

    template <class T>
    void set(const loaded_parameters<T>& p, std::size_t ways) {
        features_ = p.inputs;
        tests_ = p.tests;
        outputs_ = p.outputs;
        groups_ = (p.trees_a_sum() + ways - 1) / ways;
        second_ = p.missing ? round_up(features_ + tests_, ways) : 0;
    }

private:
    std::size_t features_ = 0, tests_ = 0, outputs_ = 0, groups_ = 0, second_ = 0;
};

/// As forest_shape. Levels: of the deepest tree, at most.
template <class Scalar, std::size_t Levels, bool OrEqual, bool Missing, bool Vectors, bool Tests>
struct loaded_shape {
    using types = forest_types<Scalar, 1>;
    static constexpr std::size_t trees = 1;
    static constexpr std::size_t nodes = 1;
    static constexpr std::size_t depth = Levels;
    static constexpr std::size_t outputs = most_outputs;
    static constexpr bool or_equal = OrEqual;
    static constexpr bool missing = Missing;
    static constexpr bool vector_leaves = Vectors;
    static constexpr std::size_t tests = 0;
    static constexpr std::size_t words = 0;
    static constexpr bool leaves_apart = Vectors;
    static constexpr std::size_t leaf_width = Vectors ? 1 : 0;
    /// Of whole registers.
    static constexpr std::size_t trees_a_sum = register_bytes;
    static constexpr bool has_tests = Tests;
    using arrays = owned_arrays;
    template <std::size_t, std::size_t, std::size_t>
    using sizes = loaded_sizes;
};

}  // namespace kaon::detail
