// main.cpp: forests on distinct events: ns an event, one at a time and in batches; the fastest block of several passes.
#include "../../tests/forest_file.hpp"
#include "../../tests/random_forest.hpp"

#include <kaon/io/loaded_forest.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace {

/// Of the fastest `block` events in 15 passes over all: short, so that some are not interrupted. run(first) takes a block.
template <class F>
double nanoseconds(std::size_t events, std::size_t block, F run) {
    double best = 1e30;
    for (int repetition = 0; repetition < 15; ++repetition) {
        for (std::size_t first = 0; first < events; first += block) {
            const auto start = std::chrono::steady_clock::now();
            run(first);
            const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
            best = taken.count() < best ? taken.count() : best;
        }
    }
    return best / double(block);
}

constexpr std::size_t rows = 4096;

/// one(row): an event; many(first, rows): a batch.
template <class One, class Many>
void print_times(const char* name, One one, Many many) {
    std::printf("%-28s %8.1f", name, nanoseconds(rows, 64, [&](std::size_t first) {
                    for (std::size_t row = first; row < first + 64; ++row) one(row);
                }));
    for (const std::size_t batch : {std::size_t{16}, std::size_t{64}, std::size_t{4096}}) {
        const std::size_t block = batch < 64 ? 64 : batch;
        std::printf(" %8.1f", nanoseconds(rows, block, [&](std::size_t first) {
                        for (std::size_t row = first; row < first + block; row += batch) many(row, batch);
                    }));
    }
    std::printf("\n");
}

/// With Loaded also as kaon::loaded_forest.
template <class Scalar, std::size_t Features, std::size_t Trees, std::size_t Nodes, std::size_t Depth, bool Loaded,
          class... Options>
void measure(const char* name) {
    using layer = kaon::forest<Trees, Nodes, Depth, 1, Options...>;
    using net = kaon::network<kaon::input<Scalar, Features>, layer>;
    auto p = std::make_unique<typename net::parameters>();
    random_forest<Depth>(1, Features, kaon::get<0>(*p));
    const auto model = std::make_unique<kaon::model<net>>(*p);
    std::vector<Scalar> x(rows * Features);
    std::vector<typename net::output::scalar> y(rows);
    std::mt19937 engine(2);
    std::normal_distribution<float> normal;
    for (auto& v : x) v = Scalar(normal(engine));
    std::vector<typename net::input> events(rows);
    for (std::size_t row = 0; row < rows; ++row) std::copy_n(x.data() + row * Features, Features, events[row].values);
    print_times(
        name, [&](std::size_t row) { y[row] = (*model)(events[row])[0]; },
        [&](std::size_t row, std::size_t batch) {
            (*model)({x.data() + row * Features, batch, Features}, {y.data() + row, batch, 1});
        });
    if constexpr (Loaded) {
        const std::string file = file_of<layer>(kaon::get<0>(*p), Features, "none");
        const kaon::loaded_forest<Scalar> forest(file.data(), file.size(), "forest");
        print_times(
            "  loaded", [&](std::size_t row) { forest(x.data() + row * Features, y.data() + row); },
            [&](std::size_t row, std::size_t batch) { forest(x.data() + row * Features, batch, y.data() + row); });
    }
}

}  // namespace

int main() {
    std::printf("%-28s %8s %8s %8s %8s\n", "ns an event", "one", "16", "64", "4096");
    measure<float, 16, 100, 3100, 4, true>("100 x 4, 16 features");
    measure<float, 16, 100, 3100, 4, true, kaon::missing_by_direction>("the same, missing values");
    measure<float, 28, 150, 7284, 5, true>("150 x 5, 28 features");
    measure<float, 28, 150, 7284, 5, true, kaon::missing_by_direction>("the same, missing values");
    measure<float, 64, 100, 3100, 4, false>("100 x 4, 64 features");
    measure<float, 100, 100, 3100, 4, false>("100 x 4, 100 features");
    measure<float, 16, 850, 12750, 3, true>("850 x 3, 16 features");
    measure<float, 16, 100, 12700, 6, false>("100 x 6, 16 features");
    measure<float, 16, 100, 25500, 7, false>("100 x 7, 16 features");
    measure<float, 16, 1000, 120000, 8, true>("1000 x 8, ragged");
    using kaon::fixed, kaon::weights, kaon::bias, kaon::accumulator, kaon::less_or_equal;
    using sixteen = fixed<16, 6>;
    using score = fixed<18, 8>;
    measure<sixteen, 16, 100, 3100, 4, false, less_or_equal>("100 x 4, fixed<16, 6>");
    measure<sixteen, 16, 100, 3100, 4, false, less_or_equal, accumulator<sixteen>>("the same, wrapping in 16");
    measure<sixteen, 16, 100, 3100, 4, false, less_or_equal, bias<score>, accumulator<score>>("the same, wrapping in 18");
    measure<fixed<8, 4>, 16, 100, 3100, 4, false, less_or_equal>("100 x 4, fixed<8, 4>");
    measure<fixed<24, 8>, 16, 100, 3100, 4, false, less_or_equal>("100 x 4, fixed<24, 8>");
    measure<sixteen, 64, 100, 3100, 4, false, less_or_equal>("100 x 4, 64 of fixed<16, 6>");
    measure<sixteen, 16, 850, 12750, 3, false, less_or_equal>("850 x 3, fixed<16, 6>");
    measure<sixteen, 16, 100, 12700, 6, false, less_or_equal>("100 x 6, fixed<16, 6>");
}
