// engine_services.cpp: what a strategy may look up, arm and emit. Orders are in engine_orders.cpp.
#include <algorithm>
#include <array>

#include "runtime/engine.h"

namespace zomma {

std::uint32_t Engine::instrument_count() const {
  return static_cast<std::uint32_t>(settings_.instruments.size());
}

zm_status Engine::instrument(InstrumentId id, zm_instrument& out) const {
  if (id.value >= settings_.instruments.size()) return ZM_E_NOT_FOUND;
  describe_instrument(settings_.instruments[id.value], out);
  return ZM_OK;
}

InstrumentId Engine::find_instrument(std::string_view symbol) const {
  for (const Instrument& instrument : settings_.instruments)
    if (instrument.symbol == symbol) return instrument.id;
  return {};
}

zm_status Engine::best(InstrumentId id, zm_quote& out) const {
  if (id.value >= markets_.size()) return ZM_E_NOT_FOUND;
  const Bbo& bbo = markets_[id.value].told;
  out = {bbo.bid.value, bbo.ask.value, bbo.bid_quantity.value, bbo.ask_quantity.value};
  return ZM_OK;
}

namespace {

// The array is filled with empty levels first, so its size is a cost: ask for few levels, pay for
// few.
template <std::size_t Slice>
std::uint32_t copy_levels(const Book& book, Side side, std::span<zm_price_level> out) {
  std::array<PriceLevel, Slice> levels;
  const std::size_t count = book.levels(side, std::span(levels).first(std::min(Slice, out.size())));
  for (std::size_t i = 0; i < count; ++i)
    out[i] = {levels[i].price.value, levels[i].quantity.value, levels[i].order_count, 0};
  return static_cast<std::uint32_t>(count);
}

}  // namespace

std::uint32_t Engine::levels(InstrumentId id, Side side, std::span<zm_price_level> out) const {
  if (id.value >= markets_.size()) return 0;
  const Book& book = venue_books_.book(id);
  return out.size() <= 8 ? copy_levels<8>(book, side, out) : copy_levels<256>(book, side, out);
}

zm_status Engine::arm_timer(InstanceId id, Nanoseconds at, std::uint64_t cookie,
                            std::uint64_t& timer) {
  if (timers_.count(id) >= settings_.max_timers) return ZM_E_QUOTA;
  timer = timers_.arm(id, std::max(at, now_), cookie);
  ++instance_stats_[id.value].timers;
  refresh_next_due();
  return ZM_OK;
}

void Engine::cancel_timer(InstanceId id, std::uint64_t timer) {
  timers_.cancel(id, timer);
  refresh_next_due();
}

zm_status Engine::declare_metric(InstanceId id, std::string_view name, std::string_view unit,
                                 std::uint32_t kind, std::uint32_t& handle) {
  if (!valid_metric_name(name)) return ZM_E_ARGUMENT;
  std::size_t own = 0;
  for (std::uint32_t i = 0; i < metrics_.size(); ++i) {
    if (metrics_[i].instance != id) continue;
    ++own;
    if (metrics_[i].name != name) continue;
    if (metrics_[i].kind != kind) return ZM_E_ARGUMENT;
    handle = i;
    return ZM_OK;
  }
  if (own >= settings_.max_metrics) return ZM_E_QUOTA;
  handle = static_cast<std::uint32_t>(metrics_.size());
  metrics_.push_back({id, std::string(name), std::string(unit), kind, 0.0});
  if (observer_ != nullptr) observer_->on_metric(id, handle, name, kind);
  return ZM_OK;
}

void Engine::metric_add(InstanceId id, std::uint32_t handle, double amount) {
  if (handle < metrics_.size() && metrics_[handle].instance == id && amount > 0)
    metrics_[handle].value += amount;
}

void Engine::metric_set(InstanceId id, std::uint32_t handle, double value) {
  if (handle < metrics_.size() && metrics_[handle].instance == id) metrics_[handle].value = value;
}

void Engine::signal(InstanceId id, std::uint32_t handle, InstrumentId instrument, double value) {
  if (handle >= metrics_.size() || metrics_[handle].instance != id ||
      metrics_[handle].kind != ZM_METRIC_SIGNAL)
    return;
  if (instrument.value >= markets_.size()) return;
  metrics_[handle].value = value;
  ++instance_stats_[id.value].outputs;
  const SignalRecord record{now_.value, id.value, instrument.value, handle, 0, value};
  if (!log_.signal(record)) stop_trading();
  if (observer_ != nullptr) observer_->on_signal(record);
}

// On engine time, so that the same lines are dropped in every run.
void Engine::log(InstanceId id, std::uint32_t level, std::string_view text) {
  InstanceStats& stats = instance_stats_[id.value];
  const std::int64_t second = now_.value / 1'000'000'000;
  if (second != stats.log_second) {
    stats.log_second = second;
    stats.log_in_second = 0;
  }
  if (++stats.log_in_second > instance_settings_[id.value].log_lines_per_second) {
    ++stats.log_dropped;
    return;
  }
  ++stats.log_lines;
  if (observer_ != nullptr) observer_->on_log(id, level, text);
}

void Engine::health(InstanceId id, std::uint32_t level, std::uint32_t code, std::string_view text) {
  const auto same = [&](const HealthReport& report) {
    return report.instance == id && report.code == code;
  };
  health_.erase(std::remove_if(health_.begin(), health_.end(), same), health_.end());
  if (level != ZM_HEALTH_OK && health_.size() < settings_.max_metrics)
    health_.push_back({id, level, code, std::string(text)});
}

}  // namespace zomma
