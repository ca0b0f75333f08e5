// verilog.hpp: a record as combinational Verilog, one wire a node.
//
// In Verilog one unsigned operand makes a whole expression unsigned, and a part select is unsigned. So every expression here
// is of signed operands: unsigned wires enter with a zero in front, constants are signed literals with room for their sign,
// and bits are dropped by assignment alone. An assignment extends its operands to the wider of the two sides: what it keeps
// is exact modulo 2^width.
#pragma once

#include "record.hpp"

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <sstream>
#include <string>

namespace kaon {
namespace rtl {
namespace detail {

inline std::string literal(std::int64_t value) {
    const bool negative = value < 0;
    const std::uint64_t magnitude = negative ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    int bits = 1;
    for (std::uint64_t rest = magnitude; rest > 0; rest /= 2) ++bits;
    const std::string digits = std::to_string(bits) + "'sd" + std::to_string(magnitude);
    return negative ? "(-" + digits + ")" : digits;
}

inline std::string range(const wire_format& f) {
    return (f.is_signed ? "signed [" : "[") + std::to_string(f.width - 1) + ":0]";
}

inline std::string format_name(const wire_format& f) {
    return (f.is_signed ? "fixed<" : "ufixed<") + std::to_string(f.width) + "," + std::to_string(f.integer) + ">";
}

class verilog_writer {
public:
    verilog_writer(const record& r, std::ostream& out) : record_(r), out_(out) {}

    void module(const std::string& name) {
        out_ << "// Combinational: " << record_.inputs().size() << " inputs, " << record_.outputs().size() << " outputs, "
             << record_.count(operation::multiply) << " products by constants or of wires.\n"
             << "module " << name << " (\n";
        for (const port& p : record_.inputs()) declare("input  wire ", p, ",");
        for (const port& p : record_.outputs()) declare("output wire ", p, &p == &record_.outputs().back() ? "" : ",");
        out_ << ");\n";
        for (std::size_t i = 0; i < record_.tables().size(); ++i) table(i);
        for (node_id id = 0; id < record_.nodes().size(); ++id) wire(id);
        for (const port& p : record_.outputs()) out_ << "    assign " << p.name << " = " << operand(p.id) << ";\n";
        out_ << "endmodule\n";
    }

private:
    void declare(const char* direction, const port& p, const char* separator) {
        const wire_format& f = record_.nodes()[p.id].format;
        out_ << "    " << direction << range(f) << ' ' << p.name << separator << "  // " << format_name(f) << '\n';
    }

    std::string name(node_id id) const {
        const node& n = record_.nodes()[id];
        return n.kind == operation::input ? record_.inputs()[static_cast<std::size_t>(n.value)].name
                                          : "n" + std::to_string(id);
    }

    /// A signed expression of the node's value.
    std::string operand(node_id id) const {
        const node& n = record_.nodes()[id];
        if (n.kind == operation::constant) return literal(n.value);
        return n.format.is_signed ? name(id) : "$signed({1'b0, " + name(id) + "})";
    }
    /// Likewise, with more fraction bits.
    std::string aligned(node_id id, int fraction) const {
        const node& n = record_.nodes()[id];
        const int raised = fraction - n.format.fraction();
        if (raised == 0) return operand(id);
        return "(" + operand(id) + " <<< " + std::to_string(raised) + ")";
    }

    void wire(node_id id) {
        const node& n = record_.nodes()[id];
        if (n.kind == operation::constant || n.kind == operation::input) return;
        if (n.kind == operation::quantize) {
            quantize(id, n);
        } else if (n.kind == operation::look_up) {
            assign(id, "table_" + std::to_string(n.value) + "(" + name(n.first) + ")");
        } else {
            assign(id, expression(n));
        }
    }
    void assign(node_id id, const std::string& expression) {
        const node& n = record_.nodes()[id];
        out_ << "    wire " << range(n.format) << ' ' << name(id) << " = " << expression << ";  // " << name_of(n.kind)
             << ": " << format_name(n.format) << '\n';
    }

    /// A function of the bits of its address.
    void table(std::size_t place) {
        const rom& t = record_.tables()[place];
        const wire_format address = address_format(place);
        out_ << "    function " << range(t.format) << " table_" << place << "(input " << range({address.width, 0, false})
             << " address);\n        case (address)\n";
        for (std::size_t i = 0; i < t.values.size(); ++i) {
            const std::uint64_t bits =
                static_cast<std::uint64_t>(t.lowest + static_cast<std::int64_t>(i)) & ones(address.width);
            out_ << "        " << address.width << "'d" << bits << ": table_" << place << " = " << literal(t.values[i])
                 << ";\n";
        }
        out_ << "        default: table_" << place << " = " << literal(t.values.back())
             << ";\n        endcase\n    endfunction\n";
    }
    wire_format address_format(std::size_t place) const {
        for (const node& n : record_.nodes()) {
            if (n.kind == operation::look_up && n.value == static_cast<std::int64_t>(place)) {
                return record_.nodes()[n.first].format;
            }
        }
        return {1, 1, false};
    }

    std::string expression(const node& n) const {
        const int fraction = n.format.fraction();
        const bool first_is_constant = record_.nodes()[n.first].kind == operation::constant;
        switch (n.kind) {
        case operation::multiply:
            return first_is_constant ? operand(n.second) + " * " + operand(n.first)
                                     : operand(n.first) + " * " + operand(n.second);
        case operation::add:
            return aligned(n.first, fraction) + " + " + aligned(n.second, fraction);
        case operation::subtract:
            return aligned(n.first, fraction) + " - " + aligned(n.second, fraction);
        case operation::less:
            return operand(n.first) + " < " + operand(n.second);
        case operation::select:
            return name(n.first) + " ? " + operand(n.second) + " : " + operand(n.third);
        default: {
            const char* comparison = n.kind == operation::maximum ? " > " : " < ";
            const std::string a = operand(n.first);
            const std::string b = operand(n.second);
            return "(" + a + comparison + b + ") ? " + a + " : " + b;
        }
        }
    }

    void quantize(node_id id, const node& n) {
        const wire_format& from = record_.nodes()[n.first].format;
        const int dropped = from.fraction() - n.format.fraction();
        const std::string a = operand(n.first);
        std::string kept = a;
        const bool rounds = dropped > 0 && n.rounding != truncate;
        if (dropped > 0) {
            kept = "(" + a + " >>> " + std::to_string(dropped) + ")";
            if (rounds) {
                // Not as a number in front of which a zero stands: Verilator 5.006 forgets the zero where it simplifies.
                out_ << "    wire " << name(id) << "_up = " << rounded_up(n.first, dropped, n.rounding) << ";\n";
                kept += " + (" + name(id) + "_up ? 2'sd1 : 2'sd0)";
            }
        } else if (dropped < 0) {
            kept = "(" + a + " <<< " + std::to_string(-dropped) + ")";
        }
        if (n.overflow == wrap) {
            assign(id, kept);
            return;
        }
        // Wide enough for what was kept, with its sign and the carry of the rounding.
        const int whole = from.width + (from.is_signed ? 0 : 1) - dropped + (rounds ? 1 : 0);
        const int width = whole < 2 ? 2 : whole;
        const std::string unlimited = name(id) + "_unlimited";
        out_ << "    wire signed [" << width - 1 << ":0] " << unlimited << " = " << kept << ";\n";
        const bool zero = n.overflow == overflow_mode::saturate_zero;
        const std::string high = literal(largest(n.format));
        const std::string low = literal(smallest_kept(n));
        assign(id, "(" + unlimited + " > " + high + ") ? " + (zero ? literal(0) : high) + " : (" + unlimited + " < " + low +
                       ") ? " + (zero ? literal(0) : low) + " : " + unlimited);
    }

    /// One bit: whether what is dropped raises what is kept. Beyond its last bit a number repeats its sign.
    std::string rounded_up(node_id id, int dropped, rounding_mode mode) const {
        const wire_format& f = record_.nodes()[id].format;
        const std::string sign = f.is_signed ? name(id) + "[" + std::to_string(f.width - 1) + "]" : "1'b0";
        const auto bit = [&](int place) { return place < f.width ? name(id) + "[" + std::to_string(place) + "]" : sign; };
        const std::string half = bit(dropped - 1);
        const int last = dropped - 2 < f.width ? dropped - 2 : f.width - 1;
        const std::string rest = last < 0 ? "1'b0" : "(|" + name(id) + "[" + std::to_string(last) + ":0])";
        switch (mode) {
        case rounding_mode::truncate_zero:
            return sign + " & (" + half + " | " + rest + ")";
        case rounding_mode::round_zero:
            return half + " & (" + sign + " | " + rest + ")";
        case rounding_mode::round_min_inf:
            return half + " & " + rest;
        case rounding_mode::round_inf:
            return sign + " ? " + half + " & " + rest + " : " + half;
        case rounding_mode::round_conv:
            return half + " & (" + bit(dropped) + " | " + rest + ")";
        case rounding_mode::toward_plus_infinity:
            return half + " | " + rest;
        case rounding_mode::away_from_zero:
            return sign + " ? 1'b0 : " + half + " | " + rest;
        default:
            return half;
        }
    }

    const record& record_;
    std::ostream& out_;
};

}  // namespace detail

/// Writes module `name`: one port a scalar, named as the record's inputs and outputs.
inline void write_verilog(const record& r, const std::string& name, std::ostream& out) {
    detail::verilog_writer(r, out).module(name);
}

/// The same as a string.
inline std::string verilog(const record& r, const std::string& name) {
    std::ostringstream out;
    write_verilog(r, name, out);
    return out.str();
}

}  // namespace rtl
}  // namespace kaon
