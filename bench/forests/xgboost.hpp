// xgboost.hpp: XGBoost's C interface, from the shared library of its Python wheel.
#pragma once

#include "forests/library.hpp"
#include "harness/events.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// XGBoosterPredictFromDense: in place, without a DMatrix; margins, one thread. It is given the events as JSON, written beforehand.
class xgboost_engine {
public:
    const char* name = "xgboost";
    static constexpr std::size_t every = 16;

    xgboost_engine(const std::string& path, const std::string& directory, events given)
        : library_(path), inputs_(std::move(given)), scores_(inputs_.rows()) {
        int (*create)(const void*, std::uint64_t, void**) = nullptr;
        int (*load)(void*, const char*) = nullptr;
        int (*set)(void*, const char*, const char*) = nullptr;
        library_.find(create, "XGBoosterCreate");
        library_.find(load, "XGBoosterLoadModel");
        library_.find(set, "XGBoosterSetParam");
        library_.find(predict_, "XGBoosterPredictFromDense");
        library_.find(error_, "XGBGetLastError");
        check(create(nullptr, 0, &booster_));
        check(load(booster_, (directory + "/model.ubj").c_str()));
        check(set(booster_, "nthread", "1"));
    }
    xgboost_engine(const xgboost_engine&) = delete;
    xgboost_engine& operator=(const xgboost_engine&) = delete;

    void single(std::size_t row) { run(row, 1); }
    const float* single_output(std::size_t row) const noexcept { return scores_.data() + row; }
    void batch(std::size_t first, std::size_t rows) { run(first, rows); }
    const float* batch_output(std::size_t row) const noexcept { return scores_.data() + row; }

private:
    void check(int status) const {
        if (status != 0) throw std::runtime_error(std::string("xgboost: ") + error_());
    }

    void run(std::size_t first, std::size_t rows) {
        std::vector<std::string>& calls = calls_[rows];
        while (calls.size() * rows < inputs_.rows()) {
            const auto address = reinterpret_cast<std::uintptr_t>(inputs_.row(calls.size() * rows));
            calls.push_back("{\"data\": [" + std::to_string(address) + ", true], \"shape\": [" + std::to_string(rows) + ", " +
                            std::to_string(inputs_.features) + "], \"typestr\": \"<f4\", \"version\": 3}");
        }
        const std::uint64_t* shape = nullptr;
        std::uint64_t dimensions = 0;
        const float* result = nullptr;
        static constexpr char margins[] =
            R"({"type": 1, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, "cache_id": 0, "missing": NaN})";
        check(predict_(booster_, calls[first / rows].c_str(), margins, nullptr, &shape, &dimensions, &result));
        for (std::size_t row = 0; row < rows; ++row) scores_[first + row] = result[row];
    }

    library library_;
    events inputs_;
    std::vector<float> scores_;
    std::map<std::size_t, std::vector<std::string>> calls_;
    void* booster_ = nullptr;
    int (*predict_)(void*, const char*, const char*, void*, const std::uint64_t**, std::uint64_t*, const float**) = nullptr;
    const char* (*error_)() = nullptr;
};

}  // namespace bench
