// csv_rows.h: the rows of a table of numbers, header line left out.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace zomma::test {

inline std::vector<std::vector<double>> csv_rows(const std::string& path) {
  std::vector<std::vector<double>> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    auto& row = rows.emplace_back();
    for (const char* at = line.c_str(); *at != 0;) {
      char* end = nullptr;
      row.push_back(std::strtod(at, &end));
      at = *end == ',' ? end + 1 : end;
      if (end == at && *end != 0) break;  // not a number: the row ends here
    }
  }
  return rows;
}

}  // namespace zomma::test
