// options_study.h: what options did for a strategy: Greeks over time, why its P&L changed, premium,
// assignments, yield.
//
// Between two looks at a strategy's book (BookSample) each position explains the change of its
// worth by the Greeks of the first look (portfolio/options/attribution.h); what fills and
// settlements change in between is followed at once. The P&L to explain is the report's own, by
// underlying; the account's, which the look brings, is held against it. Memory: curves thin
// themselves out, events end at max_option_events.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "journal/records.h"
#include "market/instrument.h"
#include "observe/report/option_figures.h"
#include "observe/report/option_ledger.h"
#include "observe/report/thinned_series.h"
#include "portfolio/options/book_sample.h"

namespace zomma {

class OptionsStudy {
 public:
  // `instruments` outlive the study.
  OptionsStudy(const std::vector<Instrument>& instruments, std::size_t instances);

  // Whether anything here is an option; without, the study wants to hear nothing.
  bool enabled() const { return enabled_; }

  // The report's own P&L after fees of an instance in one instrument, now.
  using Profit = std::function<Money(std::uint32_t instance, std::uint32_t instrument)>;
  void look(const options::BookSample& sample, const Profit& profit);

  struct Fill {
    std::int64_t ts_ns;
    std::uint32_t instance, instrument;
    Side side;
    Quantity quantity, position;  // filled; held before
    Money value, fee;             // > 0; paid
    Money mid_value;              // of the same quantity at the mid
    double price, spot;           // of the instrument; of its underlying
  };
  void fill(const Fill& fill);
  // ZM_EVENT_ASSIGNED to ZM_EVENT_CASH and event_delivery.
  void settlement(const OrderRecord& record, std::int64_t ts_ns, double spot);
  void split(std::uint32_t underlying, double new_units, double old_units);

  std::uint32_t underlying_of(std::uint32_t instrument) const { return underlying_[instrument]; }

  // Of the instances that dealt in options. Everything since the last look is unexplained, but for
  // its costs and income.
  std::vector<OptionsResult> results(std::span<const std::string> names,
                                     const Profit& profit) const;

 private:
  struct Group {                                // of one underlying
    std::vector<options::HeldInstrument> rows;  // of the last look, as they have changed since
    std::vector<std::uint32_t> dealt;           // instruments that ever made a P&L
    Money profit{}, costs{}, income{};          // at the last look; since
    Attributed why;
  };
  struct Curve {
    GreekRange range;
    ThinnedSeries series;
    void add(std::int64_t ts_ns, double value);
  };
  struct Account {
    explicit Account(const std::vector<Instrument>& instruments) : ledger(instruments) {}
    bool dealt = false;
    std::map<std::uint32_t, Group> groups;  // by underlying
    Money interest{}, fees{};
    Curve delta, gamma, vega, theta, capital, margin;
    Curve direction, vol_pnl, theta_pnl, income, costs, residual;
    std::int64_t last_ns = 0;
    double last_capital = 0, capital_days = 0;
    std::uint64_t looks = 0, unknown = 0;
    Money books_differ{};
    OptionLedger ledger;
  };

  Group& group_of(Account& account, std::uint32_t instrument);
  void change_units(Account& account, std::uint32_t instrument, double units, double spot);
  static Money profit_of(const Group& group, std::uint32_t instance, const Profit& profit);
  void explain(Group& group, std::uint32_t underlying, const options::BookSample& sample,
               double years, Money profit) const;
  static void add_greeks(Account& account, const options::BookSample& sample);
  static Attributed sum_of(const Account& account);
  OptionsResult result(std::uint32_t instance, const Profit& profit) const;

  const std::vector<Instrument>* instruments_;
  std::vector<std::uint32_t> underlying_;  // by instrument; itself if it is no option
  std::vector<Account> accounts_;
  bool enabled_ = false;
};

}  // namespace zomma
