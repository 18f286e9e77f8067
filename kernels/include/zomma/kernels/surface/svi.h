// svi.h: Gatheral's SVI slice of total variance in its three parametrisations, with derivatives and Durrleman's g.
// Total variance w(k) = implied vol^2 * expiry, k = ln(strike / forward).
// Sources: Gatheral & Jacquier (2014), "Arbitrage-free SVI volatility surfaces", sections 2 and 3.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/real.h>
#include <zomma/kernels/status.h>

#include <span>

namespace zomma::kernels {

// w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)).
struct RawSvi {
  double a = 0, b = 0, rho = 0, m = 0, sigma = 1;
};

// w(k) = delta + omega/2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)^2 + 1 - rho^2)).
struct NaturalSvi {
  double delta = 0, mu = 0, rho = 0, omega = 0, zeta = 1;
};

// What a trader reads off: at-the-money variance v, skew psi, slopes p (put wing) and c (call wing),
// least variance v_tilde. v and v_tilde are per year, so an expiry in years goes with them.
struct JumpWingSvi {
  double v = 0, psi = 0, p = 0, c = 0, v_tilde = 0;
};

// Total variance and its first two derivatives in k.
struct VarianceJet {
  double w = 0, dw = 0, d2w = 0;
};

ZM_HOST_DEVICE inline VarianceJet total_variance(const RawSvi& svi, double k) {
  const double x = k - svi.m;
  const double root = sqrt(x * x + svi.sigma * svi.sigma);
  const double s = svi.sigma / root;
  return {svi.a + svi.b * (svi.rho * x + root), svi.b * (svi.rho + x / root),
          svi.b * s * s / root};
}

// Durrleman's g: the density of the log price is g times a positive factor, so a slice is free of butterfly
// arbitrage where g >= 0 everywhere (and w / |k| < 2 in the wings). w must be positive.
ZM_HOST_DEVICE inline double durrleman(double k, const VarianceJet& jet) {
  const double u = 1.0 - 0.5 * k * jet.dw / jet.w;
  return u * u - 0.25 * jet.dw * jet.dw * (1.0 / jet.w + 0.25) + 0.5 * jet.d2w;
}

// The least total variance of the slice, a + b sigma sqrt(1 - rho^2).
double least_variance(const RawSvi& svi);

// Finite, b >= 0, |rho| < 1, sigma > 0, and no negative variance.
bool valid(const RawSvi& svi);

// Conversions answer ElementStatus::domain where the other form does not exist: no curvature to speak of, wings of
// the wrong sign, a least variance at the money (which leaves sigma of the jump-wing form undetermined), expiry <= 0.
ElementStatus to_natural(const RawSvi& svi, NaturalSvi* out);
ElementStatus to_raw(const NaturalSvi& svi, RawSvi* out);
ElementStatus to_jump_wing(const RawSvi& svi, double expiry, JumpWingSvi* out);
ElementStatus to_raw(const JumpWingSvi& svi, double expiry, RawSvi* out);

// w, dw, d2w, g of one slice at every k. Outputs may be empty (not wanted) or as long as k; else length_mismatch.
// An invalid slice gives invalid_setting; a k that is not finite, or where w = 0, gives domain and zeros.
Status svi_variance(Backend& backend, const RawSvi& svi, std::span<const double> k, std::span<double> w,
                    std::span<double> dw, std::span<double> d2w, std::span<double> g,
                    std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
