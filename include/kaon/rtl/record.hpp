// record.hpp: what a network does to its inputs, as a list of operations on wires.
#pragma once

#include "operation.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kaon {
namespace rtl {

/// A named wire of a record.
struct port {
    /// As in the Verilog module.
    std::string name;
    /// The node that drives it.
    node_id id;
};

/// Raw integers by the raw integer of their address, from `lowest` on.
struct rom {
    /// The first address, what lies at it and those after it, and the format of that.
    /// @{
    std::int64_t lowest;
    std::vector<std::int64_t> values;
    wire_format format;
    /// @}

    /// Throws std::out_of_range where there is no entry.
    std::int64_t at(std::int64_t address) const { return values.at(static_cast<std::size_t>(address - lowest)); }
    /// Whether equal in all.
    friend bool operator==(const rom& a, const rom& b) {
        return a.lowest == b.lowest && a.values == b.values && a.format == b.format;
    }
};

/// Operations in the order in which they were recorded: a node's operands stand before it. Append-only. A node that is
/// there already is shared, a node of constants is folded.
class record {
public:
    /// Everything recorded, in order.
    /// @{
    const std::vector<node>& nodes() const { return nodes_; }
    const std::vector<port>& inputs() const { return inputs_; }
    const std::vector<port>& outputs() const { return outputs_; }
    const std::vector<rom>& tables() const { return tables_; }
    /// @}

    /// How many nodes are of one kind.
    std::size_t count(operation kind) const {
        std::size_t n = 0;
        for (const node& each : nodes_) n += each.kind == kind ? 1 : 0;
        return n;
    }

    /// Adds an input.
    node_id input(std::string name, const wire_format& format) {
        const auto position = static_cast<std::int64_t>(inputs_.size());
        const node_id id = share({operation::input, format, 0, 0, 0, position});
        inputs_.push_back({std::move(name), id});
        return id;
    }
    /// Names the value of a node as an output.
    void output(std::string name, node_id id) { outputs_.push_back({std::move(name), id}); }

    /// A constant: raw in the given format.
    node_id constant(std::int64_t raw, const wire_format& format) {
        return share({operation::constant, format, 0, 0, 0, raw});
    }

    /// multiply, add, subtract, maximum, minimum, less; the format as `node` says.
    node_id combine(operation kind, node_id a, node_id b, const wire_format& format) {
        const bool commutes = kind != operation::subtract && kind != operation::less;
        if (commutes && b < a) std::swap(a, b);
        if (is_constant(a) && is_constant(b)) return folded({kind, format, a, b});
        if (kind == operation::less && a == b) return constant(0, format);
        if (kind == operation::less && is_zero(a) && is_condition(b)) return nodes_[b].first;
        if (kind == operation::multiply && (is_zero(a) || is_zero(b))) return constant(0, format);
        if (kind == operation::add && is_zero(a) && nodes_[b].format == format) return b;
        if ((kind == operation::add || kind == operation::subtract) && is_zero(b) && nodes_[a].format == format) return a;
        if ((kind == operation::maximum || kind == operation::minimum) && a == b) return a;
        return share({kind, format, a, b});
    }

    /// Converts a to another format: rounds, then overflows.
    node_id quantize(node_id a, const wire_format& format, rounding_mode rounding, overflow_mode overflow) {
        const wire_format& from = nodes_[a].format;
        // A symmetric format lacks the least value that one of as many integer bits has.
        const bool lacks_least =
            overflow == saturate_symmetric && format.is_signed && from.is_signed && from.integer >= format.integer;
        if (from == format && !lacks_least) return a;
        // Where nothing is dropped there is nothing to round: the modes of equal conversions are equal.
        if (from.fraction() <= format.fraction()) rounding = truncate;
        // Nor anything to overflow where every value has room.
        if (detail::holds_every_value(format, from) && !lacks_least) overflow = wrap;
        const node conversion{operation::quantize, format, a, 0, 0, 0, rounding, overflow};
        return is_constant(a) ? folded(conversion) : share(conversion);
    }

    /// b where a, a bit, is one, else c: two nodes of one format.
    node_id select(node_id a, node_id b, node_id c) {
        if (is_constant(a)) return nodes_[a].value != 0 ? b : c;
        if (b == c) return b;
        return share({operation::select, nodes_[b].format, a, b, c});
    }

    /// The entry of a table at an address. Throws std::out_of_range for a constant that has none.
    node_id look_up(const rom& table, node_id address) {
        if (is_constant(address)) return constant(table.at(nodes_[address].value), table.format);
        std::size_t place = 0;
        while (place < tables_.size() && !(tables_[place] == table)) ++place;
        if (place == tables_.size()) tables_.push_back(table);
        return share({operation::look_up, table.format, address, 0, 0, static_cast<std::int64_t>(place)});
    }

private:
    struct hash {
        std::size_t operator()(const node& n) const {
            std::uint64_t h = static_cast<std::uint64_t>(n.value);
            for (const int part : {static_cast<int>(n.kind), n.format.width, n.format.integer, n.format.is_signed ? 1 : 0,
                                   static_cast<int>(n.first), static_cast<int>(n.second), static_cast<int>(n.third),
                                   static_cast<int>(n.rounding), static_cast<int>(n.overflow)}) {
                h = (h ^ static_cast<std::uint64_t>(part)) * 0x9e3779b97f4a7c15u;
                h ^= h >> 29;
            }
            return static_cast<std::size_t>(h);
        }
    };

    bool is_constant(node_id id) const { return nodes_[id].kind == operation::constant; }
    bool is_zero(node_id id) const { return is_constant(id) && nodes_[id].value == 0; }

    /// Whether a node is one where a condition holds, else zero.
    bool is_condition(node_id id) const {
        const node& n = nodes_[id];
        return n.kind == operation::select && is_constant(n.second) && nodes_[n.second].value > 0 && is_zero(n.third);
    }

    node_id folded(const node& n) {
        const auto operand = [&](node_id id) { return detail::operand{nodes_[id].value, nodes_[id].format}; };
        return constant(detail::computed(n, operand(n.first), operand(n.second), operand(n.third)), n.format);
    }
    node_id share(const node& n) {
        const auto [place, added] = known_.emplace(n, static_cast<node_id>(nodes_.size()));
        if (added) nodes_.push_back(n);
        return place->second;
    }

    std::vector<node> nodes_;
    std::vector<port> inputs_;
    std::vector<port> outputs_;
    std::vector<rom> tables_;
    std::unordered_map<node, node_id, hash> known_;
};

}  // namespace rtl
}  // namespace kaon
