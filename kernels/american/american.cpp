// american.cpp: batches of American options, four to the vector lanes.
#include <zomma/kernels/american.h>

#include <zomma/kernels/american_element.h>
#include <zomma/kernels/pack.h>

#include <algorithm>

#include "american_columns.h"
#include "american_rule.h"

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 64;  // options a chunk: some 100 us of work in the fast preset

using detail::AmericanAnswer;
using detail::AmericanRow;

// The rows [at, end), filled up with the last of them.
void load_four(const AmericanTermsBatch& terms, std::size_t at, std::size_t end,
               AmericanRow* rows) {
  for (std::size_t k = 0; k < Lanes::width; ++k)
    rows[k] = detail::row_of(terms, std::min(at + k, end - 1));
}

}  // namespace

Status american_price(Backend& backend, AmericanPreset preset, const AmericanTermsBatch& terms,
                      const AmericanValues& out) {
  const std::size_t n = terms.spot.size();
  if (!detail::terms_fit(terms) || terms.volatility.size() != n || !detail::values_fit(out, n))
    return Status::length_mismatch;
  const AmericanRule& rule = american_rule(preset);
  backend.for_chunks(n, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i += Lanes::width) {
      AmericanRow rows[Lanes::width];
      AmericanAnswer answers[Lanes::width];
      load_four(terms, i, end, rows);
      detail::american_answers<Lanes>(rule, rows, !out.vega.empty(), !out.rho.empty(), answers);
      for (std::size_t k = 0; k < Lanes::width && i + k < end; ++k)
        detail::write(out, i + k, answers[k]);
    }
  });
  return Status::ok;
}

Status american_implied_volatility(Backend& backend, AmericanPreset preset,
                                   const AmericanTermsBatch& terms, std::span<const double> price,
                                   std::span<double> volatility, std::span<ElementStatus> status) {
  const std::size_t n = terms.spot.size();
  if (!detail::terms_fit(terms) || price.size() != n || volatility.size() != n ||
      status.size() != n)
    return Status::length_mismatch;
  const AmericanRule& rule = american_rule(preset);
  backend.for_chunks(n, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i += Lanes::width) {
      AmericanRow rows[Lanes::width];
      double prices[Lanes::width], found[Lanes::width];
      ElementStatus how[Lanes::width];
      load_four(terms, i, end, rows);
      for (std::size_t k = 0; k < Lanes::width; ++k) prices[k] = price[std::min(i + k, end - 1)];
      detail::american_implied<Lanes>(rule, rows, prices, found, how);
      for (std::size_t k = 0; k < Lanes::width && i + k < end; ++k)
        volatility[i + k] = found[k], status[i + k] = how[k];
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
