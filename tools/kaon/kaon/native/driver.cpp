// What Python calls: a converted model behind plain C functions. KAON_HEADER, KAON_MODEL (its namespace) and
// KAON_FROM_FILE (0: weights bound to the type, 1: read from a file) come from the compiler's command line.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include KAON_HEADER
#if KAON_FROM_FILE
#include <kaon/io/safetensors.hpp>
#endif

namespace {

using network = KAON_MODEL::network;

#if KAON_FROM_FILE
std::unique_ptr<const kaon::model<network>> loaded;
const auto& model() { return *loaded; }
#else
constexpr const auto& model() { return KAON_MODEL::model; }
#endif

}  // namespace

// Everything else stays hidden, so that two versions of a model in one process share nothing.
#pragma GCC visibility push(default)
extern "C" {

std::size_t kaon_input_size() { return network::input::size; }
std::size_t kaon_output_size() { return network::output::size; }

// Returns 0, or 1 with the reason in `message`.
int kaon_prepare([[maybe_unused]] const char* path, char* message, std::size_t capacity) {
    try {
#if KAON_FROM_FILE
        loaded = kaon::load<network>(path);
#endif
        return 0;
    } catch (const std::exception& error) {
        std::strncpy(message, error.what(), capacity - 1);
        message[capacity - 1] = '\0';
        return 1;
    }
}

// Rows one event at a time: inputs [rows][input size], outputs [rows][output size].
void kaon_run_single(const float* inputs, float* outputs, std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row) {
        network::input event{};
        for (std::size_t i = 0; i < network::input::size; ++i) event[i] = inputs[row * network::input::size + i];
        const auto result = model()(event);
        for (std::size_t i = 0; i < network::output::size; ++i) outputs[row * network::output::size + i] = result[i];
    }
}

// The same through the batch call, `batch` rows at a time; the last batch holds what is left.
void kaon_run_batch(const float* inputs, float* outputs, std::size_t rows, std::size_t batch) {
    for (std::size_t first = 0; first < rows; first += batch) {
        const std::size_t count = rows - first < batch ? rows - first : batch;
        const kaon::batch_view<const float> in{inputs + first * network::input::size, count, network::input::size};
        const kaon::batch_view<float> out{outputs + first * network::output::size, count, network::output::size};
        model()(in, out);
    }
}
}
#pragma GCC visibility pop
