// What Python calls: a converted model behind plain C functions. KAON_HEADER, KAON_MODEL (its namespace) and
// KAON_FROM_FILE (0: weights bound to the type, 1: read from a file) come from the compiler's command line.
#include <algorithm>
#include <array>
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
using input_scalar = typename std::tuple_element_t<I, inputs>::scalar;
template <std::size_t O>
constexpr std::size_t output_size = std::tuple_element_t<O, outputs>::size;
template <std::size_t O>
using output_scalar = typename std::tuple_element_t<O, outputs>::scalar;

/// What Python exchanges: fixed-point numbers as raw integers of 64 bits, everything else as it is.
template <class Scalar>
using exchanged = std::conditional_t<kaon::is_fixed_point<Scalar>, std::int64_t, Scalar>;

template <std::size_t I>
const auto* input_rows(const void* const* from, std::size_t row) {
    return static_cast<const exchanged<input_scalar<I>>*>(from[I]) + row * input_size<I>;
}
template <std::size_t O>
auto* output_rows(void* const* to, std::size_t row) {
    return static_cast<exchanged<output_scalar<O>>*>(to[O]) + row * output_size<O>;
}

template <class Scalar>
void take(const exchanged<Scalar>* from, std::size_t n, Scalar* to) {
    std::transform(from, from + n, to, [](exchanged<Scalar> number) {
        if constexpr (kaon::is_fixed_point<Scalar>) {
            return Scalar::from_raw(number);
        } else {
            return number;
        }
    });
}
template <class Scalar>
void give(const Scalar* from, std::size_t n, exchanged<Scalar>* to) {
    std::transform(from, from + n, to, [](Scalar number) {
        if constexpr (kaon::is_fixed_point<Scalar>) {
            return number.raw();
        } else {
            return number;
        }
    });
}

/// Bits after the binary point, width and sign of a scalar; zeros where it is not fixed point.
template <class Scalar>
std::array<std::int64_t, 3> format_of() {
    if constexpr (kaon::is_fixed_point<Scalar>) {
        return {kaon::format_of<Scalar>::fraction, kaon::format_of<Scalar>::width, kaon::format_of<Scalar>::is_signed};
    } else {
        return {};
    }
}

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
std::vector<std::array<std::int64_t, 3>> formats(std::index_sequence<I...>, std::index_sequence<O...>) {
    return {format_of<input_scalar<I>>()..., format_of<output_scalar<O>>()...};
}

template <std::size_t... I, std::size_t... O>
void run_event(const void* const* from, void* const* to, std::size_t row, std::index_sequence<I...>,
               std::index_sequence<O...>) {
    inputs event{};
    (take(input_rows<I>(from, row), input_size<I>, std::get<I>(event).data()), ...);
    auto result = model()(std::get<I>(event)...);
    (give(parts<network::output>::get(result, std::integral_constant<std::size_t, O>{}).data(), output_size<O>,
          output_rows<O>(to, row)),
     ...);
}

/// Rows in the scalars of the model: the caller's own memory where they are what is exchanged, else a copy.
template <class Scalar, class Pointer>
class rows_in_scalars {
    static constexpr bool copies = !std::is_same_v<exchanged<Scalar>, Scalar>;

public:
    rows_in_scalars(Pointer* rows, std::size_t n) : rows_(rows), copy_(copies ? n : 0) {
        if constexpr (copies && std::is_const_v<Pointer>) take(rows, n, copy_.data());
    }
    auto* data() {
        if constexpr (copies) {
            return copy_.data();
        } else {
            return rows_;
        }
    }
    void give_back() {
        if constexpr (copies) give(copy_.data(), copy_.size(), rows_);
    }

private:
    Pointer* rows_;
    std::vector<Scalar> copy_;
};

template <std::size_t... I, std::size_t... O>
void run_rows(const void* const* from, void* const* to, std::size_t first, std::size_t count, std::index_sequence<I...>,
              std::index_sequence<O...>) {
    std::tuple<rows_in_scalars<input_scalar<I>, const exchanged<input_scalar<I>>>...> x{
        {input_rows<I>(from, first), count * input_size<I>}...};
    std::tuple<rows_in_scalars<output_scalar<O>, exchanged<output_scalar<O>>>...> y{
        {output_rows<O>(to, first), count * output_size<O>}...};
    model()(kaon::batch_view<const input_scalar<I>>{std::get<I>(x).data(), count, input_size<I>}...,
            kaon::batch_view<output_scalar<O>>{std::get<O>(y).data(), count, output_size<O>}...);
    (std::get<O>(y).give_back(), ...);
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

// Writes of all inputs, then outputs, three numbers each: fraction bits, width and sign of a fixed-point scalar, or zeros.
void kaon_formats(std::int64_t* result) {
    for (const auto& format : formats(input_numbers{}, output_numbers{}))
        result = std::copy(format.begin(), format.end(), result);
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

// Rows one event at a time: for each input an array [rows][input size], for each output one [rows][output size]; numbers as
// `exchanged` says.
void kaon_run_single(const void* const* from, void* const* to, std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row) run_event(from, to, row, input_numbers{}, output_numbers{});
}

// The same through the batch call, `batch` rows at a time; the last batch holds what is left.
void kaon_run_batch(const void* const* from, void* const* to, std::size_t rows, std::size_t batch) {
    for (std::size_t first = 0; first < rows; first += batch) {
        run_rows(from, to, first, std::min(batch, rows - first), input_numbers{}, output_numbers{});
    }
}
}
#pragma GCC visibility pop
