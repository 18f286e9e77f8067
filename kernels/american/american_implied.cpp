// american_implied.cpp: the volatility behind an American price, four options at a time.
#include <algorithm>
#include <cmath>

#include "american_put.h"

#include <zomma/kernels/elementary_more.h>

namespace zomma::kernels {
namespace {

constexpr double lowest = 1e-3, highest = 5.0;
constexpr int most_steps = 60;

// A root bracketed by [low, high], approached by the Illinois variant of false position in
// ln(volatility): the end that stays twice has its residual halved. The first probe is the middle
// of the range that markets quote.
struct Search {
  double low = log(lowest), high = log(highest);
  double at_low = 0, at_high = 0;  // residuals, one negative and one not
  double probe = log(0.25);
  int kept = 0;  // +1: the low end stayed last time, -1: the high end
  int steps = 0;
  ElementStatus status = ElementStatus::no_convergence;
  bool done = false;

  void start(double first, double last) {
    at_low = first;
    at_high = last;
    if (at_low >= 0)
      finish(ElementStatus::below_intrinsic);
    else if (at_high < 0)
      finish(ElementStatus::above_bound);
  }

  void finish(ElementStatus how) {
    status = how;
    done = true;
  }

  void observe(double residual, double tolerance) {
    if (!std::isfinite(residual)) return finish(ElementStatus::no_convergence);
    if (std::fabs(residual) <= tolerance || high - low < 1e-14) return finish(ElementStatus::ok);
    if (residual < 0) {
      low = probe;
      at_low = residual;
      if (kept == -1) at_high *= 0.5;
      kept = -1;
    } else {
      high = probe;
      at_high = residual;
      if (kept == 1) at_low *= 0.5;
      kept = 1;
    }
    const double secant = low - at_low * (high - low) / (at_high - at_low);
    // Deep in either wing the price is flat and the secant creeps: every fourth step bisects.
    probe = ++steps % 4 == 0 || !(secant > low && secant < high) ? 0.5 * (low + high) : secant;
  }
};

AmericanValue<Lanes> values_at(const AmericanRule& rule, Put* puts, const Search* search) {
  for (int k = 0; k < Lanes::width; ++k) puts[k].volatility = exp(search[k].probe);
  return value(rule, Four(puts));
}

void search_four(const AmericanRule& rule, Put* puts, const double* target, Search* search) {
  constexpr double tolerance = 1e-10;
  Search low[Lanes::width], high[Lanes::width];
  for (int k = 0; k < Lanes::width; ++k) {
    low[k].probe = log(lowest);
    high[k].probe = log(highest);
  }
  const Lanes at_low = values_at(rule, puts, low).price,
              at_high = values_at(rule, puts, high).price;
  for (int k = 0; k < Lanes::width; ++k) {
    if (!search[k].done) search[k].start(at_low[k] - target[k], at_high[k] - target[k]);
  }
  for (int step = 0; step < most_steps; ++step) {
    const auto values = values_at(rule, puts, search);
    bool all = true;
    for (int k = 0; k < Lanes::width; ++k) {
      if (!search[k].done) {
        search[k].observe(values.price[k] - target[k], tolerance * (1 + puts[k].spot));
        const bool settled = values.last_step[k] < largest_last_step;
        if (search[k].done && !settled) search[k].finish(ElementStatus::no_convergence);
      }
      all = all && search[k].done;
    }
    if (all) return;
  }
}

}  // namespace

Status american_implied_volatility(Backend& backend, AmericanPreset preset,
                                   const AmericanTermsBatch& terms, std::span<const double> price,
                                   std::span<double> volatility, std::span<ElementStatus> status) {
  const std::size_t n = terms.spot.size();
  if (!same_length(terms) || price.size() != n || volatility.size() != n || status.size() != n) {
    return Status::length_mismatch;
  }
  const AmericanRule& rule = american_rule(preset);
  backend.for_chunks(n, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i += Lanes::width) {
      Put puts[Lanes::width];
      Search search[Lanes::width];
      double target[Lanes::width] = {};
      const int used = static_cast<int>(std::min<std::size_t>(Lanes::width, end - i));
      for (int k = 0; k < Lanes::width; ++k) {
        if (k < used && load(terms, i + k, puts[k]) && positive(price[i + k])) {
          target[k] = price[i + k] / puts[k].unit;
        } else {
          puts[k] = Put{};
          search[k].finish(ElementStatus::domain);
        }
      }
      search_four(rule, puts, target, search);
      for (int k = 0; k < used; ++k) {
        status[i + k] = search[k].status;
        volatility[i + k] = search[k].status == ElementStatus::ok ? exp(search[k].probe) : 0.0;
      }
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
