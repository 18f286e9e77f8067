// Orders, requests, reports, fills, marks and checks take no memory once everything has its size.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "orders/risk_context.h"
#include "random_traffic.h"

namespace {
std::size_t allocations = 0;
}

// Kept out of line: inlined, they look to the compiler like new paired with free.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

using namespace zomma;
using namespace zomma::test;

TEST_CASE("the counter counts") {
  const std::size_t before = allocations;
  ::operator delete(::operator new(8));
  CHECK(allocations == before + 1);
}

TEST_CASE("random traffic through the order management system allocates nothing") {
  Oms oms = make_oms(64, 32);
  Random random(5);
  std::uint64_t execution = 0;
  const std::size_t before = allocations;
  for (int step = 0; step < 50'000; ++step) random_step(oms, random, execution);
  CHECK(allocations == before);
}

TEST_CASE("facts, checks, fills and marks allocate nothing, whether orders pass or not") {
  LimitTree tree;
  tree.firm.max_quantity = Quantity{80};
  tree.firm.max_gross_notional = Money{5'000'00000000};
  tree.firm.max_orders_per_second = 1000;
  tree.firm.duplicate_window = Nanoseconds{1'000'000};
  tree.firm.collar_bps = 800;
  Oms oms = make_oms(4096, 32);
  RiskEngine risk(instruments(), tree);
  Portfolio portfolio(instruments());
  for (std::uint32_t i = 0; i < instances; ++i) {
    risk.add_instance({i}, "x");
    portfolio.add_instance({i});
  }
  Random random(8);
  std::uint64_t passed = 0, refused = 0;
  const std::size_t before = allocations;
  for (int step = 0; step < 20'000; ++step) {
    const Nanoseconds now{step * 500'000ll};
    const zm_intent intent = random_intent(random);
    const InstanceId instance{static_cast<std::uint32_t>(random.below(instances))};
    const MarketFacts market{ZM_MARKET_OPEN, {999}, {1001}, now};
    const RiskContext context =
        make_risk_context(oms, portfolio, instance, intent, nullptr, market, true, now);
    const Verdict verdict = risk.check(intent, context);
    if (!verdict.passed()) {
      ++refused;
      continue;
    }
    ++passed;
    VenueReport report;
    report.id = oms.create(instance, intent, now);
    report.kind = ZM_EVENT_FILL;
    report.quantity = {intent.quantity};
    report.price = {intent.price};
    report.execution_id = passed;
    const OrderUpdate update = oms.apply(report);
    portfolio.on_fill(update.instance, update.instrument, update.side, update.fill_price,
                      update.fill_quantity, false);
    portfolio.mark(update.instrument, {998}, {1001});
    portfolio.on_time(now);
    risk.review(instance, risk_sums(portfolio.account(instance), oms.exposure(instance)),
                risk_sums(portfolio.firm(), oms.firm_exposure()));
  }
  CHECK(allocations == before);
  CHECK(passed > 100);
  CHECK(refused > 100);
}
