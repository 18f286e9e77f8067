// chain_pricing.cpp: forward, vols, Greeks and the surface of one expiry of a chain.
//
// A European price is Black's on the parity forward. An American quote is first freed of what the
// right to exercise early adds at the smile's vol; the vol of the rest is its implied vol, and the
// same addition completes model price and Greeks.
#include <algorithm>
#include <cmath>
#include <limits>

#include <zomma/kernels/european.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/surface/svi_fit.h>

#include "market/options/chain.h"
#include "market/options/parity.h"

namespace zomma::options {
namespace {

namespace k = zomma::kernels;
constexpr double none = std::numeric_limits<double>::quiet_NaN();
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

k::Status european(PricingBackend* elsewhere, k::EuropeanModel model,
                   const k::EuropeanOptions<double>& quotes,
                   const k::EuropeanResults<double>& results, std::span<k::ElementStatus> status) {
  return elsewhere != nullptr ? elsewhere->european(model, quotes, results, status)
                              : k::european_greeks(backend(), model, quotes, results, status);
}

// The European terms of an expiry, each in a column as the kernels take them.
struct Columns {
  std::vector<std::int8_t> sign;
  std::vector<double> spot, strike, years, rate, yield;
  std::vector<k::ElementStatus> status;

  void value(PricingBackend* elsewhere, std::span<const double> vol,
             const k::EuropeanResults<double>& out) {
    static_cast<void>(european(elsewhere, k::EuropeanModel::black_scholes,
                               {sign, spot, strike, years, rate, yield, vol}, out, status));
  }
};

}  // namespace

// The spot if there is one, else the middle strike of those where calls and puts are worth the
// same.
double ChainBook::middle() const { return spot_ > 0 ? spot_ : last_trade_; }

// Parity holds between European values: what early exercise adds is taken off first, as it was when
// last looked at.
void ChainBook::find_forward(std::size_t g) {
  zm_chain_expiry& expiry = expiries_[g];
  std::vector<ParityPair> pairs;
  double nearest = std::numeric_limits<double>::infinity(), centre = middle();
  for (std::size_t i = expiry.first; i + 1 < expiry.first + expiry.count; ++i) {
    const bool pair = strike_[i] == strike_[i + 1] &&
                      (contracts_[i].flags & ZM_CONTRACT_PUT) == 0 &&
                      (contracts_[i + 1].flags & ZM_CONTRACT_PUT) != 0;
    if (!pair || status_[i] != ZM_CHAIN_OK || status_[i + 1] != ZM_CHAIN_OK) continue;
    if (early_[i].due != 0 || early_[i + 1].due != 0) continue;
    pairs.push_back({strike_[i], 0.5 * (bid_[i] + ask_[i]) - early_[i].values.price,
                     0.5 * (bid_[i + 1] + ask_[i + 1]) - early_[i + 1].values.price,
                     0.5 * (ask_[i] - bid_[i] + ask_[i + 1] - bid_[i + 1])});
    if (middle() > 0) continue;
    if (const double apart = std::fabs(pairs.back().call_mid - pairs.back().put_mid);
        apart < nearest)
      nearest = apart, centre = strike_[i];
  }
  std::erase_if(pairs, [&](const ParityPair& pair) {
    return std::fabs(pair.strike / centre - 1) > settings_.parity_window;
  });
  const ParityForward fit = fit_parity(pairs, std::exp(-expiry.rate * expiry.years));
  expiry.forward = fit.forward;
  expiry.pairs = static_cast<std::uint32_t>(fit.pairs);
  expiry.carry =
      middle() > 0 && expiry.years > 0 ? std::log(fit.forward / middle()) / expiry.years : none;
}

double ChainBook::carry_of(const zm_chain_expiry& expiry) {
  return std::isnan(expiry.carry) ? expiry.rate : expiry.carry;
}

// Of options out of the money, whose vols depend little on early exercise: what it added when last
// looked at will do.
Smile ChainBook::smile_of(std::size_t g) const {
  const zm_chain_expiry& expiry = expiries_[g];
  std::vector<std::int8_t> sign;
  std::vector<double> price, strike, vol;
  const double grow = std::exp(expiry.rate * expiry.years);
  for (std::size_t i = expiry.first; i < expiry.first + expiry.count; ++i) {
    const bool put = (contracts_[i].flags & ZM_CONTRACT_PUT) != 0;
    if (status_[i] != ZM_CHAIN_OK || put != (strike_[i] < expiry.forward)) continue;
    sign.push_back(put ? -1 : 1), strike.push_back(strike_[i]);
    price.push_back((0.5 * (bid_[i] + ask_[i]) - early_[i].values.price) * grow);
  }
  implied(sign, price, expiry.forward, strike, expiry.years, vol);
  Smile smile;
  for (std::size_t i = 0; i < vol.size(); ++i)
    if (!std::isnan(vol[i]) && (smile.strike.empty() || strike[i] > smile.strike.back()))
      smile.strike.push_back(strike[i]), smile.vol.push_back(vol[i]);
  return smile;
}

// Fills early_ for the expiry's American contracts: what they are worth above European ones, or,
// where exercise is due, what they are worth as they stand.
void ChainBook::early_exercise(std::size_t g) {
  const zm_chain_expiry& expiry = expiries_[g];
  const std::size_t first = expiry.first, count = expiry.count;
  const auto american = [&](std::size_t i) {
    return (contracts_[i].flags & ZM_CONTRACT_AMERICAN) != 0;
  };
  bool any = false;
  for (std::size_t i = first; i < first + count; ++i) any = any || american(i);
  if (!any) return;
  const Smile smile = smile_of(g);
  std::fill_n(early_.begin() + static_cast<std::ptrdiff_t>(first), count, Early{});
  if (smile.strike.empty()) return;
  const double carry = carry_of(expiry);
  ExerciseTerms terms{false, expiry.forward * std::exp(-carry * expiry.years), expiry.years,
                      expiry.rate, expiry.rate - carry};
  const double low = strike_[first], high = strike_[first + count - 1];
  const EarlyExercise calls(terms, smile, low, high);
  terms.put = true;
  const EarlyExercise puts(terms, smile, low, high);
  for (std::size_t i = first; i < first + count; ++i) {
    if (!american(i)) continue;
    const EarlyExercise& side = (contracts_[i].flags & ZM_CONTRACT_PUT) != 0 ? puts : calls;
    const bool due = side.due(strike_[i]);
    early_[i] = {due ? side.exercised(strike_[i]) : side.premium(strike_[i], smile.at(strike_[i])),
                 due};
  }
}

// The first time, forward and early exercise depend on each other; later they go together.
void ChainBook::settle_forward(std::size_t g) {
  constexpr int rounds = 3;
  for (int round = 0; round < rounds && !std::isnan(expiries_[g].forward); ++round) {
    early_exercise(g);
    find_forward(g);
  }
}

void ChainBook::price(std::size_t g) {
  const zm_chain_expiry& expiry = expiries_[g];
  const std::size_t first = expiry.first, count = expiry.count;
  for (std::size_t i = first; i < first + count; ++i) vol_[i] = none;
  if (std::isnan(expiry.forward) || !(expiry.years > 0)) {
    std::fill_n(early_.begin() + static_cast<std::ptrdiff_t>(first), count, Early{});
    for (std::size_t i = first; i < first + count; ++i)
      if (status_[i] == ZM_CHAIN_OK) status_[i] = ZM_CHAIN_NO_FORWARD;
    return;
  }
  early_exercise(g);
  const double grow = std::exp(expiry.rate * expiry.years);
  std::vector<std::int8_t> sign(count);
  std::vector<double> value(count), strike(count), vol;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = first + i;
    sign[i] = (contracts_[at].flags & ZM_CONTRACT_PUT) != 0 ? -1 : 1;
    strike[i] = strike_[at];
    if (status_[at] == ZM_CHAIN_OK && !early_[at].due)
      value[i] = (0.5 * (bid_[at] + ask_[at]) - early_[at].values.price) * grow;
  }
  implied(sign, value, expiry.forward, strike, expiry.years, vol);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = first + i;
    if (status_[at] != ZM_CHAIN_OK) continue;
    if (std::isnan(vol[i])) status_[at] = ZM_CHAIN_OUT_OF_BOUNDS;
    vol_[at] = vol[i];
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
    const double early = early_[i].values.price;
    sign.push_back(put ? -1 : 1), strike.push_back(strike_[i]);
    bid.push_back((bid_[i] - early) * grow), ask.push_back((ask_[i] - early) * grow);
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
  k::SviFitSettings rules;
  rules.max_evaluations = 30;
  std::vector<k::SviFit> fits(group.size());
  static_cast<void>(k::fit_svi_surface(quotes, rules, fits));
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
  const std::size_t first = expiry.first, count = expiry.count;
  for (std::size_t i = first; i < first + count; ++i)
    for (auto* column : {&surface_vol_, &model_, &delta_, &gamma_, &vega_, &theta_, &rho_})
      (*column)[i] = none;
  if (std::isnan(expiry.forward) || !(expiry.years > 0)) return;
  const double carry = carry_of(expiry);
  Columns terms{std::vector<std::int8_t>(count),
                std::vector<double>(count, expiry.forward * std::exp(-carry * expiry.years)),
                std::vector<double>(strike_.begin() + static_cast<std::ptrdiff_t>(first),
                                    strike_.begin() + static_cast<std::ptrdiff_t>(first + count)),
                std::vector<double>(count, expiry.years),
                std::vector<double>(count, expiry.rate),
                std::vector<double>(count, expiry.rate - carry),
                std::vector<k::ElementStatus>(count)};
  for (std::size_t i = 0; i < count; ++i)
    terms.sign[i] = (contracts_[first + i].flags & ZM_CONTRACT_PUT) != 0 ? -1 : 1;
  const auto column = [&](std::vector<double>& all) {
    return std::span(all).subspan(first, count);
  };
  if (groups_[g].has_slice != 0) {
    const k::RawSvi svi = slice_now(g);
    for (std::size_t i = first; i < first + count; ++i) {
      const double w = k::total_variance(svi, std::log(strike_[i] / expiry.forward)).w;
      surface_vol_[i] = std::sqrt(std::max(w, 0.0) / expiry.years);
    }
    k::EuropeanResults<double> model;
    model.value = column(model_);
    terms.value(settings_.pricing.get(), column(surface_vol_), model);
    for (std::size_t i = 0; i < count; ++i) {
      double& value = model_[first + i];
      const Early& early = early_[first + i];
      if (terms.status[i] != k::ElementStatus::ok)
        value = none;
      else
        value = early.due ? early.values.price : value + early.values.price;
    }
  }
  std::vector<double> vol(count);
  for (std::size_t i = 0; i < count; ++i)
    vol[i] = std::isnan(vol_[first + i]) ? surface_vol_[first + i] : vol_[first + i];
  k::EuropeanResults<double> greeks;
  greeks.delta = column(delta_), greeks.gamma = column(gamma_), greeks.vega = column(vega_),
  greeks.theta = column(theta_), greeks.rho = column(rho_);
  terms.value(settings_.pricing.get(), vol, greeks);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = first + i;
    const bool known = terms.status[i] == k::ElementStatus::ok &&
                       (contracts_[at].flags & ZM_CONTRACT_ADJUSTED) == 0;
    const Early& early = early_[at];
    const double keep = early.due ? 0 : 1;
    const auto complete = [&](double& greek, double extra) {
      greek = known ? keep * greek + extra : none;
    };
    complete(delta_[at], early.values.delta), complete(gamma_[at], early.values.gamma);
    complete(vega_[at], early.values.vega), complete(theta_[at], early.values.theta);
    complete(rho_[at], early.values.rho);
  }
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
