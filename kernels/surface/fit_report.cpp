// fit_report.cpp: judging quotes, measuring residuals, and saying it in a sentence.
#include <zomma/kernels/surface/fit_report.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "noise.h"

namespace zomma::kernels {
namespace {

template <class... Numbers>
std::string sentence(const char* format, Numbers... numbers) {
  char text[256];
  std::snprintf(text, sizeof text, format, numbers...);
  return text;
}

}  // namespace

QuoteUse judge_quote(double log_moneyness, double bid_vol, double ask_vol) {
  if (!std::isfinite(log_moneyness) || bid_vol < 0 || ask_vol < 0) return QuoteUse::invalid;
  const bool bid = std::isfinite(bid_vol) && bid_vol > 0, ask = std::isfinite(ask_vol) && ask_vol > 0;
  if (!bid && !ask) return QuoteUse::invalid;
  if (!bid || !ask) return QuoteUse::one_sided;
  return bid_vol > ask_vol ? QuoteUse::crossed : QuoteUse::usable;
}

FitVerdict count_quotes(const SliceQuotes& quotes, int parameters, FitReport* report) {
  const std::size_t count = quotes.log_moneyness.size();
  if (quotes.bid_vol.size() != count || quotes.ask_vol.size() != count || !(quotes.expiry > 0) ||
      !std::isfinite(quotes.expiry))
    return FitVerdict::invalid_input;
  for (std::size_t i = 0; i < count; ++i) {
    switch (judge_quote(quotes.log_moneyness[i], quotes.bid_vol[i], quotes.ask_vol[i])) {
      case QuoteUse::usable: ++report->quotes_used; break;
      case QuoteUse::crossed: ++report->quotes_crossed; break;
      case QuoteUse::one_sided: ++report->quotes_one_sided; break;
      case QuoteUse::invalid: ++report->quotes_invalid; break;
    }
  }
  if (report->quotes_used < parameters) {
    const int left_out = report->quotes_crossed + report->quotes_one_sided + report->quotes_invalid;
    if (report->quotes_used + report->quotes_crossed >= parameters && 2 * report->quotes_crossed > left_out)
      return FitVerdict::crossed_market;
    if (report->quotes_used + report->quotes_one_sided >= parameters && 2 * report->quotes_one_sided > left_out)
      return FitVerdict::one_sided;
    return FitVerdict::too_few_quotes;
  }
  if (10 * report->quotes_crossed > static_cast<int>(count)) return FitVerdict::crossed_market;
  return FitVerdict::trusted;
}

void measure_residuals(const SliceQuotes& quotes, std::span<const double> fitted_vol, double noise_floor_vol,
                       FitReport* report) {
  double vol_square = 0, spread_square = 0;
  int inside = 0, used = 0;
  for (std::size_t i = 0; i < fitted_vol.size(); ++i) {
    const double bid = quotes.bid_vol[i], ask = quotes.ask_vol[i];
    if (judge_quote(quotes.log_moneyness[i], bid, ask) != QuoteUse::usable) continue;
    ++used;
    const double miss = std::fabs(fitted_vol[i] - 0.5 * (bid + ask));
    const double units = miss / std::fmax(0.5 * (ask - bid), noise_floor_vol);
    vol_square += miss * miss;
    spread_square += units * units;
    report->max_vol = std::fmax(report->max_vol, miss);
    report->max_spread = std::fmax(report->max_spread, units);
    inside += fitted_vol[i] >= bid - noise_floor_vol && fitted_vol[i] <= ask + noise_floor_vol;
  }
  if (used == 0) return;
  report->rms_vol = std::sqrt(vol_square / used);
  report->rms_spread = std::sqrt(spread_square / used);
  report->inside_share = static_cast<double>(inside) / used;
}

void assess_stability(const SliceQuotes& quotes, const Refit& refit, double noise_floor_vol, int refits,
                      std::uint64_t seed, FitReport* report) {
  const std::size_t count = quotes.log_moneyness.size();
  if (!refit || !(noise_floor_vol > 0) || refits < 1 || report->quotes_used < 1 || quotes.bid_vol.size() != count ||
      quotes.ask_vol.size() != count)
    return;
  std::vector<double> bid(quotes.bid_vol.begin(), quotes.bid_vol.end());
  std::vector<double> ask(quotes.ask_vol.begin(), quotes.ask_vol.end());
  std::vector<double> here(count), there(count);
  const SliceQuotes moved_quotes{quotes.expiry, quotes.log_moneyness, bid, ask};
  refit(quotes, here);
  double moved = 0, answered = 0;
  for (int r = 0; r < refits; ++r) {
    for (std::size_t i = 0; i < count; ++i) {
      const double b = quotes.bid_vol[i], a = quotes.ask_vol[i];
      if (judge_quote(quotes.log_moneyness[i], b, a) != QuoteUse::usable) continue;
      const double noise = std::fmax(0.5 * (a - b), noise_floor_vol);
      const double move = std::fmax(noise * gaussian(seed, static_cast<std::uint64_t>(r), i), -0.9 * b);
      bid[i] = b + move, ask[i] = a + move;
      moved += move * move;
    }
    refit(moved_quotes, there);
    for (std::size_t i = 0; i < count; ++i)
      if (judge_quote(quotes.log_moneyness[i], quotes.bid_vol[i], quotes.ask_vol[i]) == QuoteUse::usable)
        answered += (there[i] - here[i]) * (there[i] - here[i]);
  }
  report->stability = moved > 0 ? std::sqrt(answered / moved) : 0.0;
  if (!(report->stability <= 3.0) && report->verdict == FitVerdict::trusted) report->verdict = FitVerdict::unstable;
}

std::string explain(const FitReport& r) {
  const int left_out = r.quotes_crossed + r.quotes_one_sided + r.quotes_invalid;
  switch (r.verdict) {
    case FitVerdict::trusted:
      return sentence("trusted: %d quotes, rms %.4f vol = %.2f half spreads, %.0f %% inside bid/ask, least g %.3g",
                      r.quotes_used, r.rms_vol, r.rms_spread, 100 * r.inside_share, r.min_g_after);
    case FitVerdict::invalid_input:
      return "not fitted: spans must have one length, the expiry must be positive and settings in range";
    case FitVerdict::too_few_quotes:
      return sentence("too few quotes: %d usable of %d; give more strikes or a prior", r.quotes_used,
                      r.quotes_used + left_out);
    case FitVerdict::crossed_market:
      return sentence("crossed market: %d of %d quotes have bid above ask; check forward and feed",
                      r.quotes_crossed, r.quotes_used + left_out);
    case FitVerdict::one_sided:
      return sentence("one-sided market: %d of %d quotes lack a bid or an ask", r.quotes_one_sided,
                      r.quotes_used + left_out);
    case FitVerdict::singular:
      return sentence("singular: condition number %.2g, so the quotes do not tell the parameters apart; "
                      "give a prior or fix a parameter", r.condition);
    case FitVerdict::no_convergence:
      return sentence("no convergence after %d evaluations", r.evaluations);
    case FitVerdict::poor_fit:
      return sentence("poor fit: rms %.1f half spreads, only %.0f %% of %d quotes inside bid/ask", r.rms_spread,
                      100 * r.inside_share, r.quotes_used);
    case FitVerdict::unstable:
      return sentence("unstable: quotes moved within their spreads move the fit %.1f times as much", r.stability);
  }
  return "unknown verdict";
}

}  // namespace zomma::kernels
