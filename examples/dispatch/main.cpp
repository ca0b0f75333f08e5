// main.cpp: the best of the architectures that were compiled for, chosen when the program starts. Compiled for the least of them.
// dispatch [NAME]: scores of jets read as lines of 16 numbers, by the best or by the named architecture.
#include "scores.hpp"

#include <cstdio>
#include <cstring>
#include <vector>

namespace {

struct choice {
    const char* name;
    bool runs;
    decltype(&scores_of<kaon::native>) scores;
};

/// The best first.
std::vector<choice> choices() {
#if defined(__x86_64__)
    return {{"avx512",
             __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512bw"),
             scores_of<kaon::cpu<kaon::avx512>>},
            {"avx2", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"), scores_of<kaon::cpu<kaon::avx2>>},
            {"sse2", true, scores_of<kaon::cpu<kaon::sse2>>}};
#else
    return {{"native", true, scores_of<kaon::native>}};
#endif
}

}  // namespace

int main(int argc, char** argv) {
    const choice* chosen = nullptr;
    const auto all = choices();
    for (const choice& c : all) {
        if (argc > 1 ? std::strcmp(argv[1], c.name) == 0 : c.runs && chosen == nullptr) chosen = &c;
    }
    if (chosen == nullptr || !chosen->runs) {
        std::fprintf(stderr, "dispatch: error: %s: this processor or program has no such architecture\n",
                     argc > 1 ? argv[1] : "any");
        return 2;
    }
    std::fprintf(stderr, "%s\n", chosen->name);
    std::vector<float> jets;
    for (float number; std::scanf("%f%*[,\n ]", &number) == 1;) jets.push_back(number);
    const std::size_t rows = jets.size() / 16;
    std::vector<float> scores(rows * 5);
    chosen->scores(jets.data(), scores.data(), rows);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < 5; ++i) std::printf("%.7f%c", double(scores[row * 5 + i]), i < 4 ? ' ' : '\n');
    }
}
