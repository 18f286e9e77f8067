// pricing.h: what the model pays for the options of one expiry, on the kernels.
//
// European values by Black-Scholes-Merton at the smile's vol. Known dividends until the expiry are
// one yield for it: the forward is that of the cash dividends, the path to it is smoothed. The
// premium for early exercise is solved for on a few strikes and interpolated by cubics (it is
// smooth in the strike); no American option is below what exercise pays.
#pragma once

#include <span>
#include <vector>

#include <zomma/kernels/surface/ssvi.h>

namespace zomma::modelled {

struct ExpiryTerms {
  double spot{}, years{}, rate{};  // rate continuous
  double dividends{};              // present value of those with an ex-date before the expiry
  double total_variance{};         // at the money
  kernels::PowerLawSsvi smile;
  bool american{true};
};

struct ExpiryValues {
  std::vector<double> call, put;   // per share
  std::vector<double> call_delta;  // European, by the spot; the put's is that less e^-qT
  std::vector<double> vega;        // of both, per 1.00 of vol
};

// `strikes` ascending and above 0, terms finite with spot, years and total_variance above 0 and
// dividends below the spot.
void price_expiry(const ExpiryTerms& terms, std::span<const double> strikes, ExpiryValues& out);

// Vol of the smile at a strike.
double smile_vol(const ExpiryTerms& terms, double strike);

}  // namespace zomma::modelled
