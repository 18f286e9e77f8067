// A fit's minimum does not depend on who looks for it: optimisers that share nothing with the
// kernels' Levenberg-Marquardt end at the same parameters.
#include <zomma/kernels/surface/heston_pricer.h>
#include <zomma/kernels/surface/model_fit.h>
#include <zomma/kernels/surface/optimiser.h>
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/ssvi.h>
#include <zomma/kernels/surface/svi_fit.h>
#ifdef ZOMMA_NLOPT
#include <zomma/kernels/surface/nlopt_optimiser.h>
#endif
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "kernels/surface/heston_reference.h"
#include "kernels/surface/quotes.h"

using namespace zomma::kernels;
using zomma::test::Quotes;

namespace {

double rosenbrock(const Vector<2>& x, NormalEquations<2>* out) {
  NormalEquations<2> at;
  at.add(10.0 * (x[1] - x[0] * x[0]), {-20.0 * x[0], 10.0});
  at.add(1.0 - x[0], {-1.0, 0.0});
  if (out) *out = at;
  return at.cost;
}

// Gauss-Newton without damping, on two unknowns: enough where the residuals are nearly linear.
LeastSquaresEnd gauss_newton(const BoundedProblem& problem, std::span<double> x) {
  for (int round = 0; round < 50; ++round) {
    double g[2], m[4];
    problem.cost(x, g, m);
    const double determinant = m[0] * m[3] - m[1] * m[2];
    x[0] -= (m[3] * g[0] - m[1] * g[1]) / determinant;
    x[1] -= (m[0] * g[1] - m[2] * g[0]) / determinant;
  }
  return LeastSquaresEnd::converged;
}

LeastSquaresEnd lost(const BoundedProblem&, std::span<double> x) {
  x[0] = NAN;
  return LeastSquaresEnd::converged;
}

}  // namespace

TEST_CASE("a caller's optimiser is given cost, gradient and matrix, and its minimum is kept") {
  const auto result = minimise<2>(gauss_newton, rosenbrock, {-1.2, 1.0});
  CHECK(result.x[0] == Approx(1.0).epsilon(1e-12));
  CHECK(result.x[1] == Approx(1.0).epsilon(1e-12));
  CHECK(result.evaluations == 50);
  CHECK(result.at.matrix[0][0] == Approx(401.0));
  CHECK(minimise<2>(nullptr, rosenbrock, {-1.2, 1.0}).x ==
        least_squares<2>(rosenbrock, {-1.2, 1.0}).x);
}

TEST_CASE("an optimiser that ends nowhere is not believed") {
  CHECK(minimise<2>(lost, rosenbrock, {-1.2, 1.0}).end == LeastSquaresEnd::not_finite);
}

#ifdef ZOMMA_NLOPT

TEST_CASE("NLopt: valleys, bounds, holes in the domain, and too few evaluations") {
  LeastSquaresSettings fine;
  fine.relative_decrease = fine.relative_step = 1e-15;
  const auto open = minimise<2>(nlopt_optimiser, rosenbrock, {-1.2, 1.0}, {}, fine);
  CHECK(open.end == LeastSquaresEnd::converged);
  CHECK(open.x[0] == Approx(1.0).epsilon(1e-8));
  Bounds<2> bounds;
  bounds.high[0] = 0.5;
  const auto bound = minimise<2>(nlopt_optimiser, rosenbrock, {-1.2, 1.0}, bounds, fine);
  CHECK(bound.x[0] == 0.5);
  CHECK(bound.x[1] == Approx(0.25).epsilon(1e-8));
  const auto log_problem = [](const Vector<1>& x, NormalEquations<1>* out) {
    NormalEquations<1> at;
    at.add(std::log(x[0]) - 1.0, {1.0 / x[0]});
    if (out) *out = at;
    return at.cost;
  };
  CHECK(minimise<1>(nlopt_optimiser, log_problem, {20.0}).x[0] ==
        Approx(std::exp(1.0)).epsilon(1e-6));
  CHECK(minimise<1>(nlopt_optimiser, log_problem, {-1.0}).end == LeastSquaresEnd::not_finite);
  LeastSquaresSettings one;
  one.max_evaluations = 1;
  CHECK(minimise<2>(nlopt_optimiser, rosenbrock, {-1.2, 1.0}, {}, one).end ==
        LeastSquaresEnd::out_of_evaluations);
}

TEST_CASE("NLopt: what a problem throws comes out") {
  const auto broken = [](const Vector<1>& x, NormalEquations<1>* out) -> double {
    if (out) throw std::runtime_error("broken");
    return x[0];
  };
  CHECK_THROWS_WITH(minimise<1>(nlopt_optimiser, broken, {1.0}), "broken");
}

TEST_CASE("NLopt and the kernels' own end at the same slice: SVI and SABR, quotes with noise") {
  for (int i = 0; i < 40; ++i) {
    const double u = (i % 10) / 9.0, v = (i / 10 % 4) / 3.0;
    const RawSvi truth{0.005 + 0.02 * u, 0.05 + 0.1 * v, -0.75 + 0.5 * u, -0.05 + 0.15 * v,
                       0.1 + 0.2 * u * v};
    Quotes quotes = zomma::test::quotes_of(truth, 0.5, -0.5, 0.35, 13, 0.004);
    quotes.shake(0.003, static_cast<std::uint64_t>(i + 1));
    SviFitSettings svi;
    const SviFit own = fit_svi(quotes.view(), svi);
    svi.optimiser = nlopt_optimiser;
    const SviFit other = fit_svi(quotes.view(), svi);
    CHECK(other.report.verdict == own.report.verdict);
    CHECK(other.report.rms_spread == Approx(own.report.rms_spread).epsilon(1e-5));
    SabrFitSettings sabr;
    sabr.beta = 0.5;
    const SabrFit own_sabr = fit_sabr(quotes.view(), 100, sabr);
    sabr.optimiser = nlopt_optimiser;
    const SabrFit other_sabr = fit_sabr(quotes.view(), 100, sabr);
    CHECK(other_sabr.report.verdict == own_sabr.report.verdict);
    CHECK(other_sabr.report.rms_spread == Approx(own_sabr.report.rms_spread).epsilon(1e-5));
    CHECK(other_sabr.sabr.rho == Approx(own_sabr.sabr.rho).margin(1e-3));
  }
}

TEST_CASE("NLopt and the kernels' own end at the same surface: SSVI and eSSVI") {
  std::vector<Quotes> market;
  std::vector<double> theta;
  const PowerLawSsvi truth{-0.4, 0.9, 0.35};
  for (int i = 0; i < 6; ++i) {
    theta.push_back(0.01 * (i + 1));
    market.push_back(zomma::test::quotes_of(to_raw(slice_at(truth, theta.back())), 0.25 * (i + 1),
                                            -0.5, 0.35, 13, 0.003));
    market.back().shake(0.002, static_cast<std::uint64_t>(i + 1));
  }
  std::vector<SliceQuotes> views;
  for (const Quotes& quotes : market) views.push_back(quotes.view());
  const SsviFit own = fit_ssvi(views, theta), other = fit_ssvi(views, theta, 5e-4, nlopt_optimiser);
  CHECK(own.report.verdict == FitVerdict::trusted);
  CHECK(other.ssvi.rho == Approx(own.ssvi.rho).epsilon(1e-4));
  CHECK(other.ssvi.eta == Approx(own.ssvi.eta).epsilon(1e-3));
  CHECK(other.ssvi.gamma == Approx(own.ssvi.gamma).epsilon(1e-3));
  const EssviFit slices = fit_essvi(views), others = fit_essvi(views, 5e-4, nlopt_optimiser);
  REQUIRE(others.slices.size() == slices.slices.size());
  for (std::size_t i = 0; i < slices.slices.size(); ++i)
    CHECK(others.reports[i].rms_spread == Approx(slices.reports[i].rms_spread).epsilon(1e-4));
}

TEST_CASE("NLopt and the kernels' own find one minimum for Heston and Bates on 104 DAX quotes") {
  const auto quotes = zomma::test::dax_quotes();
  const auto backend = make_cpu_backend(1);
  auto heston = heston_settings(quotes);
  heston.equal_weights = true;
  const auto own = fit_heston(quotes, heston_pricer(*backend), heston);
  heston.optimiser = nlopt_optimiser;
  const auto other = fit_heston(quotes, heston_pricer(*backend), heston);
  CHECK(other.report.rms_vol == Approx(own.report.rms_vol).epsilon(1e-7));
  for (std::size_t i = 0; i < 5; ++i) CHECK(other.point[i] == Approx(own.point[i]).epsilon(1e-3));
  auto bates = bates_settings(quotes);
  bates.equal_weights = true;
  const auto own_jumps = fit_bates(quotes, bates_pricer(*backend), bates);
  bates.optimiser = nlopt_optimiser;
  const auto other_jumps = fit_bates(quotes, bates_pricer(*backend), bates);
  CHECK(other_jumps.report.rms_vol == Approx(own_jumps.report.rms_vol).epsilon(1e-7));
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(other_jumps.point[i] == Approx(own_jumps.point[i]).epsilon(5e-3));
}

#endif
