// strike_from_delta.cpp: K = S exp((r - q) T - d1 s + s^2 / 2), with d1 from the inverse normal
// distribution.
#include <zomma/kernels/elementary.h>
#include <zomma/kernels/european.h>

#include "cpu/column_runner.h"

namespace zomma::kernels {
namespace {

template <class Real>
ZM_INLINE detail::Answer<Real> strike_of(DeltaKind kind, Real sign, const std::array<Real, 6>& in) {
  const auto [delta, spot, maturity, rate, yield, volatility] = in;
  const Real highest(detail::FormatOf<Real>::highest);
  Real probability = sign * delta;
  if (kind == DeltaKind::spot) probability = probability * exp(yield * maturity);
  const Real deviation = volatility * sqrt(maturity);
  const Real d1 = sign * norm_inverse(probability);
  const Real exponent =
      fma(Real(0.5) * deviation, deviation, fma(-d1, deviation, (rate - yield) * maturity));
  const Real strike = spot * exp(exponent);
  const auto ok = (sign * sign == Real(1)) & (spot > Real(0)) & (volatility > Real(0)) &
                  (maturity > Real(0)) & (probability > Real(0)) & (probability < Real(1)) &
                  (strike > Real(0)) & (strike <= highest) & (maturity <= highest) &
                  (magnitude(rate) <= highest) & (magnitude(yield) <= highest);
  const auto late = (maturity <= Real(0)) & (maturity >= -highest);
  const Real refusal = select(late, detail::status_number<Real>(ElementStatus::expired),
                              detail::status_number<Real>(ElementStatus::domain));
  return {strike, select(ok, Real(0), refusal)};
}

template <class T>
Status run(Backend& backend, DeltaKind kind, const DeltaQuotes<T>& q, std::span<T> strike,
           std::span<ElementStatus> status) {
  const std::size_t count = strike.size();
  for (const std::size_t size : {q.sign.size(), q.delta.size(), q.spot.size(), q.maturity.size(),
                                 q.rate.size(), q.yield.size(), q.volatility.size()})
    if (size != count) return Status::length_mismatch;
  if (!status.empty() && status.size() != count) return Status::length_mismatch;
  if (kind != DeltaKind::spot && kind != DeltaKind::forward) return Status::invalid_setting;
  const std::array<std::span<const T>, 6> in{q.delta, q.spot,  q.maturity,
                                             q.rate,  q.yield, q.volatility};
  detail::run_columns<T, 1>(
      backend, q.sign, in, strike, status,
      [kind](auto sign, const auto& values) { return strike_of(kind, sign, values); });
  return Status::ok;
}

}  // namespace

Status strike_from_delta(Backend& backend, DeltaKind kind, const DeltaQuotes<double>& quotes,
                         std::span<double> strike, std::span<ElementStatus> status) {
  return run(backend, kind, quotes, strike, status);
}

Status strike_from_delta(Backend& backend, DeltaKind kind, const DeltaQuotes<float>& quotes,
                         std::span<float> strike, std::span<ElementStatus> status) {
  return run(backend, kind, quotes, strike, status);
}

}  // namespace zomma::kernels
