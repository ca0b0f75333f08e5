// lightgbm.hpp: LightGBM's C interface, from the shared library of its Python wheel.
#pragma once

#include "forests/library.hpp"
#include "harness/events.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// One event by the call for single rows that is set up beforehand, several by the call for matrices; one thread, raw scores.
class lightgbm_engine {
public:
    const char* name = "lightgbm";
    static constexpr std::size_t every = 4;

    lightgbm_engine(const std::string& path, const std::string& directory, events given)
        : library_(path), inputs_(std::move(given)), sums_(inputs_.rows()), scores_(inputs_.rows()) {
        int (*create)(const char*, int*, void**) = nullptr;
        int (*prepare)(void*, int, int, int, int, std::int32_t, const char*, void**) = nullptr;
        library_.find(create, "LGBM_BoosterCreateFromModelfile");
        library_.find(prepare, "LGBM_BoosterPredictForMatSingleRowFastInit");
        library_.find(fast_, "LGBM_BoosterPredictForMatSingleRowFast");
        library_.find(matrix_, "LGBM_BoosterPredictForMat");
        library_.find(error_, "LGBM_GetLastError");
        int rounds = 0;
        check(create((directory + "/lightgbm.txt").c_str(), &rounds, &booster_));
        check(prepare(booster_, raw_score, 0, -1, float_type, std::int32_t(inputs_.features), one_thread, &prepared_));
    }
    lightgbm_engine(const lightgbm_engine&) = delete;
    lightgbm_engine& operator=(const lightgbm_engine&) = delete;

    void single(std::size_t row) {
        std::int64_t length = 0;
        check(fast_(prepared_, inputs_.row(row), &length, sums_.data() + row));
        scores_[row] = float(sums_[row]);
    }
    const float* single_output(std::size_t row) const noexcept { return scores_.data() + row; }
    void batch(std::size_t first, std::size_t rows) {
        std::int64_t length = 0;
        constexpr int row_major = 1;
        check(matrix_(booster_, inputs_.row(first), float_type, std::int32_t(rows), std::int32_t(inputs_.features), row_major,
                      raw_score, 0, -1, one_thread, &length, sums_.data() + first));
        for (std::size_t row = first; row < first + rows; ++row) scores_[row] = float(sums_[row]);
    }
    const float* batch_output(std::size_t row) const noexcept { return scores_.data() + row; }

private:
    static constexpr int float_type = 0;
    static constexpr int raw_score = 1;
    static constexpr char one_thread[] = "num_threads=1";

    void check(int status) const {
        if (status != 0) throw std::runtime_error(std::string("lightgbm: ") + error_());
    }

    library library_;
    events inputs_;
    std::vector<double> sums_;
    std::vector<float> scores_;
    void* booster_ = nullptr;
    void* prepared_ = nullptr;
    int (*fast_)(void*, const void*, std::int64_t*, double*) = nullptr;
    int (*matrix_)(void*, const void*, int, std::int32_t, std::int32_t, int, int, int, int, const char*, std::int64_t*, double*) =
        nullptr;
    const char* (*error_)() = nullptr;
};

}  // namespace bench
