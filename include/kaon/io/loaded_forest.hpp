// loaded_forest.hpp: a forest from a weight file, whose shape nothing but the file says. Opt-in, host only (nlohmann-json).
#pragma once

#include "weight_file.hpp"

#include "../core/rows.hpp"
#include "../simd/target.hpp"
#include "../trees/loaded_link.hpp"
#include "../trees/loaded_sizes.hpp"
#include "../trees/loaded_trees.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace kaon {
namespace detail {

/// Reads the one forest of a weight file, and checks every tree.
template <class T>
class forest_reader {
public:
    explicit forest_reader(weight_file& file) : file_(file) {
        p.inputs = number_of_features();
        p.or_equal = one_of("forest.split", {"<", "<="}) == 1;
        link = static_cast<forest_link>(one_of("forest.link", {"none", "sigmoid", "softmax", "exponential", "tanh"}));
        name_ = name_of_forest();
        read_arrays();
        const std::size_t bad = first_bad_tree<most_levels>(p, p.inputs, p.tests);
        if (bad != p.trees) {
            file_.refuse(name_, "holds in tree " + std::to_string(bad) + " no tree of at most " +
                                    std::to_string(most_levels) + " levels over " + std::to_string(p.inputs) +
                                    " features, depth first");
        }
        for (std::size_t t = 0; t < p.tests; ++t) {
            if (!are_tests(p, t, p.inputs, p.words)) {
                file_.refuse(
                    name_, "asks in test " + std::to_string(t) + " for a feature or a set of categories that is not there");
            }
        }
        if (!p.missing) p.set_directions();
        file_.finish();
    }

    loaded_parameters<T> p;
    forest_link link = forest_link::none;

private:
    using extents = std::vector<std::uint64_t>;

    const std::string& said(const std::string& key) const {
        const std::string* const value = file_.metadata(key);
        if (value == nullptr) {
            file_.refuse(
                "", "does not say '" + key + "' in its __metadata__: it is not written for one forest with a link alone");
        }
        return *value;
    }
    std::size_t number_of_features() const {
        const std::string& text = said("forest.features");
        std::size_t number = 0;
        for (const char c : text) {
            number =
                c >= '0' && c <= '9' && number <= most_features ? 10 * number + std::size_t(c - '0') : most_features + 1;
        }
        if (number == 0 || number > most_features) {
            file_.refuse("", "says '" + text + "' forest.features, not 1 to " + std::to_string(most_features));
        }
        return number;
    }
    std::size_t one_of(const std::string& key, const std::vector<const char*>& values) const {
        const std::string& text = said(key);
        std::string all;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (text == values[i]) return i;
            all += std::string(i == 0 ? "" : ", ") + values[i];
        }
        file_.refuse("", "says '" + text + "' for " + key + ", not one of " + all);
    }
    std::string name_of_forest() const {
        const std::string end = ".roots";
        std::string found;
        for (const auto& [tensor, entry] : file_.tensors()) {
            if (tensor.size() <= end.size() || tensor.compare(tensor.size() - end.size(), end.size(), end) != 0) continue;
            if (!found.empty()) file_.refuse(tensor, "is of a second forest");
            found = tensor.substr(0, tensor.size() - end.size());
        }
        if (found.empty()) file_.refuse("", "holds no forest: no tensor's name ends in .roots");
        return found;
    }

    const extents* shape_of(const char* array) const {
        const auto found = file_.tensors().find(name_ + "." + array);
        return found == file_.tensors().end() ? nullptr : &found->second.shape;
    }
    /// Of an array of one extent, at least 1; 0 where it is absent.
    std::size_t length(const char* array, std::size_t most) const {
        const extents* const shape = shape_of(array);
        if (shape == nullptr) return 0;
        if (shape->size() != 1 || (*shape)[0] == 0 || (*shape)[0] > most) {
            file_.refuse(name_ + "." + array, "is no list of 1 to " + std::to_string(most) + " numbers");
        }
        return static_cast<std::size_t>((*shape)[0]);
    }
    std::vector<std::int32_t> integers(const char* array, std::size_t size) {
        using limits = std::numeric_limits<std::int32_t>;
        std::vector<std::int32_t> numbers(size);
        file_.read_integers(name_ + "." + array, {size}, numbers.data(), limits::min(), limits::max(),
                            [](std::int64_t n) { return static_cast<std::int32_t>(n); });
        return numbers;
    }
    std::vector<T> numbers(const char* array, std::size_t size) {
        std::vector<T> numbers(size);
        file_.read(name_ + "." + array, {size}, numbers.data());
        return numbers;
    }

    void read_arrays() {
        constexpr std::size_t most = std::numeric_limits<std::int32_t>::max() / 2;
        p.trees = length("roots", most);
        p.nodes = length("features", most);
        p.outputs = length("base", most_outputs);
        p.tests = length("test_features", most / 4);
        p.words = length("sets", most);
        p.missing = shape_of("missing_left") != nullptr;
        p.vectors = shape_of("leaves") != nullptr;
        p.roots = integers("roots", p.trees);
        p.features = integers("features", p.nodes);
        p.right = integers("right", p.nodes);
        if (p.missing) p.missing_left = integers("missing_left", p.nodes);
        if (p.tests > 0) {
            p.test_features = integers("test_features", p.tests);
            p.test_sets = integers("test_sets", p.tests);
            p.sets = integers("sets", p.words);
        }
        p.values = numbers("values", p.nodes);
        p.base = numbers("base", p.outputs);
        if (p.trees < (p.vectors ? 1 : p.outputs) || p.nodes < p.trees) {
            file_.refuse(name_, "has " + std::to_string(p.trees) + " trees of " + std::to_string(p.nodes) + " nodes for " +
                                    std::to_string(p.outputs) + " outputs");
        }
        if (p.vectors) {
            const std::size_t leaves = leaves_of(p.trees, p.nodes);
            p.leaves = aligned_rows<T>(leaves, p.outputs);
            file_.read(name_ + ".leaves", {leaves, p.outputs}, p.leaves[0]);
        }
    }

    weight_file& file_;
    std::string name_;
};

}  // namespace detail

/// A forest of any shape from a weight file that kaon convert wrote of a forest alone, or one with a link: what a framework takes
/// whose conditions bring another training, of other trees, without compiling. T: float reads F32, double F32 and F64. Its scores are
/// those of kaon::model of the network that the converter wrote, and nearly as fast (docs/forests.md).
/// Const calls may run in several threads; they allocate nothing and throw nothing. Movable; one that was moved from may only be
/// assigned to or destroyed.
/// Throws kaon::error, one line that names the file, the tensor, the cause and the remedy, for whatever load() refuses, and for forests
/// of more than 256 levels, 256 outputs or 4,096 features; std::bad_alloc where memory ends.
template <class T, class Target = native>
class loaded_forest {
public:
    /// From a file; from memory. name: what messages call it.
    /// @{
    explicit loaded_forest(const std::string& path) {
        detail::weight_file file(path, largest_file);
        read(file);
    }
    loaded_forest(const void* bytes, std::size_t size, const std::string& name) {
        detail::weight_file file(bytes, size, name);
        read(file);
    }
    /// @}

    /// What an event has, what it gives; trees, their nodes with leaves, splits on the longest way through one.
    /// @{
    std::size_t features() const noexcept { return features_; }
    std::size_t outputs() const noexcept { return outputs_; }
    std::size_t trees() const noexcept { return trees_; }
    std::size_t nodes() const noexcept { return nodes_; }
    std::size_t depth() const noexcept { return depth_; }
    /// @}
    /// What follows the sums.
    forest_link link() const noexcept { return link_; }

    /// The scores of one event: x [features], y [outputs].
    void operator()(const T* x, T* y) const noexcept {
        sums(x, y);
        if (link_ != forest_link::none) detail::apply_link<Target>(link_, batch_view<T>{y, 1, outputs_}, outputs_);
    }
    /// Those of a batch: rows of y beside rows of x.
    void operator()(const batch_view<const T>& x, const batch_view<T>& y) const noexcept {
        sums(x, y);
        if (link_ != forest_link::none)
            detail::apply_link<Target>(link_, batch_view<T>{y.data, x.rows, y.row_stride, y.column_stride}, outputs_);
    }
    /// Those of rows that lie one after the other: x [rows][features], y [rows][outputs].
    void operator()(const T* x, std::size_t rows, T* y) const noexcept {
        (*this)(batch_view<const T>{x, rows, features_}, batch_view<T>{y, rows, outputs_});
    }

    /// What the trees say, without the link.
    /// @{
    void sums(const T* x, T* y) const noexcept { forms_.events->event(x, y, 1); }
    void sums(const batch_view<const T>& x, const batch_view<T>& y) const noexcept {
        // As core/forward.hpp runs batches.
        std::size_t in_lanes = 0;
        if (forms_.batches != nullptr) {
            const std::size_t rest = x.rows % lanes;
            in_lanes = rest >= lanes / 4 ? x.rows : x.rows - rest;
            forms_.batches->rows(x, y, 0, in_lanes);
        }
        forms_.events->rows(x, y, in_lanes, x.rows - in_lanes);
    }
    /// @}

private:
    static_assert(std::is_floating_point_v<T>, "kaon: loaded_forest takes float or double");
    using forms = detail::loaded_forms<Target, T>;
    static constexpr std::size_t lanes = forms::lanes;
    static constexpr std::uint64_t largest_file = std::uint64_t{1} << 30;

    void read(detail::weight_file& file) {
        const detail::forest_reader<T> reader(file);
        const auto& p = reader.p;
        features_ = p.inputs;
        outputs_ = p.outputs;
        trees_ = p.trees;
        nodes_ = p.nodes;
        depth_ = p.depth();
        link_ = reader.link;
        forms_ = forms::chosen(p, depth_);
    }

    std::size_t features_ = 0, outputs_ = 0, trees_ = 0, nodes_ = 0, depth_ = 0;
    forest_link link_ = forest_link::none;
    typename forms::pair forms_;
};

}  // namespace kaon
