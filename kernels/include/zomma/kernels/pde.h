// pde.h: one option at a time by finite differences, European or American, under a constant or
// local volatility. Slower than the integral methods and independent of them: their cross-check,
// and the way under a local volatility.
#pragma once

#include <zomma/kernels/european.h>
#include <zomma/kernels/local_vol.h>

namespace zomma::kernels {

struct PdeOptions {
  std::span<const double> strike, expiry;
  std::span<const std::int8_t> sign;  // +1 call, -1 put
  bool american = true;
  // Cash payments as in european.h: those before expiry are taken out of the spot at their present
  // value, which an early exercise gets back as far as they are still to come.
  CashDividends<double> dividends{};
};

// Crank-Nicolson after four implicit half steps (Rannacher 1984), early exercise by Brennan and
// Schwartz (1977), which is exact for one boundary. A step ends at every dividend, just before it.
// delta and gamma may be empty. Errors as for local_vol_price; invalid_setting for a dividend that
// is negative or not finite, `domain` where the dividends are worth more than the spot.
Status pde_price(Backend& backend, const LocalVariance& local, const SpotMarket& market,
                 PdeResolution resolution, const PdeOptions& options, std::span<double> price,
                 std::span<double> delta, std::span<double> gamma, std::span<ElementStatus> status);

}  // namespace zomma::kernels
