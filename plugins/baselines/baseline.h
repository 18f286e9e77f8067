// baseline.h: what the three baselines of option income have in common. They think nothing: equal
// shares of the capital in every underlying, orders at the far side of the quote once a day, and
// the month's option sold when none is open. What an option strategy must beat.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "../options/shell.h"

namespace baselines {

// One underlying's memory. Members are 8 bytes each, so that saved bytes hold no padding.
struct Desk {
  std::int64_t id = ZM_NO_INSTRUMENT;
  std::int64_t decided_day = 0;          // since 1970
  std::int64_t sold = ZM_NO_INSTRUMENT;  // the option sold last

  std::uint32_t underlying() const { return static_cast<std::uint32_t>(id); }
};

inline std::int64_t held(const zm::context& ctx, std::uint32_t instrument) {
  options::Scale scale;
  return options::scale_of(ctx, instrument, scale) ? scale.units(ctx.position(instrument).quantity)
                                                   : 0;
}

// The share of the account that belongs to each underlying, in currency.
inline double budget(const zm::context& ctx, std::size_t underlyings) {
  return static_cast<double>(ctx.account().equity) * options::money_unit /
         static_cast<double>(underlyings);
}

// Buys at the ask or sells at the bid, at once or not at all.
inline void trade(const zm::context& ctx, std::uint32_t instrument, std::int64_t units) {
  options::Scale scale;
  const zm_quote best = ctx.best(instrument);
  const bool sell = units < 0;
  const zm_price price = sell ? best.bid_price : best.ask_price;
  if (units == 0 || price == ZM_NO_PRICE || price <= 0 ||
      !options::scale_of(ctx, instrument, scale))
    return;
  static_cast<void>(ctx.submit(zm::limit_order(instrument, sell ? ZM_SIDE_SELL : ZM_SIDE_BUY, price,
                                               scale.raw(std::llabs(units)), ZM_TIF_DAY)));
}

// The monthly expiry of the next month: the first third Friday (or the Saturday after it, as
// contracts were dated until 2015) at least three weeks away. 0: the chain has none.
inline std::uint32_t next_month(const zm_chain& chain) {
  for (std::uint32_t e = 0; e < chain.expiry_count; ++e) {
    const zm_chain_expiry& expiry = chain.expiries[e];
    const std::int64_t day = options::day_of_date(expiry.date);
    const std::int64_t weekday = (day + 3) % 7;  // 0 Monday
    const std::int64_t friday = expiry.date % 100 - (weekday == 5 ? 1 : weekday == 3 ? -1 : 0);
    const bool third = weekday >= 3 && weekday <= 5 && friday >= 15 && friday <= 21;
    if (third && expiry.years * 365 >= 21) return expiry.date;
  }
  return 0;
}

// The call at or above the spot, or the put at or below it, of an expiry, nearest to the spot and
// fit to be sold; options::no_row where there is none.
inline std::uint32_t at_the_money(const options::Columns& columns, std::uint32_t date, bool put) {
  std::uint32_t best = options::no_row;
  const double spot = columns.chain->spot;
  for (std::uint32_t i = 0; i < columns.chain->count; ++i) {
    if (columns.contract(i).expiry_date != date || columns.is_put(i) != put ||
        !options::tradable(columns, i) || !(columns.chain->bid[i] > 0))
      continue;
    const double away = put ? spot - columns.strike[i] : columns.strike[i] - spot;
    if (away < 0) continue;
    if (best == options::no_row || away < std::abs(columns.strike[best] - spot)) best = i;
  }
  return best;
}

// An option that was sold is there until it has been cleared, in the evening of its last day.
inline bool waits(const Desk& desk, const zm::context& ctx) {
  return desk.sold != ZM_NO_INSTRUMENT && held(ctx, static_cast<std::uint32_t>(desk.sold)) < 0;
}

// Sells `contracts` of the next month's option at the money.
inline void sell_month(Desk& desk, const options::Columns& columns, bool put,
                       std::int64_t contracts, const zm::context& ctx) {
  const std::uint32_t row = at_the_money(columns, next_month(*columns.chain), put);
  if (row == options::no_row || contracts <= 0) return;
  desk.sold = columns.contract(row).instrument;
  trade(ctx, columns.contract(row).instrument, -contracts);
}

// The shell: once a day and underlying, a second after its chain was refreshed, so that every chain
// of the moment is there. `Derived` has work(desk, columns, ctx).
template <class Derived>
struct Strategy : zm::strategy<Derived> {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_STATE;

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty()) {
      ctx.set_error("a baseline needs an underlying");
      return ZM_E_ARGUMENT;
    }
    for (const std::uint32_t id : ctx.instruments()) desks_.push_back({id});
    strikes_.resize(std::size_t{1} << 16);
    if (!chains_.attach(ctx)) ctx.log(ZM_LOG_ERROR, "this host has no option chains");
    return ZM_OK;
  }
  void on_chain(const zm_event& event, zm::context& ctx) {
    if (armed_ns_ > ctx.now_ns()) return;
    armed_ns_ = event.ts_ns + options::second_ns;
    ctx.arm(armed_ns_, 0);
  }
  void on_timer(const zm_event& event, zm::context& ctx) {
    armed_ns_ = 0;
    for (Desk& desk : desks_) {
      zm_chain chain;
      options::Columns columns;
      const std::int64_t day = options::day_of_time(event.ts_ns);
      if (desk.decided_day == day ||
          !options::look(chains_, ctx, desk.underlying(), strikes_, chain, columns) ||
          (chain.flags & ZM_CHAIN_SUSPECT) != 0 || !(chain.spot > 0))
        continue;
      desk.decided_day = day;
      static_cast<Derived&>(*this).work(desk, columns, ctx);
    }
  }
  void save(zm::writer& out) const { out.put(desks_), out.put(armed_ns_); }
  bool load(zm::reader& in, std::uint32_t) {
    std::vector<Desk> saved;
    if (!in.get(saved, desks_.size()) || !in.get(armed_ns_)) return false;
    for (const Desk& one : saved)
      for (Desk& desk : desks_)
        if (desk.id == one.id) desk = one;
    return true;
  }

 protected:
  std::size_t underlyings() const { return desks_.size(); }

 private:
  std::vector<Desk> desks_;
  std::vector<double> strikes_;
  zm::chains chains_;
  std::int64_t armed_ns_ = 0;
};

// Shares in whole hundreds that the budget buys, less those that are held.
inline std::int64_t missing_shares(const Desk& desk, const options::Columns& columns,
                                   std::size_t underlyings, const zm::context& ctx) {
  const auto lots =
      static_cast<std::int64_t>(budget(ctx, underlyings) / (100 * columns.chain->spot * 1.001));
  return lots * 100 - held(ctx, desk.underlying());
}

}  // namespace baselines
