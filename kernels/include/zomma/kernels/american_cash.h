// american_cash.h: American options on an asset that pays cash, in batches: the finite differences
// of pde.h with one constant volatility an option. A thousand times slower than american.h, whose
// asset pays continuously.
#pragma once

#include <zomma/kernels/american.h>
#include <zomma/kernels/pde.h>

namespace zomma::kernels {

// What is wanted; an empty span is not computed. vega is a central difference and costs two more
// solves. `status` may be empty.
struct AmericanCashValues {
  std::span<double> price, delta, gamma, vega;
  std::span<ElementStatus> status;
};

// Prices every element; the payments are those of the one underlying of the batch. Lengths as in
// american_price; statuses and errors as in pde_price, volatilities outside
// [1e-6, 1e3] are `domain`.
Status american_cash_price(Backend& backend, PdeResolution resolution,
                           const AmericanTermsBatch& terms, const CashDividends<double>& dividends,
                           const AmericanCashValues& out);

// The volatility in [1e-3, 5] at which american_cash_price gives `price`, to 1e-9 of the spot plus
// strike, by bracketed secants; terms.volatility is ignored and may be empty. Statuses as in
// american_implied_volatility.
Status american_cash_implied_volatility(Backend& backend, PdeResolution resolution,
                                        const AmericanTermsBatch& terms,
                                        const CashDividends<double>& dividends,
                                        std::span<const double> price, std::span<double> volatility,
                                        std::span<ElementStatus> status);

}  // namespace zomma::kernels
