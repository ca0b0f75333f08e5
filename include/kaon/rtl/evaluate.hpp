// evaluate.hpp: a record, computed on integers.
#pragma once

#include "record.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace kaon {
namespace rtl {

/// Raw integers of the outputs from those of the inputs, by position. Throws std::invalid_argument where there are not as
/// many as the record has inputs, or one has more bits than its input.
inline std::vector<std::int64_t> evaluate(const record& r, const std::vector<std::int64_t>& inputs) {
    if (inputs.size() != r.inputs().size()) throw std::invalid_argument("kaon: as many values as the record has inputs");
    const std::vector<node>& nodes = r.nodes();
    std::vector<std::int64_t> values(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const node& n = nodes[i];
        if (n.kind == operation::input) {
            values[i] = inputs[static_cast<std::size_t>(n.value)];
            if (values[i] < detail::smallest(n.format) || values[i] > detail::largest(n.format)) {
                throw std::invalid_argument("kaon: a value has more bits than its input");
            }
        } else if (n.kind == operation::look_up) {
            values[i] = r.tables()[static_cast<std::size_t>(n.value)].at(values[n.first]);
        } else {
            const auto operand = [&](node_id id) { return detail::operand{values[id], nodes[id].format}; };
            values[i] = detail::computed(n, operand(n.first), operand(n.second), operand(n.third));
        }
    }
    std::vector<std::int64_t> outputs;
    for (const port& output : r.outputs()) outputs.push_back(values[output.id]);
    return outputs;
}

}  // namespace rtl
}  // namespace kaon
