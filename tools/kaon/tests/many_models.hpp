// many_models.hpp: runs a converted model over rows of a file, one event at a time and as a batch; for programs of many models.
#pragma once

#include <kaon/kaon.hpp>

#include <cstddef>
#include <cstdio>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace many {

template <class Value>
struct parts {
    using type = std::tuple<Value>;
    template <std::size_t I>
    static const auto& get(const Value& value) {
        return value;
    }
};
template <class... Values>
struct parts<kaon::bundle<Values...>> {
    using type = std::tuple<Values...>;
    template <std::size_t I>
    static const auto& get(const kaon::bundle<Values...>& value) {
        return kaon::get<I>(value);
    }
};

inline constexpr std::size_t rows = 19;

/// Reads FOLDER/NAME.in: each input's rows of floats; writes FOLDER/NAME.out: each output's of single events, then those of the batch.
template <class Network, class Model, std::size_t... I, std::size_t... O>
bool run(const Model& model, const std::string& file, std::index_sequence<I...>, std::index_sequence<O...>) {
    using inputs = typename parts<typename Network::input>::type;
    using outputs = parts<typename Network::output>;
    std::vector<float> x[] = {std::vector<float>(rows * std::tuple_element_t<I, inputs>::size)...};
    std::vector<float> y[] = {std::vector<float>(rows * std::tuple_element_t<O, typename outputs::type>::size)...};
    std::FILE* in = std::fopen((file + ".in").c_str(), "rb");
    std::FILE* out = std::fopen((file + ".out").c_str(), "wb");
    if (in == nullptr || out == nullptr) return false;
    bool good = true;
    for (auto& values : x) good = good && std::fread(values.data(), sizeof(float), values.size(), in) == values.size();
    const auto write = [&] {
        for (auto& values : y) good = good && std::fwrite(values.data(), sizeof(float), values.size(), out) == values.size();
    };
    for (std::size_t row = 0; row < rows; ++row) {
        inputs events{};
        const auto fill = [&](auto& event, const std::vector<float>& values) {
            for (std::size_t i = 0; i < event.size; ++i) event[i] = values[row * event.size + i];
        };
        (fill(std::get<I>(events), x[I]), ...);
        const auto result = model(std::get<I>(events)...);
        const auto take = [&](const auto& value, std::vector<float>& values) {
            for (std::size_t i = 0; i < value.size; ++i) values[row * value.size + i] = value[i];
        };
        (take(outputs::template get<O>(result), y[O]), ...);
    }
    write();
    model(kaon::batch_view<const float>{x[I].data(), rows, x[I].size() / rows}...,
          kaon::batch_view<float>{y[O].data(), rows, y[O].size() / rows}...);
    write();
    std::fclose(in);
    return std::fclose(out) == 0 && good;
}

template <class Network, class Model>
bool run(const Model& model, const std::string& file) {
    return run<Network>(model, file,
                        std::make_index_sequence<std::tuple_size_v<typename parts<typename Network::input>::type>>{},
                        std::make_index_sequence<std::tuple_size_v<typename parts<typename Network::output>::type>>{});
}

}  // namespace many
