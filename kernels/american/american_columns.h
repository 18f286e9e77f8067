// american_columns.h: the columns of american.h as rows and back, on the host or on the device.
#pragma once

#include <zomma/kernels/american.h>
#include <zomma/kernels/american_element.h>

#include <initializer_list>

namespace zomma::kernels::detail {

// All columns but the volatility have one length.
inline bool terms_fit(const AmericanTermsBatch& terms) {
  const std::size_t n = terms.spot.size();
  return terms.strike.size() == n && terms.expiry.size() == n && terms.rate.size() == n &&
         terms.yield.size() == n && terms.sign.size() == n;
}

inline bool values_fit(const AmericanValues& out, std::size_t n) {
  for (const std::size_t size :
       {out.price.size(), out.delta.size(), out.gamma.size(), out.theta.size(), out.vega.size(),
        out.rho.size(), out.boundary.size(), out.status.size()})
    if (size != 0 && size != n) return false;
  return true;
}

// Row i; the volatility is zero where the column is not given.
ZM_HOST_DEVICE inline AmericanRow row_of(const AmericanTermsBatch& terms, std::size_t i) {
  return {terms.spot[i], terms.strike[i], terms.expiry[i],
          terms.rate[i], terms.yield[i],  terms.volatility.empty() ? 0.0 : terms.volatility[i],
          terms.sign[i]};
}

ZM_HOST_DEVICE inline void write(const AmericanValues& out, std::size_t i,
                                 const AmericanAnswer& answer) {
  const auto put = [i](std::span<double> to, double x) {
    if (!to.empty()) to[i] = x;
  };
  put(out.price, answer.price), put(out.delta, answer.delta), put(out.gamma, answer.gamma);
  put(out.theta, answer.theta), put(out.vega, answer.vega), put(out.rho, answer.rho);
  put(out.boundary, answer.boundary);
  if (!out.status.empty()) out.status[i] = answer.status;
}

}  // namespace zomma::kernels::detail
