#include "observe/report/account.h"

#include <cmath>

namespace zomma {

void Holding::elapse(std::int64_t ts_ns) {
  if (since_ns_ != 0 && ts_ns > since_ns_ && quantity_.value != 0) {
    const std::int64_t held_ns = ts_ns - since_ns_;
    const double area = static_cast<double>(quantity_.value) * static_cast<double>(held_ns);
    area_ += area;
    absolute_area_ += std::fabs(area);
    in_position_ns_ += held_ns;
  }
  since_ns_ = std::max(since_ns_, ts_ns);
}

void Holding::fill(Side side, Money value, Quantity quantity, Money fee, std::int64_t ts_ns) {
  book(side, value, quantity, fee, ts_ns);
  traded_.value = add_saturated(traded_.value, quantity.value);
  turnover_ = add_saturated(turnover_, {magnitude(value.value)});
}

void Holding::settle(Quantity change, Money cash, Money fee, std::int64_t ts_ns) {
  if (change.value == 0) return;
  settled_ = true;
  const Side side = change.value > 0 ? Side::buy : Side::sell;
  book(side, {side == Side::buy ? -cash.value : cash.value}, {magnitude(change.value)}, fee, ts_ns);
}

void Holding::income(Quantity change, Money cash, std::int64_t ts_ns) {
  elapse(ts_ns);
  settled_ = true;
  quantity_.value = add_saturated(quantity_.value, change.value);
  realised_ = add_saturated(realised_, cash);
  if (quantity_.value != 0) return;
  realised_ = realised_ - cost_;
  cost_ = {};
}

void Holding::take_over(Holding& other, std::int64_t ts_ns) {
  elapse(ts_ns);
  other.elapse(ts_ns);
  settled_ = true;
  quantity_.value = add_saturated(quantity_.value, other.quantity_.value);
  cost_ = add_saturated(cost_, other.cost_);
  other.quantity_ = {};
  other.cost_ = {};
  most_long_ = std::max(most_long_, quantity_);
  most_short_ = std::min(most_short_, quantity_);
}

void Holding::book(Side side, Money value, Quantity quantity, Money fee, std::int64_t ts_ns) {
  elapse(ts_ns);
  const int direction = sign(side);
  const bool reduces = quantity_.value != 0 && (quantity_.value > 0) != (direction > 0);
  const std::int64_t open = magnitude(quantity_.value);
  const std::int64_t closing = reduces ? std::min(open, quantity.value) : 0;
  std::int64_t closing_value = value.value;
  if (closing != quantity.value) {
    closing_value = saturate(static_cast<Int128>(value.value) * closing / quantity.value);
  }
  if (closing != 0) {
    // The part of the cost that leaves with the closed quantity; all of it when nothing stays open.
    const std::int64_t cost =
        closing == open ? cost_.value : saturate(static_cast<Int128>(cost_.value) * closing / open);
    // Selling a long brings its value in and takes its (positive) cost out; buying back a short
    // mirrors both signs.
    realised_ = add_saturated(realised_,
                              {saturate(-static_cast<Int128>(direction) * closing_value - cost)});
    cost_ = cost_ - Money{cost};
  }
  const std::int64_t opening_value = value.value - closing_value;
  cost_ = add_saturated(cost_, {direction * opening_value});
  quantity_.value = add_saturated(quantity_.value, direction * quantity.value);
  opened_.value = add_saturated(opened_.value, quantity.value - closing);
  fees_ = add_saturated(fees_, fee);
  most_long_ = std::max(most_long_, quantity_);
  most_short_ = std::min(most_short_, quantity_);
}

Inventory Holding::inventory(std::int64_t sample_ns, double unit) const {
  Inventory result;
  result.last = quantity_;
  result.most_long = most_long_;
  result.most_short = most_short_;
  if (sample_ns > 0) {
    const double time = static_cast<double>(sample_ns);
    result.mean = area_ / time / unit;
    result.mean_absolute = absolute_area_ / time / unit;
    result.time_in_position = std::min(1.0, static_cast<double>(in_position_ns_) / time);
  }
  if (opened_.value > 0)
    result.holding_seconds = absolute_area_ / static_cast<double>(opened_.value) * 1e-9;
  return result;
}

void EquityCurve::begin(std::int64_t ts_ns) {
  peak_ns_ = ts_ns;
  curve_.add(ts_ns, 0.0);
  depth_.add(ts_ns, 0.0);
}

void EquityCurve::sample(std::int64_t ts_ns, Money equity, Money exposure) {
  seconds_.add(to_double(equity - last_));
  last_ = equity;
  if (++samples_in_minute_ == samples_per_minute) {
    minutes_.add(to_double(equity - last_minute_));
    last_minute_ = equity;
    samples_in_minute_ = 0;
  }
  point(ts_ns, equity, exposure);
}

void EquityCurve::point(std::int64_t ts_ns, Money equity, Money exposure) {
  note_exposure(exposure);
  if (equity >= peak_) {
    if (below_peak_) longest_ns_ = std::max(longest_ns_, ts_ns - peak_ns_);
    below_peak_ = false;
    peak_ = equity;
    peak_ns_ = ts_ns;
  } else {
    below_peak_ = true;
    longest_ns_ = std::max(longest_ns_, ts_ns - peak_ns_);
    const Money depth{saturate(static_cast<Int128>(peak_.value) - equity.value)};
    if (depth > deepest_) {
      deepest_ = depth;
      deepest_ns_ = ts_ns - peak_ns_;
      peak_of_deepest_ = peak_;
    }
  }
  curve_.add(ts_ns, to_double(equity));
  depth_.add(ts_ns, to_double(equity - peak_));
}

Drawdown EquityCurve::drawdown(Money capital) const {
  Drawdown result;
  result.deepest = deepest_;
  result.peak_to_trough = {deepest_ns_};
  result.longest = {longest_ns_};
  result.recovered = !below_peak_;
  if (capital.value > 0) {
    result.basis = Drawdown::Basis::capital;
    result.percent =
        100.0 * to_double(deepest_) / (to_double(capital) + to_double(peak_of_deepest_));
  } else if (peak_exposure_.value > 0) {
    result.basis = Drawdown::Basis::peak_exposure;
    result.percent = 100.0 * to_double(deepest_) / to_double(peak_exposure_);
  }
  return result;
}

IntervalStatistics EquityCurve::statistics(const Moments& moments, std::int64_t interval_ns) {
  IntervalStatistics result;
  result.interval = {interval_ns};
  result.count = moments.count();
  result.mean = moments.mean();
  result.deviation = moments.deviation();
  if (has_value(result.deviation) && result.deviation > 0) {
    result.sharpe = result.mean / result.deviation;
    result.t = result.sharpe * std::sqrt(static_cast<double>(result.count));
  }
  return result;
}

}  // namespace zomma
