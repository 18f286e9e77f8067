// analysis_test.cpp: a run's records become the figures a hand with a pencil would find.
#include <cmath>

#include "host/report/records.h"

namespace zomma {
namespace {

using test::change;
using test::close_to;
using test::dollars;
using test::fill;
using test::new_order;
using test::plain_options;
using test::quote;
using test::refused;
using test::second;
using test::start;
using test::update;

constexpr std::int64_t ms = 1'000'000;

TEST_CASE("P&L is gross less fees, by instrument and by strategy, and totals are their sums") {
  RunAnalysis analysis(plain_options({"alpha", "beta"}));
  quote(analysis, start, 99, 101, 0);
  quote(analysis, start, 49, 51, 1);
  analysis.add_order(
      fill({.ts = start, .side = Side::buy, .price = 99, .quantity = 10, .fee = dollars}));
  analysis.add_order(fill({.ts = start,
                           .side = Side::sell,
                           .price = 51,
                           .quantity = 4,
                           .fee = dollars / 2,
                           .instrument = 1}));
  analysis.add_order(fill({.ts = start,
                           .side = Side::sell,
                           .price = 101,
                           .quantity = 5,
                           .fee = -dollars,
                           .instance = 1}));
  quote(analysis, start + second, 109, 111, 0);  // +10: alpha is long 10, beta short 5
  quote(analysis, start + second, 59, 61, 1);    // +10: alpha is short 4
  const RunResult run = analysis.result();
  const StrategyResult &alpha = run.strategies[0], &beta = run.strategies[1];
  REQUIRE(alpha.instruments.size() == 2);
  CHECK(alpha.instruments[0].pnl.gross().value == 110 * dollars);
  CHECK(alpha.instruments[0].pnl.net().value == 109 * dollars);
  CHECK(alpha.instruments[1].pnl.gross().value == -36 * dollars);
  CHECK(alpha.pnl.net().value == 110 * dollars - 36 * dollars - dollars * 3 / 2);
  CHECK(beta.pnl.gross().value == -45 * dollars);
  CHECK(beta.pnl.net().value == -44 * dollars);
  CHECK(run.total.pnl.net().value == alpha.pnl.net().value + beta.pnl.net().value);
  CHECK(run.total.pnl.fees.value == dollars / 2);
  CHECK(run.total.turnover.value == (990 + 204 + 505) * dollars);
  CHECK(run.total.instruments[0].inventory.last.value == 5);
  CHECK(run.total.equity.back().value == close_to(to_double(run.total.pnl.net())));
  CHECK(run.currency == "USD");
}

TEST_CASE("an open position is worth the mid, also when the mid is not a whole price") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 100, 101);
  analysis.add_order(fill({.ts = start, .side = Side::buy, .price = 100, .quantity = 3}));
  CHECK(analysis.result().total.pnl.unrealised.value == 3 * dollars / 2);
}

TEST_CASE("a fill in a market without two sides is worth its own price") {
  RunAnalysis analysis(plain_options());
  analysis.add_order(fill({.ts = start, .side = Side::buy, .price = 100, .quantity = 3}));
  const RunResult run = analysis.result();
  CHECK(run.total.pnl.net().value == 0);
  CHECK(run.total.maker.fills == 1);
  CHECK_FALSE(has_value(run.total.maker.edge_bps));
}

TEST_CASE("the equity curve is sampled every second with what was known then") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 100, 100);
  analysis.add_order(fill({.ts = start, .side = Side::buy, .price = 100, .quantity = 1}));
  quote(analysis, start + second / 2, 107, 107);
  quote(analysis, start + second, 104, 104);          // at the sample: counts
  quote(analysis, start + 3 * second / 2, 200, 200);  // between samples: does not
  quote(analysis, start + 7 * second / 4, 102, 102);
  quote(analysis, start + 3 * second, 101, 101);
  const RunResult run = analysis.result();
  const StrategyResult& total = run.total;
  CHECK(total.per_second.count == 3);  // +4, -2, -1
  CHECK(total.per_second.mean == close_to(1.0 / 3));
  REQUIRE(total.equity.size() == 4);
  CHECK(total.equity[1].value == close_to(4));
  CHECK(total.equity[2].value == close_to(2));
  CHECK(total.equity[3].value == close_to(1));
  CHECK(total.drawdown.deepest.value == 3 * dollars);
  CHECK(total.drawdown_curve.back().value == close_to(-3));
}

TEST_CASE("markouts follow the mid after a fill, makers and takers apart") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 9'990, 10'010);
  analysis.add_order(
      fill({.ts = start, .side = Side::buy, .price = 9'990, .quantity = 1, .maker = true}));
  analysis.add_order(
      fill({.ts = start, .side = Side::sell, .price = 9'990, .quantity = 2, .maker = false}));
  quote(analysis, start + 100 * ms, 9'980, 10'000);     // -10 bps at 100 ms
  quote(analysis, start + 100 * ms + 1, 9'000, 9'000);  // too late for it
  quote(analysis, start + 900 * ms, 10'010, 10'030);    // +20 bps at 1 s
  quote(analysis, start + 9 * second, 10'040, 10'060);  // +50 bps at 10 s
  quote(analysis, start + 10 * second, 10'040, 10'060);
  const RunResult run = analysis.result();
  const Markout &maker = run.total.maker, &taker = run.total.taker;
  CHECK(maker.fills == 1);
  CHECK(maker.edge_bps == close_to(10));
  CHECK(maker.edge.value == 10 * dollars);
  CHECK(maker.horizons[0].move_bps == close_to(-10));
  CHECK(maker.horizons[1].move_bps == close_to(20));
  CHECK(maker.horizons[2].move_bps == close_to(50));
  CHECK(taker.fills == 1);
  CHECK(taker.edge_bps == close_to(-10));
  CHECK(taker.edge.value == -20 * dollars);
  CHECK(taker.horizons[0].move_bps == close_to(10));
  CHECK(taker.horizons[2].move_bps == close_to(-50));
  CHECK_FALSE(has_value(taker.horizons[0].error_bps));  // one fill
}

TEST_CASE("fills too young for a horizon are not judged at it") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 99, 101);
  analysis.add_order(fill({.ts = start, .side = Side::buy, .price = 99, .quantity = 1}));
  quote(analysis, start + second / 2, 99, 101);
  const Markout maker = analysis.result().total.maker;
  CHECK(maker.horizons[0].count == 1);
  CHECK(maker.horizons[1].count == 0);
  CHECK_FALSE(has_value(maker.horizons[1].move_bps));
}

TEST_CASE("markouts weigh by notional") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 100, 100);
  analysis.add_order(fill({.ts = start, .side = Side::buy, .price = 100, .quantity = 3}));
  quote(analysis, start + second / 10, 101, 101);
  quote(analysis, start + second, 100, 100);
  analysis.add_order(fill({.ts = start + second, .side = Side::sell, .price = 100, .quantity = 1}));
  quote(analysis, start + second + second / 10, 102, 102);
  const MarkoutHorizon horizon = analysis.result().total.maker.horizons[0];
  CHECK(horizon.count == 2);
  CHECK(horizon.move_bps == close_to((3 * 100.0 - 1 * 200.0) / 4));
}

TEST_CASE("slippage is the fill against the mid when the order was sent, or last replaced") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 9'990, 10'010);
  analysis.add_intent(new_order(start, 1));
  analysis.add_intent(new_order(start, 2));
  quote(analysis, start + ms, 10'010, 10'030);
  analysis.add_intent(change(start + ms, ZM_INTENT_REPLACE, 2));
  analysis.add_order(fill({.ts = start + 2 * ms,
                           .side = Side::buy,
                           .price = 10'030,
                           .quantity = 1,
                           .maker = false,
                           .order_id = 1}));
  analysis.add_order(fill({.ts = start + 2 * ms,
                           .side = Side::buy,
                           .price = 10'010,
                           .quantity = 1,
                           .maker = true,
                           .order_id = 2}));
  const StrategyResult total = analysis.result().total;
  CHECK(total.taker_slippage.bps == close_to(30));
  CHECK(total.taker_slippage.cost.value == 30 * dollars);
  CHECK(total.maker_slippage.bps == close_to(-10.0 / 10'020 * 1e4));
  CHECK(total.maker_slippage.cost.value == -10 * dollars);
}

TEST_CASE("orders are counted, with the share that filled and the messages for each fill") {
  RunAnalysis analysis(plain_options());
  for (std::uint64_t order = 1; order <= 4; ++order) analysis.add_intent(new_order(start, order));
  analysis.add_intent(change(start + ms, ZM_INTENT_REPLACE, 2));
  analysis.add_intent(change(start + ms, ZM_INTENT_CANCEL, 3));
  for (std::uint64_t order = 1; order <= 3; ++order)
    analysis.add_order(update(start + 2 * ms, ZM_EVENT_ACCEPTED, order));
  analysis.add_order(update(start + 4 * ms, ZM_EVENT_REJECTED, 4, ZM_REASON_WOULD_CROSS));
  analysis.add_order(update(start + 5 * ms, ZM_EVENT_CANCELED, 3, ZM_REASON_USER));
  analysis.add_order(fill({.ts = start + 6 * ms,
                           .side = Side::buy,
                           .price = 5,
                           .quantity = 1,
                           .maker = true,
                           .order_id = 1,
                           .leaves = 1}));
  analysis.add_order(fill({.ts = start + 6 * ms,
                           .side = Side::buy,
                           .price = 5,
                           .quantity = 1,
                           .maker = false,
                           .order_id = 1}));
  analysis.add_order(update(start + 7 * ms, ZM_EVENT_CANCELED, 2, ZM_REASON_IOC_REMAINDER));
  const StrategyResult total = analysis.result().total;
  CHECK(total.orders.news == 4);
  CHECK(total.orders.replaces == 1);
  CHECK(total.orders.cancels == 1);
  CHECK(total.orders.accepted == 3);
  CHECK(total.orders.rejected == 1);
  CHECK(total.orders.canceled == 2);
  CHECK(total.orders.fills == 2);
  CHECK(total.orders.maker_fills == 1);
  CHECK(total.orders.filled_orders == 1);
  CHECK(total.orders.fill_ratio == close_to(0.25));
  CHECK(total.orders.order_to_trade == close_to(3));
  CHECK(to_double(total.maker_turnover) / to_double(total.turnover) == close_to(0.5));
  REQUIRE(total.rejections.size() == 2);  // the cancel we asked for is none
  CHECK(total.rejections[0].name == "IOC remainder");
  CHECK(total.rejections[1].name == "post-only would cross");
  CHECK(total.acknowledge.count == 4);
  CHECK(total.acknowledge.least_ns == 2 * ms);
  CHECK(total.acknowledge.greatest_ns == 4 * ms);
  CHECK(total.cancel.count == 1);
  CHECK(total.cancel.least_ns == 4 * ms);
}

TEST_CASE("refusals are counted by first code, breaches by every code") {
  RunAnalysis analysis(plain_options());
  const auto bit = [](std::uint32_t code) { return 1u << (code - 1); };
  analysis.add_intent(refused(start, ZM_REASON_RATE, bit(ZM_REASON_RATE)));
  analysis.add_intent(
      refused(start, ZM_REASON_POSITION, bit(ZM_REASON_POSITION) | bit(ZM_REASON_RATE)));
  analysis.add_intent(refused(start, ZM_REASON_POSITION, bit(ZM_REASON_POSITION)));
  const StrategyResult total = analysis.result().total;
  CHECK(total.orders.refused == 3);
  CHECK(total.orders.news == 0);
  REQUIRE(total.refusals.size() == 2);
  CHECK(total.refusals[0].code == ZM_REASON_POSITION);
  CHECK(total.refusals[0].name == "position limit");
  CHECK(total.refusals[0].count == 2);
  REQUIRE(total.breaches.size() == 2);
  CHECK(total.breaches[0].count == 2);
  CHECK(total.breaches[1].count == 2);
}

TEST_CASE("inputs are counted, quotes move the mid, prints make the volume") {
  RunAnalysis analysis(plain_options());
  zm_event event{};
  event.ts_ns = start;
  event.kind = ZM_EVENT_QUOTE;
  event.u.quote = {98, 102, 5, 5};
  analysis.add_input(event);
  event.kind = ZM_EVENT_TRADE;
  event.u.trade = {102, 30, 1, 0};
  analysis.add_input(event);
  event.kind = ZM_EVENT_ORDER_EXECUTE;
  event.u.execute = {7, 102, 10, 2};
  analysis.add_input(event);
  event.flags = ZM_FLAG_NO_PRINT | ZM_FLAG_SUSPECT;
  analysis.add_input(event);
  event = {};
  event.ts_ns = start + second;
  event.kind = ZM_EVENT_GAP;
  event.u.gap = {11, 15, 0, 0, 0};
  analysis.add_input(event);
  analysis.add_order(fill({.ts = start + second, .side = Side::buy, .price = 100, .quantity = 4}));
  event.kind = ZM_EVENT_CLOCK;
  analysis.add_input(event);
  const RunResult run = analysis.result();
  REQUIRE(run.markets.size() == 1);
  CHECK(run.markets[0].last_mid == 100);
  CHECK(run.markets[0].mean_spread_bps == close_to(400));
  CHECK(run.markets[0].trades == 2);
  CHECK(run.markets[0].volume.value == 40);
  CHECK(run.total.instruments[0].share_of_volume == close_to(0.1));
  CHECK(run.quality.inputs == 6);
  CHECK(run.quality.market_data == 5);
  CHECK(run.quality.gaps == 1);
  CHECK(run.quality.lost_messages == 5);
  CHECK(run.quality.suspect == 1);
}

TEST_CASE("a crossed book is counted and not believed") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 99, 101);
  quote(analysis, start, 150, 101);
  const RunResult run = analysis.result();
  CHECK(run.quality.crossed_bbo == 1);
  CHECK(run.markets[0].last_mid == 100);
}

TEST_CASE("a missing side keeps the last mid") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 99, 101);
  analysis.on_bbo({start + second}, {0}, {no_price}, {300});
  analysis.on_bbo({start + second}, {0}, {no_price}, {no_price});
  CHECK(analysis.result().markets[0].last_mid == 100);
}

TEST_CASE("the spread is averaged over time") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 99, 101);               // 200 bps for 3 s
  quote(analysis, start + 3 * second, 98, 102);  // 400 bps for 1 s
  analysis.on_bbo({start + 4 * second}, {0}, {no_price}, {102});
  quote(analysis, start + 9 * second, 99, 101);
  CHECK(analysis.result().markets[0].mean_spread_bps == close_to(250));
}

TEST_CASE("records that name nobody, and clocks that step back, are counted and harmless") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start + second, 99, 101);
  quote(analysis, start, 98, 102);
  analysis.on_bbo({start + second}, {9}, {1}, {2});
  analysis.add_intent(new_order(start + second, 1, 7));
  analysis.add_order(
      fill({.ts = start + second, .side = Side::buy, .price = 1, .quantity = 1, .instance = 7}));
  analysis.add_order(
      fill({.ts = start + second, .side = Side::buy, .price = 1, .quantity = 1, .instrument = 7}));
  analysis.add_order(fill({.ts = start + second, .side = Side::buy, .price = 1, .quantity = -5}));
  analysis.add_order(update(start + second, ZM_EVENT_ACCEPTED, 1234));
  const RunResult run = analysis.result();
  CHECK(run.quality.clock_back == 1);
  CHECK(run.quality.ignored_records == 7);  // the bad fill is of an unknown order, too
  CHECK(run.last.value == start + second);
  CHECK(run.total.pnl.net().value == 0);
}

TEST_CASE("a pause is one sample, not thousands of seconds without change") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 99, 101);
  quote(analysis, start + 2 * second, 99, 101);
  quote(analysis, start + 86'400 * second, 99, 101);
  quote(analysis, start + 86'402 * second, 99, 101);
  const RunResult run = analysis.result();
  CHECK(run.quality.pauses == 1);
  CHECK(run.total.per_second.count < 10);
}

TEST_CASE("the decision latency is what the caller measured") {
  RunAnalysis analysis(plain_options());
  for (const std::int64_t ns : {10, 11, 12}) analysis.add_decision_latency(ns);
  CHECK(analysis.result().decision.count == 3);
  CHECK(analysis.result().decision.p50_ns == 11);
}

TEST_CASE("asking for the result does not change it, and more records may follow") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 100, 100);
  analysis.add_order(fill({.ts = start, .side = Side::buy, .price = 100, .quantity = 1}));
  quote(analysis, start + 3 * second / 2, 101, 101);
  CHECK(analysis.result().total.per_second.count == 1);
  CHECK(analysis.result().total.equity.size() == 3);
  quote(analysis, start + 3 * second, 105, 105);
  const RunResult run = analysis.result();
  CHECK(run.total.per_second.count == 3);
  CHECK(run.total.pnl.net().value == 5 * dollars);
  CHECK(run.total.maker.horizons[1].count == 1);
}

TEST_CASE("currencies are those of what was traded") {
  AnalysisOptions options = plain_options();
  options.instruments[1].currency = "EUR";
  RunAnalysis analysis(options);
  CHECK(analysis.result().currency == "USD+EUR");
  analysis.add_order(
      fill({.ts = start, .side = Side::buy, .price = 1, .quantity = 1, .instrument = 1}));
  CHECK(analysis.result().currency == "EUR");
}

TEST_CASE("doing nothing covers the same sample with nothing in it") {
  RunAnalysis analysis(plain_options());
  quote(analysis, start, 99, 101);
  quote(analysis, start + 5 * second, 99, 101);
  const RunResult nothing = do_nothing_baseline(analysis.result());
  CHECK(nothing.total.name == "do_nothing");
  CHECK(nothing.first.value == start);
  CHECK(nothing.last.value == start + 5 * second);
  CHECK(nothing.total.pnl.net().value == 0);
  CHECK(nothing.total.equity.size() == 2);
}

}  // namespace
}  // namespace zomma
