// The hot path allocates nothing once the pools have their size.
#include <cstdlib>
#include <new>

#include <catch2/catch.hpp>

#include "host/matching/random_flow.h"
#include "matching/engine.h"

namespace {
std::uint64_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace zomma::test {
namespace {

void run(matching::Engine& engine, const std::vector<Command>& commands,
         matching::EventBatch& sink) {
  for (const Command& command : commands) {
    const matching::NewOrder& order = command.order;
    sink.clear();
    if (command.action == Command::submit) engine.submit(order, sink);
    if (command.action == Command::cancel) engine.cancel(order.id, sink);
    if (command.action == Command::replace)
      engine.replace(order.id, order.price, order.quantity, sink);
  }
}

}  // namespace

TEST_CASE("after warm-up no command allocates") {
  matching::Engine engine;
  for (std::uint32_t id = 0; id < RandomFlow::instruments; ++id)
    REQUIRE(engine.add_instrument({id}, {{RandomFlow::ticks[id]}, {RandomFlow::lots[id]}, 1024}));
  RandomFlow flow(4);
  std::vector<Command> commands;
  for (int i = 0; i < 200'000; ++i) commands.push_back(flow.next());
  matching::EventBatch sink;
  run(engine, commands, sink);
  engine.mass_cancel({}, sink);
  const std::uint64_t before = allocations;
  run(engine, commands, sink);
  CHECK(allocations == before);
}

}  // namespace zomma::test
