#include "host/report/sample_run.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "base/random.h"

namespace zomma::test {
namespace {

constexpr std::int64_t start_ns = 1'753'707'600'000'000'000;  // 2025-07-28 13:00:00 UTC
constexpr std::int64_t step_ns = 50'000'000;
constexpr std::int64_t report_ns = 2'000'000;
constexpr std::int64_t half_spread[] = {20, 9};  // price units

// About normal, mean 0, deviation 1000: the sum of twelve uniform numbers.
std::int64_t bell(Random& random) {
  std::int64_t sum = -6'000;
  for (int i = 0; i < 12; ++i) sum += random.between(0, 1'000);
  return sum;
}

// The mid at every step, in price units: a walk whose drift fades in and out.
std::vector<std::int64_t> walk(Random& random, std::int64_t open, std::int64_t noise,
                               std::size_t steps) {
  std::vector<std::int64_t> path;
  std::int64_t mid = open, drift = 0, carried = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    drift += bell(random) / 8 - drift / 40;
    carried += bell(random) * noise / 1'000 + drift;
    mid += carried / 1'000;
    carried %= 1'000;
    path.push_back(mid);
  }
  return path;
}

class Maker {
 public:
  Maker(Random& random, int skill) : random_(random), skill_(skill) {}

  void step(std::int64_t ts, std::uint32_t instrument, std::int64_t bid, std::int64_t ask,
            std::int64_t coming) {
    const std::int64_t lean = coming * skill_ / 100;
    // A resting order trades more often when the market is about to run over it; skill is to have
    // cancelled by then.
    const int buy_odds = 6 +
                         (lean > 0     ? 2
                          : coming < 0 ? 5
                                       : 0) -
                         (position_[instrument] > 40 ? 6 : 0);
    const int sell_odds = 6 +
                          (lean < 0     ? 2
                           : coming > 0 ? 5
                                        : 0) -
                          (position_[instrument] < -40 ? 6 : 0);
    if (random_.chance(8, 100))
      quote(ts, instrument, Side::buy, bid,
            random_.chance(static_cast<std::uint64_t>(std::max(buy_odds, 0)), 40), true);
    if (random_.chance(8, 100))
      quote(ts, instrument, Side::sell, ask,
            random_.chance(static_cast<std::uint64_t>(std::max(sell_odds, 0)), 40), true);
    if (random_.chance(3, 1000)) {
      const bool buys = position_[instrument] < 0 || (position_[instrument] == 0 && lean > 0);
      quote(ts, instrument, buys ? Side::buy : Side::sell, buys ? ask : bid, true, false);
    }
    if (random_.chance(1, 900)) refuse(ts, instrument);
  }

  // Everything said since the last call, in order of time.
  void deliver(RunAnalysis& analysis) {
    std::stable_sort(said_.begin(), said_.end(),
                     [](const Said& a, const Said& b) { return a.ts_ns < b.ts_ns; });
    for (const Said& said : said_) {
      if (const auto* intent = std::get_if<IntentRecord>(&said.record))
        analysis.add_intent(*intent);
      else
        analysis.add_order(std::get<OrderRecord>(said.record));
    }
    said_.clear();
  }

 private:
  void quote(std::int64_t ts, std::uint32_t instrument, Side side, std::int64_t price, bool fills,
             bool maker) {
    IntentRecord intent{};
    intent.ts_ns = ts;
    intent.intent.kind = ZM_INTENT_NEW;
    intent.intent.instrument = instrument;
    intent.intent.side = static_cast<std::uint32_t>(side);
    intent.intent.price = price;
    intent.intent.quantity = 10;
    intent.result.order_id = ++order_;
    said_.push_back({intent.ts_ns, intent});
    const std::int64_t answered = ts + report_ns + random_.exponential(900'000);
    tell(ZM_EVENT_ACCEPTED, answered, instrument, side,
         [&](zm_event& event) { event.u.order_update.order_id = order_; });
    if (fills) {
      const std::int64_t quantity = random_.between(1, 10);
      tell(ZM_EVENT_FILL, answered + report_ns, instrument, side, [&](zm_event& event) {
        event.flags = maker ? ZM_FLAG_MAKER : 0;
        event.u.fill = {order_, price, quantity, 0};
      });
      position_[instrument] += sign(side) * quantity;
      return;
    }
    intent.ts_ns = answered;
    intent.intent.kind = ZM_INTENT_CANCEL;
    intent.intent.order_id = order_;
    said_.push_back({intent.ts_ns, intent});
    const bool crossed = random_.chance(1, 60);
    tell(ZM_EVENT_CANCELED, answered + report_ns + random_.exponential(600'000), instrument, side,
         [&](zm_event& event) {
           event.u.order_update = {order_, price, 0,
                                   crossed ? ZM_REASON_WOULD_CROSS : ZM_REASON_USER, 0};
         });
  }

  template <class Fill>
  void tell(std::uint16_t kind, std::int64_t ts, std::uint32_t instrument, Side side, Fill fill) {
    OrderRecord record{};
    record.side = static_cast<std::uint32_t>(side);
    record.event.kind = kind;
    record.event.ts_ns = ts;
    record.event.instrument = instrument;
    fill(record.event);
    if (kind == ZM_EVENT_FILL) {
      const Money value = notional(instruments_[instrument], {record.event.u.fill.price},
                                   {record.event.u.fill.quantity});
      const std::int64_t rate = record.event.flags & ZM_FLAG_MAKER ? 10 : 40;  // millionths
      record.fee = value.value * rate / 1'000'000;
    }
    said_.push_back({ts, record});
  }

  void refuse(std::int64_t ts, std::uint32_t instrument) {
    IntentRecord intent{};
    intent.ts_ns = ts;
    intent.intent.kind = ZM_INTENT_NEW;
    intent.intent.instrument = instrument;
    intent.result.status = ZM_E_RISK;
    intent.result.code = random_.chance(1, 3) ? ZM_REASON_POSITION : ZM_REASON_RATE;
    intent.breaches = 1u << (intent.result.code - 1) |
                      (random_.chance(1, 4) ? 1u << (ZM_REASON_OPEN_ORDERS - 1) : 0u);
    said_.push_back({intent.ts_ns, intent});
  }

  struct Said {
    std::int64_t ts_ns;
    std::variant<IntentRecord, OrderRecord> record;
  };
  std::vector<Said> said_;
  const std::vector<Instrument> instruments_ = sample_instruments();
  Random& random_;
  int skill_;
  std::uint64_t order_ = 0;
  std::int64_t position_[2]{};
};

void publish(RunAnalysis& analysis, Random& random, std::int64_t ts, std::uint32_t instrument,
             std::int64_t soon, std::int64_t later) {
  const auto noisy = [&](std::int64_t truth, std::int64_t noise) {
    return static_cast<double>(truth * 1'000 + bell(random) * noise) * 1e-3;
  };
  const double values[] = {noisy(soon, 250),  noisy(soon, 400), noisy(later, 900),
                           noisy(-soon, 600), noisy(0, 10),     noisy(later, 2'500)};
  for (std::uint32_t s = 0; s < 6; ++s) analysis.add_signal({ts, 0, instrument, s, 0, values[s]});
}

}  // namespace

std::vector<Instrument> sample_instruments() {
  Instrument btc;
  btc.id = {0};
  btc.symbol = "BTCUSDT.perp";
  btc.venue = "binance";
  btc.currency = "USDT";
  btc.price_digits = 1;
  btc.quantity_digits = 3;
  Instrument eth = btc;
  eth.id = {1};
  eth.symbol = "ETHUSDT.perp";
  eth.price_digits = 2;
  return {btc, eth};
}

RunResult sample_run(const std::string& strategy, std::uint64_t seed, int skill,
                     Nanoseconds length) {
  AnalysisOptions options;
  options.instruments = sample_instruments();
  options.instances = {strategy};
  options.signals = {"microprice",     "queue_imbalance", "order_flow_5",
                     "mean_reversion", "momentum",        "lead_lag"};
  options.warm_up = {60'000'000'000};
  RunAnalysis analysis(options);
  Random random(seed), market_random(7);
  const auto steps = static_cast<std::size_t>(length.value / step_ns) + 1;
  const std::vector<std::int64_t> paths[] = {walk(market_random, 1'180'000, 6'000, steps + 200),
                                             walk(market_random, 380'000, 2'600, steps + 200)};
  Maker maker(random, skill);
  for (std::size_t step = 0; step < steps; ++step) {
    const std::int64_t ts = start_ns + static_cast<std::int64_t>(step) * step_ns;
    for (std::uint32_t i = 0; i < 2; ++i) {
      const std::int64_t mid = paths[i][step], bid = mid - half_spread[i],
                         ask = mid + half_spread[i];
      zm_event trade{};
      trade.ts_ns = ts;
      trade.instrument = i;
      trade.kind = ZM_EVENT_TRADE;
      trade.u.trade = {bid, random.between(1, 400), step, 0};
      analysis.on_bbo({ts}, {i}, {bid}, {ask});
      analysis.add_input(trade);
      const std::int64_t soon = paths[i][step + 20] - mid, later = paths[i][step + 200] - mid;
      if (skill > 0) publish(analysis, random, ts, i, soon, later);
      maker.step(ts, i, bid, ask, soon);
      if (skill > 0) analysis.add_decision_latency(420 + random.exponential(260));
    }
    maker.deliver(analysis);
  }
  return analysis.result();
}

Report sample_report(Nanoseconds length) {
  Report report;
  report.title = "btc-eth perpetuals";
  report.run = sample_run("hft_alpha", 11, 60, length);
  report.baselines.push_back({"do_nothing", do_nothing_baseline(report.run)});
  report.baselines.push_back({"naive_maker", sample_run("naive_maker", 12, 0, length)});
  report.feeds.push_back({"binance",
                          {{"messages", 288'000, false},
                           {"unknown symbols", 0, true},
                           {"sequence gaps", 3, true},
                           {"bytes", 48'211'904, false}}});
  report.facts = {{"zomma", "0.1.0 (c03cb80, g++ 12.2, release)"},
                  {"configuration", "config/zomma.toml"},
                  {"seed", "11"},
                  {"plugin hft_alpha", "hft_alpha 1.0.0, sha256 9f2c11d04be6"},
                  {"journal", "state/journal/run-000001"}};
  report.notes = {
      "Fills are simulated against a recording: our orders do not move this market, and queue "
      "positions are estimates."};
  report.digest = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
  report.config =
      "[run]\nname = \"btc-eth perpetuals\"\nseed = 11\n\n[gateway.sim]\norder_latency = { kind = "
      "\"constant\", value = \"250us\" }\n";
  return report;
}

}  // namespace zomma::test
