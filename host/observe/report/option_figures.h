// option_figures.h: what a report knows about one strategy's options: plain data, computed by
// OptionsStudy, written by the renderers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"
#include "observe/report/series.h"

namespace zomma {

enum class OptionEventKind : std::uint8_t {
  sold_to_open,
  sold_to_close,
  bought_to_open,
  bought_to_close,
  rolled,  // bought back and sold anew in the same underlying, right and session
  assigned,
  called_away,  // assigned on a call: shares went
  exercised,
  lapsed,
  adjusted,  // a split or a special dividend changed the contract or the shares
  dividend,
  interest
};
const char* name_of(OptionEventKind kind);  // "sold to open"

struct OptionEvent {
  std::int64_t ts_ns{};
  OptionEventKind kind{};
  std::uint32_t instrument{UINT32_MAX};  // none: interest
  std::uint32_t other{UINT32_MAX};       // rolled or adjusted into; delivered; none
  double quantity{};       // change of the position: contracts, shares; rolled: contracts
  double price{no_value};  // premium, strike or settlement value, amount a share
  Money cash{};            // in (+) or out (-), fee included
  Money fee{};
  double spot{no_value};  // of the underlying
};

// Why P&L changed. The parts sum to the change to the last digit, because the residual is what the
// others leave.
struct Attributed {
  Money delta{}, gamma{};  // first and second order of the underlying's moves
  Money vol{};             // vega times moves of implied vol
  Money theta{};
  Money income{};    // dividends and interest
  Money costs{};     // fees, and the mid less the price of every fill; <= 0 as a rule
  Money residual{};  // higher orders, moves between looks, settlement against the last mark
  Money direction() const { return delta + gamma; }
  Money total() const { return delta + gamma + vol + theta + income + costs + residual; }
  Attributed& operator+=(const Attributed& other);
};

struct GreekRange {
  double last{no_value}, least{no_value}, greatest{no_value};
};

struct OptionsResult {
  std::string strategy;
  std::uint64_t looks{};    // at the book
  std::uint64_t unknown{};  // contracts in them whose Greeks nobody knew: left out of the sums
  // In currency: of the underlying's move by 100 %, of delta for a move by 1 %, of a vol point, of
  // a day.
  GreekRange delta, gamma, vega, theta;
  Series delta_curve, gamma_curve, vega_curve, theta_curve;
  GreekRange capital, margin;
  Series capital_curve, margin_curve;

  struct Part {
    std::uint32_t underlying;
    Attributed why;
  };
  Attributed why;           // of everything
  std::vector<Part> parts;  // by underlying; interest belongs to none
  Series direction_curve, vol_curve, theta_pnl_curve, income_curve, costs_curve, residual_curve;

  Money premium_received{}, premium_paid{};  // of fills in options, before fees
  Money settled{};                           // paid (-) and received by contracts settled in cash
  Money dividends{}, interest{}, fees{};
  Money income() const {
    return premium_received - premium_paid + settled + dividends + interest - fees;
  }
  double capital_days{};             // integral of the capital at work over time, money x days
  double income_per_year{no_value};  // income / capital-days, a year of 365 days
  double profit_per_year{no_value};  // P&L after fees / capital-days
  std::uint64_t puts_assigned{}, called_away{}, exercised{}, lapsed_short{}, lapsed_long{};
  std::uint64_t rolled{}, rolls{};  // contracts; sessions in which any were rolled
  std::vector<OptionEvent> events;  // the first max_option_events
  std::uint64_t dropped_events{};
  // The greatest distance of the host's account from the books that the report keeps; anything but
  // zero is a fault.
  Money books_differ{};
};
constexpr std::size_t max_option_events = 100'000;

}  // namespace zomma
