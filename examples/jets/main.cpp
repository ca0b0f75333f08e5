// jets: reads the observables of jets as CSV, writes their scores as CSV.
// The first line names the columns: jet_tagger::feature_names in that order, and perhaps `label`, which is skipped.

#include "jet_tagger.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

std::vector<std::string> read_cells() {
    std::string line;
    std::getline(std::cin, line);
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    return cells;
}

// Columns in another order would give wrong scores in silence.
void check_names(const std::vector<std::string>& columns) {
    for (std::size_t i = 0; i < std::max<std::size_t>(columns.size(), jet_tagger::network::input::size); ++i) {
        const std::string found = i < columns.size() ? columns[i] : "";
        const std::string wanted = i < jet_tagger::network::input::size ? jet_tagger::feature_names[i] : "label";
        if (found != wanted) throw std::runtime_error("column '" + found + "' where '" + wanted + "' belongs");
    }
}

float to_number(const std::string& cell) {
    float number = 0;
    const auto [stop, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (stop == cell.data() + cell.size() && error == std::errc()) return number;
    throw std::runtime_error("'" + cell + "' is not a number");
}

int main() {
    std::size_t line = 1;
    try {
        const auto columns = read_cells();
        check_names(columns);
        for (std::size_t i = 0; i < jet_tagger::network::output::size; ++i)
            std::cout << jet_tagger::class_names[i] << (i + 1 < jet_tagger::network::output::size ? ',' : '\n');
        for (auto cells = read_cells(); std::cin; cells = read_cells()) {
            ++line;
            if (cells.size() != columns.size()) throw std::runtime_error("not as many cells as columns");
            jet_tagger::network::input jet = {};
            for (std::size_t i = 0; i < jet.size; ++i) jet[i] = to_number(cells[i]);
            const auto scores = jet_tagger::model(jet);
            for (std::size_t i = 0; i < scores.size; ++i) std::cout << scores[i] << (i + 1 < scores.size ? ',' : '\n');
        }
    } catch (const std::exception& error) {
        std::cerr << "jets: line " << line << ": " << error.what() << '\n';
        return 2;
    }
}
