// ssvi.h: surfaces of SVI slices that share their form: SSVI with a power law, eSSVI with a
// correlation per expiry, and Dupire's local variance in closed form. Sources: Gatheral & Jacquier
// (2014), sections 4 and 5; Hendriks & Martini (2019), "The extended SSVI volatility surface",
// proposition 3.5; Corbetta, Cohort, Laachir & Martini (2019) for the sequential fit; Dupire
// (1994).
#pragma once

#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/optimiser.h>
#include <zomma/kernels/surface/svi.h>

#include <span>
#include <vector>

namespace zomma::kernels {

// One slice: w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)), phi = psi / theta.
// theta is the total variance at the money.
struct EssviSlice {
  double theta = 0, rho = 0, psi = 0;
};

RawSvi to_raw(const EssviSlice& slice);

// theta > 0, |rho| < 1, 0 < psi <= min(4 / (1 + |rho|), 2 sqrt(theta / (1 + |rho|))): free of
// butterfly arbitrage.
bool butterfly_free(const EssviSlice& slice);

// theta and the slopes of both wings grow with expiry and psi / theta falls: free of calendar
// arbitrage.
bool calendar_free(const EssviSlice& near, const EssviSlice& far);

// phi(theta) = eta theta^-gamma (1 + theta)^(gamma - 1), one rho for all expiries.
struct PowerLawSsvi {
  double rho = 0, eta = 1, gamma = 0.5;
};

bool valid(const PowerLawSsvi& ssvi);
EssviSlice slice_at(const PowerLawSsvi& ssvi, double theta);

// eta (1 + |rho|) <= 2 and 0 < gamma <= 1/2 make the whole surface free of static arbitrage for any
// growing theta.
bool arbitrage_free(const PowerLawSsvi& ssvi);

struct SsviPoint {
  VarianceJet jet;
  double dw_dt = 0;
  double g = 0;
  double local_variance = 0;  // dw_dt / g, per year
};

// theta: total variance at the money; theta_slope: its derivative in expiry (years). Answers domain
// and zeros where the surface has no density (g <= 0), theta <= 0, theta_slope < 0 or a number is
// not finite.
ElementStatus ssvi_local_variance(const PowerLawSsvi& ssvi, double theta, double theta_slope,
                                  double k, SsviPoint* out);

struct EssviFit {
  std::vector<EssviSlice> slices;  // one an expiry, in the order of the quotes
  std::vector<FitReport> reports;
  FitVerdict verdict = FitVerdict::invalid_input;  // of the worst slice
};

// Fits expiries one after the other, shortest first, each within the bounds that the one before
// leaves it, so the whole surface is free of butterfly and calendar arbitrage. Quotes of the same
// or falling expiry are invalid_input. A slice with fewer than 3 usable quotes takes the shape of
// the one before with theta in proportion to expiry.
EssviFit fit_essvi(std::span<const SliceQuotes> quotes, double noise_floor_vol = 5e-4,
                   Optimiser optimiser = nullptr);

// Fits rho, eta, gamma to all quotes at once for given theta (one an expiry), within
// arbitrage_free() bounds.
struct SsviFit {
  PowerLawSsvi ssvi;
  FitReport report;
};
SsviFit fit_ssvi(std::span<const SliceQuotes> quotes, std::span<const double> theta,
                 double noise_floor_vol = 5e-4, Optimiser optimiser = nullptr);

}  // namespace zomma::kernels
