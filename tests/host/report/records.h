// records.h: short ways to write the records of a run, and approximate comparison.
#pragma once

#include <catch2/catch.hpp>

#include "observe/report/run_analysis.h"

namespace zomma::test {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t start = 1'000'000 * second;
constexpr std::int64_t dollars = 100'000'000;  // Money

// Whole prices, whole quantities, so that one unit at price 100 is worth 100 dollars.
inline Instrument plain_instrument(std::uint32_t id, const std::string& symbol,
                                   const std::string& currency = "USD") {
  Instrument instrument;
  instrument.id = {id};
  instrument.symbol = symbol;
  instrument.venue = "test";
  instrument.currency = currency;
  instrument.price_digits = 0;
  instrument.quantity_digits = 0;
  return instrument;
}

inline AnalysisOptions plain_options(std::vector<std::string> instances = {"alpha"}) {
  AnalysisOptions options;
  options.instruments = {plain_instrument(0, "AAA"), plain_instrument(1, "BBB")};
  options.instances = std::move(instances);
  options.signals = {"first", "second"};
  return options;
}

inline void quote(RunAnalysis& analysis, std::int64_t ts, std::int64_t bid, std::int64_t ask,
                  std::uint32_t instrument = 0) {
  analysis.on_bbo({ts}, {instrument}, {bid}, {ask});
}

inline IntentRecord new_order(std::int64_t ts, std::uint64_t order_id, std::uint32_t instance = 0,
                              std::uint32_t instrument = 0) {
  IntentRecord record{};
  record.ts_ns = ts;
  record.instance = instance;
  record.intent.kind = ZM_INTENT_NEW;
  record.intent.instrument = instrument;
  record.result.order_id = order_id;
  return record;
}

inline IntentRecord change(std::int64_t ts, std::uint32_t kind, std::uint64_t order_id) {
  IntentRecord record{};
  record.ts_ns = ts;
  record.intent.kind = kind;
  record.intent.order_id = order_id;
  return record;
}

inline IntentRecord refused(std::int64_t ts, std::uint32_t code, std::uint32_t breaches) {
  IntentRecord record = new_order(ts, 0);
  record.result.status = ZM_E_RISK;
  record.result.code = code;
  record.breaches = breaches;
  return record;
}

inline OrderRecord update(std::int64_t ts, std::uint16_t kind, std::uint64_t order_id,
                          std::uint32_t code = 0) {
  OrderRecord record{};
  record.event.ts_ns = ts;
  record.event.kind = kind;
  record.event.u.order_update.order_id = order_id;
  record.event.u.order_update.code = code;
  return record;
}

struct Fill {
  std::int64_t ts;
  Side side;
  std::int64_t price, quantity;
  std::int64_t fee = 0;  // Money
  bool maker = true;
  std::uint64_t order_id = 1;
  std::uint32_t instance = 0, instrument = 0;
  std::int64_t leaves = 0;
};
inline OrderRecord fill(const Fill& what) {
  OrderRecord record{};
  record.instance = what.instance;
  record.side = static_cast<std::uint32_t>(what.side);
  record.fee = what.fee;
  record.event.ts_ns = what.ts;
  record.event.kind = ZM_EVENT_FILL;
  record.event.flags = what.maker ? ZM_FLAG_MAKER : 0;
  record.event.instrument = what.instrument;
  record.event.u.fill = {what.order_id, what.price, what.quantity, what.leaves};
  return record;
}

inline SignalRecord signal(std::int64_t ts, double value, std::uint32_t name = 0,
                           std::uint32_t instrument = 0) {
  return {ts, 0, instrument, name, 0, value};
}

inline Approx close_to(double value) { return Approx(value).epsilon(1e-9).margin(1e-12); }

}  // namespace zomma::test
