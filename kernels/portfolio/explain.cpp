// explain.cpp: the parts of every position, then exact totals by group.
#include <zomma/kernels/portfolio/explain.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <zomma/kernels/portfolio/aggregate.h>

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 8192;

Explained<double> explain_one(const ExplainInput& in, std::size_t i) {
  const GreeksAtStart<double> greeks{in.theta[i], in.delta[i], in.gamma[i], in.vega[i],
                                     in.vanna[i], in.vomma[i], in.rho[i]};
  const MarketMove<double> move{in.years[i], in.spot_move[i], in.volatility_move[i],
                                in.rate_move[i]};
  return explain(greeks, move, in.value_end[i] - in.value_start[i]);
}

}  // namespace

Status explain(Backend& backend, const ExplainInput& in, const Grouping& groups,
               std::span<double> out, std::span<double> positions_out,
               std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  const std::size_t n = in.weight.size();
  for (const auto span :
       {in.theta, in.delta, in.gamma, in.vega, in.vanna, in.vomma, in.rho, in.years, in.spot_move,
        in.volatility_move, in.rate_move, in.value_start, in.value_end}) {
    if (span.size() != n) return Status::length_mismatch;
  }
  if (groups.order.size() != n || out.size() != groups.size() * explained_parts ||
      (!positions_out.empty() && positions_out.size() != n * explained_parts) ||
      (!excluded.empty() && excluded.size() != groups.size()) ||
      (!status.empty() && status.size() != n)) {
    return Status::length_mismatch;
  }
  std::vector<double> parts(n * explained_parts);
  std::vector<ElementStatus> marks(n);
  backend.for_chunks(n, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Explained<double> e = explain_one(in, i);
      const std::array<double, explained_parts> all{e.theta, e.delta, e.gamma, e.vega,
                                                    e.vanna, e.vomma, e.rho,   e.residual};
      for (std::size_t k = 0; k < explained_parts; ++k) parts[k * n + i] = all[k];
    }
  });
  const Status done =
      aggregate(backend, groups, parts, explained_parts, in.weight, out, excluded, marks);
  if (done != Status::ok) return done;
  std::copy(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(status.size()),
            status.begin());
  if (positions_out.empty()) return Status::ok;
  backend.for_chunks(n, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = 0; k < explained_parts; ++k) {
      for (std::size_t i = begin; i < end; ++i) {
        positions_out[k * n + i] =
            marks[i] == ElementStatus::ok ? in.weight[i] * parts[k * n + i] : 0.0;
      }
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
