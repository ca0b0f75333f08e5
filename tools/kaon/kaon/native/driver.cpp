// What Python calls: a converted model behind plain C functions. KAON_HEADER, KAON_MODEL (its namespace) and
// KAON_FROM_FILE (0: weights bound to the type, 1: read from a file) come from the compiler's command line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
#include KAON_HEADER
#if KAON_FROM_FILE
#include <kaon/io/safetensors.hpp>
#endif

namespace {

using network = KAON_MODEL::network;

/// The values of an input or output, whether it is one or several.
template <class Value>
struct parts {
    using type = std::tuple<Value>;
    static Value& get(Value& value, std::integral_constant<std::size_t, 0>) { return value; }
};
template <class... Values>
struct parts<kaon::bundle<Values...>> {
    using type = std::tuple<Values...>;
    template <std::size_t I>
    static auto& get(kaon::bundle<Values...>& value, std::integral_constant<std::size_t, I>) {
        return kaon::get<I>(value);
    }
};
using inputs = parts<network::input>::type;
using outputs = parts<network::output>::type;
using input_numbers = std::make_index_sequence<std::tuple_size_v<inputs>>;
using output_numbers = std::make_index_sequence<std::tuple_size_v<outputs>>;
template <std::size_t I>
constexpr std::size_t input_size = std::tuple_element_t<I, inputs>::size;
template <std::size_t I>
const auto* input_rows(const void* const* from, std::size_t row) {
    return static_cast<const typename std::tuple_element_t<I, inputs>::scalar*>(from[I]) + row * input_size<I>;
}
template <std::size_t O>
constexpr std::size_t output_size = std::tuple_element_t<O, outputs>::size;

#if KAON_FROM_FILE
std::unique_ptr<const kaon::model<network>> loaded;
const auto& model() { return *loaded; }
#else
constexpr const auto& model() { return KAON_MODEL::model; }
#endif

template <std::size_t... I, std::size_t... O>
std::vector<std::size_t> sizes(std::index_sequence<I...>, std::index_sequence<O...>) {
    return {input_size<I>..., output_size<O>...};
}

template <std::size_t... I, std::size_t... O>
void run_event(const void* const* from, float* const* to, std::size_t row, std::index_sequence<I...>,
               std::index_sequence<O...>) {
    inputs event{};
    (std::copy_n(input_rows<I>(from, row), input_size<I>, std::get<I>(event).data()), ...);
    auto result = model()(std::get<I>(event)...);
    (std::copy_n(parts<network::output>::get(result, std::integral_constant<std::size_t, O>{}).data(), output_size<O>,
                 to[O] + row * output_size<O>),
     ...);
}

template <std::size_t... I, std::size_t... O>
void run_rows(const void* const* from, float* const* to, std::size_t first, std::size_t count, std::index_sequence<I...>,
              std::index_sequence<O...>) {
    model()(kaon::batch_view<const typename std::tuple_element_t<I, inputs>::scalar>{input_rows<I>(from, first), count,
                                                                                     input_size<I>}...,
            kaon::batch_view<float>{to[O] + first * output_size<O>, count, output_size<O>}...);
}

}  // namespace

// Everything else stays hidden, so that two versions of a model in one process share nothing.
#pragma GCC visibility push(default)
extern "C" {

// Writes the sizes of all inputs, then outputs, as far as there is room for `capacity`; returns how many there are.
std::size_t kaon_sizes(std::size_t* result, std::size_t capacity) {
    const auto all = sizes(input_numbers{}, output_numbers{});
    std::copy_n(all.begin(), std::min(capacity, all.size()), result);
    return all.size();
}

// Returns 0, or 1 with the reason in `message`.
int kaon_prepare([[maybe_unused]] const char* path, char* message, std::size_t capacity) {
    try {
#if KAON_FROM_FILE
        loaded = kaon::load<network>(path, KAON_MODEL::network_sha256);
#endif
        return 0;
    } catch (const std::exception& error) {
        std::strncpy(message, error.what(), capacity - 1);
        message[capacity - 1] = '\0';
        return 1;
    }
}

// Rows one event at a time: for each input an array [rows][input size], for each output one [rows][output size].
void kaon_run_single(const void* const* from, float* const* to, std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row) run_event(from, to, row, input_numbers{}, output_numbers{});
}

// The same through the batch call, `batch` rows at a time; the last batch holds what is left.
void kaon_run_batch(const void* const* from, float* const* to, std::size_t rows, std::size_t batch) {
    for (std::size_t first = 0; first < rows; first += batch) {
        run_rows(from, to, first, std::min(batch, rows - first), input_numbers{}, output_numbers{});
    }
}
}
#pragma GCC visibility pop
