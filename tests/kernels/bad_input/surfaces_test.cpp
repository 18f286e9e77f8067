// Volatilities read off surfaces at bad points. What fits make of bad quotes:
// surface/nonsense_test.
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/svi_fit.h>
#include <zomma/kernels/surface/volatility_surface.h>

#include "kernels/bad_input/sweep.h"

using namespace zomma::kernels;
using namespace zomma::test;

namespace {

constexpr RawSvi slice{0.02, 0.1, -0.4, 0.05, 0.2};

BatchFunction variances() {
  return {
      "svi_variance",
      {column("k", -0.5, 0.1)},
      {1, 1, 1, 1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        return svi_variance(backend, slice, in[0], out[0], out[1], out[2], out[3], status);
      }};
}

BatchFunction sabr(SabrFormula formula, const char* name) {
  return {name,
          {column("strike", 80, 4)},
          {1},
          [formula](Backend& backend, const Inputs& in, const Outputs& out,
                    std::span<ElementStatus> status) {
            return sabr_volatility(backend, formula, {0.2, 0.7, -0.3, 0.5}, 100, 1.0, in[0], out[0],
                                   status);
          }};
}

BatchFunction surface() {
  return {
      "surface_volatility",
      {column("k", -0.5, 0.1), column("expiry", 0.1, 0.3)},
      {1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const double expiries[] = {0.5, 1.5};
        const Slice slices[] = {slice, RawSvi{0.05, 0.12, -0.4, 0.05, 0.2}};
        SliceSurface surface;
        REQUIRE(surface.assign(expiries, slices) == ElementStatus::ok);
        return surface_volatility(backend, surface, in[0], in[1], out[0], status);
      }};
}

constexpr std::size_t points = 7;

BatchFunction search() {
  const auto k = [](std::size_t, std::size_t at) { return -0.5 + 0.15 * static_cast<double>(at); };
  return {
      "search_svi_batch",
      {{"k", k, points},
       {"w",
        [k](std::size_t row, std::size_t at) {
          return total_variance(slice, k(row, at)).w *
                 (1 + 0.01 * static_cast<double>((at + row) % 3));
        },
        points},
       {"q", [](std::size_t, std::size_t) { return 200.0; }, points}},
      {6},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const std::size_t n = out[0].size() / 6;
        if (out[0].size() % 6 != 0) return Status::length_mismatch;
        std::vector<std::uint32_t> first;
        for (std::size_t i = 0; i <= n; ++i)
          first.push_back(static_cast<std::uint32_t>(i * points));
        std::vector<RawSvi> found(n);
        std::vector<double> cost(n);
        const Status call =
            search_svi_batch(backend, {first, in[0], in[1], in[2]}, 200, found, cost, status);
        for (std::size_t i = 0; call == Status::ok && i < n; ++i) {
          const RawSvi& s = found[i];
          // What is not fitted is a default slice and no cost.
          const bool none = status[i] == ElementStatus::domain;
          const double numbers[] = {
              s.a, s.b, s.rho, s.m, none ? s.sigma - RawSvi{}.sigma : s.sigma, cost[i]};
          std::copy_n(numbers, 6, out[0].begin() + static_cast<std::ptrdiff_t>(6 * i));
        }
        return call;
      }};
}

}  // namespace

TEST_CASE("bad points of slices and surfaces") {
  sweep({variances(), sabr(SabrFormula::hagan_lognormal, "sabr_volatility, Hagan"),
         sabr(SabrFormula::obloj_lognormal, "sabr_volatility, Obloj"),
         sabr(SabrFormula::hagan_normal, "sabr_volatility, normal"), surface(), search()});
}
