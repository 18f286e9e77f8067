// surface_fit_bench: microseconds to fit one slice. Reference of the same run: Levenberg-Marquardt over all five SVI
// parameters with difference quotients, from the same quotes, without any care for arbitrage.
// Usage: surface_fit_bench [--quick]
#include <zomma/kernels/surface/least_squares.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "bench/kernels_surface/measure.h"
#include "kernels/surface/quotes.h"

namespace {

using namespace zomma::kernels;
using zomma::bench::microseconds;
using zomma::test::Quotes;

// The textbook way: five parameters, forward differences, a generic optimiser.
RawSvi generic_fit(const Quotes& quotes, int* evaluations) {
  const auto residual = [&](const Vector<5>& x, std::size_t i) {
    const RawSvi svi{x[0], x[1], x[2], x[3], x[4]};
    const double mid = 0.5 * (quotes.bid[i] + quotes.ask[i]);
    const double noise = 2 * mid * quotes.expiry * 0.5 * (quotes.ask[i] - quotes.bid[i]);
    return (total_variance(svi, quotes.k[i]).w - mid * mid * quotes.expiry) / noise;
  };
  const auto problem = [&](const Vector<5>& x, NormalEquations<5>* out) {
    NormalEquations<5> at;
    for (std::size_t i = 0; i < quotes.k.size(); ++i) {
      const double r = residual(x, i);
      Vector<5> row{};
      for (std::size_t j = 0; out && j < 5; ++j) {
        Vector<5> moved = x;
        moved[j] += 1e-7;
        row[j] = (residual(moved, i) - r) / 1e-7;
      }
      at.add(r, row);
    }
    if (out) *out = at;
    return at.cost;
  };
  Bounds<5> bounds;
  bounds.low = {-1, 0, -0.999, -2, 1e-3};
  bounds.high = {1, 2, 0.999, 2, 5};
  double mean = 0;
  for (std::size_t i = 0; i < quotes.k.size(); ++i)
    mean += quotes.expiry * std::pow(0.5 * (quotes.bid[i] + quotes.ask[i]), 2) / static_cast<double>(quotes.k.size());
  LeastSquaresSettings settings;
  settings.max_evaluations = 2000;
  settings.relative_decrease = 1e-9;
  const auto result = least_squares<5>(problem, {0.5 * mean, 0.1, -0.4, 0.0, 0.1}, bounds, settings);
  *evaluations += result.evaluations;
  return {result.x[0], result.x[1], result.x[2], result.x[3], result.x[4]};
}

double rms_units(const Quotes& quotes, const RawSvi& svi) {
  double sum = 0;
  for (std::size_t i = 0; i < quotes.k.size(); ++i) {
    const double vol = std::sqrt(std::fmax(total_variance(svi, quotes.k[i]).w, 0) / quotes.expiry);
    sum += std::pow((vol - 0.5 * (quotes.bid[i] + quotes.ask[i])) / (0.5 * (quotes.ask[i] - quotes.bid[i])), 2);
  }
  return std::sqrt(sum / static_cast<double>(quotes.k.size()));
}

void svi(const char* what, const std::vector<Quotes>& market, int repeats) {
  const int count = static_cast<int>(market.size());
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : market) views.push_back(quotes.view());
  std::vector<SviFit> fits(market.size());
  std::vector<RawSvi> generic(market.size());
  const double ours = microseconds(repeats, count, [&](int i) {
    fits[static_cast<std::size_t>(i)] = fit_svi(views[static_cast<std::size_t>(i)]);
  });
  int evaluations = 0;
  const double theirs = microseconds(repeats, count, [&](int i) {
    generic[static_cast<std::size_t>(i)] = generic_fit(market[static_cast<std::size_t>(i)], &evaluations);
  });
  double our_rms = 0, their_rms = 0;
  int arbitrage = 0, their_arbitrage = 0, repaired = 0;
  for (std::size_t i = 0; i < market.size(); ++i) {
    our_rms += rms_units(market[i], fits[i].svi) / count;
    their_rms += rms_units(market[i], generic[i]) / count;
    arbitrage += !check_butterfly(fits[i].svi).free();
    their_arbitrage += !valid(generic[i]) || !check_butterfly(generic[i]).free();
    repaired += fits[i].report.violations_before > 0;
  }
  std::printf("%-34s %8.1f us a slice, rms %.3f half spreads, %d of %d with arbitrage (%d repaired)\n", what, ours,
              our_rms, arbitrage, count, repaired);
  std::printf("%-34s %8.1f us a slice, rms %.3f half spreads, %d of %d with arbitrage: ratio %.1f\n",
              "  generic 5-parameter fit", theirs, their_rms, their_arbitrage, count, theirs / ours);
}

std::vector<Quotes> equity_market(int count, double shake) {
  std::vector<Quotes> market;
  for (int i = 0; i < count; ++i) {
    const double u = (i % 10) / 9.0, v = (i / 10 % 10) / 9.0;
    const RawSvi svi{0.005 + 0.02 * u, 0.05 + 0.1 * v, -0.75 + 0.5 * u, -0.05 + 0.15 * v, 0.1 + 0.2 * u * v};
    Quotes quotes = zomma::test::quotes_of(svi, 0.5, -0.5, 0.35, 13, 0.004);
    quotes.shake(shake, static_cast<std::uint64_t>(i + 1));
    market.push_back(quotes);
  }
  return market;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int repeats = quick ? 5 : 21;
  std::printf("slices of 13 strikes, one core, median of %d\n", repeats);
  svi("SVI, quotes on a slice", equity_market(100, 0.0), repeats);
  svi("SVI, quotes with noise", equity_market(100, 0.003), repeats);
  std::vector<Quotes> vogt;
  for (int i = 0; i < 10; ++i)
    vogt.push_back(zomma::test::quotes_of({-0.041, 0.1331, 0.306, 0.3586, 0.4153}, 1.0, -1.5, 1.5, 13, 0.002));
  svi("SVI, Vogt's slice, repaired", vogt, repeats);
  return 0;
}
