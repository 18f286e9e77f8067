// scattered.cpp: what the interpolating surfaces share.
#include "scattered.h"

#include <zomma/kernels/elementary_more.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {

Scattered scatter(std::span<const SliceQuotes> quotes, double noise_floor_vol, int needed,
                  FitReport* report) {
  Scattered out;
  FitVerdict worst = FitVerdict::trusted;
  for (const SliceQuotes& slice : quotes) {
    const FitVerdict verdict = count_quotes(slice, 0, report);
    if (verdict == FitVerdict::invalid_input) {
      report->verdict = verdict;
      return {};
    }
    if (verdict != FitVerdict::trusted) worst = verdict;
    for (std::size_t i = 0; i < slice.log_moneyness.size(); ++i) {
      const double bid = slice.bid_vol[i], ask = slice.ask_vol[i], k = slice.log_moneyness[i];
      if (judge_quote(k, bid, ask) != QuoteUse::usable) continue;
      out.quotes.push_back({k, slice.expiry, k / std::sqrt(slice.expiry), log(slice.expiry),
                            0.5 * (bid + ask), std::fmax(0.5 * (ask - bid), noise_floor_vol)});
      out.expiries.push_back(slice.expiry);
    }
  }
  report->verdict = worst;
  if (report->quotes_used < needed) {
    const int left_out = report->quotes_crossed + report->quotes_one_sided + report->quotes_invalid;
    report->verdict = 2 * report->quotes_one_sided > left_out ? FitVerdict::one_sided
                      : 2 * report->quotes_crossed > left_out ? FitVerdict::crossed_market
                                                              : FitVerdict::too_few_quotes;
    return {};
  }
  std::sort(out.expiries.begin(), out.expiries.end());
  out.expiries.erase(std::unique(out.expiries.begin(), out.expiries.end()), out.expiries.end());
  const auto [low, high] = std::minmax_element(
      out.quotes.begin(), out.quotes.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  out.low = low->x, out.high = high->x;
  return out;
}

SurfaceValue variance_from_volatility(double x, double expiry, double vol, double dx, double d2x,
                                      double dlog) {
  const double root = std::sqrt(expiry);
  SurfaceValue out;
  out.jet = {vol * vol * expiry, 2.0 * vol * dx * root, 2.0 * (dx * dx + vol * d2x)};
  // At constant k, x falls by x / (2 t) and ln t grows by 1 / t.
  out.dw_dt = vol * vol + 2.0 * vol * (dlog - 0.5 * x * dx);
  return out;
}

void judge(std::span<const SliceQuotes> quotes, const Scattered& scattered,
           const VarianceSurface& surface, double noise_floor_vol, FitReport* report,
           ArbitrageReport* arbitrage) {
  double squares = 0, units = 0, inside = 0;
  std::vector<double> vols;
  for (const SliceQuotes& slice : quotes) {
    FitReport part;
    count_quotes(slice, 0, &part);
    vols.assign(slice.log_moneyness.size(), 0.0);
    for (std::size_t i = 0; i < vols.size(); ++i)
      if (std::isfinite(slice.log_moneyness[i]))
        vols[i] = surface.volatility(slice.log_moneyness[i], slice.expiry);
    measure_residuals(slice, vols, noise_floor_vol, &part);
    squares += part.quotes_used * part.rms_vol * part.rms_vol;
    units += part.quotes_used * part.rms_spread * part.rms_spread;
    inside += part.quotes_used * part.inside_share;
    report->max_vol = std::fmax(report->max_vol, part.max_vol);
    report->max_spread = std::fmax(report->max_spread, part.max_spread);
  }
  report->rms_vol = std::sqrt(squares / report->quotes_used);
  report->rms_spread = std::sqrt(units / report->quotes_used);
  report->inside_share = inside / report->quotes_used;
  std::vector<double> times;
  for (std::size_t i = 0; i < scattered.expiries.size(); ++i) {
    if (i > 0) times.push_back(0.5 * (scattered.expiries[i - 1] + scattered.expiries[i]));
    times.push_back(scattered.expiries[i]);
  }
  const auto [low, high] =
      std::minmax_element(scattered.quotes.begin(), scattered.quotes.end(),
                          [](const auto& a, const auto& b) { return a.k < b.k; });
  *arbitrage = check_surface(surface, times, low->k, high->k, 101);
  report->min_g_before = report->min_g_after = arbitrage->min_g;
  report->violations_before = report->violations_after =
      arbitrage->butterfly_violations + arbitrage->calendar_violations;
  if (report->verdict == FitVerdict::trusted && poor(*report))
    report->verdict = FitVerdict::poor_fit;
}

}  // namespace zomma::kernels
