// One node a thread, as a GPU walks an expiry, gives the bits of four nodes in the vector lanes.
#include "../../../kernels/fourier/heston_element.h"

#include <zomma/kernels/heston.h>

#include <catch2/catch.hpp>

#include <cstring>
#include <vector>

using namespace zomma::kernels;

TEST_CASE("an expiry priced node by node has the bits of the batch") {
  const HestonParameters model{0.04, 1.5, 0.06, 0.6, -0.7};
  std::vector<double> strike;
  for (int i = 0; i < 9; ++i) strike.push_back(60 + 10.0 * i);
  const std::vector<std::int8_t> sign{1, -1, 1, -1, 1, -1, 1, -1, 1};
  int different = 0;
  for (const JumpParameters& jumps : {JumpParameters{}, JumpParameters{0.3, -0.1, 0.15}})
    for (const double expiry : {0.02, 0.7, 12.0}) {
      const std::vector<HestonExpiry> slices{{expiry, 0.03, 0.01, 0, strike.size()}};
      const HestonQuotes quotes{100, slices, strike, sign};
      std::vector<double> columns[6];
      for (auto& column : columns) column.resize(strike.size());
      std::vector<HestonGradient> gradient(strike.size()), alone_gradient(strike.size());
      std::vector<ElementStatus> status(strike.size()), alone_status(strike.size());
      const HestonValues batch{columns[0], columns[1], columns[2], gradient, status};
      const HestonValues alone{columns[3], columns[4], columns[5], alone_gradient, alone_status};
      const auto backend = make_cpu_backend(1);
      REQUIRE(heston_price(*backend, model, jumps, quotes, batch) == Status::ok);

      const heston_detail::ForwardAndDiscount market(100, slices[0]);
      double reach = 0;
      for (const double k : strike)
        reach = maximum(reach, magnitude(zomma::kernels::log(market.forward / k)));
      const auto node = heston_detail::Node::make(model, jumps, expiry, reach, 8);
      std::vector<Complex<double>> c;
      for (std::size_t j = 0;; ++j) {
        REQUIRE(j < heston_detail::most_nodes);
        const double u = node.step * static_cast<double>(j);
        c.resize(c.size() + 8);
        const double size = node.coefficients(u, j == 0 ? 0.5 : 1.0, &c[c.size() - 8]);
        if (j % 8 == 7 && node.ended(u, size)) break;
      }
      for (std::size_t i = 0; i < strike.size(); ++i) {
        const double k = zomma::kernels::log(market.forward / strike[i]);
        double sum[8];
        heston_detail::sums(8, c.data(), c.size() / 8, node.step * k, sum);
        heston_detail::answer(quotes, i, market, node.variance, k, 8, sum, alone);
        REQUIRE(status[i] == ElementStatus::ok);
        different += alone_status[i] != status[i];
        for (int column = 0; column < 3; ++column)
          different += std::memcmp(&columns[column][i], &columns[column + 3][i], 8) != 0;
        different += std::memcmp(&gradient[i], &alone_gradient[i], sizeof gradient[i]) != 0;
      }
    }
  CHECK(different == 0);
}
