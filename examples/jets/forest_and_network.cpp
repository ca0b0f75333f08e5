// forest_and_network: reads jets as CSV, the observables and `label`; takes the last quarter, which no training has seen.
// Writes the area under the ROC curve of each class and ns a jet for the forest, the network, and both in one model;
// with --scores N the scores of the first N jets instead, as CSV.

#include "forest_and_network.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using jet = jets::network::input;
using scores = jets::network::output;

struct sample {
    std::vector<jet> observables;
    std::vector<std::size_t> truth;
};

sample read_sample() {
    sample read;
    std::string line;
    std::getline(std::cin, line);
    std::string wanted;
    for (const char* name : jet_tagger::feature_names) wanted += std::string(name) + ',';
    if (line != wanted + "label") throw std::runtime_error("the columns are not the observables and 'label'");
    while (std::getline(std::cin, line)) {
        jet one{};
        const char* at = line.data();
        const char* const end = at + line.size();
        for (float& value : one) {
            const auto [stop, error] = std::from_chars(at, end, value);
            if (error != std::errc() || stop == end || *stop != ',') throw std::runtime_error("no jet: '" + line + "'");
            at = stop + 1;
        }
        const auto* const name =
            std::find(std::begin(jet_tagger::class_names), std::end(jet_tagger::class_names), std::string(at, end));
        if (name == std::end(jet_tagger::class_names)) throw std::runtime_error("no class: '" + line + "'");
        read.observables.push_back(one);
        read.truth.push_back(std::size_t(name - std::begin(jet_tagger::class_names)));
    }
    const std::size_t seen = read.truth.size() * 3 / 4;
    read.observables.erase(read.observables.begin(), read.observables.begin() + std::ptrdiff_t(seen));
    read.truth.erase(read.truth.begin(), read.truth.begin() + std::ptrdiff_t(seen));
    return read;
}

/// The chance that a jet of class `of` has a larger score than one of another; ties count half.
double auc(const std::vector<scores>& given, const std::vector<std::size_t>& truth, std::size_t of) {
    std::vector<std::size_t> order(given.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return given[a][of] < given[b][of]; });
    double below = 0, pairs = 0, signal = 0;
    for (std::size_t first = 0; first < order.size();) {
        double equal_signal = 0, equal_others = 0;
        std::size_t i = first;
        for (; i < order.size() && given[order[i]][of] == given[order[first]][of]; ++i)
            (truth[order[i]] == of ? equal_signal : equal_others) += 1;
        pairs += equal_signal * (below + 0.5 * equal_others);
        signal += equal_signal;
        below += equal_others;
        first = i;
    }
    return pairs / (signal * below);
}

template <class Model>
std::vector<scores> scores_of(const Model& model, const std::vector<jet>& jets) {
    std::vector<scores> result(jets.size());
    std::transform(jets.begin(), jets.end(), result.begin(), [&](const jet& one) { return model(one); });
    return result;
}

/// The fastest block of 1,024 jets of several passes over all, one jet a call or 64: short, so that some block is not interrupted.
template <class Model>
double nanoseconds(const Model& model, const std::vector<jet>& jets, bool batches) {
    constexpr std::size_t block = 1024;
    std::vector<scores> result(block);
    double least = 1e30;
    for (int pass = 0; pass < 20; ++pass) {
        for (std::size_t first = 0; first + block <= jets.size(); first += block) {
            const auto start = std::chrono::steady_clock::now();
            if (batches) {
                constexpr std::size_t rows = 64;
                for (std::size_t i = 0; i < block; i += rows) {
                    model(kaon::batch_view<const float>{jets[first + i].data(), rows, sizeof(jet) / sizeof(float)},
                          kaon::batch_view<float>{result[i].data(), rows, sizeof(scores) / sizeof(float)});
                }
            } else {
                for (std::size_t i = 0; i < block; ++i) result[i] = model(jets[first + i]);
            }
            const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
            least = std::min(least, taken.count() / double(block));
        }
    }
    return least;
}

template <class Model>
void print_row(const char* name, const Model& model, const sample& given) {
    const std::vector<scores> result = scores_of(model, given.observables);
    std::printf("%-8s", name);
    for (std::size_t i = 0; i < scores::size; ++i) std::printf("  %.4f", auc(result, given.truth, i));
    std::printf("  %8.0f  %8.0f\n", nanoseconds(model, given.observables, false),
                nanoseconds(model, given.observables, true));
}

template <class Model>
std::string row(const Model& model, const jet& one) {
    std::string text;
    const scores result = model(one);
    for (const float score : result) {
        char number[32];
        std::snprintf(number, sizeof number, "%s%.7f", text.empty() ? "" : ",", double(score));
        text += number;
    }
    return text;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const sample given = read_sample();
        if (count == 3 && arguments[1] == std::string("--scores")) {
            const std::size_t rows = std::min<std::size_t>(std::stoul(arguments[2]), given.truth.size());
            for (std::size_t i = 0; i < rows; ++i) {
                const jet& one = given.observables[i];
                std::cout << row(jet_forest::model, one) << ',' << row(jet_tagger::model, one) << ','
                          << row(jets::model, one) << '\n';
            }
            return 0;
        }
        std::printf("%zu jets   AUC g   AUC q   AUC w   AUC z   AUC t  ns a jet  ns, 64 a call\n", given.truth.size());
        print_row("forest", jet_forest::model, given);
        print_row("network", jet_tagger::model, given);
        print_row("both", jets::model, given);
    } catch (const std::exception& error) {
        std::cerr << "forest_and_network: " << error.what() << '\n';
        return 2;
    }
}
