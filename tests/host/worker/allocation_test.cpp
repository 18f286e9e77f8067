// Delivering events to a worker, and serving what it calls back, allocates nothing in the host.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "plugin/instance.h"
#include "workers.h"

namespace {
std::uint64_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace zomma;
using namespace zomma::test;

namespace {

// Takes every order and keeps nothing.
class Silent final : public InstanceServices {
 public:
  std::uint64_t orders = 0, signals = 0;

  zm_status submit(InstanceId, const zm_intent&, zm_intent_result& result) override {
    result.order_id = ++orders;
    return ZM_OK;
  }
  zm_status cancel_all(InstanceId, InstrumentId) override { return ZM_OK; }
  std::uint32_t instrument_count() const override { return 1; }
  zm_status instrument(InstrumentId, zm_instrument& out) const override {
    out = {sizeof out, 0, "ONE", "here", "USD", ZM_KIND_SPOT, 2, 0, 0, 1, 1, 1, 0, 0};
    return ZM_OK;
  }
  InstrumentId find_instrument(std::string_view) const override { return {}; }
  zm_status best(InstrumentId, zm_quote&) const override { return ZM_OK; }
  std::uint32_t levels(InstrumentId, Side, std::span<zm_price_level>) const override { return 0; }
  zm_status position(InstanceId, InstrumentId, zm_position&) const override { return ZM_OK; }
  void account(InstanceId, zm_account&) const override {}
  std::uint32_t open_orders(InstanceId, std::span<zm_open_order>) const override { return 0; }
  zm_status arm_timer(InstanceId, Nanoseconds, std::uint64_t, std::uint64_t&) override {
    return ZM_OK;
  }
  void cancel_timer(InstanceId, std::uint64_t) override {}
  zm_status declare_metric(InstanceId, std::string_view, std::string_view, std::uint32_t,
                           std::uint32_t&) override {
    return ZM_OK;
  }
  void metric_add(InstanceId, std::uint32_t, double) override {}
  void metric_set(InstanceId, std::uint32_t, double) override {}
  void signal(InstanceId, std::uint32_t, InstrumentId, double) override { ++signals; }
  void log(InstanceId, std::uint32_t, std::string_view) override {}
  void health(InstanceId, std::uint32_t, std::uint32_t, std::string_view) override {}
};

}  // namespace

TEST_CASE("an event to a worker, its orders, timers and signals allocate nothing in the host") {
  const auto worker = spawn_worker(worker_options("witness"));
  Silent services;
  auto instance = Instance::create(InstanceId{0}, "witness", worker->factory(), nullptr, services);
  REQUIRE(instance);
  const std::vector<std::uint32_t> instruments{0};
  REQUIRE((*instance)->activate(instruments, {}));
  REQUIRE((*instance)->start());
  zm_event quote{};
  quote.kind = ZM_EVENT_QUOTE;
  quote.u.quote = {100, 102, 5, 5};
  REQUIRE((*instance)->deliver({&quote, 1}));
  const std::uint64_t before = allocations;
  bool heard = true;
  for (int i = 0; i < 2000; ++i) {
    ++quote.ts_ns;
    heard = (*instance)->deliver({&quote, 1}) && heard;
  }
  CHECK(allocations == before);
  CHECK(heard);
  CHECK(services.orders > 500);
  CHECK(services.signals == 2001);
}
