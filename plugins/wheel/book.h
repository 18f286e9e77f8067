// book.h: what the wheel knows of one underlying: options and shares it holds for it, what they
// cost, and what a cycle has earned. The host's positions are the truth for quantities; this is the
// memory of why and at what price.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "../options/history.h"
#include "structure.h"

namespace wheels {

// An option that is held. Members are 8 bytes each, so that saved bytes hold no padding.
struct Holding {
  std::int64_t instrument = ZM_NO_INSTRUMENT;
  std::int64_t put = 0;
  double strike = 0, multiplier = 100, deliverable = 100;
  std::int64_t expiry_date = 0, expiry_ns = 0, opened_ns = 0;
  std::int64_t quantity = 0;  // contracts, negative = sold
  double money = 0;           // what its trades brought in (+) or cost (-), after fees
  std::int64_t kind = 0;      // Kind of the structure it belongs to

  bool empty() const { return quantity == 0; }
  // What was got per unit of underlying when it was sold, or paid when it was bought.
  double entry() const {
    return quantity == 0 ? 0 : std::abs(money / (static_cast<double>(quantity) * multiplier));
  }
};

// Sums over the life of the wheel on this underlying, in currency.
struct Ledger {
  double shares = 0, shares_cost = 0;    // what delivery and purchase cost, fees included
  double premium = 0;                    // net of every option trade, ever
  double cycle_premium = 0;              // since the wheel was last in cash
  double share_gain = 0, dividends = 0;  // realised
  double capital_days = 0;               // capital tied up x days, for the yield
  std::int64_t opened = 0, assigned = 0, called_away = 0, lapsed = 0, rolled = 0, closed = 0,
               accounted_ns = 0;

  double cost_per_share() const { return shares > 0 ? shares_cost / shares : 0; }
  // What the shares must bring for the cycle to end without a loss.
  double basis_per_share() const { return shares > 0 ? (shares_cost - cycle_premium) / shares : 0; }
  double income() const { return premium + share_gain + dividends; }
  // Income over the capital that was tied up, a year.
  double yield() const { return capital_days > 0 ? income() / capital_days * 365 : 0; }

  // `count` > 0 for `money` > 0. Lots are averaged; which lot is sold first is the host's matter
  // (ext/draft/options.h). Shares may be owed for a while: a short call that nothing covers was
  // assigned early.
  void buy_shares(double count, double money) { trade_shares(count, money); }
  void sell_shares(double count, double money) { trade_shares(-count, -money); }
  // Called as time passes, with what has been tied up since the last call.
  void account(std::int64_t now_ns, double capital) {
    constexpr double day_ns = 86'400e9;
    if (accounted_ns > 0 && now_ns > accounted_ns)
      capital_days += capital * static_cast<double>(now_ns - accounted_ns) / day_ns;
    accounted_ns = now_ns;
  }

 private:
  // Signed: bought and paid, or sold and got.
  void trade_shares(double count, double paid) {
    if (count == 0) return;
    const bool closes = shares != 0 && (shares > 0) != (count > 0);
    const double closed = closes ? std::fmin(std::abs(count), std::abs(shares)) : 0,
                 part = closed / std::abs(count);
    if (closed > 0) {
      const double cost = shares_cost * (closed / std::abs(shares));
      share_gain -= paid * part + cost;
      shares_cost -= cost;
      shares += std::copysign(closed, count);
    }
    shares += count * (1 - part);
    shares_cost += paid * (1 - part);
  }
};

class Book {
 public:
  static constexpr std::size_t capacity = 12;

  std::array<Holding, capacity> holdings{};
  Ledger ledger;

  Holding* find(std::uint32_t instrument) {
    for (Holding& held : holdings) {
      if (!held.empty() && held.instrument == static_cast<std::int64_t>(instrument)) return &held;
    }
    return nullptr;
  }
  // The first option sold of that side, or null.
  const Holding* short_option(bool put) const {
    for (const Holding& held : holdings) {
      if (held.quantity < 0 && (held.put != 0) == put) return &held;
    }
    return nullptr;
  }
  bool any_option() const {
    for (const Holding& held : holdings) {
      if (!held.empty()) return true;
    }
    return false;
  }

  // A trade of `contracts` (signed) for `money` (in: +). False if it would be one contract too many
  // to remember.
  bool trade(const Holding& terms, std::int64_t contracts, double money) {
    ledger.premium += money;
    ledger.cycle_premium += money;
    if (Holding* held = find(static_cast<std::uint32_t>(terms.instrument))) {
      apply(*held, contracts, money);
      return true;
    }
    for (Holding& held : holdings) {
      if (!held.empty()) continue;
      held = terms;
      held.quantity = contracts;
      held.money = money;
      return true;
    }
    return false;
  }
  // Contracts that left without a trade: assignment, exercise, expiry.
  void leave(std::uint32_t instrument, std::int64_t contracts) {
    Holding* held = find(instrument);
    if (held == nullptr) return;
    const double share =
        static_cast<double>(held->quantity + contracts) / static_cast<double>(held->quantity);
    held->money *= std::fmax(share, 0.0);
    held->quantity = share > 0 ? held->quantity + contracts : 0;
    if (held->quantity == 0) *held = Holding{};
  }
  // Back in cash: the next premium belongs to a new cycle.
  void end_cycle_if_flat() {
    if (ledger.shares != 0 || any_option()) return;
    ledger.cycle_premium = 0;
    ledger.shares_cost = 0;
  }

  // Cash that assignment of every short put would take, beyond what long puts give back.
  double secured() const {
    double strikes = 0;
    for (const Holding& held : holdings) {
      if (held.put != 0)
        strikes -= static_cast<double>(held.quantity) * held.strike * held.multiplier;
    }
    return std::fmax(strikes, 0.0);
  }

 private:
  static void apply(Holding& held, std::int64_t contracts, double money) {
    const std::int64_t before = held.quantity;
    held.quantity += contracts;
    if (held.quantity == 0) {
      held = Holding{};
      return;
    }
    const bool grows = (before < 0) == (contracts < 0);
    if (grows)
      held.money += money;
    else
      held.money *= static_cast<double>(held.quantity) / static_cast<double>(before);
  }
};

}  // namespace wheels
