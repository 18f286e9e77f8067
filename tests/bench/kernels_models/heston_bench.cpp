// Heston prices in a surface, beside plain Gauss-Laguerre quadrature (64 nodes, the characteristic
// function evaluated anew for each quote) on the same quotes in the same run, and how far the two
// differ.
#include <zomma/kernels/heston.h>

#include <cmath>
#include <complex>
#include <cstdio>

#include "bench/kernels_models/measure.h"

namespace {

using namespace zomma;
using namespace zomma::kernels;

struct Laguerre {
  std::vector<double> x, weight;  // weight includes e^x
};

// Nodes by Newton's method with the usual starting guesses (Stroud and Secrest).
Laguerre gauss_laguerre(int n) {
  Laguerre out;
  double z = 0;
  for (int i = 0; i < n; ++i) {
    if (i == 0)
      z = 3.0 / (1 + 2.4 * n);
    else if (i == 1)
      z += 15.0 / (1 + 2.5 * n);
    else
      z += (1 + 2.55 * (i - 1)) / (1.9 * (i - 1)) * (z - out.x[i - 2]);
    double p = 1, before = 0, slope = 1;
    for (int step = 0; step < 30; ++step) {
      p = 1, before = 0;
      for (int k = 0; k < n; ++k) {
        const double next = ((2 * k + 1 - z) * p - k * before) / (k + 1);
        before = p, p = next;
      }
      slope = n * (p - before) / z;
      z -= p / slope;
    }
    out.x.push_back(z);
    out.weight.push_back(-std::exp(z) / (slope * n * before));
  }
  return out;
}

double plain_call(const Laguerre& rule, const HestonParameters& m, double forward, double strike,
                  double T) {
  const std::complex<double> i(0, 1);
  double sum = 0;
  const double k = std::log(forward / strike);
  for (std::size_t j = 0; j < rule.x.size(); ++j) {
    const double u = rule.x[j];
    const std::complex<double> p = 0.5 + i * u, beta = m.kappa - m.rho * m.sigma * p;
    const double q = m.sigma * m.sigma;
    const auto d = std::sqrt(beta * beta + q * (p - p * p)), g = (beta - d) / (beta + d),
               e = std::exp(-d * T);
    const auto phi = std::exp(m.kappa * m.theta / q *
                                  ((beta - d) * T - 2.0 * std::log((1.0 - g * e) / (1.0 - g))) +
                              m.v0 / q * (beta - d) * (1.0 - e) / (1.0 - g * e));
    sum += rule.weight[j] * (std::exp(i * u * k) * phi).real() / (u * u + 0.25);
  }
  return forward - std::sqrt(forward * strike) / 3.14159265358979323846 * sum;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = bench::is_quick(argc, argv) ? 7 : 101;
  const HestonParameters model{0.04, 1.5, 0.05, 0.6, -0.7};
  const double expiries[] = {0.02, 0.08, 0.25, 0.5, 1, 1.5, 2, 3};
  constexpr std::size_t strikes = 25;
  std::vector<HestonExpiry> slices;
  std::vector<double> strike;
  std::vector<std::int8_t> sign;
  for (const double T : expiries) {
    slices.push_back({T, 0.0, 0.0, strike.size(), strike.size() + strikes});
    for (std::size_t i = 0; i < strikes; ++i) {
      strike.push_back(100 * std::exp((static_cast<double>(i) - 12) / 12 * 0.6 * std::sqrt(T)));
      sign.push_back(1);
    }
  }
  const std::size_t n = strike.size();
  std::vector<double> price(n), delta(n), gamma(n), plain(n);
  std::vector<HestonGradient> gradient(n);
  std::vector<ElementStatus> status(n);
  const auto backend = make_cpu_backend(1);
  const HestonQuotes quotes{100, slices, strike, sign};
  const auto rule = gauss_laguerre(64);
  const double reference =
      bench::median_seconds(runs,
                            [&] {
                              for (const auto& slice : slices) {
                                for (std::size_t i = slice.begin; i < slice.end; ++i)
                                  plain[i] = plain_call(rule, model, 100, strike[i], slice.expiry);
                              }
                            }) /
      static_cast<double>(n);
  const auto report = [&](const char* what, const HestonValues& out, const JumpParameters& jumps) {
    const double each =
        bench::median_seconds(runs, [&] { heston_price(*backend, model, jumps, quotes, out); }) /
        static_cast<double>(n);
    std::printf("%-34s %7.3f us a quote, %6.1f times Gauss-Laguerre\n", what, each * 1e6,
                reference / each);
  };
  std::printf("%zu expiries of %zu strikes, one core, median of %d\n", slices.size(), strikes,
              runs);
  std::printf("%-34s %7.3f us a quote\n", "plain Gauss-Laguerre, 64 nodes", reference * 1e6);
  report("Bates", {price, {}, {}, {}, status}, {0.5, -0.1, 0.15});
  report("Heston with delta, gamma", {price, delta, gamma, {}, status}, {});
  report("Heston with 5 derivatives", {price, delta, gamma, gradient, status}, {});
  report("Heston", {price, {}, {}, {}, status}, {});
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) worst = std::fmax(worst, std::fabs(plain[i] - price[i]));
  std::printf("Gauss-Laguerre differs by up to %.1e\n", worst);
}
