// american_element.h: American options as the puts with strike 1 that they are by symmetry, valued
// and searched for their volatility over any Real: what the batches of american.h run on every
// backend, four at a time in vector lanes or one a GPU thread.
#pragma once

#include <zomma/kernels/american_boundary.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels::detail {

inline constexpr double american_largest_rate = 1.0, american_largest_volatility = 100.0;

// The error of a price is of second order in that of ln B, so a last step above this is about 1e-3
// of the strike.
inline constexpr double american_largest_step = 0.03;

ZM_INLINE bool positive_number(double x) { return x > 0 && x <= Format<double>::highest; }
ZM_INLINE bool finite_number(double x) { return magnitude(x) <= Format<double>::highest; }

// Reads or writes one lane of a Real.
template <class Real>
ZM_INLINE double lane_of(const Real& x, int lane) {
  if constexpr (RealTraits<Real>::width == 1)
    return x;
  else
    return x[lane];
}
template <class Real>
ZM_INLINE void set_lane(Real& x, int lane, double value) {
  if constexpr (RealTraits<Real>::width == 1)
    x = value;
  else
    x.set(lane, value);
}

// One element as it is asked.
struct AmericanRow {
  double spot, strike, expiry, rate, yield, volatility;
  int sign;
};

// The same as the put it is by symmetry: spot in strikes, and the size of a strike in money.
struct AmericanPut {
  double spot = 1, unit = 1, rate = 0.05, yield = 0, expiry = 1, volatility = 0.2;
  bool call = false, early = true;
};

struct AmericanAnswer {
  double price = 0, delta = 0, gamma = 0, theta = 0, vega = 0, rho = 0, boundary = 0;
  ElementStatus status = ElementStatus::domain;
};

// The put of a row, without its volatility; false outside the domain.
ZM_HOST_DEVICE inline bool put_of(const AmericanRow& row, AmericanPut& put) {
  if (!positive_number(row.spot) || !positive_number(row.strike) || !positive_number(row.expiry))
    return false;
  if (!(magnitude(row.rate) <= american_largest_rate) ||
      !(magnitude(row.yield) <= american_largest_rate) || (row.sign != 1 && row.sign != -1))
    return false;
  put.call = row.sign == 1;
  put.spot = put.call ? row.strike / row.spot : row.spot / row.strike;
  put.unit = put.call ? row.spot : row.strike;
  put.rate = put.call ? row.yield : row.rate;
  put.yield = put.call ? row.rate : row.yield;
  put.expiry = row.expiry;
  put.early = put.rate > 0 || put.yield < put.rate;
  return positive_number(put.spot) && !(put.rate < 0 && put.yield < put.rate);
}

// As many puts as a Real has lanes.
template <class Real>
struct AmericanPuts {
  static constexpr int width = RealTraits<Real>::width;
  Real spot;
  AmericanTerms<Real> terms, early_terms;
  Real early;  // 1 where the option may be exercised early, else 0

  ZM_HOST_DEVICE explicit AmericanPuts(const AmericanPut* puts) {
    for (int k = 0; k < width; ++k) {
      const AmericanPut& put = puts[k];
      set_lane(spot, k, put.spot);
      set_lane(terms.rate, k, put.rate);
      set_lane(terms.yield, k, put.yield);
      set_lane(terms.volatility, k, put.volatility);
      set_lane(terms.expiry, k, put.expiry);
      set_lane(early, k, put.early ? 1.0 : 0.0);
    }
    early_terms = terms;
    for (int k = 0; k < width; ++k) {
      if (puts[k].early) continue;
      set_lane(early_terms.rate, k, 0.05);  // any put with a boundary: its premium is not used
      set_lane(early_terms.yield, k, 0.0);
    }
  }
};

template <class Real>
ZM_HOST_DEVICE inline AmericanValue<Real> american_value(const AmericanRule& rule,
                                                         const AmericanPuts<Real>& puts) {
  AmericanBoundary<Real> boundary;
  american_boundary(rule, puts.early_terms, boundary);
  const auto premium = american_premium(rule, puts.early_terms, boundary, puts.spot);
  const auto european = american_european_part(puts.terms, puts.spot);
  const auto early = puts.early > Real(0.5);
  const Real exercise = Real(1.0) - puts.spot, zero(0.0);
  AmericanValue<Real> out;
  out.boundary = premium.boundary * puts.early;
  out.price = european.price + select(early, premium.price, zero);
  out.delta = european.delta + select(early, premium.delta, zero);
  out.gamma = european.gamma + select(early, premium.gamma, zero);
  out.last_step = premium.last_step * puts.early;
  // A price below what either right alone is worth tells of a boundary that did not converge.
  const Real slack = Real(1e-4) * (puts.spot + Real(1.0));
  const auto live = puts.spot > out.boundary;
  out.price = select(live, out.price, exercise);
  const auto short_of = out.price + slack < maximum(exercise, european.price);
  out.last_step = select(short_of, Real(1e300), out.last_step);
  out.price = maximum(out.price, maximum(exercise, zero));
  out.delta = select(live, out.delta, Real(-1.0));
  out.gamma = select(live, out.gamma, zero);
  return out;
}

// Central difference of the price by one of the put's numbers. The discretised price is smooth in
// its inputs, so the step may be small; 1e-4 leaves an error of about 1e-8.
template <class Real, class Shift>
ZM_HOST_DEVICE inline Real american_slope(const AmericanRule& rule, const AmericanPut* puts,
                                          double step, Shift shift) {
  constexpr int width = RealTraits<Real>::width;
  Real price[2];
  for (int side = 0; side < 2; ++side) {
    AmericanPut moved[width];
    for (int k = 0; k < width; ++k) {
      moved[k] = puts[k];
      shift(moved[k], side == 0 ? -step : step);
    }
    price[side] = american_value(rule, AmericanPuts<Real>(moved)).price;
  }
  return (price[1] - price[0]) / Real(2 * step);
}

struct MoveVolatility {
  ZM_HOST_DEVICE void operator()(AmericanPut& put, double by) const { put.volatility *= 1 + by; }
};
struct MoveRate {
  ZM_HOST_DEVICE void operator()(AmericanPut& put, double by) const {
    (put.call ? put.yield : put.rate) += by;
  }
};

// The put's numbers as those of the option.
ZM_HOST_DEVICE inline AmericanAnswer american_answer(const AmericanRow& row, const AmericanPut& put,
                                                     double p, double p1, double p2, double b) {
  AmericanAnswer out;
  const double x = put.spot, s = row.spot, v = row.volatility * s;
  out.price = put.unit * p;
  out.delta = put.call ? p - x * p1 : p1;
  out.gamma = (put.call ? x * x * p2 : p2) / put.unit;
  const double theta =
      row.rate * out.price - (row.rate - row.yield) * s * out.delta - 0.5 * v * v * out.gamma;
  out.theta = x > b ? theta : 0.0;
  const double never = put.call ? Format<double>::highest * 2 : 0.0;
  out.boundary = !put.early ? never : put.call ? row.strike / b : row.strike * b;
  out.status = ElementStatus::ok;
  return out;
}

// Answers as many rows as a Real has lanes.
template <class Real>
ZM_HOST_DEVICE inline void american_answers(const AmericanRule& rule, const AmericanRow* rows,
                                            bool with_vega, bool with_rho, AmericanAnswer* out) {
  constexpr int width = RealTraits<Real>::width;
  AmericanPut puts[width];
  bool good[width];
  for (int k = 0; k < width; ++k) {
    const double volatility = rows[k].volatility;
    good[k] = put_of(rows[k], puts[k]) && positive_number(volatility) &&
              volatility <= american_largest_volatility;
    if (good[k])
      puts[k].volatility = volatility;
    else
      puts[k] = AmericanPut{};
  }
  const AmericanPuts<Real> loaded(puts);
  const auto values = american_value(rule, loaded);
  Real vega(0.0), rho(0.0);
  if (with_vega)
    vega = american_slope<Real>(rule, puts, 1e-4, MoveVolatility{}) / loaded.terms.volatility;
  if (with_rho) rho = american_slope<Real>(rule, puts, 1e-5, MoveRate{});
  for (int k = 0; k < width; ++k) {
    out[k] = AmericanAnswer{};
    if (!good[k]) continue;
    const double p = lane_of(values.price, k), p1 = lane_of(values.delta, k),
                 p2 = lane_of(values.gamma, k), b = lane_of(values.boundary, k);
    const double by_volatility = lane_of(vega, k), by_rate = lane_of(rho, k);
    const double all = p + p1 + p2 + b + by_volatility + by_rate;
    out[k].status = ElementStatus::no_convergence;
    if (!finite_number(all * puts[k].unit) ||
        !(lane_of(values.last_step, k) < american_largest_step))
      continue;
    out[k] = american_answer(rows[k], puts[k], p, p1, p2, b);
    out[k].vega = puts[k].unit * by_volatility;
    out[k].rho = puts[k].unit * by_rate;
    // Spots and strikes hundreds of decades apart overflow where the put's numbers did not.
    const AmericanAnswer& o = out[k];
    if (!finite_number(o.price + o.delta + o.gamma + o.theta + o.vega + o.rho)) {
      out[k] = AmericanAnswer{};
      out[k].status = ElementStatus::no_convergence;
    }
  }
}

inline constexpr double american_lowest_volatility = 1e-3, american_highest_volatility = 5.0;

// A root bracketed by [low, high], approached by the Illinois variant of false position in
// ln(volatility): the end that stays twice has its residual halved. The first probe is the middle
// of the range that markets quote.
struct VolatilitySearch {
  double low = -6.9077552789821368, high = 1.6094379124341003;  // ln of the ends above
  double at_low = 0, at_high = 0;  // residuals, one negative and one not
  double probe = -1.3862943611198906;
  int kept = 0;  // +1: the low end stayed last time, -1: the high end
  int steps = 0;
  ElementStatus status = ElementStatus::no_convergence;
  bool done = false;

  ZM_HOST_DEVICE void start(double first, double last) {
    at_low = first;
    at_high = last;
    if (at_low >= 0)
      finish(ElementStatus::below_intrinsic);
    else if (at_high < 0)
      finish(ElementStatus::above_bound);
  }

  ZM_HOST_DEVICE void finish(ElementStatus how) {
    status = how;
    done = true;
  }

  ZM_HOST_DEVICE void observe(double residual, double tolerance) {
    if (!finite_number(residual)) return finish(ElementStatus::no_convergence);
    if (magnitude(residual) <= tolerance || high - low < 1e-14) return finish(ElementStatus::ok);
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

// The volatilities behind as many prices as a Real has lanes; zero where the status is not ok.
template <class Real>
ZM_HOST_DEVICE inline void american_implied(const AmericanRule& rule, const AmericanRow* rows,
                                            const double* price, double* volatility,
                                            ElementStatus* status) {
  constexpr int width = RealTraits<Real>::width, most_steps = 60;
  constexpr double tolerance = 1e-10;
  AmericanPut puts[width];
  VolatilitySearch search[width];
  double target[width];
  for (int k = 0; k < width; ++k) {
    target[k] = 0;
    if (put_of(rows[k], puts[k]) && positive_number(price[k])) {
      target[k] = price[k] / puts[k].unit;
    } else {
      puts[k] = AmericanPut{};
      search[k].finish(ElementStatus::domain);
    }
  }
  Real at_end[2];
  for (int end = 0; end < 2; ++end) {
    for (int k = 0; k < width; ++k)
      puts[k].volatility = end == 0 ? american_lowest_volatility : american_highest_volatility;
    at_end[end] = american_value(rule, AmericanPuts<Real>(puts)).price;
  }
  bool all = true;
  for (int k = 0; k < width; ++k) {
    if (!search[k].done)
      search[k].start(lane_of(at_end[0], k) - target[k], lane_of(at_end[1], k) - target[k]);
    all = all && search[k].done;
  }
  for (int step = 0; step < most_steps && !all; ++step) {
    for (int k = 0; k < width; ++k) puts[k].volatility = exp(search[k].probe);
    const auto values = american_value(rule, AmericanPuts<Real>(puts));
    all = true;
    for (int k = 0; k < width; ++k) {
      if (!search[k].done) {
        search[k].observe(lane_of(values.price, k) - target[k], tolerance * (1 + puts[k].spot));
        const bool settled = lane_of(values.last_step, k) < american_largest_step;
        if (search[k].done && !settled) search[k].finish(ElementStatus::no_convergence);
      }
      all = all && search[k].done;
    }
  }
  for (int k = 0; k < width; ++k) {
    status[k] = search[k].status;
    volatility[k] = search[k].status == ElementStatus::ok ? exp(search[k].probe) : 0.0;
  }
}

}  // namespace zomma::kernels::detail
