// sabr.h: the SABR model's implied volatility by expansion: Hagan's lognormal and normal formulas
// and Obloj's correction of the former, and a fit of alpha, rho, nu to one expiry. Sources: Hagan,
// Kumar, Lesniewski & Woodward (2002), eqs. 2.17 and B.67; Obloj (2008), "Fine-tune your smile";
// start of the fit: Le Floc'h & Kennedy (2014), "Explicit SABR calibration through simple
// expansions".
#pragma once

#include <zomma/kernels/surface/butterfly.h>
#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/optimiser.h>

#include <span>

namespace zomma::kernels {

// dF = alpha_t F^beta dW, d alpha_t = nu alpha_t dZ, dW dZ = rho dt.
struct Sabr {
  double alpha = 0, beta = 1, rho = 0, nu = 0;
};

// alpha > 0, 0 <= beta <= 1, |rho| < 1, nu >= 0, all finite.
bool valid(const Sabr& sabr);

enum class SabrFormula : std::uint8_t {
  hagan_lognormal,  // Black volatility
  obloj_lognormal,  // Black volatility, exact at every strike as expiry -> 0 (no better than
                    // Hagan's at 10 years)
  hagan_normal,     // Bachelier volatility, in units of the forward; beta = 0 takes any sign of
                    // forward and strike
};

// The expansion's value, within 4 attainable units also as strike -> forward. Inputs must be valid;
// forward and strike positive (see hagan_normal). An expansion is not a model: far strikes and long
// expiries may give a negative number or imply a negative density (sabr_butterfly).
double sabr_volatility(SabrFormula formula, const Sabr& sabr, double forward, double strike,
                       double expiry);

// One expiry, many strikes. invalid_setting for bad parameters, forward or expiry; a bad strike, or
// one whose expansion is not a positive number, gives domain and 0.
Status sabr_volatility(Backend& backend, SabrFormula formula, const Sabr& sabr, double forward,
                       double expiry, std::span<const double> strike, std::span<double> volatility,
                       std::span<ElementStatus> status = {});

// Total variance and derivatives in k = ln(strike / forward) of a lognormal formula, by five-point
// differences (about 1e-10 in the second derivative).
VarianceJet sabr_variance(SabrFormula formula, const Sabr& sabr, double forward, double k,
                          double expiry);

// Where a lognormal formula's smile implies a negative density, at `samples` points of
// log-moneyness [low, high] (not polished between them); `wings` is Lee's bound there.
ButterflyCheck sabr_butterfly(SabrFormula formula, const Sabr& sabr, double forward, double expiry,
                              double low, double high, int samples = 128);

struct SabrFitSettings {
  SabrFormula formula = SabrFormula::hagan_lognormal;  // of the two lognormal ones
  double beta = 1;
  double noise_floor_vol = 5e-4;
  // Tikhonov: (ln alpha, rho, ln nu) are pulled to the prior's as by Gaussian beliefs of these
  // widths; 0: no prior.
  double prior_width = 0;
  Sabr prior;
  Optimiser optimiser = nullptr;  // null: the kernels' own
};

struct SabrFit {
  Sabr sabr;
  FitReport
      report;  // min_g: of the fitted smile over the quoted strikes and half their range beyond
};

// Maximum likelihood for quotes with noise of half a spread; at least 3 usable quotes.
SabrFit fit_sabr(const SliceQuotes& quotes, double forward, const SabrFitSettings& settings = {});

}  // namespace zomma::kernels
