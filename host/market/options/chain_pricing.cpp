// chain_pricing.cpp: forward, vols, Greeks and the surface of one expiry of a chain.
//
// A European price is Black's on the parity forward. An American quote is first freed of its
// early-exercise premium, which is solved for on a few strikes of the expiry and interpolated: it
// is smooth in the strike, and a thousandth of the quotes' spread is all that the interpolation
// costs. Greeks are the European ones at the vol so found.
#include <algorithm>
#include <cmath>
#include <limits>

#include <zomma/kernels/american.h>
#include <zomma/kernels/european.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/surface/svi_fit.h>

#include "market/options/chain.h"
#include "market/options/parity.h"

namespace zomma::options {
namespace {

namespace k = zomma::kernels;
constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t premium_strikes = 8;  // two packs of the kernel's four
constexpr std::size_t least_quotes = 5;  // of an expiry, for a slice
constexpr double surface_reach = 1.5;    // of ln(strike / forward)

k::Backend& backend() {
  static const std::unique_ptr<k::Backend> one = k::make_cpu_backend(1);
  return *one;
}

// Undiscounted prices to vols; NaN where there is none.
void implied(const std::vector<std::int8_t>& sign, const std::vector<double>& price, double forward,
             const std::vector<double>& strike, double years, std::vector<double>& vol) {
  const std::vector<double> forwards(price.size(), forward), maturity(price.size(), years);
  std::vector<k::ElementStatus> status(price.size());
  vol.assign(price.size(), none);
  static_cast<void>(k::implied_volatility(
      backend(), k::ImpliedModel::black,
      k::ImpliedQuotes<double>{sign, price, forwards, strike, maturity}, vol, status));
  for (std::size_t i = 0; i < vol.size(); ++i)
    if (status[i] != k::ElementStatus::ok) vol[i] = none;
}

double interpolate(const std::vector<double>& x, const std::vector<double>& y, double at) {
  if (x.empty()) return 0;
  const auto above = std::lower_bound(x.begin(), x.end(), at);
  if (above == x.begin()) return y.front();
  if (above == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(above - x.begin());
  return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
}

}  // namespace

// The spot if there is one, else the middle strike of those where calls and puts are worth the
// same.
double ChainBook::middle() const { return spot_ > 0 ? spot_ : last_trade_; }

void ChainBook::find_forward(std::size_t g) {
  zm_chain_expiry& expiry = expiries_[g];
  std::vector<ParityPair> pairs;
  double nearest = std::numeric_limits<double>::infinity(), centre = middle();
  for (std::size_t i = expiry.first; i + 1 < expiry.first + expiry.count; ++i) {
    const bool pair = strike_[i] == strike_[i + 1] &&
                      (contracts_[i].flags & ZM_CONTRACT_PUT) == 0 &&
                      (contracts_[i + 1].flags & ZM_CONTRACT_PUT) != 0;
    if (!pair || status_[i] != ZM_CHAIN_OK || status_[i + 1] != ZM_CHAIN_OK) continue;
    pairs.push_back({strike_[i], 0.5 * (bid_[i] + ask_[i]), 0.5 * (bid_[i + 1] + ask_[i + 1]),
                     0.5 * (ask_[i] - bid_[i] + ask_[i + 1] - bid_[i + 1])});
    if (middle() > 0) continue;
    if (const double apart = std::fabs(pairs.back().call_mid - pairs.back().put_mid);
        apart < nearest)
      nearest = apart, centre = strike_[i];
  }
  std::erase_if(pairs, [&](const ParityPair& pair) {
    return std::fabs(pair.strike / centre - 1) > settings_.parity_window;
  });
  const ParityForward fit = fit_parity(pairs);
  expiry.forward = fit.forward;
  expiry.pairs = static_cast<std::uint32_t>(fit.pairs);
  expiry.carry =
      middle() > 0 && expiry.years > 0 ? std::log(fit.forward / middle()) / expiry.years : none;
}

// American value above European value, undiscounted, for each contract of the expiry.
void ChainBook::early_exercise(std::size_t g, std::vector<double>& premium) {
  const zm_chain_expiry& expiry = expiries_[g];
  premium.assign(expiry.count, 0);
  const double carry = std::isnan(expiry.carry) ? expiry.rate : expiry.carry;
  const double yield = expiry.rate - carry, spot = expiry.forward * std::exp(-carry * expiry.years);
  if (std::fabs(yield) > 1 || std::fabs(expiry.rate) > 1 || !(expiry.years > 0)) return;
  // The smile from options out of the money, whose premium hardly matters.
  std::vector<std::int8_t> sign;
  std::vector<double> price, strike, vol, x, y;
  const double grow = std::exp(expiry.rate * expiry.years);
  for (std::size_t i = expiry.first; i < expiry.first + expiry.count; ++i) {
    const bool put = (contracts_[i].flags & ZM_CONTRACT_PUT) != 0;
    if (status_[i] != ZM_CHAIN_OK || put != (strike_[i] < expiry.forward)) continue;
    sign.push_back(put ? -1 : 1), price.push_back(0.5 * (bid_[i] + ask_[i]) * grow),
        strike.push_back(strike_[i]);
  }
  implied(sign, price, expiry.forward, strike, expiry.years, vol);
  for (std::size_t i = 0; i < vol.size(); ++i)
    if (!std::isnan(vol[i]) && (x.empty() || strike[i] > x.back()))
      x.push_back(strike[i]), y.push_back(vol[i]);
  if (x.empty()) return;
  for (const bool put : {false, true}) {
    if (put ? expiry.rate <= 0 : yield <= 0) continue;  // never exercised early
    const double low = strike_[expiry.first], high = strike_[expiry.first + expiry.count - 1];
    std::vector<double> nodes, extra(premium_strikes), spots(premium_strikes, spot),
        years(premium_strikes, expiry.years), rates(premium_strikes, expiry.rate),
        yields(premium_strikes, yield), vols, american(premium_strikes), european(premium_strikes);
    const std::vector<std::int8_t> signs(premium_strikes, put ? -1 : 1);
    for (std::size_t n = 0; n < premium_strikes; ++n) {
      nodes.push_back(low + (high - low) * static_cast<double>(n) / (premium_strikes - 1));
      vols.push_back(interpolate(x, y, nodes[n]));
    }
    std::vector<k::ElementStatus> status(premium_strikes), other(premium_strikes);
    k::AmericanValues values;
    values.price = american, values.status = status;
    static_cast<void>(k::american_price(backend(), k::AmericanPreset::fast,
                                        {spots, nodes, years, rates, yields, vols, signs}, values));
    k::EuropeanResults<double> results;
    results.value = european;
    static_cast<void>(k::european_greeks(backend(), k::EuropeanModel::black_scholes,
                                         {signs, spots, nodes, years, rates, yields, vols}, results,
                                         other));
    for (std::size_t n = 0; n < premium_strikes; ++n)
      extra[n] = status[n] == k::ElementStatus::ok && other[n] == k::ElementStatus::ok
                     ? std::max(0.0, american[n] - european[n]) * grow
                     : 0;
    for (std::size_t i = 0; i < expiry.count; ++i) {
      const zm_contract& contract = contracts_[expiry.first + i];
      if ((contract.flags & ZM_CONTRACT_AMERICAN) != 0 &&
          ((contract.flags & ZM_CONTRACT_PUT) != 0) == put)
        premium[i] = interpolate(nodes, extra, strike_[expiry.first + i]);
    }
  }
}

void ChainBook::price(std::size_t g) {
  const zm_chain_expiry& expiry = expiries_[g];
  const std::size_t first = expiry.first, count = expiry.count;
  for (std::size_t i = first; i < first + count; ++i)
    vol_[i] = delta_[i] = gamma_[i] = vega_[i] = theta_[i] = rho_[i] = none;
  if (std::isnan(expiry.forward) || !(expiry.years > 0)) {
    for (std::size_t i = first; i < first + count; ++i)
      if (status_[i] == ZM_CHAIN_OK) status_[i] = ZM_CHAIN_NO_FORWARD;
    return;
  }
  std::vector<double> premium, vol;
  early_exercise(g, premium);
  const double grow = std::exp(expiry.rate * expiry.years);
  const double carry = std::isnan(expiry.carry) ? expiry.rate : expiry.carry;
  std::vector<std::int8_t> sign(count);
  std::vector<double> value(count), strike(count);
  for (std::size_t i = 0; i < count; ++i) {
    sign[i] = (contracts_[first + i].flags & ZM_CONTRACT_PUT) != 0 ? -1 : 1;
    strike[i] = strike_[first + i];
    value[i] = status_[first + i] == ZM_CHAIN_OK
                   ? 0.5 * (bid_[first + i] + ask_[first + i]) * grow - premium[i]
                   : 0;
  }
  implied(sign, value, expiry.forward, strike, expiry.years, vol);
  const std::vector<double> spot(count, expiry.forward * std::exp(-carry * expiry.years)),
      years(count, expiry.years), rate(count, expiry.rate), yield(count, expiry.rate - carry);
  std::vector<k::ElementStatus> status(count);
  const auto column = [&](std::vector<double>& all) {
    return std::span(all).subspan(first, count);
  };
  k::EuropeanResults<double> results;
  results.delta = column(delta_), results.gamma = column(gamma_), results.vega = column(vega_),
  results.theta = column(theta_), results.rho = column(rho_);
  static_cast<void>(k::european_greeks(backend(), k::EuropeanModel::black_scholes,
                                       {sign, spot, strike, years, rate, yield, vol}, results,
                                       status));
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = first + i;
    if (status_[at] == ZM_CHAIN_OK && std::isnan(vol[i])) status_[at] = ZM_CHAIN_OUT_OF_BOUNDS;
    if (status_[at] == ZM_CHAIN_OK) vol_[at] = vol[i];
    if (status_[at] != ZM_CHAIN_OK || status[i] != k::ElementStatus::ok)
      delta_[at] = gamma_[at] = vega_[at] = theta_[at] = rho_[at] = none;
  }
}

// Vols stay as they were fitted while the time to expiry runs off. That keeps a slice free of
// butterflies (g is concave in a factor of w) and, since the nearer expiry loses the larger share,
// the order between slices.
k::RawSvi ChainBook::slice_now(std::size_t g) const {
  const Group& group = groups_[g];
  const double left = expiries_[g].years / group.slice_years;
  k::RawSvi svi = group.svi;
  svi.a *= left, svi.b *= left;
  return svi;
}

// Quotes of options out of the money: their vols are what the market quotes, the others follow by
// parity.
struct ChainBook::SliceColumns {
  std::vector<double> moneyness, bid_vol, ask_vol;
};

ChainBook::SliceColumns ChainBook::quotes_of(std::size_t g) const {
  const zm_chain_expiry& expiry = expiries_[g];
  SliceColumns out;
  if (std::isnan(expiry.forward) || expiry.years < k::least_expiry) return out;
  const double grow = std::exp(expiry.rate * expiry.years);
  std::vector<std::int8_t> sign;
  std::vector<double> strike, bid, ask;
  for (std::size_t i = expiry.first; i < expiry.first + expiry.count; ++i) {
    const bool put = (contracts_[i].flags & ZM_CONTRACT_PUT) != 0;
    if (status_[i] != ZM_CHAIN_OK || put != (strike_[i] < expiry.forward)) continue;
    sign.push_back(put ? -1 : 1), strike.push_back(strike_[i]), bid.push_back(bid_[i] * grow),
        ask.push_back(ask_[i] * grow);
    out.moneyness.push_back(std::log(strike_[i] / expiry.forward));
  }
  implied(sign, bid, expiry.forward, strike, expiry.years, out.bid_vol);
  implied(sign, ask, expiry.forward, strike, expiry.years, out.ask_vol);
  return out;
}

// All expiries at once, for each bounds the others.
void ChainBook::fit_surface() {
  std::vector<std::size_t> group;
  std::vector<SliceColumns> columns;
  std::vector<k::SliceQuotes> quotes;
  for (std::size_t g = alive_group_; g < groups_.size(); ++g) {
    groups_[g].has_slice = groups_[g].violates = 0;
    expiries_[g].fit_rms = expiries_[g].fit_inside = none;
    SliceColumns one = quotes_of(g);
    groups_[g].tried = static_cast<std::uint32_t>(one.moneyness.size());
    if (one.moneyness.size() < least_quotes) continue;
    group.push_back(g), columns.push_back(std::move(one));
  }
  for (std::size_t i = 0; i < group.size(); ++i)
    quotes.push_back(
        {expiries_[group[i]].years, columns[i].moneyness, columns[i].bid_vol, columns[i].ask_vol});
  std::vector<k::SviFit> fits(group.size());
  static_cast<void>(k::fit_svi_surface(quotes, {}, fits));
  for (std::size_t i = 0; i < group.size(); ++i) {
    const k::SviFit& fit = fits[i];
    if (fit.report.quotes_used < static_cast<int>(least_quotes) || !k::valid(fit.svi)) continue;
    Group& one = groups_[group[i]];
    one.svi = fit.svi;
    one.slice_years = expiries_[group[i]].years;
    one.has_slice = 1;
    one.violates = fit.report.violations_after > 0;
    expiries_[group[i]].fit_rms = fit.report.rms_vol;
    expiries_[group[i]].fit_inside = fit.report.inside_share;
  }
}

// An expiry without a slice has enough quotes for one, and twice as many as when last tried.
bool ChainBook::awaits_slice(std::size_t g) const {
  const zm_chain_expiry& expiry = expiries_[g];
  if (groups_[g].has_slice != 0 || std::isnan(expiry.forward)) return false;
  std::size_t usable = 0;
  for (std::size_t i = expiry.first; i < expiry.first + expiry.count; ++i)
    usable += status_[i] == ZM_CHAIN_OK &&
              ((contracts_[i].flags & ZM_CONTRACT_PUT) != 0) == (strike_[i] < expiry.forward);
  return usable >= std::max<std::size_t>(least_quotes, 2 * groups_[g].tried);
}

void ChainBook::apply_surface(std::size_t g) {
  const zm_chain_expiry& expiry = expiries_[g];
  const Group& group = groups_[g];
  for (std::size_t i = expiry.first; i < expiry.first + expiry.count; ++i)
    surface_vol_[i] = model_[i] = none;
  if (group.has_slice == 0 || std::isnan(expiry.forward) || !(expiry.years > 0)) return;
  const k::RawSvi svi = slice_now(g);
  const std::size_t count = expiry.count;
  std::vector<std::int8_t> sign(count);
  std::vector<double> strike(count), vol(count), premium;
  for (std::size_t i = 0; i < count; ++i) {
    sign[i] = (contracts_[expiry.first + i].flags & ZM_CONTRACT_PUT) != 0 ? -1 : 1;
    strike[i] = strike_[expiry.first + i];
    const double w = k::total_variance(svi, std::log(strike[i] / expiry.forward)).w;
    vol[i] = std::sqrt(std::max(w, 0.0) / expiry.years);
    surface_vol_[expiry.first + i] = vol[i];
  }
  const std::vector<double> forward(count, expiry.forward), years(count, expiry.years),
      rate(count, expiry.rate);
  std::vector<k::ElementStatus> status(count);
  k::EuropeanResults<double> results;
  results.value = std::span(model_).subspan(expiry.first, count);
  static_cast<void>(k::european_greeks(backend(), k::EuropeanModel::black76,
                                       {sign, forward, strike, years, rate, {}, vol}, results,
                                       status));
  for (std::size_t i = 0; i < count; ++i)
    if (status[i] != k::ElementStatus::ok) model_[expiry.first + i] = none;
}

// Total variance is linear in time between two slices at one ln(strike / forward), and in
// proportion to it before the first.
double ChainBook::surface_vol(double strike, double years) const {
  k::RawSvi before;
  double before_years = 0, before_forward = 0;  // 0: none before
  for (std::size_t g = alive_group_; g < groups_.size(); ++g) {
    if (groups_[g].has_slice == 0 || !(expiries_[g].years > 0)) continue;
    const double at = expiries_[g].years;
    if (years > at) {
      before = slice_now(g), before_years = at, before_forward = expiries_[g].forward;
      continue;
    }
    const bool first = before_years == 0;
    const double share = first ? 1 : (years - before_years) / (at - before_years);
    const double forward = first ? expiries_[g].forward
                                 : before_forward + share * (expiries_[g].forward - before_forward);
    const double x = std::log(strike / forward);
    if (!(years > 0) || !(std::fabs(x) <= surface_reach)) return none;
    const double w = k::total_variance(slice_now(g), x).w;
    if (first) return std::sqrt(w / at);
    const double w0 = k::total_variance(before, x).w;
    return std::sqrt((w0 + share * (w - w0)) / years);
  }
  return none;
}

}  // namespace zomma::options
