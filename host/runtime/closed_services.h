// closed_services.h: the host as a strategy sees it before it belongs to an engine: instruments can
// be looked up, metrics declared and lines logged; everything that acts is refused. It lets a new
// generation be prepared on another thread while the old one trades.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "market/instrument.h"
#include "plugin/services.h"

namespace zomma {

// The instrument as a plugin sees it; the texts live as long as `instrument`.
void describe_instrument(const Instrument& instrument, zm_instrument& out);
// A plugin's metric names are lower-case letters, digits and underscores, and begin with a letter
// or an underscore.
bool valid_metric_name(std::string_view name);

class ClosedServices final : public InstanceServices {
 public:
  struct Metric {
    std::string name, unit;
    std::uint32_t kind;
  };
  struct Line {
    std::uint32_t level;
    std::string text;
  };

  // `instruments` outlives this.
  ClosedServices(const std::vector<Instrument>& instruments, std::uint32_t max_metrics)
      : instruments_(instruments), max_metrics_(max_metrics) {}

  const std::vector<Metric>& metrics() const { return metrics_; }
  const std::vector<Line>& lines() const { return lines_; }

  zm_status submit(InstanceId, const zm_intent&, zm_intent_result& result) override {
    result = {};
    return ZM_E_STATE;
  }
  zm_status cancel_all(InstanceId, InstrumentId) override { return ZM_E_STATE; }
  std::uint32_t instrument_count() const override {
    return static_cast<std::uint32_t>(instruments_.size());
  }
  zm_status instrument(InstrumentId id, zm_instrument& out) const override;
  InstrumentId find_instrument(std::string_view symbol) const override;
  zm_status best(InstrumentId, zm_quote& out) const override {
    out = {ZM_NO_PRICE, ZM_NO_PRICE, 0, 0};
    return ZM_E_STATE;
  }
  std::uint32_t levels(InstrumentId, Side, std::span<zm_price_level>) const override { return 0; }
  zm_status position(InstanceId, InstrumentId, zm_position&) const override { return ZM_E_STATE; }
  void account(InstanceId, zm_account& out) const override { out = {}; }
  std::uint32_t open_orders(InstanceId, std::span<zm_open_order>) const override { return 0; }
  zm_status arm_timer(InstanceId, Nanoseconds, std::uint64_t, std::uint64_t&) override {
    return ZM_E_STATE;
  }
  void cancel_timer(InstanceId, std::uint64_t) override {}
  // The handle is the place in metrics().
  zm_status declare_metric(InstanceId, std::string_view name, std::string_view unit,
                           std::uint32_t kind, std::uint32_t& handle) override;
  void metric_add(InstanceId, std::uint32_t, double) override {}
  void metric_set(InstanceId, std::uint32_t, double) override {}
  void signal(InstanceId, std::uint32_t, InstrumentId, double) override {}
  void log(InstanceId, std::uint32_t level, std::string_view text) override;
  void health(InstanceId, std::uint32_t, std::uint32_t, std::string_view) override {}

 private:
  const std::vector<Instrument>& instruments_;
  std::uint32_t max_metrics_;
  std::vector<Metric> metrics_;
  std::vector<Line> lines_;
};

}  // namespace zomma
