// svi_data.cpp: see svi_data.h.
#include "svi_data.h"

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels::svi_data {
namespace {

constexpr int prior_points = 9;

double condition_of(const Data& data, const RawSvi& svi) {
  NormalEquations<5> at;
  for (std::size_t i = 0; i < data.k.size(); ++i) {
    const double x = data.k[i] - svi.m, root = std::sqrt(x * x + svi.sigma * svi.sigma),
                 q = data.q[i];
    at.add(0.0, {q, q * (svi.rho * x + root), q * svi.b * x, -q * svi.b * (svi.rho + x / root),
                 q * svi.b * svi.sigma / root});
  }
  return condition_number<5>(at, {true, true, true, true, true});
}

}  // namespace

Data gather(const SliceQuotes& quotes, const SviFitSettings& settings) {
  Data data;
  const std::size_t count = quotes.log_moneyness.size();
  for (auto* column : {&data.k, &data.w, &data.q}) column->reserve(count + prior_points);
  for (std::size_t i = 0; i < count; ++i) {
    const double bid = quotes.bid_vol[i], ask = quotes.ask_vol[i], k = quotes.log_moneyness[i];
    if (judge_quote(k, bid, ask) != QuoteUse::usable) continue;
    const double mid = 0.5 * (bid + ask);
    data.k.push_back(k);
    data.w.push_back(mid * mid * quotes.expiry);
    data.q.push_back(
        1.0 / (2.0 * mid * quotes.expiry * std::fmax(0.5 * (ask - bid), settings.noise_floor_vol)));
    data.s0 += data.q.back() * data.q.back();
  }
  const bool alone = data.k.empty();
  data.low = alone ? -0.5 : *std::min_element(data.k.begin(), data.k.end());
  data.high = alone ? 0.5 : *std::max_element(data.k.begin(), data.k.end());
  if (settings.prior_weight > 0) {
    const double mean = alone ? 1.0 : data.s0 / static_cast<double>(data.k.size());
    const double q = std::sqrt(mean * settings.prior_weight / prior_points);
    const double range = std::fmax(data.high - data.low, 0.1);
    for (int i = 0; i < prior_points; ++i) {
      const double k = data.low - 0.25 * range + 1.5 * range * i / (prior_points - 1);
      data.k.push_back(k);
      data.w.push_back(total_variance(settings.prior, k).w);
      data.q.push_back(q);
      data.s0 += q * q;
    }
  }
  data.floor = 1e-4 * *std::min_element(data.w.begin(), data.w.end());
  return data;
}

bool bad(const SviFitSettings& s) {
  return !(s.noise_floor_vol > 0) || !(s.min_g >= 0) || !(s.prior_weight >= 0) ||
         s.max_evaluations < 1 || (s.prior_weight > 0 && !valid(s.prior));
}

void finish_report(const SliceQuotes& quotes, const Data& data, const SviFitSettings& settings,
                   SviFit* fit) {
  FitReport& report = fit->report;
  report.max_vol = report.max_spread = 0;
  if (report.verdict == FitVerdict::poor_fit || report.verdict == FitVerdict::singular)
    report.verdict = FitVerdict::trusted;  // of the slice before this one
  report.condition = condition_of(data, fit->svi);
  std::vector<double> vols(quotes.log_moneyness.size());
  for (std::size_t i = 0; i < vols.size(); ++i)
    vols[i] = std::sqrt(std::fmax(total_variance(fit->svi, quotes.log_moneyness[i]).w, 0.0) /
                        quotes.expiry);
  measure_residuals(quotes, vols, settings.noise_floor_vol, &report);
  if (report.verdict != FitVerdict::trusted) return;
  if (poor(report)) report.verdict = FitVerdict::poor_fit;
  if (!(report.condition < 1e7)) report.verdict = FitVerdict::singular;
}

}  // namespace zomma::kernels::svi_data
