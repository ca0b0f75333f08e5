// rdataframe IN.root OUT.root [THREADS [TIMES]]: scores every jet of tree `jets` in an RDataFrame with implicit threads and writes
// `jet` and the five scores. TIMES: also reads the file that often, and prints how many jets a second it scored.

#include "jet_tagger.hpp"

#include <kaon/io/columns.hpp>

#include <TROOT.h>
#include <ROOT/RDataFrame.hxx>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

using scores = std::array<float, jet_tagger::network::output::size>;

const std::vector<std::string> features(std::begin(jet_tagger::feature_names), std::end(jet_tagger::feature_names));

void write(ROOT::RDF::RNode frame, const char* path) {
    std::vector<std::string> columns = {"jet"};
    for (std::size_t i = 0; i < jet_tagger::network::output::size; ++i) {
        columns.push_back(std::string("score_") + jet_tagger::class_names[i]);
        frame = frame.Define(columns.back(), [i](const scores& y) { return y[i]; }, {"scores"});
    }
    frame.Snapshot("scores", path, columns);
}

// Stands where the model stands and computes nothing: what reading the columns costs.
struct first_features {
    using input = jet_tagger::network::input;
    using output = jet_tagger::network::output;
    output operator()(const input& x) const noexcept { return {{x[0], x[1], x[2], x[3], x[4]}}; }
};
constexpr first_features nothing{};

template <class Model>
double jets_per_second(const std::vector<std::string>& files, const Model& model) {
    ROOT::RDataFrame jets("jets", files);
    auto sum = jets.Define("scores", kaon::on_columns(model), features)
                   .Define("top", [](const scores& y) { return y[4]; }, {"scores"})
                   .template Sum<float>("top");
    auto count = jets.Count();
    const auto begin = std::chrono::steady_clock::now();
    sum.GetValue();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    return double(count.GetValue()) / seconds.count();
}

int main(int argc, char** argv) try {
    if (argc < 3) throw std::runtime_error("usage: rdataframe IN.root OUT.root [THREADS [TIMES]]");
    const unsigned threads = argc > 3 ? unsigned(std::atoi(argv[3])) : 0;
    if (threads != 1) ROOT::EnableImplicitMT(threads);

    write(ROOT::RDataFrame("jets", argv[1]).Define("scores", kaon::on_columns(jet_tagger::model), features), argv[2]);

    if (argc > 4) {
        const std::vector<std::string> files(std::size_t(std::atoi(argv[4])), argv[1]);
        const double with = jets_per_second(files, jet_tagger::model), without = jets_per_second(files, nothing);
        std::printf("%.3g jets a second, %.3g where the model is left out\n", with, without);
    }
} catch (const std::exception& error) {
    std::fprintf(stderr, "rdataframe: %s\n", error.what());
    return 2;
}
