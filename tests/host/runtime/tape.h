// tape.h: a made-up but plausible market as events, and an engine log in memory; for tests of the
// engine.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "base/random.h"
#include "plugin/image.h"
#include "runtime/engine.h"

namespace zomma::test {

inline Instrument test_instrument(std::uint32_t id = 0) {
  Instrument instrument;
  instrument.id = InstrumentId{id};
  instrument.symbol = "TEST" + std::to_string(id);
  instrument.venue = "test";
  instrument.currency = "USD";
  instrument.price_digits = 2;
  instrument.quantity_digits = 0;
  instrument.maker_fee_bps = 0.5;
  instrument.taker_fee_bps = 1.5;
  return instrument;
}

// Quotes that walk, with trades between them. About `count` events, a millisecond or so apart.
inline std::vector<zm_event> random_tape(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<zm_event> tape;
  std::int64_t ts = 1'700'000'000'000'000'000, bid = 10'000;
  while (tape.size() < count) {
    ts += static_cast<std::int64_t>(random.below(2'000'000));
    zm_event event{};
    event.ts_ns = ts;
    event.exchange_ns = ts - 500'000;
    event.flags = ZM_FLAG_LAST;
    if (random.below(4) == 0) {
      const bool sold = random.below(2) == 0;
      event.kind = ZM_EVENT_TRADE;
      event.flags |= ZM_FLAG_AGGRESSOR | (sold ? ZM_FLAG_SELL : 0);
      event.u.trade = {sold ? bid : bid + 2, static_cast<std::int64_t>(1 + random.below(40)),
                       tape.size(), 0};
    } else {
      bid += static_cast<std::int64_t>(random.below(5)) - 2;
      event.kind = ZM_EVENT_QUOTE;
      event.u.quote = {bid, bid + 2, static_cast<std::int64_t>(1 + random.below(50)),
                       static_cast<std::int64_t>(1 + random.below(50))};
    }
    tape.push_back(event);
  }
  return tape;
}

// Keeps every record as bytes; refuses from `fail_after` records on.
class MemoryLog final : public EngineLog {
 public:
  std::vector<zm_event> input_events;
  std::vector<std::string> outputs;
  std::vector<std::pair<std::size_t, std::vector<std::byte>>>
      given;  // and how many inputs came before
  std::size_t fail_after = SIZE_MAX;

  bool inputs(std::span<const zm_event> events) override {
    if (input_events.size() + outputs.size() + events.size() > fail_after) return false;
    input_events.insert(input_events.end(), events.begin(), events.end());
    return true;
  }
  bool intent(const IntentRecord& record) override { return keep('i', &record, sizeof record); }
  bool order(const OrderRecord& record) override { return keep('o', &record, sizeof record); }
  bool signal(const SignalRecord& record) override { return keep('s', &record, sizeof record); }
  bool given_state(std::span<const std::byte> record) override {
    if (full()) return false;
    given.emplace_back(input_events.size(), std::vector(record.begin(), record.end()));
    return true;
  }

 private:
  bool full() const { return input_events.size() + outputs.size() >= fail_after; }
  bool keep(char type, const void* data, std::size_t size) {
    if (full()) return false;
    outputs.emplace_back(1, type);
    outputs.back().append(static_cast<const char*>(data), size);
    return true;
  }
};

inline EngineSettings test_settings(std::uint64_t seed = 7) {
  EngineSettings settings;
  settings.instruments = {test_instrument()};
  settings.books = {BookKind::l2};
  settings.sim.order = LatencyModel::lognormal({100'000}, {500'000}, 0.5, {20'000'000});
  settings.sim.feed = LatencyModel::constant({200'000});
  settings.sim.report = LatencyModel::uniform({100'000}, {900'000});
  settings.sim.queue = SimQueueModel::probability;
  settings.sim.seed = seed;
  return settings;
}

inline std::shared_ptr<PluginImage> load_plugin(const std::string& name) {
  auto image = PluginImage::load(
      {std::string(ZOMMA_TEST_PLUGINS) + "/" + name + ".so", "/tmp/zomma-engine-test", ""});
  return image ? std::move(*image) : nullptr;
}

inline InstanceId add_strategy(Engine& engine, const std::string& plugin,
                               OnFault on_fault = OnFault::cancel) {
  auto image = load_plugin(plugin);
  const zm_strategy_factory& factory = image->factory();
  const auto added = engine.add_instance({plugin, {0}, on_fault, {}}, factory, image);
  return added ? *added : InstanceId{};
}

inline constexpr Nanoseconds tape_start{1'700'000'000'000'000'000};

// Feeds a tape in slices of `slice` events, ends the session and drains.
inline void run_tape(Engine& engine, std::vector<zm_event> tape, std::size_t slice = 64) {
  for (std::size_t at = 0; at < tape.size(); at += slice)
    if (!engine.process(std::span(tape).subspan(at, std::min(slice, tape.size() - at)))) return;
  zm_event end = Engine::session_event(session_end, ended_recording, engine.now());
  engine.process({&end, 1});
  engine.drain();
}

}  // namespace zomma::test
