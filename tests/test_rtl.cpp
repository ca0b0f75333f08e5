// Tracing: the record of a network, evaluated by arithmetic of its own, has the bits of the network in registers.
#include <doctest/doctest.h>

#include <kaon/kaon.hpp>
#include <kaon/rtl/evaluate.hpp>
#include <kaon/rtl/trace.hpp>
#include <kaon/rtl/verilog.hpp>

#include "raw_values.hpp"
#include "rtl/networks.hpp"
#include "rtl/table_networks.hpp"

#include <cstdint>
#include <memory>
#include <ratio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

template <class Tensor>
void append(std::vector<std::int64_t>& raw, const Tensor& tensor) {
    for (const auto& value : tensor) raw.push_back(value.raw());
}

template <class Net>
int different_outputs(raw_values& random, const typename Net::parameters& p) {
    const kaon::rtl::record record = kaon::rtl::trace<Net>(p);
    const kaon::model<Net> model(p);
    int different = 0;
    for (int event = 0; event < 1000; ++event) {
        typename Net::input x{};
        random.fill(x.values, Net::input::size);
        std::vector<std::int64_t> in, expected;
        append(in, x);
        append(expected, model(x));
        const auto y = kaon::rtl::evaluate(record, in);
        REQUIRE(y.size() == expected.size());
        for (std::size_t o = 0; o < y.size(); ++o) different += y[o] != expected[o];
    }
    return different;
}

template <class Net>
int different_outputs(std::uint64_t seed) {
    raw_values random(seed);
    auto p = std::make_unique<typename Net::parameters>();
    random.fill(*p);
    return different_outputs<Net>(random, *p);
}

}  // namespace

TEST_CASE("the record of the jet tagger's topology has the bits of the network") {
    CHECK(different_outputs<networks::tagger>(1) == 0);
}

TEST_CASE("a record of truncated products, a residual and branches has the bits of the network") {
    CHECK(different_outputs<networks::branches>(2) == 0);
}

TEST_CASE("a record of tables has the bits of the network") { CHECK(different_outputs<networks::classifier>(5) == 0); }

TEST_CASE("a record of every mode, of comparisons and functions has the bits of the network") {
    CHECK(different_outputs<networks::functions>(6) == 0);
}

TEST_CASE("a record of a layer normalisation has the bits of the network") {
    using kaon::fixed;
    using sum = fixed<14, 4, kaon::round_conv, kaon::saturate>;
    using net = kaon::network<kaon::input<fixed<10, 4>, 5>,
                              kaon::layer_norm<std::ratio<1, 1000>, kaon::accumulator<sum>, kaon::weights<fixed<8, 2>>,
                                               kaon::bias<fixed<9, 3>>, kaon::result<fixed<16, 6>>>>;
    raw_values random(7);
    net::parameters p;
    random.fill(kaon::get<0>(p).scale, 5);
    random.fill(kaon::get<0>(p).offset, 5);
    CHECK(different_outputs<net>(random, p) == 0);
}

TEST_CASE("a table is recorded once, and a constant's entry is a constant") {
    using address = kaon::within_eight<16>;
    using table = kaon::exact_table<kaon::detail::sigmoid_table, address, kaon::fixed<8, 1>>;
    kaon::rtl::record r;
    const kaon::rtl::recording to(r);
    using wire = kaon::rtl::traced<address::scalar>;
    const auto a = wire::from_id(r.input("a", kaon::rtl::wire_format_of<address::scalar>));
    const auto b = wire::from_id(r.input("b", kaon::rtl::wire_format_of<address::scalar>));
    using kaon::look_up;
    CHECK(look_up<table>(a).id() != look_up<table>(b).id());
    CHECK(r.tables().size() == 1);
    CHECK(r.nodes()[look_up<table>(wire(0)).id()].value == kaon::fixed<8, 1>(0.5).raw());
    CHECK(less(a, a).id() == less(b, b).id());  // never, both
}

TEST_CASE("a record with several inputs and outputs") {
    using net = networks::two_inputs;
    raw_values random(3);
    net::parameters p;
    random.fill(p);
    const kaon::rtl::record record = kaon::rtl::trace<net>(p);
    CHECK(record.inputs().size() == 8);
    CHECK(record.inputs()[4].name == "x1_0");
    CHECK(record.outputs()[4].name == "y1_0");
    const kaon::model<net> model(p);
    for (int event = 0; event < 1000; ++event) {
        kaon::tensor<kaon::fixed<7, 3>, kaon::shape<4>> a{};
        kaon::tensor<kaon::ufixed<5, 1>, kaon::shape<4>> b{};
        random.fill(a.values, 4);
        random.fill(b.values, 4);
        std::vector<std::int64_t> in, expected;
        append(in, a);
        append(in, b);
        const auto y = model(a, b);
        append(expected, kaon::get<0>(y));
        append(expected, kaon::get<1>(y));
        CHECK(kaon::rtl::evaluate(record, in) == expected);
    }
}

TEST_CASE("a record shares what is there already and folds constants") {
    using x = kaon::fixed<8, 4>;
    kaon::rtl::record r;
    const kaon::rtl::recording to(r);
    const auto a = kaon::rtl::traced<x>::from_id(r.input("a", kaon::rtl::wire_format_of<x>));
    const auto first = a * x(1.5);
    const std::size_t nodes = r.nodes().size();
    const auto second = x(1.5) * a;
    CHECK(first.id() == second.id());
    CHECK(r.nodes().size() == nodes);
    const kaon::rtl::traced<x> b(0.5), c(0.25);
    CHECK(r.nodes()[(b + c).id()].kind == kaon::rtl::operation::constant);
    CHECK_THROWS_AS(kaon::rtl::evaluate(r, {1, 2}), std::invalid_argument);
    CHECK_THROWS_AS(kaon::rtl::evaluate(r, {128}), std::invalid_argument);
}

TEST_CASE("Verilog names every port with its width") {
    networks::branches::parameters p;
    raw_values(4).fill(p);
    const std::string text = kaon::rtl::verilog(kaon::rtl::trace<networks::branches>(p), "small");
    CHECK(text.find("module small (") != std::string::npos);
    CHECK(text.find("input  wire signed [9:0] x_5") != std::string::npos);
    CHECK(text.find("output wire signed [8:0] y_11") != std::string::npos);
}
