// truth.h: rows of a table of numbers with a header line; notes in quotation marks are skipped.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace zomma::test {

// Cells as text, without quotation marks; a comma inside them does not part cells.
inline std::vector<std::vector<std::string>> table(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      else if (c == ',' && !quoted) cells.emplace_back();
      else if (c != '\r') cells.back() += c;
    }
    rows.push_back(cells);
  }
  return rows;
}

inline double number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

}  // namespace zomma::test
