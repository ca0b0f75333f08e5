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
        } else {
            assign(id, expression(n));
        }
    }
    void assign(node_id id, const std::string& expression) {
        const node& n = record_.nodes()[id];
        out_ << "    wire " << range(n.format) << ' ' << name(id) << " = " << expression << ";  // " << name_of(n.kind)
             << ": " << format_name(n.format) << '\n';
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
        if (dropped > 0) {
            kept = "(" + a + " >>> " + std::to_string(dropped) + ")";
            if (n.rounding == round) kept += " + ((" + a + " >>> " + std::to_string(dropped - 1) + ") & 2'sd1)";
        } else if (dropped < 0) {
            kept = "(" + a + " <<< " + std::to_string(-dropped) + ")";
        }
        if (n.overflow == wrap) {
            assign(id, kept);
            return;
        }
        // Wide enough for what was kept, with its sign and the carry of the rounding.
        const int whole = from.width + (from.is_signed ? 0 : 1) - dropped + (dropped > 0 && n.rounding == round ? 1 : 0);
        const int width = whole < 2 ? 2 : whole;
        const std::string unlimited = name(id) + "_unlimited";
        out_ << "    wire signed [" << width - 1 << ":0] " << unlimited << " = " << kept << ";\n";
        const std::string high = literal(largest(n.format));
        const std::string low = literal(smallest(n.format));
        assign(id, "(" + unlimited + " > " + high + ") ? " + high + " : (" + unlimited + " < " + low + ") ? " + low + " : " +
                       unlimited);
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
