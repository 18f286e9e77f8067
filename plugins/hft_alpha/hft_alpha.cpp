// hft_alpha: quotes and takes one instrument on a forecast of its next seconds.
//
// instruments = ["the one to trade", "the leader"]: the leader (the same asset on another venue) is
// optional. The forecast is a linear model over microprice, imbalance, order flow, trade flow,
// momentum, mean reversion, lead-lag and the cross-venue basis; its weights are learned while it
// runs, from samples whose future is already past. It trades only where the forecast pays for fees
// and edge, leans against its inventory, and publishes every input as a signal.
#include <zomma/zomma.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "forecaster.h"
#include "quoter.h"

namespace {

constexpr double bps = 1e-4;

struct State {  // everything that a reload must carry over
  hft::MarketFeatures own, leader;
  hft::Forecaster forecaster;
  hft::Quoter quoter;
  std::int64_t last_sample_ns = 0, last_decision_ns = 0;
  std::uint64_t taking = 0;  // order id of the taking order in flight
  bool halted = false;
};
static_assert(std::is_trivially_copyable_v<State>);

}  // namespace

struct hft_alpha : zm::strategy<hft_alpha> {
  double order_notional = 2000, max_inventory_notional = 10000;
  double make_edge_bps = 0.0, take_edge_bps = 0.5, skew_bps = 1.0, volatility_factor = 0.25;
  double horizon_ms = 1000, flow_half_life_ms = 500, slow_half_life_ms = 20000,
         memory_samples = 2000;
  double decide_every_us = 1000;
  std::int64_t tolerance_ticks = 2;
  bool make = true, take = true;

  template <class V>
  using P = zm::parameter<hft_alpha, V>;
  using I = std::int64_t;
  static constexpr auto parameters = zm::parameters(
      P<double>{&hft_alpha::order_notional, "order_notional", "money", "value of one order", 1,
                1e9},
      P<double>{&hft_alpha::max_inventory_notional, "max_inventory_notional", "money",
                "largest position, either way", 1, 1e10},
      P<double>{&hft_alpha::make_edge_bps, "make_edge_bps", "bps",
                "least expected gain of a resting order, after its fee", -10, 100},
      P<double>{&hft_alpha::take_edge_bps, "take_edge_bps", "bps",
                "least expected gain of a taking order, after its fee", -10, 100},
      P<double>{&hft_alpha::skew_bps, "skew_bps", "bps",
                "how far a full inventory moves the fair price", 0, 100},
      P<double>{&hft_alpha::volatility_factor, "volatility_factor", "ratio",
                "share of the one-second volatility added to the edge", 0, 10},
      P<double>{&hft_alpha::horizon_ms, "horizon_ms", "ms", "how far the forecast looks", 10,
                40000},
      P<double>{&hft_alpha::flow_half_life_ms, "flow_half_life_ms", "ms",
                "memory of order and trade flow", 1, 60000},
      P<double>{&hft_alpha::slow_half_life_ms, "slow_half_life_ms", "ms",
                "memory of the slow mean and of volatility", 100, 600000},
      P<double>{&hft_alpha::memory_samples, "memory_samples", "samples",
                "memory of the learned weights, ten samples a second", 100, 1e6},
      P<double>{&hft_alpha::decide_every_us, "decide_every_us", "us",
                "least time between two decisions", 0, 1e6},
      P<I>{&hft_alpha::tolerance_ticks, "tolerance_ticks", "ticks",
           "a working order this near to its wanted price stays", 0, 1000},
      P<bool>{&hft_alpha::make, "make", "", "rest orders in the book"},
      P<bool>{&hft_alpha::take, "take", "", "take liquidity when the forecast pays for it"});

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty() || ctx.instruments().size() > 2) {
      ctx.set_error("hft_alpha takes one instrument to trade and at most one leader");
      return ZM_E_ARGUMENT;
    }
    traded_ = ctx.instruments()[0];
    leader_ = ctx.instruments().size() == 2 ? ctx.instruments()[1] : ZM_NO_INSTRUMENT;
    const zm_instrument info = ctx.instrument(traded_);
    tick_ = info.tick;
    lot_ = info.lot;
    price_unit_ = std::pow(10.0, -static_cast<double>(info.price_digits));
    quantity_unit_ = std::pow(10.0, -static_cast<double>(info.quantity_digits)) *
                     static_cast<double>(info.multiplier);
    maker_fee_ = info.maker_fee_bps * bps;
    taker_fee_ = info.taker_fee_bps * bps;
    for (std::size_t i = 0; i < hft::input_count; ++i)
      signals_[i] = ctx.declare(hft::input_names[i], "ratio", ZM_METRIC_SIGNAL);
    combined_ = ctx.declare("combined", "log return", ZM_METRIC_SIGNAL);
    volatility_ = ctx.declare("volatility", "log return per sqrt(s)", ZM_METRIC_GAUGE);
    apply_parameters();
    return ZM_OK;
  }

  void on_parameter(std::uint32_t, zm::context&) { apply_parameters(); }

  void on_quote(const zm_event& event, zm::context&) {
    if (event.instrument == traded_) {
      state_.own.on_quote(event.ts_ns, event.u.quote);
      moved_ = true;
    } else if (event.instrument == leader_) {
      state_.leader.on_quote(event.ts_ns, event.u.quote);
    }
  }
  void on_trade(const zm_event& event, zm::context&) {
    if ((event.flags & ZM_FLAG_AGGRESSOR) == 0) return;
    auto& features = event.instrument == traded_ ? state_.own : state_.leader;
    features.on_trade(event.ts_ns, static_cast<double>(event.u.trade.quantity),
                      (event.flags & ZM_FLAG_SELL) != 0 ? -1 : 1);
  }
  void on_state(const zm_event& event, zm::context&) {
    if (event.kind == ZM_EVENT_MARKET_STATE && event.instrument == traded_)
      state_.halted = event.u.state.state != ZM_MARKET_OPEN;
  }
  void on_order(const zm_event& event, zm::context&) {
    state_.quoter.on_order(event);
    const bool fill = event.kind == ZM_EVENT_FILL;
    const auto leaves = fill ? event.u.fill.leaves_quantity : event.u.order_update.leaves_quantity;
    if (event.u.order_update.order_id == state_.taking && leaves == 0) state_.taking = 0;
    if (fill) state_.last_decision_ns = 0;  // the inventory changed: think again at the next event
  }

  void on_batch_end(zm::context& ctx) {
    if (!state_.own.valid()) return;
    const std::int64_t now = ctx.now_ns();
    if (moved_) look_at_depth(now, ctx);
    moved_ = false;
    if (now - state_.last_sample_ns >= sample_ns) sample(now, ctx);
    if (now - state_.last_decision_ns >= static_cast<std::int64_t>(decide_every_us * 1e3))
      decide(now, ctx);
  }

  void save(zm::writer& out) const { out.put(state_); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(state_); }

 private:
  static constexpr std::int64_t sample_ns = 100'000'000;

  void apply_parameters() {
    for (auto* features : {&state_.own, &state_.leader})
      features->set_half_lives(flow_half_life_ms * 1e6, slow_half_life_ms * 1e6);
    state_.forecaster.set_horizon(static_cast<std::int64_t>(horizon_ms * 1e6));
    state_.forecaster.set_memory(memory_samples);
    state_.forecaster.set_basis_half_life(slow_half_life_ms * 1e6);
  }

  void look_at_depth(std::int64_t now, zm::context& ctx) {
    hft::Depth depth;
    depth.bid_count = ctx.levels(traded_, ZM_SIDE_BUY, depth.bids);
    depth.ask_count = ctx.levels(traded_, ZM_SIDE_SELL, depth.asks);
    state_.own.on_depth(now, depth);
  }

  void sample(std::int64_t now, zm::context& ctx) {
    state_.last_sample_ns = now;
    state_.forecaster.sample(now, state_.own, state_.leader);
    const hft::Inputs raw = state_.forecaster.raw(now, state_.own, state_.leader);
    for (std::size_t i = 0; i < hft::input_count; ++i) ctx.signal(signals_[i], traded_, raw[i]);
    if (state_.forecaster.ready()) ctx.signal(combined_, traded_, state_.forecaster.forecast(raw));
    ctx.set(volatility_, state_.own.volatility(now));
  }

  zm_quantity quantity_for(double notional) const {
    const double lots =
        notional / (state_.own.mid() * price_unit_ * quantity_unit_ * static_cast<double>(lot_));
    return static_cast<zm_quantity>(std::max(1.0, std::floor(lots))) * lot_;
  }
  zm_price down(double price) const {
    return static_cast<zm_price>(std::floor(price / static_cast<double>(tick_))) * tick_;
  }
  zm_price up(double price) const {
    return static_cast<zm_price>(std::ceil(price / static_cast<double>(tick_))) * tick_;
  }

  void decide(std::int64_t now, zm::context& ctx) {
    state_.last_decision_ns = now;
    if (!state_.forecaster.ready() || state_.halted) return;
    const double forecast =
        state_.forecaster.forecast(state_.forecaster.raw(now, state_.own, state_.leader));
    const zm_position held = ctx.position(traded_);
    const zm_quantity size = quantity_for(order_notional),
                      most = quantity_for(max_inventory_notional);
    const double fullness =
        std::clamp(static_cast<double>(held.quantity) / static_cast<double>(most), -1.0, 1.0);
    const double fair = state_.own.mid() * (1.0 + forecast - skew_bps * bps * fullness);
    const zm_quote best = ctx.best(traded_);
    const zm_quantity room_to_buy = std::min(size, most - held.quantity - held.open_buy);
    const zm_quantity room_to_sell = std::min(size, most + held.quantity - held.open_sell);

    if (take && state_.taking == 0) {
      const double needed = taker_fee_ + take_edge_bps * bps;
      if (fair > static_cast<double>(best.ask_price) * (1.0 + needed))
        hit(ZM_SIDE_BUY, best.ask_price, room_to_buy, ctx);
      else if (fair < static_cast<double>(best.bid_price) * (1.0 - needed))
        hit(ZM_SIDE_SELL, best.bid_price, room_to_sell, ctx);
    }
    const double margin =
        maker_fee_ + make_edge_bps * bps + volatility_factor * state_.own.volatility(now);
    const zm_price bid = std::min(best.bid_price, down(fair * (1.0 - margin)));
    const zm_price ask = std::max(best.ask_price, up(fair * (1.0 + margin)));
    const zm_price tolerance = tolerance_ticks * tick_;
    quote(ZM_SIDE_BUY, bid, std::min(size, most - held.quantity), tolerance, ctx);
    quote(ZM_SIDE_SELL, ask, std::min(size, most + held.quantity), tolerance, ctx);
  }

  void quote(std::uint32_t side, zm_price price, zm_quantity room, zm_price tolerance,
             zm::context& ctx) {
    state_.quoter.want(traded_, side, price,
                       make ? std::max<zm_quantity>(room / lot_ * lot_, 0) : 0, tolerance, ctx);
  }
  void hit(std::uint32_t side, zm_price price, zm_quantity room, zm::context& ctx) {
    if (room < lot_) return;
    state_.taking =
        ctx.submit(zm::limit_order(traded_, side, price, room / lot_ * lot_, ZM_TIF_IOC)).order_id;
  }

  std::uint32_t traded_ = ZM_NO_INSTRUMENT, leader_ = ZM_NO_INSTRUMENT;
  zm_price tick_ = 1;
  zm_quantity lot_ = 1;
  double price_unit_ = 1, quantity_unit_ = 1, maker_fee_ = 0, taker_fee_ = 0;
  std::array<std::uint32_t, hft::input_count> signals_{};
  std::uint32_t combined_ = 0, volatility_ = 0;
  bool moved_ = false;
  State state_;
};

ZOMMA_STRATEGY(hft_alpha, "dev.zomma.hft_alpha", "1.0.0", 1)
