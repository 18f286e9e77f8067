// pde.cpp: the backward equation for one option at a time, and Dupire's forward equation for all
// European ones at once.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/pde.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "pde_grid.h"

namespace zomma::kernels {
namespace {

constexpr int implicit_steps =
    2;  // whole steps taken as two implicit halves each, to damp the payoff's kink

struct Quote {
  double strike, expiry;
  int sign;
};

bool valid(const Quote& quote, const SpotMarket& market) {
  const auto positive = [](double x) { return std::isfinite(x) && x > 0; };
  return positive(quote.strike) && positive(quote.expiry) &&
         (quote.sign == 1 || quote.sign == -1) &&
         positive(market.spot * exp((market.rate - market.yield) * quote.expiry)) &&
         positive(exp(-market.rate * quote.expiry));
}

// What the payments from `t` to the quote's expiry are worth at t, one at t itself counted in full.
double present_value(const CashDividends<double>& dividends, const Quote& quote, double rate,
                     double t) {
  double sum = 0;
  for (std::size_t i = 0; i < dividends.time.size(); ++i) {
    const double when = dividends.time[i];
    if (when > 0 && when >= t && when <= quote.expiry)
      sum += dividends.amount[i] * exp(-rate * (when - t));
  }
  return sum;
}

// The times of payment strictly inside (0, expiry), latest first.
std::vector<double> stops(const CashDividends<double>& dividends, const Quote& quote) {
  std::vector<double> out;
  for (const double when : dividends.time)
    if (when > 0 && when < quote.expiry) out.push_back(when);
  std::sort(out.begin(), out.end(), std::greater<>());
  return out;
}

bool valid(const CashDividends<double>& dividends) {
  for (const double when : dividends.time)
    if (!std::isfinite(when)) return false;
  for (const double amount : dividends.amount)
    if (!std::isfinite(amount) || amount < 0) return false;
  return true;
}

// Value, delta and gamma today.
struct Today {
  double price, delta, gamma;
};

Today backward(const LocalVariance& local, const SpotMarket& market, PdeResolution resolution,
               const Quote& quote, bool american, const CashDividends<double>& dividends) {
  const double carry = market.rate - market.yield;
  PdeGrid grid(resolution.points, total_variance(local, quote.expiry));
  grid.start(market.spot * exp(carry * quote.expiry), quote.strike, quote.sign);
  const Exercise exercise = !american        ? Exercise::none
                            : quote.sign > 0 ? Exercise::high
                                             : Exercise::low;
  std::vector<double> growth(grid.x().size()), floor(american ? growth.size() : 0);
  for (std::size_t i = 0; i < growth.size(); ++i) growth[i] = exp(grid.x()[i]);
  const auto move = [&](double from, double to, double theta) {
    const double forward = market.spot * exp(carry * to);
    const double strike = quote.strike - present_value(dividends, quote, market.rate, to);
    for (std::size_t i = 0; i < floor.size(); ++i) {
      floor[i] = std::max(quote.sign * (forward * growth[i] - strike), 0.0);
    }
    grid.step(local, 0.5 * (from + to), from - to, theta, market.rate, exercise, floor);
  };
  // Time to expiry in squares: short steps where the boundary moves fastest.
  const auto time = [&](double j) {
    const double part = j / resolution.steps;
    return std::max(quote.expiry * (1 - part * part), 0.0);
  };
  const std::vector<double> payments = stops(dividends, quote);
  std::size_t paid = 0;
  // Right after a payment's floor the values have a kink again, so the step from it is implicit.
  const auto advance = [&](double from, double to, double theta) {
    for (; paid < payments.size() && payments[paid] >= to; ++paid) {
      if (payments[paid] >= from) continue;
      move(from, payments[paid], theta);
      from = payments[paid], theta = 1.0;
    }
    if (from > to) move(from, to, theta);
  };
  for (int j = 0; j < resolution.steps; ++j) {
    if (j < implicit_steps) {
      advance(time(j), time(j + 0.5), 1.0);
      advance(time(j + 0.5), time(j + 1), 1.0);
    } else {
      advance(time(j), time(j + 1), 0.5);
    }
  }
  double value, first, second;
  grid.at(0.0, value, first, second);
  return {value, first / market.spot, (second - first) / (market.spot * market.spot)};
}

}  // namespace

Status pde_price(Backend& backend, const LocalVariance& local, const SpotMarket& market,
                 PdeResolution resolution, const PdeOptions& options, std::span<double> price,
                 std::span<double> delta, std::span<double> gamma,
                 std::span<ElementStatus> status) {
  const std::size_t n = options.strike.size();
  for (const std::size_t size :
       {options.expiry.size(), options.sign.size(), price.size(), delta.empty() ? n : delta.size(),
        gamma.empty() ? n : gamma.size(), status.empty() ? n : status.size()}) {
    if (size != n) return Status::length_mismatch;
  }
  const CashDividends<double>& dividends = options.dividends;
  if (dividends.time.size() != dividends.amount.size()) return Status::length_mismatch;
  if (!valid(local) || !valid(market, resolution) || !valid(dividends))
    return Status::invalid_setting;
  backend.for_chunks(n, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Quote quote{options.strike[i], options.expiry[i], options.sign[i]};
      SpotMarket risky = market;
      risky.spot -= present_value(dividends, quote, market.rate, 0);
      const bool good = risky.spot > 0 && valid(quote, risky);
      Today today{};
      if (good) today = backward(local, risky, resolution, quote, options.american, dividends);
      const bool finite = std::isfinite(today.price + today.delta + today.gamma);
      if (!finite) today = {};
      price[i] = today.price;
      if (!delta.empty()) delta[i] = today.delta;
      if (!gamma.empty()) gamma[i] = today.gamma;
      if (!status.empty()) {
        status[i] = !good    ? ElementStatus::domain
                    : finite ? ElementStatus::ok
                             : ElementStatus::no_convergence;
      }
    }
  });
  return Status::ok;
}

Status local_vol_price(Backend&, const LocalVariance& local, const SpotMarket& market,
                       PdeResolution resolution, std::span<const double> strike,
                       std::span<const double> expiry, std::span<const std::int8_t> sign,
                       std::span<double> price, std::span<ElementStatus> status) {
  const std::size_t n = strike.size();
  if (expiry.size() != n || sign.size() != n || price.size() != n ||
      (!status.empty() && status.size() != n)) {
    return Status::length_mismatch;
  }
  if (!valid(local) || !valid(market, resolution)) return Status::invalid_setting;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < n; ++i) {
    price[i] = 0;
    const bool good = valid({strike[i], expiry[i], sign[i]}, market);
    if (!status.empty()) status[i] = good ? ElementStatus::ok : ElementStatus::domain;
    if (good) order.push_back(i);
  }
  if (order.empty()) return Status::ok;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return expiry[a] < expiry[b]; });
  const double last = expiry[order.back()];
  PdeGrid grid(resolution.points, total_variance(local, last));
  grid.start(1.0, 1.0, -1);  // (1 - e^k)+ : the call over the forward, by strike
  const auto march = [&](double from, double to, double theta) {
    grid.step(local, 0.5 * (from + to), to - from, theta, 0.0, Exercise::none, {});
  };
  double now = 0;
  for (const std::size_t i : order) {
    if (expiry[i] > now) {
      const double begin = std::sqrt(now / last), end = std::sqrt(expiry[i] / last);
      const int steps = std::max(4, static_cast<int>(std::ceil((end - begin) * resolution.steps)));
      double from = now;
      for (int j = 0; j < steps; ++j) {
        const double root = begin + (end - begin) * (j + 1) / steps;
        const double to = j + 1 == steps ? expiry[i] : last * root * root;
        if (now == 0 && j < implicit_steps) {
          const double half = 0.5 * (from + to);
          march(from, half, 1.0);
          march(half, to, 1.0);
        } else {
          march(from, to, 0.5);
        }
        from = to;
      }
      now = expiry[i];
    }
    const double forward = market.spot * exp((market.rate - market.yield) * now),
                 k = log(strike[i] / forward);
    double call = 0, first, second;
    if (k <= grid.x().front())
      call = 1 - exp(k);
    else if (k < grid.x().back())
      grid.at(k, call, first, second);
    const double value = sign[i] > 0 ? call : call - 1 + exp(k);
    price[i] = exp(-market.rate * now) * forward * std::max(value, 0.0);
  }
  return Status::ok;
}

}  // namespace zomma::kernels
