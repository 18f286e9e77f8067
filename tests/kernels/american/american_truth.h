// american_truth.h: options with known values, read from the shared truth tables.
#pragma once

#include <zomma/kernels/american.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace zomma::test {

struct AmericanTruth {
  std::vector<double> spot, strike, expiry, rate, yield, volatility, price, delta, gamma, theta,
      boundary;
  std::vector<std::int8_t> sign;

  kernels::AmericanTermsBatch terms() const {
    return {spot, strike, expiry, rate, yield, volatility, sign};
  }
};

inline AmericanTruth read_american(const std::string& path) {
  AmericanTruth out;
  std::ifstream file(path);
  std::string line, cell;
  std::getline(file, line);
  std::vector<double>* columns[] = {&out.spot,  &out.strike,     &out.expiry,  &out.rate,
                                    &out.yield, &out.volatility, &out.price,   &out.delta,
                                    &out.gamma, &out.theta,      &out.boundary};
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    for (int skip = 0; skip < 2; ++skip) std::getline(cells, cell, ',');
    std::getline(cells, cell, ',');
    out.sign.push_back(static_cast<std::int8_t>(std::atoi(cell.c_str())));
    for (auto* column : columns) {
      std::getline(cells, cell, ',');
      column->push_back(std::strtod(cell.c_str(), nullptr));
    }
  }
  return out;
}

}  // namespace zomma::test
