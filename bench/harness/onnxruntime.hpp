// onnxruntime.hpp: ONNX Runtime through its C interface, from the shared library of its Python wheel.
// The wheel brings no header. The interface is a table of functions whose order never changes (new ones are appended),
// so each function is named here by its place in version 1 of that table.
#pragma once

#include "events.hpp"

#include <dlfcn.h>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

namespace ort {

struct status;
struct environment;
struct session;
struct session_options;
struct memory_info;
struct value;
struct run_options;

enum class entry : std::size_t {
    get_error_message = 2,
    create_environment = 3,
    create_session = 7,
    run = 9,
    create_session_options = 10,
    set_optimization_level = 23,
    set_intra_op_threads = 24,
    set_inter_op_threads = 25,
    create_tensor_with_data = 49,
    create_cpu_memory_info = 69,
    release_environment = 92,
    release_status = 93,
    release_memory_info = 94,
    release_session = 95,
    release_value = 96,
    release_session_options = 100,
};

struct api_base {
    const void* (*get_api)(std::uint32_t version) noexcept;
    const char* (*get_version_string)() noexcept;
};

using table = void* const*;

/// Calls a function of the table by its place; the caller states its result, the arguments state its parameters.
template <class Result, class... Arguments>
Result call(table functions, entry which, Arguments... arguments) noexcept {
    using function = Result (*)(Arguments...);
    return reinterpret_cast<function>(functions[static_cast<std::size_t>(which)])(arguments...);
}

/// Calls a function that returns a status; throws std::runtime_error with ONNX Runtime's own words.
template <class... Arguments>
void check(table functions, entry which, Arguments... arguments) {
    status* const failure = call<status*>(functions, which, arguments...);
    if (failure == nullptr) return;
    const std::string words = call<const char*>(functions, entry::get_error_message, static_cast<const status*>(failure));
    call<void>(functions, entry::release_status, failure);
    throw std::runtime_error("onnxruntime: " + words);
}

/// The table of the library at `path`; throws std::runtime_error where it cannot be loaded.
inline table load(const std::string& path) {
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(std::string("onnxruntime: ") + dlerror());
    void* const symbol = dlsym(library, "OrtGetApiBase");
    if (symbol == nullptr) throw std::runtime_error(std::string("onnxruntime: ") + dlerror());
    const auto base = reinterpret_cast<const api_base* (*)() noexcept>(symbol)();
    const void* const functions = base->get_api(1);
    if (functions == nullptr) throw std::runtime_error("onnxruntime: version 1 of its interface is missing");
    return static_cast<table>(functions);
}

}  // namespace ort

/// One session, one thread, every optimisation; all tensors are made before the clock starts and view the events.
class onnxruntime_engine {
public:
    const char* name = "onnxruntime";

    /// `model` takes any number of rows along the first axis of its one input; `outputs` scores a row.
    onnxruntime_engine(const std::string& library, const std::string& model, const std::string& input_name,
                       const std::string& output_name, const events& inputs, std::size_t outputs)
        : functions_(ort::load(library)), inputs_(inputs), outputs_(outputs), input_name_(input_name),
          output_name_(output_name), single_scores_(inputs.rows() * outputs), batch_scores_(inputs.rows() * outputs) {
        constexpr int warnings_only = 2;
        constexpr int all_optimizations = 99;
        ort::session_options* options = nullptr;
        ort::check(functions_, ort::entry::create_environment, warnings_only, "bench", &environment_);
        ort::check(functions_, ort::entry::create_session_options, &options);
        ort::check(functions_, ort::entry::set_optimization_level, options, all_optimizations);
        ort::check(functions_, ort::entry::set_intra_op_threads, options, 1);
        ort::check(functions_, ort::entry::set_inter_op_threads, options, 1);
        ort::check(functions_, ort::entry::create_session, static_cast<const ort::environment*>(environment_), model.c_str(),
                   static_cast<const ort::session_options*>(options), &session_);
        ort::call<void>(functions_, ort::entry::release_session_options, options);
        constexpr int device_allocator = 0;
        constexpr int default_memory = 0;
        ort::check(functions_, ort::entry::create_cpu_memory_info, device_allocator, default_memory, &memory_);
        for (std::size_t row = 0; row < inputs_.rows(); ++row) singles_.push_back(bind(row, 1, single_scores_));
    }

    onnxruntime_engine(const onnxruntime_engine&) = delete;
    onnxruntime_engine& operator=(const onnxruntime_engine&) = delete;

    ~onnxruntime_engine() {
        for (const tensors& pair : singles_) release(pair);
        for (const auto& [rows, calls] : batches_) {
            for (const tensors& pair : calls) release(pair);
        }
        ort::call<void>(functions_, ort::entry::release_session, session_);
        ort::call<void>(functions_, ort::entry::release_memory_info, memory_);
        ort::call<void>(functions_, ort::entry::release_environment, environment_);
    }

    void single(std::size_t row) { run(singles_[row]); }
    const float* single_output(std::size_t row) const noexcept { return single_scores_.data() + row * outputs_; }

    void batch(std::size_t first, std::size_t rows) {
        std::vector<tensors>& calls = batches_[rows];
        while (calls.size() * rows < inputs_.rows()) calls.push_back(bind(calls.size() * rows, rows, batch_scores_));
        run(calls[first / rows]);
    }
    const float* batch_output(std::size_t row) const noexcept { return batch_scores_.data() + row * outputs_; }

private:
    struct tensors {
        ort::value* input;
        ort::value* output;
    };

    ort::value* view(float* values, std::size_t rows, std::size_t columns) {
        constexpr int float_elements = 1;
        const std::int64_t shape[] = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)};
        ort::value* tensor = nullptr;
        ort::check(functions_, ort::entry::create_tensor_with_data, static_cast<const ort::memory_info*>(memory_),
                   static_cast<void*>(values), rows * columns * sizeof(float), static_cast<const std::int64_t*>(shape),
                   std::size_t{2}, float_elements, &tensor);
        return tensor;
    }

    tensors bind(std::size_t first, std::size_t rows, std::vector<float>& scores) {
        return {view(inputs_.values.data() + first * inputs_.features, rows, inputs_.features),
                view(scores.data() + first * outputs_, rows, outputs_)};
    }

    void release(const tensors& pair) noexcept {
        ort::call<void>(functions_, ort::entry::release_value, pair.input);
        ort::call<void>(functions_, ort::entry::release_value, pair.output);
    }

    void run(const tensors& pair) {
        const char* const input_names[] = {input_name_.c_str()};
        const char* const output_names[] = {output_name_.c_str()};
        const ort::value* const inputs[] = {pair.input};
        ort::value* outputs[] = {pair.output};
        ort::check(functions_, ort::entry::run, session_, static_cast<const ort::run_options*>(nullptr),
                   static_cast<const char* const*>(input_names), static_cast<const ort::value* const*>(inputs),
                   std::size_t{1}, static_cast<const char* const*>(output_names), std::size_t{1},
                   static_cast<ort::value**>(outputs));
    }

    ort::table functions_;
    events inputs_;
    std::size_t outputs_;
    std::string input_name_;
    std::string output_name_;
    std::vector<float> single_scores_;
    std::vector<float> batch_scores_;
    ort::environment* environment_ = nullptr;
    ort::session* session_ = nullptr;
    ort::memory_info* memory_ = nullptr;
    std::vector<tensors> singles_;
    std::map<std::size_t, std::vector<tensors>> batches_;
};

}  // namespace bench
