// main.cpp: batches with an output in each lane, in blocks of rows, and with an event in each lane, of the same networks. The table
// behind the rule in core/events_in_lanes.hpp: nanoseconds an event, the least of all rounds; cases take turns within a round.
// main [SECONDS]: how long each network is measured.
#include <kaon/kaon.hpp>

#include "harness/timing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

namespace {

/// This machine, with the choice between the two made by hand.
struct by_blocks : kaon::native {};
struct by_lanes : kaon::native {};

}  // namespace

template <class Network>
struct kaon::detail::prepared<Network, by_blocks, true> : prepared<Network, by_blocks, false> {
    static prepared of(const typename Network::parameters& p) { return {prepared<Network, by_blocks, false>::of(p)}; }
};
template <class Network>
struct kaon::detail::prepared<Network, by_lanes, false> : prepared<Network, by_lanes, true> {
    static prepared of(const typename Network::parameters& p) { return {prepared<Network, by_lanes, true>::of(p)}; }
};

namespace {

constexpr std::size_t rows = 1024;
using matrix = std::vector<float>;

/// The least nanoseconds an event of each way to run a network, over `seconds` of rounds.
template <class Network>
void compare(const char* name, double seconds) {
    constexpr std::size_t n = Network::input::size, m = Network::output::size;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    typename Network::parameters p;
    for (std::size_t i = 0; i < sizeof p / sizeof(float); ++i) reinterpret_cast<float*>(&p)[i] = 0.2F * normal(random);
    const auto single = std::make_unique<kaon::model<Network>>(p);
    const auto blocks = std::make_unique<kaon::model<Network, by_blocks>>(p);
    const auto lanes = std::make_unique<kaon::model<Network, by_lanes>>(p);

    matrix by_row(rows * n), by_column(rows * n);
    std::vector<typename Network::input> events(rows);
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t i = 0; i < n; ++i) events[r][i] = by_row[r * n + i] = by_column[i * rows + r] = normal(random);
    }
    std::vector<typename Network::output> scores(rows);
    matrix of_blocks(rows * m), of_lanes(rows * m), of_columns(rows * m);
    const kaon::batch_view<const float> x{by_row.data(), rows, n}, columns{by_column.data(), rows, 1, rows};
    double least[4] = {1e300, 1e300, 1e300, 1e300};
    const auto take = [&](double& best, auto&& run) {
        run();
        const double start = bench::now_in_seconds();
        run();
        best = std::min(best, 1e9 * (bench::now_in_seconds() - start) / double(rows));
        bench::separate_events();
    };
    for (const double end = bench::now_in_seconds() + seconds; bench::now_in_seconds() < end;) {
        take(least[0], [&] {
            for (std::size_t r = 0; r < rows; ++r) scores[r] = (*single)(events[r]);
        });
        take(least[1], [&] { (*blocks)(x, kaon::batch_view<float>{of_blocks.data(), rows, m}); });
        take(least[2], [&] { (*lanes)(x, kaon::batch_view<float>{of_lanes.data(), rows, m}); });
        take(least[3], [&] { (*single)(columns, kaon::batch_view<float>{of_columns.data(), rows, 1, rows}); });
    }

    float difference = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t i = 0; i < m; ++i) {
            for (const float score : {of_blocks[r * m + i], of_lanes[r * m + i], of_columns[i * rows + r]}) {
                difference = std::max(difference, std::abs(score - scores[r][i]));
            }
        }
    }
    constexpr bool takes_lanes = kaon::detail::prepared<Network, kaon::native>::in_lanes;
    std::printf("%-16s %11.1f %8.1f %8.1f   %-7s %8.1f   %s\n", name, least[0], least[1], least[2],
                takes_lanes ? "lanes" : "blocks", least[3], difference < 1e-5F ? "" : "WRONG");
}

template <std::size_t Inputs, class... Layers>
using net = kaon::network<kaon::input<float, Inputs>, Layers...>;

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 2;
    using kaon::dense, kaon::relu, kaon::sigmoid, kaon::softmax;
    bench::pin_thread();
    std::printf("%-16s %11s %8s %8s   %-7s %8s\n", "network", "one by one", "blocks", "lanes", "taken", "columns");
    compare<net<4, dense<4>, relu, dense<1>, sigmoid>>("4-4-1", seconds);
    compare<net<12, dense<16>, relu, dense<1>, sigmoid>>("12-16-1", seconds);
    compare<net<8, dense<10>, relu, dense<15>, relu, dense<10>, relu, dense<1>, sigmoid>>("8-10-15-10-1", seconds);
    compare<net<16, dense<64>, relu, dense<32>, relu, dense<32>, relu, dense<5>, softmax>>("16-64-32-32-5", seconds);
    compare<net<57, dense<32>, relu, dense<16>, relu, dense<13>, softmax>>("57-32-16-13", seconds);
}
