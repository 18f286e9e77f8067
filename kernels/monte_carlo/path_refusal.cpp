// path_refusal.cpp: which simulations make no sense, and why, in words.
#include <cmath>

#include <zomma/kernels/monte_carlo/monte_carlo.h>
#include <zomma/kernels/monte_carlo/sobol.h>

namespace zomma::kernels {
namespace {

// Prices whose squares still add up: a standard error needs them.
bool positive(double x) { return x >= 1e-100 && x <= 1e100; }

const char* refused_market(const GbmMarket& m) {
  if (!positive(m.spot)) return "the spot must be above 0, between 1e-100 and 1e100";
  if (!(m.volatility >= 1e-10) || !std::isfinite(m.volatility))
    return "the volatility must be finite and above 0, at least 1e-10";
  if (!std::isfinite(m.rate) || !std::isfinite(m.dividend))
    return "rate and dividend yield must be finite";
  return nullptr;
}

const char* refused_contract(const GbmMarket& m, const PathContract& c) {
  if (c.payoff > PathPayoff::lookback_floating) return "the pay-off is none of PathPayoff";
  if (!positive(c.expiry)) return "the expiry must be above 0 years, between 1e-100 and 1e100";
  if (c.payoff != PathPayoff::lookback_floating && !positive(c.strike))
    return "the strike must be above 0, between 1e-100 and 1e100";
  if (c.steps == 0) return "a path needs at least one step";
  if (!(std::abs(m.rate) + std::abs(m.dividend) + m.volatility * m.volatility < 100 / c.expiry)) {
    return "rates and volatility over the life of the contract are too large to be meant";
  }
  if (c.payoff != PathPayoff::barrier) return nullptr;
  if (c.barrier > Barrier::down_in) return "the barrier is none of Barrier";
  if (!positive(c.barrier_level)) return "the barrier must be above 0, between 1e-100 and 1e100";
  const bool up = c.barrier == Barrier::up_out || c.barrier == Barrier::up_in;
  if (up && c.barrier_level <= m.spot)
    return "an up barrier must lie above the spot: this one is already touched";
  if (!up && c.barrier_level >= m.spot)
    return "a down barrier must lie below the spot: this one is already touched";
  return nullptr;
}

const char* refused_greeks(const PathContract& c, PathGreeks greeks) {
  const bool barrier = c.payoff == PathPayoff::barrier;
  const bool lookback =
      c.payoff == PathPayoff::lookback_fixed || c.payoff == PathPayoff::lookback_floating;
  if (greeks > PathGreeks::likelihood_ratio) return "the Greeks' method is none of PathGreeks";
  if (greeks == PathGreeks::pathwise &&
      (c.payoff == PathPayoff::digital || (barrier && !c.continuous))) {
    return "pathwise Greeks need a continuous pay-off: take the likelihood ratio";
  }
  if (greeks == PathGreeks::likelihood_ratio && (barrier || lookback) && c.continuous) {
    return "likelihood-ratio Greeks need a path watched at its points: take pathwise or continuous "
           "= false";
  }
  return nullptr;
}

}  // namespace

const char* path_refusal(const GbmMarket& market, const PathContract& contract,
                         const PathSettings& settings) {
  if (const char* why = refused_market(market)) return why;
  if (const char* why = refused_contract(market, contract)) return why;
  if (const char* why = refused_greeks(contract, settings.greeks)) return why;
  if (settings.sampler > Sampler::sobol) return "the sampler is none of Sampler";
  if (settings.samples < 2) return "an estimate needs at least two samples";
  if (settings.sampler == Sampler::sobol) {
    if (contract.steps > sobol_dimensions) return "Sobol points have 1024 dimensions, one a step";
    if (settings.replicates < 2) return "a standard error needs at least two replicates";
    if (settings.samples / settings.replicates == 0)
      return "each replicate needs at least one sample";
    if (settings.samples / settings.replicates > 0xffffffffu)
      return "a replicate has at most 2^32 - 1 points";
  }
  return nullptr;
}

}  // namespace zomma::kernels
