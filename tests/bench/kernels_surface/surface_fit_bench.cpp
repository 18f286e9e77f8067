// surface_fit_bench: microseconds to fit one slice. Reference of the same run: Levenberg-Marquardt over all five SVI
// parameters with difference quotients, from the same quotes, without any care for arbitrage.
// Usage: surface_fit_bench [--quick]
#include <zomma/kernels/surface/least_squares.h>
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/ssvi.h>
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
  std::printf("%-34s %8.1f us a slice, rms %.3f half spreads, %d of %d with arbitrage, %.0f evaluations: ratio %.1f\n",
              "  generic 5-parameter fit", theirs, their_rms, their_arbitrage, count,
              static_cast<double>(evaluations) / (count * repeats), theirs / ours);
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

// Sharp corners away from the money, few strikes on one side, noise of several spreads.
std::vector<Quotes> hard_market(int count) {
  std::vector<Quotes> market;
  for (int i = 0; i < count; ++i) {
    const double u = (i % 10) / 9.0, v = (i / 10 % 10) / 9.0;
    const RawSvi svi{0.002 + 0.01 * u, 0.02 + 0.2 * v, -0.9 + 1.6 * u, 0.3 - 0.6 * v, 0.02 + 0.05 * v};
    Quotes quotes = zomma::test::quotes_of(svi, 0.1, -0.5 + 0.3 * v, 0.4, 13, 0.004);
    quotes.shake(0.02, static_cast<std::uint64_t>(i + 1));
    market.push_back(quotes);
  }
  return market;
}

// Reference: the same optimiser and start, with difference quotients of the public formula.
void sabr(int repeats) {
  std::vector<Quotes> market;
  for (int i = 0; i < 100; ++i) {
    const Sabr truth{2.5, 0.5, -0.7 + 0.012 * i, 0.3 + 0.01 * i};
    Quotes quotes;
    quotes.expiry = 0.5;
    for (int j = 0; j < 13; ++j) {
      const double k = -0.4 + 0.7 * j / 12;
      const double vol = sabr_volatility(SabrFormula::hagan_lognormal, truth, 100, 100 * std::exp(k), 0.5);
      quotes.k.push_back(k), quotes.bid.push_back(vol - 0.003), quotes.ask.push_back(vol + 0.003);
    }
    quotes.shake(0.002, static_cast<std::uint64_t>(i + 1));
    market.push_back(quotes);
  }
  SabrFitSettings settings;
  settings.beta = 0.5;
  double our_rms = 0, their_rms = 0;
  const double ours = microseconds(repeats, 100, [&](int i) {
    our_rms += fit_sabr(market[static_cast<std::size_t>(i)].view(), 100, settings).report.rms_spread;
  });
  const double theirs = microseconds(repeats, 100, [&](int i) {
    const Quotes& quotes = market[static_cast<std::size_t>(i)];
    const auto residual = [&](const Vector<3>& x, std::size_t j) {
      const double vol = sabr_volatility(SabrFormula::hagan_lognormal, {std::exp(x[0]), 0.5, x[1], std::exp(x[2])}, 100,
                                         100 * std::exp(quotes.k[j]), quotes.expiry);
      return (vol - 0.5 * (quotes.bid[j] + quotes.ask[j])) / (0.5 * (quotes.ask[j] - quotes.bid[j]));
    };
    const auto problem = [&](const Vector<3>& x, NormalEquations<3>* out) {
      NormalEquations<3> at;
      for (std::size_t j = 0; j < quotes.k.size(); ++j) {
        const double r = residual(x, j);
        Vector<3> row{};
        for (std::size_t n = 0; n < 3; ++n) {
          Vector<3> moved = x;
          moved[n] += 1e-7;
          row[n] = (residual(moved, j) - r) / 1e-7;
        }
        at.add(r, row);
      }
      if (out) *out = at;
      return at.cost;
    };
    Bounds<3> bounds;
    bounds.low = {-5, -0.999, -9};
    bounds.high = {5, 0.999, 3};
    LeastSquaresSettings lm;
    lm.relative_decrease = lm.relative_step = 1e-9;  // as fit_sabr
    const auto result = least_squares<3>(problem, {std::log(2.0), 0.0, std::log(0.5)}, bounds, lm);
    their_rms += std::sqrt(2 * result.cost / 13);
  });
  std::printf("%-34s %8.1f us a slice, rms %.3f half spreads, density checked\n", "SABR, quotes with noise", ours,
              our_rms / (100 * repeats));
  std::printf("%-34s %8.1f us a slice, rms %.3f half spreads: ratio %.1f\n", "  difference quotients, no check", theirs,
              their_rms / (100 * repeats), theirs / ours);
}

void essvi(int repeats) {
  std::vector<Quotes> market;
  EssviSlice slice{0.004, -0.3, 0.1};
  for (int i = 0; i < 8; ++i) {
    market.push_back(zomma::test::quotes_of(to_raw(slice), 0.1 * (i + 1), -0.5, 0.35, 13, 0.003));
    market.back().shake(0.002, static_cast<std::uint64_t>(i + 1));
    slice = {slice.theta * 1.5, slice.rho - 0.03, slice.psi * 1.2};
  }
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : market) views.push_back(quotes.view());
  double rms = 0;
  const double ours = microseconds(repeats, 10, [&](int) { rms = fit_essvi(views).reports.back().rms_spread; });
  std::printf("%-34s %8.1f us a surface of 8 x 13 quotes, last slice rms %.3f half spreads\n", "eSSVI", ours, rms);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int repeats = quick ? 5 : 21;
  std::printf("slices of 13 strikes, one core, median of %d\n", repeats);
  svi("SVI, quotes on a slice", equity_market(100, 0.0), repeats);
  svi("SVI, quotes with noise", equity_market(100, 0.003), repeats);
  svi("SVI, sharp and noisy", hard_market(100), repeats);
  std::vector<Quotes> vogt;
  for (int i = 0; i < 10; ++i)
    vogt.push_back(zomma::test::quotes_of({-0.041, 0.1331, 0.306, 0.3586, 0.4153}, 1.0, -1.5, 1.5, 13, 0.002));
  svi("SVI, Vogt's slice, repaired", vogt, repeats);
  sabr(repeats);
  essvi(repeats);
  return 0;
}
