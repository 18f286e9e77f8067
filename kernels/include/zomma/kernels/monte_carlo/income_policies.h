// income_policies.h: what the wheel is compared with, on the same paths and with the same premiums:
// holding the stock, writing a call on it every cycle, writing a cash-secured put every cycle. As
// wheel.h: all wealth at work, no costs.
#pragma once

#include <zomma/kernels/monte_carlo/wheel.h>

namespace zomma::kernels {

// One number to remember.
template <class Real>
struct WealthBook {
  Real wealth;
};

// Dividends are put into the stock.
struct HoldPolicy {
  double dividend_growth = 1;

  template <class Real>
  ZM_HOST_DEVICE WealthBook<Real> start() const {
    return {lanes::all<Real>(1.0)};
  }
  template <class Real>
  ZM_HOST_DEVICE void act_on(WealthBook<Real>& book, Real growth) const {
    book.wealth = book.wealth * growth * dividend_growth;
  }
  template <class Real>
  ZM_HOST_DEVICE Real wealth(const WealthBook<Real>& book) const {
    return book.wealth;
  }
  template <class Real>
  ZM_HOST_DEVICE Real in_stock(const WealthBook<Real>&) const {
    return lanes::all<Real>(1.0);
  }
};

// In stock in every cycle; called away, the stock is bought again at once.
struct CoveredCallPolicy {
  WheelPolicy wheel;

  template <class Real>
  ZM_HOST_DEVICE WealthBook<Real> start() const {
    return {lanes::all<Real>(1.0)};
  }
  template <class Real>
  ZM_HOST_DEVICE void act_on(WealthBook<Real>& book, Real growth) const {
    const Real kept = lanes::smaller(growth, lanes::all<Real>(wheel.call_moneyness));
    book.wealth = book.wealth *
                  lanes::fused(kept, lanes::all<Real>(wheel.dividend_growth), wheel.call_income);
  }
  template <class Real>
  ZM_HOST_DEVICE Real wealth(const WealthBook<Real>& book) const {
    return book.wealth;
  }
  template <class Real>
  ZM_HOST_DEVICE Real in_stock(const WealthBook<Real>&) const {
    return lanes::all<Real>(1.0);
  }
};

// In cash in every cycle; assigned stock is sold at once.
struct PutWritePolicy {
  WheelPolicy wheel;

  template <class Real>
  ZM_HOST_DEVICE WealthBook<Real> start() const {
    return {lanes::all<Real>(1.0)};
  }
  template <class Real>
  ZM_HOST_DEVICE void act_on(WealthBook<Real>& book, Real growth) const {
    const Real loss = lanes::larger(1.0 - growth * (1.0 / wheel.put_moneyness), Real{});
    book.wealth = book.wealth * (wheel.cash_growth - loss);
  }
  template <class Real>
  ZM_HOST_DEVICE Real wealth(const WealthBook<Real>& book) const {
    return book.wealth;
  }
  template <class Real>
  ZM_HOST_DEVICE Real in_stock(const WealthBook<Real>&) const {
    return Real{};
  }
};

}  // namespace zomma::kernels
