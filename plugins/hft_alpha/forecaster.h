// forecaster.h: from two instruments' features to one forecast of the traded one's next return,
// learned while it runs. Every input is also a signal of its own, so the report can judge each
// alone.
#pragma once

#include <array>
#include <cstdint>

#include "features.h"
#include "model.h"

namespace hft {

enum Input : std::size_t {
  microprice,
  imbalance,
  order_flow,
  trade_flow,
  momentum,
  reversion,
  lead_lag,
  cross_venue,
  leader_flow,
  input_count
};
constexpr std::array<const char*, input_count> input_names{
    "microprice", "imbalance", "order_flow",  "trade_flow", "momentum",
    "reversion",  "lead_lag",  "cross_venue", "leader_flow"};

using Inputs = std::array<double, input_count>;

class Forecaster {
 public:
  void set_horizon(std::int64_t horizon_ns) { horizon_ns_ = horizon_ns; }
  void set_memory(double samples) { model_.set_forgetting(1.0 - 1.0 / samples); }
  void set_basis_half_life(double half_life_ns) { basis_.set_half_life(half_life_ns); }

  // Raw inputs as of now. Without a valid leader its inputs are 0.
  Inputs raw(std::int64_t now_ns, const MarketFeatures& own, const MarketFeatures& leader) const {
    Inputs x{};
    x[microprice] = std::log(own.microprice() / own.mid());
    x[imbalance] = own.imbalance();
    x[order_flow] = own.order_flow(now_ns);
    x[trade_flow] = own.trade_flow(now_ns);
    x[momentum] = own.trend(now_ns);
    x[reversion] = -own.deviation(now_ns);
    if (leader.valid()) {
      x[lead_lag] = leader.recent_move(now_ns) - own.recent_move(now_ns);
      if (basis_.started()) x[cross_venue] = std::log(leader.mid() / own.mid()) - basis_.at(now_ns);
      x[leader_flow] = leader.trade_flow(now_ns);
    }
    return x;
  }

  // Ten times a second: learns from the samples whose future is now known, then stores this one.
  void sample(std::int64_t now_ns, const MarketFeatures& own, const MarketFeatures& leader) {
    if (leader.valid()) basis_.observe(now_ns, std::log(leader.mid() / own.mid()));
    learn_matured(now_ns, own.mid());
    const Inputs x = raw(now_ns, own, leader);
    for (std::size_t i = 0; i < input_count; ++i) scale_[i].observe(x[i]);
    if (head_ - tail_ == capacity) ++tail_;
    pending_[head_++ % capacity] = {now_ns, own.mid(), scaled(x)};
  }

  Inputs scaled(const Inputs& raw) const {
    Inputs x{};
    for (std::size_t i = 0; i < input_count; ++i) x[i] = scale_[i](raw[i]);
    return x;
  }
  // Expected log return over the horizon; 0 until enough was learned.
  double forecast(const Inputs& raw) const {
    return ready() ? model_.predict(scaled(raw)) / return_scale : 0.0;
  }
  bool ready() const { return model_.observations() >= warm_up; }
  const Inputs& weights() const { return model_.weights(); }

 private:
  struct Sample {
    std::int64_t ts_ns;
    double mid;
    Inputs x;
  };
  static constexpr std::size_t capacity = 512;
  static constexpr std::size_t warm_up = 300;  // half a minute
  static constexpr double return_scale = 1e4;  // the model works in basis points

  void learn_matured(std::int64_t now_ns, double mid) {
    for (; tail_ != head_ && pending_[tail_ % capacity].ts_ns + horizon_ns_ <= now_ns; ++tail_) {
      const Sample& past = pending_[tail_ % capacity];
      model_.learn(past.x, std::log(mid / past.mid) * return_scale);
    }
  }

  OnlineRegression<input_count> model_;
  std::array<Normaliser, input_count> scale_;
  FadingMean basis_{60e9};
  std::array<Sample, capacity> pending_{};
  std::uint64_t head_ = 0, tail_ = 0;
  std::int64_t horizon_ns_ = 1'000'000'000;
};

}  // namespace hft
