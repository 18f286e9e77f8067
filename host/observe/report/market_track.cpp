#include "observe/report/market_track.h"

namespace zomma {

bool MarketTrack::on_bbo(std::int64_t ts_ns, Price bid, Price ask, double price_unit) {
  if (bid == bid_ && ask == ask_) return true;
  const bool two_sided = bid != no_price && ask != no_price;
  if (two_sided && bid > ask) return false;
  if (has_value(spread_bps_) && ts_ns > since_ns_) {
    const double time = static_cast<double>(ts_ns - since_ns_);
    spread_area_ += spread_bps_ * time;
    spread_time_ += time;
  }
  since_ns_ = ts_ns;
  bid_ = bid;
  ask_ = ask;
  ++changes_;
  if (!two_sided) {
    spread_bps_ = no_value;
    return true;
  }
  const std::int64_t doubled = bid.value + ask.value;
  doubled_mark_ = doubled;
  marked_ = true;
  doubled_mid_ = doubled > 0 ? doubled : 0;
  spread_bps_ =
      doubled > 0 ? 2e4 * static_cast<double>(ask.value - bid.value) / static_cast<double>(doubled)
                  : no_value;
  last_mid_ = 0.5 * static_cast<double>(doubled) / price_unit;
  if (!has_value(first_mid_)) first_mid_ = last_mid_;
  if (keeps_curve_) mid_.add(ts_ns, last_mid_);
  return true;
}

MarketResult MarketTrack::result(std::uint32_t instrument, std::int64_t now_ns) const {
  MarketResult result;
  result.instrument = instrument;
  result.bbo_changes = changes_;
  result.trades = trades_;
  result.volume = volume_;
  double area = spread_area_, time = spread_time_;
  if (has_value(spread_bps_) && now_ns > since_ns_) {
    area += spread_bps_ * static_cast<double>(now_ns - since_ns_);
    time += static_cast<double>(now_ns - since_ns_);
  }
  if (time > 0) result.mean_spread_bps = area / time;
  result.first_mid = first_mid_;
  result.last_mid = last_mid_;
  result.mid = mid_.points();
  return result;
}

}  // namespace zomma
