// The jet network 16-64-32-32-5 with softmax: kaon beside ONNX Runtime, SOFIE and plain loops, in one run.
// Usage: bench_jets DIRECTORY ONNXRUNTIME_LIBRARY INPUT_NAME OUTPUT_NAME SECONDS
// DIRECTORY is what `prepare.py` wrote; the JSON goes to standard output.
#include "jet_tagger.hpp"
#include "plain.hpp"

#include "harness/compare.hpp"
#include "harness/kaon.hpp"
#include "harness/onnxruntime.hpp"
#include "harness/report.hpp"
#include "rivals/sofie.hpp"

#include <exception>
#include <iostream>
#include <string>

extern "C" void openblas_set_num_threads(int);  // SOFIE's products: one thread, as everywhere in this bench

int main(int count, char** arguments) try {
    if (count != 6) {
        std::cerr << "usage: bench_jets DIRECTORY ONNXRUNTIME_LIBRARY INPUT_NAME OUTPUT_NAME SECONDS\n";
        return 2;
    }
    const std::string directory = arguments[1];
    constexpr std::size_t rows = 1024;
    constexpr std::size_t features = jet_tagger::network::input::size;
    constexpr std::size_t scores = jet_tagger::network::output::size;
    static_assert(features == 16 && scores == 5, "this bench is written for the jet network 16-64-32-32-5");
    openblas_set_num_threads(1);

    bench::events inputs = bench::read_events(directory + "/events.f32", features, rows);
    inputs.values.resize(rows * features);
    bench::onnxruntime_engine onnxruntime(arguments[2], directory + "/dynamic_batch.onnx", arguments[3], arguments[4],
                                          inputs, scores);
    bench::sofie_engine sofie(directory, inputs, scores);
    bench::plain_engine plain(inputs);
    bench::kaon_engine<jet_tagger::network, jet_tagger::model> kaon(inputs);

    const bench::comparison result = bench::compare(rows, scores, {{16, 64}, {64, 32}, {32, 32}, {32, 5}},
                                                    std::stod(arguments[5]), onnxruntime, sofie, plain, kaon);
    bench::write_json(std::cout, result);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "bench_jets: error: " << error.what() << '\n';
    return 1;
}
