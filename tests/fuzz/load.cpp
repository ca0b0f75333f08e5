// What libFuzzer runs: weight files from memory, into networks of several layers and scalars, and into a forest of any shape, which then
// sees an event and a batch. Whatever is not a model is refused by
// kaon::error of one line; anything else that happens is a finding.
#include <kaon/io/loaded_forest.hpp>
#include <kaon/io/safetensors.hpp>
#include <kaon/kaon.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ratio>
#include <string>
#include <vector>

namespace {

struct fc {
    static constexpr char name[] = "fc";
};
using small = kaon::network<kaon::input<float, 2>, kaon::dense<1, fc>, kaon::relu>;
using mixed = kaon::network<kaon::input<std::int32_t, 2>, kaon::embedding<2, 2>, kaon::flatten, kaon::dense<2>,
                            kaon::layer_norm<std::ratio<1, 1000>>, kaon::prelu, kaon::dense<1>>;
using in_double = kaon::network<kaon::input<double, 1>, kaon::dense<1, fc>>;
using in_fixed = kaon::network<kaon::input<kaon::fixed<8, 4>, 2>, kaon::dense<1, fc, kaon::weights<kaon::fixed<6, 2>>>>;

template <class Network>
void load_network(const std::string& file) {
    kaon::load<Network>(file.data(), file.size(), "fuzz");
}

void load_forest(const std::string& file) {
    const kaon::loaded_forest<float> forest(file.data(), file.size(), "fuzz");
    constexpr std::size_t rows = 3;
    std::vector<float> x(rows * forest.features()), y(rows * forest.outputs());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 5 == 4 ? std::nanf("") : static_cast<float>(i % 7);
    forest(x.data(), y.data());
    forest(x.data(), rows, y.data());
}

template <class Load>
void try_to_load(const std::string& file, Load load) {
    try {
        load(file);
    } catch (const kaon::error& refused) {
        const std::string what = refused.what();
        if (what.rfind("fuzz: ", 0) != 0 || what.find('\n') != std::string::npos) std::abort();
    }
}

}  // namespace

/// Even first byte: the rest is the file. Odd: the rest is a header, a newline and the tensors' bytes, and the length comes from here, so
/// that most inputs pass the first check.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string file(reinterpret_cast<const char*>(data + 1), size - 1);
    if (data[0] % 2 == 1) {
        const std::size_t end = std::min(file.find('\n'), file.size());
        const std::string header = file.substr(0, end);
        std::string length(8, '\0');
        for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(std::uint64_t(end) >> (8 * i) & 255);
        file = length + header + file.substr(end + (end < file.size() ? 1 : 0));
    }
    try_to_load(file, load_network<small>);
    try_to_load(file, load_network<mixed>);
    try_to_load(file, load_network<in_double>);
    try_to_load(file, load_network<in_fixed>);
    try_to_load(file, load_forest);
    return 0;
}
