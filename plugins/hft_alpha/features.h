// features.h: what one instrument's quotes, depth and trades say about its next seconds. Pure
// arithmetic on event time.
//
// Sources: microprice and queue imbalance, Gatheral & Oomen (2010), Gould & Bonart (2016);
// order-flow imbalance, Cont, Kukanov & Stoikov (2014), over several levels, Xu, Gould & Howison
// (2018).
#pragma once

#include <zomma/ext/market.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include "decay.h"

namespace hft {

constexpr std::size_t depth_levels = 5;

struct Depth {
  std::array<zm_price_level, depth_levels> bids{}, asks{};
  std::uint32_t bid_count = 0, ask_count = 0;
};

// Net quantity that joined the bid side since the last look, one level: more at the same or a
// better price is buying, less at the same or a worse price is selling.
inline double level_flow(const zm_price_level& before, const zm_price_level& now, bool bid) {
  const bool better = bid ? now.price > before.price : now.price < before.price;
  const bool worse = bid ? now.price < before.price : now.price > before.price;
  double flow = 0;
  if (!worse) flow += static_cast<double>(now.quantity);
  if (!better) flow -= static_cast<double>(before.quantity);
  return flow;
}

class MarketFeatures {
 public:
  void set_half_lives(double flow_ns, double volatility_ns) {
    for (FadingSum* sum : {&flow_signed_, &flow_total_, &ofi_, &ofi_scale_})
      sum->set_half_life(flow_ns);
    variance_.set_half_life(volatility_ns);
    seconds_.set_half_life(volatility_ns);
    anchor_.set_half_life(volatility_ns);
    fast_.set_half_life(flow_ns);
  }

  void on_quote(std::int64_t now_ns, const zm_quote& quote) {
    if (quote.bid_price == ZM_NO_PRICE || quote.ask_price == ZM_NO_PRICE ||
        quote.bid_price >= quote.ask_price) {
      valid_ = false;
      return;
    }
    const double bid = static_cast<double>(quote.bid_price),
                 ask = static_cast<double>(quote.ask_price);
    const double bid_size = static_cast<double>(quote.bid_quantity),
                 ask_size = static_cast<double>(quote.ask_quantity);
    const double mid = 0.5 * (bid + ask);
    if (valid_ && mid != mid_) {
      const double change = std::log(mid / mid_);
      variance_.add(now_ns, change * change);
    }
    if (last_ns_ != 0 && now_ns > last_ns_)
      seconds_.add(now_ns, static_cast<double>(now_ns - last_ns_) * 1e-9);
    last_ns_ = now_ns;
    mid_ = mid;
    spread_ = ask - bid;
    const double total = bid_size + ask_size;
    imbalance_ = total > 0 ? (bid_size - ask_size) / total : 0.0;
    micro_ = total > 0 ? (ask * bid_size + bid * ask_size) / total : mid;
    valid_ = true;
    anchor_.observe(now_ns, mid);
    fast_.observe(now_ns, mid);
  }

  // A trade whose aggressor is known: +1 bought, -1 sold.
  void on_trade(std::int64_t now_ns, double quantity, int aggressor) {
    flow_signed_.add(now_ns, aggressor * quantity);
    flow_total_.add(now_ns, quantity);
  }

  void on_depth(std::int64_t now_ns, const Depth& depth) {
    double flow = 0, size = 0, weight = 1;
    for (std::size_t level = 0; level < depth_levels; ++level, weight *= 0.6) {
      if (level < depth.bid_count && level < depth_.bid_count)
        flow += weight * level_flow(depth_.bids[level], depth.bids[level], true);
      if (level < depth.ask_count && level < depth_.ask_count)
        flow -= weight * level_flow(depth_.asks[level], depth.asks[level], false);
      if (level < depth.bid_count) size += weight * static_cast<double>(depth.bids[level].quantity);
      if (level < depth.ask_count) size += weight * static_cast<double>(depth.asks[level].quantity);
    }
    if (flow != 0) ofi_.add(now_ns, flow);
    ofi_scale_.add(now_ns, 0.1 * size);
    depth_ = depth;
  }

  bool valid() const { return valid_; }
  double mid() const { return mid_; }
  double spread() const { return spread_; }
  double imbalance() const { return imbalance_; }
  double microprice() const { return micro_; }
  // Bought minus sold over all traded, faded: -1..1.
  double trade_flow(std::int64_t now_ns) const {
    const double total = flow_total_.at(now_ns);
    return total > 0 ? flow_signed_.at(now_ns) / total : 0.0;
  }
  // Order-flow imbalance in units of the usual depth, squashed to -1..1.
  double order_flow(std::int64_t now_ns) const {
    const double scale = ofi_scale_.at(now_ns);
    return scale > 0 ? std::tanh(ofi_.at(now_ns) / scale) : 0.0;
  }
  // Standard deviation of log returns over one second.
  double volatility(std::int64_t now_ns) const {
    const double seconds = seconds_.at(now_ns);
    return seconds > 0 ? std::sqrt(variance_.at(now_ns) / seconds) : 0.0;
  }
  // log(mid / its slow mean): what mean reversion expects to vanish.
  double deviation(std::int64_t now_ns) const { return std::log(mid_ / anchor_.at(now_ns)); }
  // log(fast mean / slow mean): what momentum expects to go on.
  double trend(std::int64_t now_ns) const {
    return std::log(fast_.at(now_ns) / anchor_.at(now_ns));
  }
  // log(mid / its fast mean): the move of the last moments.
  double recent_move(std::int64_t now_ns) const { return std::log(mid_ / fast_.at(now_ns)); }

 private:
  bool valid_ = false;
  double mid_ = 0, spread_ = 0, imbalance_ = 0, micro_ = 0;
  std::int64_t last_ns_ = 0;
  FadingSum flow_signed_, flow_total_, ofi_, ofi_scale_, variance_, seconds_;
  FadingMean anchor_, fast_;
  Depth depth_;
};

}  // namespace hft
