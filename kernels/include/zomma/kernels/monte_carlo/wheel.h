// wheel.h: the compounding wheel: sell cash-secured puts until assigned, then covered calls until
// called away, all wealth at work every cycle.
#pragma once

#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/monte_carlo/policy_batch.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

struct WheelSettings {
  double put_moneyness = 0, call_moneyness = 0;  // strike / spot at the start of each cycle
  double cycle = 0;                              // years
  double rate = 0, dividend = 0;                 // continuous, a year
  double drift = 0, real_volatility = 0;  // of the world, a year; the drift includes dividends
  double implied_volatility = 0;          // at which the premiums are received
  std::uint32_t cycles = 0;
};

// The policy. In cash W: sells W / Kp puts, Kp = kp S; a cycle later W' = (W + n P) e^(rt) - n
// max(Kp - S', 0), in stock if S' < Kp. In stock W: sells W / S calls, Kc = kc S; W' = (W /
// S)(min(S', Kc) e^(qt) + C e^(rt)), in cash if S' >= Kc. No costs. Premiums are ratios to strike
// and spot, so they are the same in every cycle.
struct WheelPolicy {
  double put_moneyness = 0, call_moneyness = 0;
  double cash_growth = 0;      // (1 + P / Kp) e^(rt)
  double dividend_growth = 0;  // e^(qt)
  double call_income = 0;      // (C / S) e^(rt)

  template <class Real>
  struct Book {
    Real wealth, in_stock;  // in_stock: 0 or 1
  };

  template <class Real>
  ZM_HOST_DEVICE Book<Real> start() const {
    return {lanes::all<Real>(1.0), Real{}};
  }

  template <class Real>
  ZM_HOST_DEVICE void act(Book<Real>& book, Real log_growth) const {
    act_on(book, lanes::exp(log_growth));
  }

  // The same by S'/S, for paths that many policies share.
  template <class Real>
  ZM_HOST_DEVICE void act_on(Book<Real>& book, Real growth) const {
    using lanes::all, lanes::pick;
    const Real put_loss = lanes::larger(1.0 - growth * (1.0 / put_moneyness), Real{});
    const Real from_cash = cash_growth - put_loss;
    const Real kept = lanes::smaller(growth, all<Real>(call_moneyness));
    const Real from_stock = lanes::fused(kept, all<Real>(dividend_growth), call_income);
    const auto stock = book.in_stock > all<Real>(0.5);
    const Real held_line = pick(stock, all<Real>(call_moneyness), all<Real>(put_moneyness));
    book.wealth = book.wealth * pick(stock, from_stock, from_cash);
    book.in_stock = pick(growth < held_line, all<Real>(1.0), Real{});
  }

  template <class Real>
  ZM_HOST_DEVICE Real wealth(const Book<Real>& book) const {
    return book.wealth;
  }
  template <class Real>
  ZM_HOST_DEVICE Real in_stock(const Book<Real>& book) const {
    return book.in_stock;
  }
};

struct WheelOutcome : PolicyOutcome {
  double put_premium = 0, call_premium = 0;  // P / Kp, C / S
};

WheelPolicy make_wheel_policy(const WheelSettings& settings);
CycleLaw wheel_law(const WheelSettings& settings);

// One outcome a row from `paths` paths each, >= 2; rows share nothing but the seed. A row whose
// settings are not finite and positive where they must be has status domain and an outcome of
// zeros. Same bits for any number of threads.
Status simulate_wheel(Backend& backend, std::span<const WheelSettings> settings,
                      std::uint64_t paths, std::uint64_t seed, std::span<WheelOutcome> out,
                      std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
