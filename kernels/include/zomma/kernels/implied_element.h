// implied_element.h: one quote, or one pack of quotes, with its domain checked: what the batches of
// implied.h run on every backend.
#pragma once

#include <zomma/kernels/implied.h>
#include <zomma/kernels/implied_formula.h>

namespace zomma::kernels::detail {

// A volatility and its ElementStatus as a number, so that it fits in a lane.
template <class Real>
struct Answer {
  Real value, status;
};

template <class Real>
ZM_INLINE Real status_number(ElementStatus status) {
  return Real(static_cast<ScalarOf<Real>>(static_cast<int>(status)));
}

template <ImpliedModel model, class Real>
ZM_INLINE Answer<Real> implied_element(Real sign, Real price, Real forward, Real strike,
                                       Real maturity) {
  using F = FormatOf<Real>;
  constexpr bool black = model == ImpliedModel::black;
  const Real highest(F::highest), distance = forward - strike, far = magnitude(distance);
  const Real time_value = price - select(sign * distance > Real(0), far, Real(0));
  const Real bound = black ? minimum(forward, strike) : highest;
  const Real smallest = Real(is_single<Real> ? 1e-36 : 1e-303);
  const Real root_t = sqrt(maturity);
  Real volatility;
  MaskOf<Real> lost = time_value <= smallest * (black ? bound : far);
  if constexpr (black) {
    const Real inverse = Real(1) / bound;
    volatility = implied_black_deviation(magnitude(log_ratio(forward, strike)),
                                         time_value * inverse, (bound - time_value) * inverse) /
                 root_t;
  } else {
    lost = lost | (time_value < Real(F::normal_lowest));
    volatility = implied_bachelier(far, time_value, root_t);
  }

  const Real least = black ? minimum(forward, strike) : Real(F::normal_lowest);
  const Real most = maximum(maximum(magnitude(forward), magnitude(strike)), magnitude(price));
  const auto number = [](ElementStatus s) { return status_number<Real>(s); };
  Real status = select((volatility > Real(0)) & (volatility <= highest), Real(0),
                       number(ElementStatus::no_convergence));
  status = select(lost, number(ElementStatus::domain), status);
  status = select(time_value >= bound, number(ElementStatus::above_bound), status);
  status = select(time_value <= Real(0), number(ElementStatus::below_intrinsic), status);
  status = select((maturity <= Real(0)) & (maturity >= -highest), number(ElementStatus::expired),
                  status);
  const auto known = (sign * sign == Real(1)) & (least >= Real(F::normal_lowest)) &
                     (most <= highest) & (maturity <= highest) & (maturity >= -highest) &
                     (price == price) & (distance == distance) & (far <= highest);
  return {volatility, select(known, status, number(ElementStatus::domain))};
}

}  // namespace zomma::kernels::detail
