// main.cpp: a batch on several threads. The model is one constant for all of them; each thread takes blocks of rows until none are left, so that
// a slow core does not hold the others up.
// threads [ROWS [MOST_THREADS]]: throughput with 1, 2, 4, ... threads, the best of several runs.
#include "jet_tagger.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

namespace {

using network = jet_tagger::network;
constexpr std::size_t features = network::input::size;
constexpr std::size_t classes = network::output::size;

/// Rows that a thread takes at a time: their events and scores stay in its cache, and taking them costs nothing beside the work.
constexpr std::size_t rows_a_turn = 256;

void score(const std::vector<float>& events, std::vector<float>& scores, unsigned threads) {
    const std::size_t rows = events.size() / features;
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t first; (first = next.fetch_add(rows_a_turn)) < rows;) {
            const std::size_t count = std::min(rows_a_turn, rows - first);
            jet_tagger::model(kaon::batch_view<const float>{&events[first * features], count, features},
                              kaon::batch_view<float>{&scores[first * classes], count, classes});
        }
    };
    std::vector<std::thread> others;
    for (unsigned t = 1; t < threads; ++t) others.emplace_back(work);
    work();
    for (auto& other : others) other.join();
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
    const unsigned most =
        argc > 2 ? unsigned(std::strtoul(argv[2], nullptr, 10)) : std::max(1u, std::thread::hardware_concurrency());
    std::vector<float> events(rows * features), scores(rows * classes), expected;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (float& value : events) value = 0.1f * normal(random);
    score(events, scores, 1);
    expected = scores;

    double alone = 0;
    for (unsigned threads = 1; threads <= most; threads *= 2) {
        double best = 1e300;
        for (int run = 0; run < 9; ++run) {
            const auto start = std::chrono::steady_clock::now();
            score(events, scores, threads);
            best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        }
        if (threads == 1) alone = best;
        std::printf("%2u threads: %7.2f million events/s, %.2f of one thread\n", threads, 1e-6 * double(rows) / best,
                    alone / best);
        if (scores != expected) {
            std::fprintf(stderr, "threads: error: the scores of %u threads are not those of one\n", threads);
            return 1;
        }
    }
}
