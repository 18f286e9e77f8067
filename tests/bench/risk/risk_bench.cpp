// risk_bench: nanoseconds per pre-trade check, and per order through the order management system.
// Reference of the same run: sixteen of the checks as a vector of std::function. Usage: risk_bench
// [--quick]
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "orders/oms.h"
#include "orders/risk_context.h"
#include "portfolio/portfolio.h"
#include "risk/risk_engine.h"
#include "std_function_chain.h"

namespace zomma::bench {
namespace {

constexpr int repeats = 15;
constexpr std::size_t questions = 4096;

std::uint64_t sink = 0;

// Nanoseconds per call of one pass over all questions, `rounds` times.
template <class Body>
double one_run(std::size_t rounds, Body&& body) {
  const Nanoseconds start = monotonic_now();
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < questions; ++i) body(i);
  return static_cast<double>((monotonic_now() - start).value) /
         static_cast<double>(rounds * questions);
}

double median(std::vector<double>& times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// Subject and reference by turns, so that a busy machine slows both.
template <class Body, class Reference>
void compare(const char* name, std::size_t rounds, Body&& body, Reference&& reference) {
  std::vector<double> times, references, ratios;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    references.push_back(one_run(rounds, reference));
    times.push_back(one_run(rounds, body));
    ratios.push_back(references.back() / times.back());
  }
  std::printf("%-56s %7.1f ns (least %.1f); reference %.1f ns; %.2fx its speed\n", name,
              median(times), *std::min_element(times.begin(), times.end()), median(references),
              median(ratios));
}

template <class Body>
void measure(const char* name, std::size_t rounds, Body&& body) {
  std::vector<double> times;
  for (int repeat = 0; repeat < repeats; ++repeat) times.push_back(one_run(rounds, body));
  std::printf("%-56s %7.1f ns (least %.1f)\n", name, median(times),
              *std::min_element(times.begin(), times.end()));
}

Instrument coin() {
  Instrument instrument;
  instrument.id = {0};
  instrument.price_digits = 2;
  instrument.quantity_digits = 5;
  instrument.tick = {10};
  instrument.lot = {100};
  instrument.taker_fee_bps = 5;
  return instrument;
}

ScopeLimits house_limits() {
  ScopeLimits limits;
  limits.min_quantity = Quantity{100};
  limits.max_quantity = Quantity{10'000'000};
  limits.max_order_notional = Money{1'000'000'00000000};
  limits.collar_bps = 500;
  limits.max_reference_age = Nanoseconds{1'000'000'000};
  limits.duplicate_window = Nanoseconds{1'000'000};
  limits.max_position = Quantity{1'000'000'000};
  limits.max_gross_notional = Money{1'000'000'000'00000000};
  limits.max_open_orders = 1000;
  limits.max_orders_per_second = 1'000'000;
  limits.order_burst = 1'000'000;
  limits.max_daily_loss = Money{100'000'00000000};
  limits.max_drawdown = Money{100'000'00000000};
  return limits;
}

struct Question {
  zm_intent intent;
  RiskContext context;
};

std::vector<Question> make_questions() {
  Random random(1);
  std::vector<Question> out(questions);
  for (std::size_t i = 0; i < questions; ++i) {
    auto& [intent, context] = out[i];
    intent = zm_intent{};
    intent.size = sizeof intent;
    intent.kind = ZM_INTENT_NEW;
    intent.side = static_cast<std::uint32_t>(random.below(2));
    const std::int64_t mid = 6'000'000 + random.between(-10'000, 10'000) * 10;
    intent.price = mid + (intent.side == ZM_SIDE_BUY ? -10 : 10) * random.between(0, 50);
    intent.quantity = random.between(1, 100) * 100;
    context.instance = {0};
    context.order_id = {i + 1};
    context.now = {1'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000};
    context.market_state = ZM_MARKET_OPEN;
    context.bid = {mid - 10};
    context.ask = {mid + 10};
    context.reference_time = context.now - Nanoseconds{1000};
    context.position = context.firm_position = {random.between(-1'000'000, 1'000'000)};
    context.open_buy = context.open_sell = context.firm_open_buy =
        context.firm_open_sell = {random.between(0, 1'000'000)};
    context.best_own_opposite = {intent.side == ZM_SIDE_BUY ? mid + 5000 : mid - 5000};
    context.own.gross = context.firm.gross = {random.between(0, 1'000'000'00000000)};
    context.own.open_orders = context.firm.open_orders = random.between(0, 100);
  }
  return out;
}

void bench_checks(std::size_t rounds) {
  const std::vector<Question> all = make_questions();
  LimitTree tree;
  tree.firm = house_limits();
  tree.instances.push_back({{0}, house_limits()});
  RiskEngine engine({coin()}, tree);
  engine.add_instance({0}, "bench");
  const FunctionChain chain(coin(), house_limits());

  std::size_t refused = 0;
  for (const auto& question : all)
    refused += !engine.evaluate(question.intent, question.context).passed();
  std::printf("%zu questions, %zu refused; median of %d runs of %zu rounds\n", all.size(), refused,
              repeats, rounds);
  const auto reference = [&](std::size_t i) {
    sink += chain.evaluate(all[i].intent, all[i].context);
  };
  std::printf("reference: %zu of the checks for one scope, a vector of std::function\n",
              chain.size());
  compare(
      "evaluate: 32 checks, two scopes, all breaches", rounds,
      [&](std::size_t i) { sink += engine.evaluate(all[i].intent, all[i].context).code; },
      reference);
  compare(
      "check: the same, then rate and window used up", rounds,
      [&](std::size_t i) { sink += engine.check(all[i].intent, all[i].context).code; }, reference);
}

// An order's whole way through the books: facts, checks, create, accepted, cancel, cancelled.
void bench_orders(std::size_t rounds) {
  const std::vector<Question> all = make_questions();
  LimitTree tree;
  tree.firm = house_limits();
  tree.firm.duplicate_window.reset();
  tree.firm.max_orders_per_second.reset();
  tree.firm.order_burst.reset();
  RiskEngine engine({coin()}, tree);
  Oms oms({coin()}, {});
  Portfolio portfolio({coin()});
  engine.add_instance({0}, "bench");
  oms.add_instance({0});
  portfolio.add_instance({0});
  std::vector<OrderId> standing;
  for (std::size_t i = 0; i < 16; ++i) {  // quotes far away, so that the lists are not empty
    zm_intent intent = all[i].intent;
    intent.price = intent.side == ZM_SIDE_BUY ? 1000 : 90'000'000;
    standing.push_back(oms.create({0}, intent, {}));
  }
  const auto facts = [&](std::size_t i) {
    const auto& [intent, context] = all[i];
    const MarketFacts market{ZM_MARKET_OPEN, context.bid, context.ask, context.reference_time};
    return make_risk_context(oms, portfolio, {0}, intent, nullptr, market, true, context.now);
  };
  measure("facts and checks", rounds,
          [&](std::size_t i) { sink += engine.check(all[i].intent, facts(i)).code; });
  measure("create, accepted, cancel, cancelled", rounds, [&](std::size_t i) {
    const OrderId id = oms.create({0}, all[i].intent, {});
    VenueReport report;
    report.id = id;
    report.kind = ZM_EVENT_ACCEPTED;
    sink += oms.apply(report).event.kind;
    oms.request_cancel({0}, id);
    report.kind = ZM_EVENT_CANCELED;
    report.code = ZM_REASON_USER;
    sink += oms.apply(report).event.kind;
  });
  std::uint64_t execution = 0;
  measure("create, fill, booked in the portfolio", rounds, [&](std::size_t i) {
    const zm_intent& intent = all[i].intent;
    VenueReport report;
    report.id = oms.create({0}, intent, {});
    report.kind = ZM_EVENT_FILL;
    report.price = {intent.price};
    report.quantity = {intent.quantity};
    report.execution_id = ++execution;
    const OrderUpdate update = oms.apply(report);
    sink += static_cast<std::uint64_t>(portfolio
                                           .on_fill(update.instance, update.instrument, update.side,
                                                    update.fill_price, update.fill_quantity, false)
                                           .value);
  });
  measure("mark of a held instrument", rounds,
          [&](std::size_t i) { portfolio.mark({0}, all[i].context.bid, all[i].context.ask); });
}

}  // namespace
}  // namespace zomma::bench

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::size_t rounds = quick ? 20 : 400;
  zomma::bench::bench_checks(rounds);
  zomma::bench::bench_orders(rounds);
  return zomma::bench::sink == 42 ? 1 : 0;
}
