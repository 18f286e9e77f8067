// merton.cpp: batches under Merton's jump diffusion.
#include <zomma/kernels/merton.h>

#include <array>
#include <cmath>
#include <utility>

namespace zomma::kernels {
namespace {

bool finite_positive(double x) { return std::isfinite(x) && x > 0; }
bool between(double x, double low, double high) { return x >= low && x <= high; }

using Column = std::pair<double MertonGreeks::*, std::span<double> MertonValues::*>;
constexpr std::array columns{
    Column{&MertonGreeks::price, &MertonValues::price},
    Column{&MertonGreeks::delta, &MertonValues::delta},
    Column{&MertonGreeks::gamma, &MertonValues::gamma},
    Column{&MertonGreeks::vega, &MertonValues::vega},
    Column{&MertonGreeks::theta, &MertonValues::theta},
    Column{&MertonGreeks::rho, &MertonValues::rho},
    Column{&MertonGreeks::phi, &MertonValues::phi},
    Column{&MertonGreeks::vanna, &MertonValues::vanna},
    Column{&MertonGreeks::vomma, &MertonValues::vomma},
    Column{&MertonGreeks::by_intensity, &MertonValues::by_intensity},
    Column{&MertonGreeks::by_jump_mean, &MertonValues::by_jump_mean},
    Column{&MertonGreeks::by_jump_deviation, &MertonValues::by_jump_deviation}};

bool good(const MertonOption& o, const JumpParameters& jumps) {
  const double factor = exp(jumps.mean + 0.5 * jumps.deviation * jumps.deviation);
  const double expected = jumps.intensity * o.expiry;
  return finite_positive(o.spot) && finite_positive(o.strike) && finite_positive(o.expiry) &&
         finite_positive(exp((o.rate - o.yield) * o.expiry) * o.spot) &&
         finite_positive(exp(-o.rate * o.expiry)) && (o.sign == 1 || o.sign == -1) &&
         expected <= merton_most_jumps && expected * factor <= merton_most_jumps;
}

bool finite(const MertonGreeks& values) {
  double sum = 0;  // stays zero while everything is finite
  for (const auto& [value, column] : columns) sum += 0.0 * values.*value;
  return sum == 0;
}

}  // namespace

Status merton_price(Backend& backend, double volatility, const JumpParameters& jumps,
                    const MertonBatch& terms, const MertonValues& out) {
  const std::size_t n = terms.spot.size();
  const auto fits = [n](std::size_t size) { return size == n || size == 0; };
  for (const std::size_t size : {terms.strike.size(), terms.expiry.size(), terms.rate.size(),
                                 terms.yield.size(), terms.sign.size()})
    if (size != n) return Status::length_mismatch;
  bool greeks = false;
  for (const auto& [value, column] : columns) {
    if (!fits((out.*column).size())) return Status::length_mismatch;
    greeks |= value != &MertonGreeks::price && !(out.*column).empty();
  }
  if (!fits(out.status.size())) return Status::length_mismatch;
  if (!finite_positive(volatility) || !between(jumps.intensity, 0, 1e6) ||
      !between(jumps.deviation, 0, 10) || !between(jumps.mean, -50, 50))
    return Status::invalid_setting;
  backend.for_chunks(n, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const MertonOption option{terms.spot[i], terms.strike[i], terms.expiry[i],
                                terms.rate[i], terms.yield[i],  terms.sign[i]};
      ElementStatus status = ElementStatus::domain;
      MertonGreeks values;
      if (good(option, jumps)) {
        values = greeks ? merton_element<true>(option, volatility, jumps)
                        : merton_element<false>(option, volatility, jumps);
        status = finite(values) ? ElementStatus::ok : ElementStatus::no_convergence;
        if (status != ElementStatus::ok) values = {};
      }
      for (const auto& [value, column] : columns)
        if (!(out.*column).empty()) (out.*column)[i] = values.*value;
      if (!out.status.empty()) out.status[i] = status;
    }
  });
  return Status::ok;
}

Status merton_price(Backend& backend, double volatility, const JumpParameters& jumps,
                    const MertonBatch& terms, std::span<double> price,
                    std::span<ElementStatus> status) {
  if (price.size() != terms.spot.size()) return Status::length_mismatch;
  MertonValues out;
  out.price = price, out.status = status;
  return merton_price(backend, volatility, jumps, terms, out);
}

}  // namespace zomma::kernels
