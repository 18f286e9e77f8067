// chain.cpp: what is told, judged and kept. The analytics of one expiry are in chain_pricing.cpp.
#include "market/options/chain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "market/options/open_interest.h"

namespace zomma::options {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
constexpr std::int64_t longest_unpriced =
    3'600'000'000'000;                  // quotes that do not move age all the same
constexpr double suspect_share = 0.05;  // of the quotes crossed: the feed is out of order

}  // namespace

ChainBook::ChainBook(std::uint32_t underlying, int digits, std::vector<Member> members,
                     ChainSettings settings)
    : underlying_(underlying),
      underlying_scale_(1.0 / static_cast<double>(power_of_ten(digits))),
      settings_(std::move(settings)) {
  const auto strike_of = [](const Member& m) {
    return static_cast<double>(m.contract.strike) /
           static_cast<double>(power_of_ten(m.price_digits));
  };
  std::sort(members.begin(), members.end(), [&](const Member& a, const Member& b) {
    return std::tuple(a.contract.expiry_ns, strike_of(a), a.contract.flags & ZM_CONTRACT_PUT,
                      a.contract.instrument) < std::tuple(b.contract.expiry_ns, strike_of(b),
                                                          b.contract.flags & ZM_CONTRACT_PUT,
                                                          b.contract.instrument);
  });
  const std::size_t count = members.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Member& m = members[i];
    contracts_.push_back(m.contract);
    scale_.push_back(1.0 / static_cast<double>(power_of_ten(m.price_digits)));
    strike_.push_back(strike_of(m));
    if (i == 0 || groups_.back().expiry_ns != m.contract.expiry_ns) {
      zm_chain_expiry expiry{};
      expiry.date = m.contract.expiry_date;
      expiry.first = static_cast<std::uint32_t>(i);
      expiry.forward = expiry.carry = expiry.fit_rms = expiry.fit_inside = none;
      expiries_.push_back(expiry);
      groups_.emplace_back().expiry_ns = m.contract.expiry_ns;
    }
    ++expiries_.back().count;
    group_of_.push_back(static_cast<std::uint32_t>(groups_.size() - 1));
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
  for (std::uint32_t i = 0; i < count; ++i) places.emplace_back(contracts_[i].instrument, i);
  std::sort(places.begin(), places.end());
  for (const auto& [instrument, place] : places)
    order_.push_back(instrument), place_.push_back(place);
  status_.assign(count, ZM_CHAIN_NO_QUOTE);
  crossed_.assign(count, 0);
  quoted_ns_.assign(count, 0);
  early_.assign(count, Early{});
  for (auto* column : {&bid_, &ask_, &volume_, &open_interest_, &vol_, &surface_vol_, &model_,
                       &delta_, &gamma_, &vega_, &theta_, &rho_})
    column->assign(count, none);
  bid_quantity_.assign(count, 0);
  ask_quantity_.assign(count, 0);
}

std::size_t ChainBook::place_of(std::uint32_t instrument) const {
  const auto found = std::lower_bound(order_.begin(), order_.end(), instrument);
  return found == order_.end() || *found != instrument
             ? nowhere
             : place_[static_cast<std::size_t>(found - order_.begin())];
}

std::optional<std::uint32_t> ChainBook::row_of(std::uint32_t instrument) const {
  const std::size_t place = place_of(instrument);
  if (place == nowhere || place < alive_) return std::nullopt;
  return static_cast<std::uint32_t>(place - alive_);
}

bool ChainBook::on_event(const zm_event& event) {
  if (event.instrument == underlying_) {
    touched_ = true;
    if (event.kind == ZM_EVENT_TRADE && event.u.trade.price != ZM_NO_PRICE)
      last_trade_ = static_cast<double>(event.u.trade.price) * underlying_scale_;
    if (event.kind == ZM_EVENT_QUOTE) {
      const zm_quote& quote = event.u.quote;
      const bool both = quote.bid_price != ZM_NO_PRICE && quote.ask_price != ZM_NO_PRICE;
      spot_ = both
                  ? 0.5 * static_cast<double>(quote.bid_price + quote.ask_price) * underlying_scale_
                  : 0;
    }
    return true;
  }
  const std::size_t i = place_of(event.instrument);
  if (i == nowhere) return false;
  touched_ = true;
  if (event.kind == ZM_EVENT_TRADE) {
    volume_[i] =
        (std::isnan(volume_[i]) ? 0 : volume_[i]) + static_cast<double>(event.u.trade.quantity);
  } else if (event.kind == event_open_interest) {
    open_interest_[i] = static_cast<double>(open_interest_of(event));
  } else if (event.kind == ZM_EVENT_QUOTE) {
    const zm_quote& quote = event.u.quote;
    const bool bid = quote.bid_price != ZM_NO_PRICE, ask = quote.ask_price != ZM_NO_PRICE;
    bid_[i] = bid ? static_cast<double>(quote.bid_price) * scale_[i] : ask ? 0.0 : none;
    ask_[i] = ask ? static_cast<double>(quote.ask_price) * scale_[i] : none;
    bid_quantity_[i] = bid ? static_cast<double>(quote.bid_quantity) : 0;
    ask_quantity_[i] = ask ? static_cast<double>(quote.ask_quantity) : 0;
    crossed_[i] =
        (event.flags & ZM_FLAG_SUSPECT) != 0 || (bid && ask && quote.bid_price > quote.ask_price);
    quoted_ns_[i] = event.ts_ns;
    groups_[group_of_[i]].dirty = 1;
    listed_ = std::max<std::size_t>(listed_, group_of_[i] + 1);
  }
  return true;
}

void ChainBook::drop_expired(std::int64_t now_ns) {
  while (alive_group_ < groups_.size() && groups_[alive_group_].expiry_ns <= now_ns) {
    alive_ += expiries_[alive_group_].count;
    ++alive_group_;
  }
}

double ChainBook::rate_at(std::int64_t now_ns) const {
  double rate = 0;
  for (const RatePoint& point : settings_.rates)
    if (point.from_ns <= now_ns) rate = point.rate;
  return rate;
}

void ChainBook::judge(std::size_t first, std::size_t count, std::int64_t now_ns) {
  for (std::size_t i = first; i < first + count; ++i) {
    const bool bid = bid_[i] > 0, ask = ask_[i] > 0;
    if (quoted_ns_[i] == 0)
      status_[i] = ZM_CHAIN_NO_QUOTE;
    else if (crossed_[i] != 0)
      status_[i] = ZM_CHAIN_CROSSED;
    else if (!bid && !ask)
      status_[i] = ZM_CHAIN_NO_QUOTE;
    else if (now_ns - quoted_ns_[i] > settings_.max_age_ns)
      status_[i] = ZM_CHAIN_OLD;
    else if (!bid || !ask)
      status_[i] = ZM_CHAIN_ONE_SIDED;
    else if ((contracts_[i].flags & ZM_CONTRACT_ADJUSTED) != 0)
      status_[i] = ZM_CHAIN_UNPRICED;
    else
      status_[i] = ZM_CHAIN_OK;
  }
}

void ChainBook::refresh(std::int64_t now_ns) {
  touched_ = false;
  drop_expired(now_ns);
  now_ns_ = now_ns;
  bool refit = surface_ns_ == 0 || now_ns - surface_ns_ >= settings_.refit_ns;
  std::size_t crossed = 0, old = 0, quoted = 0;
  std::vector<std::size_t> changed;
  for (std::size_t g = alive_group_; g < groups_.size(); ++g) {
    zm_chain_expiry& expiry = expiries_[g];
    const bool stale = groups_[g].dirty != 0 || (groups_[g].priced_ns != 0 &&
                                                 now_ns - groups_[g].priced_ns > longest_unpriced);
    if (stale) judge(expiry.first, expiry.count, now_ns);
    for (std::size_t i = expiry.first; i < expiry.first + expiry.count; ++i) {
      quoted += quoted_ns_[i] != 0;
      crossed += status_[i] == ZM_CHAIN_CROSSED;
      old += status_[i] == ZM_CHAIN_OLD;
    }
    expiry.years = static_cast<double>(groups_[g].expiry_ns - now_ns) / (365.0 * 86'400e9);
    expiry.rate = rate_at(now_ns);
    if (!stale) continue;
    changed.push_back(g);
    groups_[g].priced_ns = now_ns;
    groups_[g].dirty = 0;
    find_forward(g);
    if (groups_[g].priced == 0) settle_forward(g);
    groups_[g].priced = 1;
    price(g);
    refit = refit || awaits_slice(g);
  }
  if (refit && !changed.empty()) {
    fit_surface();
    surface_ns_ = now_ns;
    for (std::size_t g = alive_group_; g < groups_.size(); ++g) apply_surface(g);
  } else {
    for (const std::size_t g : changed) apply_surface(g);
  }
  const auto all = static_cast<double>(quoted);
  flags_ = settings_.modelled ? std::uint32_t{ZM_CHAIN_MODELLED} : 0u;
  if (quoted == 0 || static_cast<double>(crossed) > suspect_share * all || 2 * old > quoted)
    flags_ |= ZM_CHAIN_SUSPECT;
  for (std::size_t g = alive_group_; g < groups_.size(); ++g)
    if (groups_[g].has_slice != 0 && groups_[g].violates != 0) flags_ |= ZM_CHAIN_ARBITRAGE;
  shown_.assign(expiries_.begin() + static_cast<std::ptrdiff_t>(alive_group_),
                expiries_.begin() + static_cast<std::ptrdiff_t>(std::max(listed_, alive_group_)));
  for (zm_chain_expiry& expiry : shown_) expiry.first -= static_cast<std::uint32_t>(alive_);
}

std::uint32_t ChainBook::two_sided() const {
  std::uint32_t count = 0;
  for (std::size_t i = alive_; i < bid_.size(); ++i) count += bid_[i] > 0 && ask_[i] > 0;
  return count;
}

zm_chain ChainBook::view() const {
  zm_chain out{};
  out.size = sizeof out;
  out.underlying = underlying_;
  out.count = shown_.empty() ? 0 : shown_.back().first + shown_.back().count;
  out.expiry_count = static_cast<std::uint32_t>(shown_.size());
  out.flags = flags_;
  out.ts_ns = now_ns_;
  out.surface_ns = surface_ns_;
  out.spot = spot_ > 0 ? spot_ : last_trade_ > 0 ? last_trade_ : none;
  out.contracts = contracts_.data() + alive_;
  out.expiries = shown_.data();
  out.status = status_.data() + alive_;
  out.quoted_ns = quoted_ns_.data() + alive_;
  out.bid = bid_.data() + alive_, out.ask = ask_.data() + alive_;
  out.bid_quantity = bid_quantity_.data() + alive_,
  out.ask_quantity = ask_quantity_.data() + alive_;
  out.volume = volume_.data() + alive_, out.open_interest = open_interest_.data() + alive_;
  out.implied_vol = vol_.data() + alive_, out.surface_vol = surface_vol_.data() + alive_;
  out.model_price = model_.data() + alive_;
  out.delta = delta_.data() + alive_, out.gamma = gamma_.data() + alive_,
  out.vega = vega_.data() + alive_;
  out.theta = theta_.data() + alive_, out.rho = rho_.data() + alive_;
  return out;
}

void ChainBook::save(ArchiveWriter& out) const {
  out.put(alive_), out.put(alive_group_), out.put(now_ns_), out.put(surface_ns_), out.put(spot_),
      out.put(last_trade_), out.put(flags_), out.put(touched_), out.put(listed_);
  out.put_vector(expiries_), out.put_vector(shown_), out.put_vector(groups_),
      out.put_vector(status_), out.put_vector(crossed_), out.put_vector(quoted_ns_),
      out.put_vector(early_);
  for (const auto* column :
       {&bid_, &ask_, &bid_quantity_, &ask_quantity_, &volume_, &open_interest_, &vol_,
        &surface_vol_, &model_, &delta_, &gamma_, &vega_, &theta_, &rho_})
    out.put_vector(*column);
}

void ChainBook::load(ArchiveReader& in) {
  alive_ = in.get<std::size_t>(), alive_group_ = in.get<std::size_t>(),
  now_ns_ = in.get<std::int64_t>(), surface_ns_ = in.get<std::int64_t>();
  spot_ = in.get<double>(), last_trade_ = in.get<double>(), flags_ = in.get<std::uint32_t>(),
  touched_ = in.get<bool>(), listed_ = in.get<std::size_t>();
  const std::size_t count = contracts_.size(), groups = groups_.size();
  const auto take = [&](auto& column, std::size_t expected, bool exact = true) {
    column = in.get_vector<typename std::remove_reference_t<decltype(column)>::value_type>();
    if (exact ? column.size() != expected : column.size() > expected) {
      in.fail();
      column.resize(expected);
    }
  };
  take(expiries_, groups), take(shown_, groups, false), take(groups_, groups), take(status_, count),
      take(crossed_, count), take(quoted_ns_, count), take(early_, count);
  for (auto* column : {&bid_, &ask_, &bid_quantity_, &ask_quantity_, &volume_, &open_interest_,
                       &vol_, &surface_vol_, &model_, &delta_, &gamma_, &vega_, &theta_, &rho_})
    take(*column, count);
  if (alive_ > count || alive_group_ > groups || listed_ > groups) {
    in.fail();
    alive_ = alive_group_ = listed_ = 0;
  }
}

}  // namespace zomma::options
