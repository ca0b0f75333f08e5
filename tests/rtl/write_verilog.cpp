// write_verilog: a network as Verilog, with a test bench of 1,000 events whose scores the CPU's registers computed.
// Usage: write_verilog tagger|branches FOLDER
#include <kaon/kaon.hpp>
#include <kaon/rtl/trace.hpp>
#include <kaon/rtl/verilog.hpp>

#include "../raw_values.hpp"
#include "networks.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

namespace {

constexpr int events = 1000;

/// A raw value as hexadecimal digits of its low `width` bits.
std::string hexadecimal(std::int64_t raw, int width) {
    char text[32];
    const auto bits = static_cast<unsigned long long>(raw) & (~0ull >> (64 - width));
    std::snprintf(text, sizeof text, "%llx", bits);
    return text;
}

template <class Tensor>
void write(std::ofstream& file, const Tensor& tensor) {
    for (const auto& value : tensor) file << hexadecimal(value.raw(), Tensor::scalar::width) << '\n';
}

/// A test bench in plain Verilog: reads the vectors, compares every output of every event, says PASS or FAIL.
template <class Net>
void write_bench(const std::string& path) {
    constexpr int in_width = Net::input::scalar::width, out_width = Net::output::scalar::width;
    constexpr std::size_t in = Net::input::size, out = Net::output::size;
    std::ofstream file(path);
    file << "module bench;\n"
         << "    reg [" << in_width - 1 << ":0] x [0:" << events * in - 1 << "];\n"
         << "    reg [" << out_width - 1 << ":0] y [0:" << events * out - 1 << "];\n"
         << "    reg [" << in_width - 1 << ":0] i [0:" << in - 1 << "];\n"
         << "    wire [" << out_width - 1 << ":0] o [0:" << out - 1 << "];\n"
         << "    integer event_number, k, wrong;\n    network dut (\n";
    for (std::size_t k = 0; k < in; ++k) file << "        .x_" << k << "(i[" << k << "]),\n";
    for (std::size_t k = 0; k < out; ++k) file << "        .y_" << k << "(o[" << k << "])" << (k + 1 < out ? ",\n" : ");\n");
    file << "    initial begin\n        $readmemh(\"inputs.hex\", x);\n        $readmemh(\"outputs.hex\", y);\n        "
            "wrong = 0;\n"
         << "        for (event_number = 0; event_number < " << events << "; event_number = event_number + 1) begin\n"
         << "            for (k = 0; k < " << in << "; k = k + 1) i[k] = x[event_number * " << in
         << " + k];\n            #1;\n"
         << "            for (k = 0; k < " << out << "; k = k + 1) if (o[k] !== y[event_number * " << out
         << " + k]) wrong = wrong + 1;\n        end\n"
         << "        if (wrong == 0) $display(\"PASS: " << events << " events, " << out << " outputs each\");\n"
         << "        else $display(\"FAIL: %0d of " << events * out
         << " outputs differ\", wrong);\n        $finish;\n    end\nendmodule\n";
}

template <class Net>
void write_all(const std::string& folder) {
    raw_values random(20261123);
    auto p = std::make_unique<typename Net::parameters>();
    random.fill(*p);
    std::ofstream verilog(folder + "/network.v");
    kaon::rtl::write_verilog(kaon::rtl::trace<Net>(*p), "network", verilog);
    const kaon::model<Net> model(*p);
    std::ofstream inputs(folder + "/inputs.hex"), outputs(folder + "/outputs.hex");
    for (int event = 0; event < events; ++event) {
        typename Net::input x{};
        random.fill(x.values, Net::input::size);
        write(inputs, x);
        write(outputs, model(x));
    }
    write_bench<Net>(folder + "/bench.v");
}

}  // namespace

int main(int argc, char** argv) {
    const std::string name = argc == 3 ? argv[1] : "";
    if (name == "tagger") {
        write_all<networks::tagger>(argv[2]);
    } else if (name == "branches") {
        write_all<networks::branches>(argv[2]);
    } else {
        std::fputs("usage: write_verilog tagger|branches FOLDER\n", stderr);
        return 2;
    }
}
