#include "runtime/closed_services.h"

#include <algorithm>

namespace zomma {
namespace {

constexpr std::size_t max_lines = 256;  // of a strategy that has not started yet

}  // namespace

void describe_instrument(const Instrument& instrument, zm_instrument& out) {
  out.size = sizeof out;
  out.id = instrument.id.value;
  out.symbol = instrument.symbol.c_str();
  out.venue = instrument.venue.c_str();
  out.currency = instrument.currency.c_str();
  out.kind = static_cast<std::uint32_t>(instrument.kind);
  out.price_digits = static_cast<std::uint32_t>(instrument.price_digits);
  out.quantity_digits = static_cast<std::uint32_t>(instrument.quantity_digits);
  out.reserved = 0;
  out.tick = instrument.tick.value;
  out.lot = instrument.lot.value;
  out.multiplier = instrument.multiplier;
  out.maker_fee_bps = instrument.maker_fee_bps;
  out.taker_fee_bps = instrument.taker_fee_bps;
}

bool valid_metric_name(std::string_view name) {
  const auto valid = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), valid) &&
         (name[0] < '0' || name[0] > '9');
}

zm_status ClosedServices::instrument(InstrumentId id, zm_instrument& out) const {
  if (id.value >= instruments_.size()) return ZM_E_NOT_FOUND;
  describe_instrument(instruments_[id.value], out);
  return ZM_OK;
}

InstrumentId ClosedServices::find_instrument(std::string_view symbol) const {
  for (const Instrument& instrument : instruments_)
    if (instrument.symbol == symbol) return instrument.id;
  return {};
}

zm_status ClosedServices::declare_metric(InstanceId, std::string_view name, std::string_view unit,
                                         std::uint32_t kind, std::uint32_t& handle) {
  if (!valid_metric_name(name)) return ZM_E_ARGUMENT;
  for (handle = 0; handle < metrics_.size(); ++handle)
    if (metrics_[handle].name == name)
      return metrics_[handle].kind == kind ? zm_status{ZM_OK} : zm_status{ZM_E_ARGUMENT};
  if (metrics_.size() >= max_metrics_) return ZM_E_QUOTA;
  metrics_.push_back({std::string(name), std::string(unit), kind});
  return ZM_OK;
}

void ClosedServices::log(InstanceId, std::uint32_t level, std::string_view text) {
  if (lines_.size() < max_lines) lines_.push_back({level, std::string(text)});
}

}  // namespace zomma
