// write_verilog: a network as Verilog, with a test bench of 1,000 events whose scores the CPU's registers computed.
// Usage: write_verilog tagger|branches|classifier|functions|forest FOLDER
#include <kaon/kaon.hpp>
#include <kaon/rtl/trace.hpp>
#include <kaon/rtl/verilog.hpp>

#include "../raw_values.hpp"
#include "forest_networks.hpp"
#include "networks.hpp"
#include "table_networks.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <type_traits>

namespace {

constexpr int events = 1000;

/// One event a line, as $readmemb reads it: element 0 in the lowest bits.
template <class Tensor>
void write(std::ofstream& file, const Tensor& tensor) {
    for (std::size_t i = Tensor::size; i-- > 0;) {
        for (int bit = Tensor::scalar::width; bit-- > 0;) file << ((tensor[i].raw() >> bit) & 1);
    }
    file << '\n';
}

/// A test bench in plain Verilog: reads the vectors, compares every output of every event, says PASS or FAIL. Vectors, not arrays
/// of ports: Verilator 5.006 overlooks a change of an element.
template <class Net>
void write_bench(const std::string& path) {
    constexpr std::size_t in_width = Net::input::scalar::width, out_width = Net::output::scalar::width;
    constexpr std::size_t in = Net::input::size, out = Net::output::size;
    std::ofstream file(path);
    file << "module bench;\n"
         << "    reg [" << in * in_width - 1 << ":0] x [0:" << events - 1 << "];\n"
         << "    reg [" << out * out_width - 1 << ":0] y [0:" << events - 1 << "];\n"
         << "    reg [" << in * in_width - 1 << ":0] i;\n"
         << "    wire [" << out * out_width - 1 << ":0] o;\n"
         << "    integer event_number, k, wrong;\n    network dut (\n";
    for (std::size_t k = 0; k < in; ++k)
        file << "        .x_" << k << "(i[" << k * in_width << " +: " << in_width << "]),\n";
    for (std::size_t k = 0; k < out; ++k) {
        file << "        .y_" << k << "(o[" << k * out_width << " +: " << out_width << "])"
             << (k + 1 < out ? ",\n" : ");\n");
    }
    const std::string slice = "[k * " + std::to_string(out_width) + " +: " + std::to_string(out_width) + "]";
    file << "    initial begin\n        $readmemb(\"inputs.txt\", x);\n        $readmemb(\"outputs.txt\", y);\n"
         << "        wrong = 0;\n"
         << "        for (event_number = 0; event_number < " << events << "; event_number = event_number + 1) begin\n"
         << "            i = x[event_number];\n            #1;\n"
         << "            for (k = 0; k < " << out << "; k = k + 1)\n"
         << "                if (o" << slice << " !== y[event_number]" << slice << ") wrong = wrong + 1;\n        end\n"
         << "        if (wrong == 0) $display(\"PASS: " << events << " events, " << out << " outputs each\");\n"
         << "        else $display(\"FAIL: %0d of " << events * out << " outputs differ\", wrong);\n"
         << "        $finish;\n    end\nendmodule\n";
}

template <class Net>
void write_all(const std::string& folder) {
    raw_values random(20261123);
    auto p = std::make_unique<typename Net::parameters>();
    if constexpr (std::is_same_v<Net, networks::forest>) {
        networks::fill(random, *p);
    } else {
        random.fill(*p);
    }
    std::ofstream verilog(folder + "/network.v");
    kaon::rtl::write_verilog(kaon::rtl::trace<Net>(*p), "network", verilog);
    const kaon::model<Net> model(*p);
    std::ofstream inputs(folder + "/inputs.txt"), outputs(folder + "/outputs.txt");
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
    } else if (name == "classifier") {
        write_all<networks::classifier>(argv[2]);
    } else if (name == "functions") {
        write_all<networks::functions>(argv[2]);
    } else if (name == "forest") {
        write_all<networks::forest>(argv[2]);
    } else {
        std::fputs("usage: write_verilog tagger|branches|classifier|functions|forest FOLDER\n", stderr);
        return 2;
    }
}
