// rules.h: what the operator allows, as one struct of numbers; docs/reference/wheel.md explains
// each. And the reasons for which a contract is passed over, so that the wheel can say why it does
// not trade.
#pragma once

#include <array>
#include <cstdint>

namespace wheels {

enum class Objective : std::int64_t { growth = 0, expected_yield = 1, yield = 2, delta = 3 };

struct Rules {
  double min_days = 20, max_days = 50;
  double put_delta_min = 0.10, put_delta_max = 0.35, put_delta_target = 0.25;
  double call_delta_min = 0.15, call_delta_max = 0.45, call_delta_target = 0.30;
  double wing_delta = 0.08;
  double max_probability = 0.45;
  double min_premium = 0.10;
  double min_yield = 0.04, min_expected_yield = 0.0;
  double max_spread = 0.15, fine_spread = 0.05;
  double min_open_interest = 0, min_volume = 0, min_quantity = 1;
  double limit_aggression = 1.0;
  double fee_per_contract = 0.65;
  double realised_to_implied = 0.9, history_prior = 6, drift_trust = 0.0;
  double kelly_fraction = 0.5;
  Objective objective = Objective::growth;
  bool puts = true, put_spreads = false, jade_lizards = false, calls = true, collars = false;
  bool avoid_earnings = true, avoid_dividends = true;
};

enum class Refusal : std::uint8_t {
  days,
  earnings,
  laws,
  side,
  adjusted,
  quote,
  delta,
  below_basis,
  premium,
  spread,
  quantity,
  interest,
  volume,
  dividend,
  probability,
  yield,
  edge,
  count
};
constexpr std::array<const char*, static_cast<std::size_t>(Refusal::count)> refusal_names = {
    "days",   "earnings",    "no_law",      "side",   "adjusted", "quote",
    "delta",  "below_basis", "premium",     "spread", "quantity", "open_interest",
    "volume", "dividend",    "probability", "yield",  "no_edge"};

// How many contracts were looked at, and what became of them.
struct Census {
  std::uint32_t seen = 0, priced = 0;
  std::array<std::uint32_t, static_cast<std::size_t>(Refusal::count)> refused{};

  void add(Refusal why, std::uint32_t contracts = 1) {
    refused[static_cast<std::size_t>(why)] += contracts;
  }
  // The hurdle that the contracts which came furthest did not take; the rules are asked in the
  // order of Refusal.
  Refusal last_hurdle() const {
    std::size_t last = 0;
    for (std::size_t i = 1; i < refused.size(); ++i) {
      if (refused[i] > 0) last = i;
    }
    return static_cast<Refusal>(last);
  }
};

// Days that the operator or the market's calendar knows of. Only what is known at the moment
// belongs in here.
struct KnownDay {
  std::uint32_t date = 0;  // yyyymmdd; 0: none
  double cash = 0;         // of a dividend, per unit; 0: earnings
};
struct KnownDays {
  static constexpr std::size_t capacity = 16;
  std::array<KnownDay, capacity> day{};
  std::size_t count = 0;

  bool earnings_between(std::uint32_t after, std::uint32_t until) const {
    return find(after, until, false) != nullptr;
  }
  const KnownDay* dividend_between(std::uint32_t after, std::uint32_t until) const {
    return find(after, until, true);
  }
  void add(KnownDay known) {
    if (count < capacity && known.date != 0) day[count++] = known;
  }

 private:
  const KnownDay* find(std::uint32_t after, std::uint32_t until, bool dividend) const {
    const KnownDay* first = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      if ((day[i].cash > 0) != dividend || day[i].date <= after || day[i].date > until) continue;
      if (first == nullptr || day[i].date < first->date) first = &day[i];
    }
    return first;
  }
};

}  // namespace wheels
