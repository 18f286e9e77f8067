// fit_report.h: what every fit says about itself: how near it came to the quotes, what arbitrage it
// met and left, and whether to trust it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace zomma::kernels {

enum class FitVerdict : std::uint8_t {
  trusted = 0,
  invalid_input,   // spans of different lengths, an expiry or forward that is not positive, a bad
                   // setting
  too_few_quotes,  // fewer usable quotes than free parameters, and no prior to stand in
  crossed_market,  // more than a tenth of the quotes have bid > ask
  one_sided,       // too few quotes remain, and most of the missing ones lack a bid or an ask
  singular,        // the quotes do not tell the parameters apart
  no_convergence,  // the optimiser used up its evaluations
  poor_fit,        // residuals far outside the quotes' own uncertainty
  unstable,        // moving the quotes within their spreads moves the fit by much more
};

struct FitReport {
  FitVerdict verdict = FitVerdict::invalid_input;
  int quotes_used = 0, quotes_crossed = 0, quotes_one_sided = 0, quotes_invalid = 0;
  double rms_vol = 0, max_vol = 0;  // residuals of the used quotes' mids, in implied volatility
  double rms_spread = 0,
         max_spread = 0;    // the same in half bid/ask spreads (floored by the noise floor)
  double inside_share = 0;  // share of used quotes that the fit meets between bid and ask
  double min_g_before = 0, min_g_after = 0;  // least Durrleman g of the free and of the final fit
  int violations_before = 0,
      violations_after = 0;  // separate arbitrage regions before and after the repair
  double condition = 0;      // of the Jacobian with scaled columns
  double stability =
      -1;  // rms move of the fit / rms move of the quotes, see assess_stability; -1 not asked
  int evaluations = 0;
};

// The verdict as a sentence with the figures that led to it, for a person to act on.
std::string explain(const FitReport& report);

// Quotes of one expiry. A side that is missing is NaN, zero or infinite. Spans have one length.
struct SliceQuotes {
  double expiry = 0;                             // years
  std::span<const double> log_moneyness{};       // ln(strike / forward)
  std::span<const double> bid_vol{}, ask_vol{};  // per year, 0.2 is 20 %
};

enum class QuoteUse : std::uint8_t { usable, crossed, one_sided, invalid };

// Quotes and expiries outside these are taken for mistakes: invalid, like a NaN. A vol below the
// least is a missing side.
constexpr double largest_log_moneyness = 20, least_vol = 1e-4, largest_vol = 30;
constexpr double least_expiry = 1e-6, largest_expiry = 200;  // years: half a minute, two centuries

// What to make of one quote; a locked one (bid = ask) is usable.
QuoteUse judge_quote(double log_moneyness, double bid_vol, double ask_vol);

// Fills the counts; returns what must be said before fitting `parameters` free numbers, trusted
// where nothing.
FitVerdict count_quotes(const SliceQuotes& quotes, int parameters, FitReport* report);

// Fills residual figures from a fitted vol per quote, as many as quotes; unusable quotes are left
// out.
void measure_residuals(const SliceQuotes& quotes, std::span<const double> fitted_vol,
                       double noise_floor_vol, FitReport* report);

// Refits `refits` times with every usable mid moved by Gaussian noise of half its spread (at least
// the floor), from counters, so the same on every run. refit(quotes, vols) fits the moved quotes
// and writes the fit's volatility at each. Sets report->stability to the rms move of those vols
// over the rms move of the quotes, and a trusted verdict to unstable where that exceeds 3: a sound
// fit averages noise out, to about sqrt(parameters / quotes).
using Refit = std::function<void(const SliceQuotes& quotes, std::span<double> vols)>;
void assess_stability(const SliceQuotes& quotes, const Refit& refit, double noise_floor_vol,
                      int refits, std::uint64_t seed, FitReport* report);

// Residuals of more than three half spreads in the mean square.
inline bool poor(const FitReport& report) { return report.rms_spread > 3.0; }

}  // namespace zomma::kernels
