// european_element.h: one option, or one pack of options, with its domain checked: what the batches
// of european.h run on every backend.
#pragma once

#include <zomma/kernels/bachelier_formula.h>
#include <zomma/kernels/european.h>

namespace zomma::kernels::detail {

template <class T>
struct DividendColumn {
  const T* time = nullptr;
  const T* amount = nullptr;
  int count = 0;
};

// Present value of the dividends up to expiry, and its derivative by -r.
template <class Real>
struct EscrowedValue {
  Real present, by_rate;
};

template <class Real>
ZM_INLINE EscrowedValue<Real> escrowed_value(const EuropeanInput<Real>& in,
                                             const DividendColumn<ScalarOf<Real>>& dividends) {
  EscrowedValue<Real> out{Real(0), Real(0)};
  for (int i = 0; i < dividends.count; ++i) {
    const Real time(dividends.time[i]);
    const Real value = Real(dividends.amount[i]) * exp_normal(-(in.rate * time));
    const Real counted = select((time > Real(0)) & (time <= in.maturity), value, Real(0));
    out.present = out.present + counted;
    out.by_rate = fma(time, counted, out.by_rate);
  }
  return out;
}

// The Greeks by the unadjusted spot. As time passes the payments come nearer, so the adjusted spot
// falls by r present a year.
template <EuropeanLevel level, class Real>
ZM_INLINE void add_escrow(EuropeanTable<Real>& out, const EscrowedValue<Real>& escrow, Real rate) {
  if constexpr (level == EuropeanLevel::value) return;
  const Real drift = rate * escrow.present;
  out.rho = fma(out.delta, escrow.by_rate, out.rho);
  out.theta = fma(-drift, out.delta, out.theta);
  if constexpr (level == EuropeanLevel::first) return;
  out.charm = fma(-drift, out.gamma, out.charm);
  out.veta = fma(-drift, out.vanna, out.veta);
  out.color = fma(-drift, out.speed, out.color);
}

// Ranges only: a NaN passes here and shows in the value.
template <EuropeanModel model, class Real>
ZM_INLINE MaskOf<Real> in_domain(const EuropeanInput<Real>& in) {
  using F = FormatOf<Real>;
  Real largest = maximum(maximum(in.maturity, in.volatility), magnitude(in.rate));
  auto ok = (minimum(in.maturity, in.volatility) > Real(0)) & (in.sign * in.sign == Real(1));
  if constexpr (model == EuropeanModel::bachelier) {
    largest = maximum(largest, maximum(magnitude(in.spot), magnitude(in.strike)));
  } else {
    largest = maximum(largest, maximum(in.spot, in.strike));
    ok = ok & (minimum(in.spot, in.strike) >= Real(F::normal_lowest));
  }
  if constexpr (model == EuropeanModel::black_scholes)
    largest = maximum(largest, magnitude(in.yield));
  return ok & (largest <= Real(F::highest));
}

// The results of `level`; zeros where `ok` is false.
template <EuropeanLevel level, EuropeanModel model, class Real>
ZM_INLINE EuropeanTable<Real> european_element(EuropeanInput<Real> in,
                                               const DividendColumn<ScalarOf<Real>>& dividends,
                                               MaskOf<Real>& ok) {
  constexpr bool spot_model = model == EuropeanModel::black_scholes;
  EscrowedValue<Real> escrow;
  if (spot_model && dividends.count > 0) {
    escrow = escrowed_value(in, dividends);
    in.spot = in.spot - escrow.present;
  }
  ok = in_domain<model>(in);
  EuropeanTable<Real> out;
  if constexpr (model == EuropeanModel::bachelier)
    out = bachelier<level>(in);
  else
    out = european<level, model == EuropeanModel::black76>(in);
  if (spot_model && dividends.count > 0) add_escrow<level>(out, escrow, in.rate);
  Real sum(0);  // stays zero while everything is finite
  visit_tables<level>(out, out, [&](Real& value, Real&) { sum = fma(value, Real(0), sum); });
  ok = ok & (sum == Real(0));
  if (any(!ok))
    visit_tables<level>(out, out, [&](Real& value, Real&) { value = select(ok, value, Real(0)); });
  return out;
}

template <class T>
ZM_INLINE ElementStatus refusal(T maturity) {
  return maturity <= T(0) && maturity >= -FormatOf<T>::highest ? ElementStatus::expired
                                                               : ElementStatus::domain;
}

}  // namespace zomma::kernels::detail
