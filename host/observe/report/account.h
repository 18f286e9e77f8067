// account.h: what one strategy holds of one instrument and what that earned, and the curve of P&L
// after fees over the run.
//
// The report keeps its own books, from the records alone, so that it checks the host's portfolio
// instead of repeating it. Integers throughout; the identity realised + unrealised - fees = cash
// flows + value holds to the last digit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "observe/report/figures.h"
#include "observe/report/statistics.h"
#include "observe/report/thinned_series.h"
#include "portfolio/valuation.h"

namespace zomma {

class Holding {
 public:
  // Books a fill; `value` is the fill's notional (> 0). Average cost; a fill through zero closes
  // first, then opens.
  void fill(Side side, Money value, Quantity quantity, Money fee, std::int64_t ts_ns);
  // A settlement, a split or a dividend, none of which is turnover: `change` comes or goes for
  // `cash` (in +, out -), before `fee`.
  void settle(Quantity change, Money cash, Money fee, std::int64_t ts_ns);
  // Cash alone (a dividend, a fraction of a share), and units that come without cost (a split).
  void income(Quantity change, Money cash, std::int64_t ts_ns);
  // Takes over what `other` holds, with its cost.
  void take_over(Holding& other, std::int64_t ts_ns);
  // Closes the books on time up to now; needed before inventory() is asked for.
  void elapse(std::int64_t ts_ns);

  Quantity quantity() const { return quantity_; }
  Money cost() const { return cost_; }
  ProfitAndLoss pnl(Money value) const {
    return {realised_, {saturate(static_cast<Int128>(value.value) - cost_.value)}, fees_};
  }
  Money turnover() const { return turnover_; }
  Quantity traded() const { return traded_; }
  bool ever_traded() const { return traded_.value != 0 || settled_; }

  // Averages over `sample` nanoseconds; `unit` is 10^quantity_digits.
  Inventory inventory(std::int64_t sample_ns, double unit) const;

 private:
  void book(Side side, Money value, Quantity quantity, Money fee, std::int64_t ts_ns);

  Quantity quantity_{}, most_long_{}, most_short_{}, traded_{}, opened_{};
  Money cost_{}, realised_{}, fees_{}, turnover_{};
  bool settled_ = false;
  std::int64_t since_ns_ = 0;  // quantity_ is held since then
  std::int64_t in_position_ns_ = 0;
  double area_ = 0, absolute_area_ = 0;  // integrals of quantity over time
};

// P&L after fees of one strategy, sampled every second of engine time: its curve, its drawdowns,
// its statistics.
class EquityCurve {
 public:
  static constexpr std::int64_t sample_ns = 1'000'000'000;
  static constexpr int samples_per_minute = 60;

  // The curve begins at 0.
  void begin(std::int64_t ts_ns);
  // One sample at the end of a whole interval.
  void sample(std::int64_t ts_ns, Money equity, Money exposure);
  // A value between two samples (the end of the run): moves the curve, is no interval.
  void point(std::int64_t ts_ns, Money equity, Money exposure);
  // A fill can make the greatest exposure of the run and be gone before the next sample.
  void note_exposure(Money exposure) { peak_exposure_ = std::max(peak_exposure_, exposure); }

  Drawdown drawdown(Money capital) const;
  IntervalStatistics per_second() const { return statistics(seconds_, sample_ns); }
  IntervalStatistics per_minute() const {
    return statistics(minutes_, samples_per_minute * sample_ns);
  }
  Series equity() const { return curve_.points(); }
  Series drawdown_curve() const { return depth_.points(); }

 private:
  static IntervalStatistics statistics(const Moments& moments, std::int64_t interval_ns);

  ThinnedSeries curve_, depth_;
  Moments seconds_, minutes_;
  Money last_{}, last_minute_{}, peak_{}, deepest_{}, peak_of_deepest_{}, peak_exposure_{};
  std::int64_t peak_ns_ = 0, deepest_ns_ = 0, longest_ns_ = 0;
  int samples_in_minute_ = 0;
  bool below_peak_ = false;
};

}  // namespace zomma
