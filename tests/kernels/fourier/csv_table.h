// csv_table.h: a truth table in memory, columns by name.
#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace zomma::test {

struct CsvTable {
  std::map<std::string, std::size_t> columns;
  std::vector<std::vector<std::string>> rows;

  double number(std::size_t row, const std::string& column) const {
    return std::strtod(rows[row][columns.at(column)].c_str(), nullptr);
  }
};

inline std::vector<std::string> split_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

inline CsvTable read_csv(const std::string& path) {
  CsvTable table;
  std::ifstream file(path);
  std::string line;
  REQUIRE(std::getline(file, line));
  const auto names = split_cells(line);
  for (std::size_t i = 0; i < names.size(); ++i) table.columns[names[i]] = i;
  while (std::getline(file, line)) table.rows.push_back(split_cells(line));
  return table;
}

}  // namespace zomma::test
