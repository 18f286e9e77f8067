// truth_table.h: a table of numbers with named columns, and the unit in which errors are counted.
#pragma once

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace zomma::test {

class TruthTable {
 public:
  explicit TruthTable(const std::string& path) {
    std::ifstream file(path);
    std::string line, cell;
    const auto next_line = [&] {
      const bool more = static_cast<bool>(std::getline(file, line));
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return more;
    };
    next_line();
    std::vector<std::string> names;
    for (std::stringstream header(line); std::getline(header, cell, ',');) names.push_back(cell);
    while (next_line()) {
      std::stringstream cells(line);
      for (const std::string& name : names) {
        std::getline(cells, cell, ',');
        columns_[name].push_back(cell);
      }
      ++rows_;
    }
  }

  std::size_t rows() const { return rows_; }
  const std::vector<std::string>& texts(const std::string& name) const {
    const auto found = columns_.find(name);
    if (found == columns_.end()) throw std::runtime_error("the table has no column " + name);
    return found->second;
  }
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> out;
    for (const auto& text : texts(name)) out.push_back(std::strtod(text.c_str(), nullptr));
    return out;
  }

 private:
  std::map<std::string, std::vector<std::string>> columns_;
  std::size_t rows_ = 0;
};

// Tables of our own, in tests/kernels/data or in $ZOMMA_KERNEL_TRUTH: made anew with another seed
// by the script beside them.
inline std::string own_truth(const std::string& name) {
  const char* folder = std::getenv("ZOMMA_KERNEL_TRUTH");
  return (folder != nullptr ? std::string(folder)
                            : std::string(ZOMMA_SOURCE_DIR) + "/tests/kernels/data") +
         "/" + name;
}

// Relative error in units of what the inputs allow, (1 + condition) epsilon. Below `floor` numbers
// lose digits or vanish: there the error counts against the floor.
template <class Real>
double units(double got, double truth, double condition,
             double floor = std::numeric_limits<Real>::min()) {
  const double scale = std::fmax(std::fabs(truth), floor);
  const double epsilon = static_cast<double>(std::numeric_limits<Real>::epsilon());
  const double error = std::fabs(got - truth) / scale / ((1.0 + condition) * epsilon);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

}  // namespace zomma::test
