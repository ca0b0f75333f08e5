// diphoton: reads the observables of photon pairs as CSV, writes the scores of both forests and the category as CSV; on standard
// error how many fell into each category. The first line names the columns: feature_names in that order; more may follow, unread.

#include "categories.hpp"
#include "lightgbm.hpp"
#include "xgboost.hpp"

#include <array>
#include <charconv>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

static_assert(std::is_same_v<xgboost::network::input, lightgbm::network::input>);
using event = xgboost::network::input;

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
    for (std::size_t i = 0; i < event::size; ++i) {
        const std::string found = i < columns.size() ? columns[i] : "";
        for (const std::string wanted : {xgboost::feature_names[i], lightgbm::feature_names[i]})
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
    std::array<std::size_t, std::size(diphoton::xgboost_boundaries) + 1> counts{};
    try {
        check_names(read_cells());
        std::cout << "xgboost,lightgbm,category\n";
        std::cout.precision(8);
        for (auto cells = read_cells(); std::cin; cells = read_cells()) {
            ++line;
            if (cells.size() < event::size) throw std::runtime_error("not as many cells as features");
            event pair = {};
            for (std::size_t i = 0; i < event::size; ++i) pair[i] = to_number(cells[i]);
            const float score = xgboost::model(pair)[0];
            const int category = diphoton::category(score, diphoton::xgboost_boundaries);
            ++counts[std::size_t(category)];
            std::cout << score << ',' << lightgbm::model(pair)[0] << ',' << category << '\n';
        }
    } catch (const std::exception& error) {
        std::cerr << "diphoton: line " << line << ": " << error.what() << '\n';
        return 2;
    }
    for (std::size_t i = 0; i < counts.size(); ++i) std::cerr << "category " << i << ": " << counts[i] << " events\n";
}
