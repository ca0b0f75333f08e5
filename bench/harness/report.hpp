// report.hpp: writes a comparison as the JSON of `kaon bench --json`.
#pragma once

#include "compare.hpp"

#include <cmath>
#include <ostream>
#include <string>

namespace bench {

#if defined(__clang__)
inline constexpr char compiler[] = "clang " __clang_version__;
#else
inline constexpr char compiler[] = "g++ " __VERSION__;
#endif

/// JSON has no infinity: where scores differ by no finite number, the difference is null.
inline void write_number(std::ostream& out, double value) {
    if (std::isfinite(value)) out << value;
    else out << "null";
}

inline void write_row(std::ostream& out, const comparison& result, const engine_result& engine, std::size_t which) {
    const timing_case& how = timing_cases[which];
    const samples& times = engine.times[which];
    // One of multiply-adds of floats, one of steps of integers where they were measured.
    const double bound =
        engine.scalar == "float" ? bound_of(result.layers, result.core, how.batch) : result.fixed_bounds[which];
    out << R"({"case": ")" << how.name << R"(", "batch": )" << how.batch << R"(, "engine": ")" << engine.name
        << R"(", "scalar": ")" << engine.scalar << R"(", "ns_per_event_min": )" << times.quantile(0)
        << R"(, "ns_per_event_median": )" << times.quantile(0.5) << R"(, "ns_per_event_p99_9": )" << times.quantile(0.999)
        << R"(, "samples": )" << times.count() << R"(, "allocations_per_call": )" << engine.allocations_per_call[which]
        << R"(, "bound_ns": )" << bound << "}";
}

inline void write_json(std::ostream& out, const comparison& result) {
    out.precision(6);
    out << R"({"machine": {"fma_per_s": )" << result.core.fma_per_second() << R"(, "load_per_s": )"
        << result.core.register_loads_per_second << R"(, "weight_bytes": )" << result.core.weight_bytes
        << R"(, "weight_load_per_s": )" << result.core.weight_loads_per_second() << R"(, "isa": ")" << isa
        << R"(", "register_bytes": )" << register_bytes << R"(, "clock_hz": )" << result.core.clock_hertz
        << R"(, "pinned": )" << (result.pinned ? "true" : "false") << "},\n \"compiler\": \"" << compiler
        << R"(", "events": )" << result.events << ",\n \"agreement\": {\"reference\": \"" << result.reference
        << R"(", "largest_difference": {)";
    const char* separator = "";
    for (const engine_result& engine : result.engines) {
        out << separator << '"' << engine.name << "\": ";
        write_number(out, engine.largest_difference);
        separator = ", ";
    }
    out << "}},\n \"rows\": [";
    separator = "\n  ";
    for (std::size_t which = 0; which < case_count; ++which) {
        for (const engine_result& engine : result.engines) {
            out << separator;
            write_row(out, result, engine, which);
            separator = ",\n  ";
        }
    }
    out << "\n]}\n";
}

}  // namespace bench
