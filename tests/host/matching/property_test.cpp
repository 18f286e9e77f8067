// Random commands against the textbook exchange and the auditor. ZOMMA_PROPERTY_OPS sets how many
// commands in all; the default is short enough for every build.
#include <cstdlib>
#include <cstring>

#include <catch2/catch.hpp>

#include "host/matching/auditor.h"
#include "host/matching/random_flow.h"
#include "host/matching/textbook_exchange.h"
#include "matching/engine.h"

namespace zomma::test {
namespace {

std::uint64_t commands_in_all() {
  const char* wanted = std::getenv("ZOMMA_PROPERTY_OPS");
  const std::uint64_t count = wanted == nullptr ? 0 : std::strtoull(wanted, nullptr, 10);
  return count == 0 ? 1'500'000 : count;
}

struct Exchanges {
  matching::Engine engine{64};  // small: the pools must grow
  TextbookExchange textbook;
  matching::EventBatch batch{16};

  Exchanges() {
    for (std::uint32_t id = 0; id < RandomFlow::instruments; ++id) {
      const Price tick{RandomFlow::ticks[id]};
      const Quantity lot{RandomFlow::lots[id]};
      REQUIRE(engine.add_instrument({id}, {tick, lot, RandomFlow::windows[id]}));
      textbook.add_instrument({id}, tick.value, lot.value);
    }
  }
};

template <class Sink>
void apply(matching::Engine& engine, const Command& command, Sink& sink) {
  const matching::NewOrder& order = command.order;
  switch (command.action) {
    case Command::submit:
      engine.submit(order, sink);
      break;
    case Command::cancel:
      engine.cancel(order.id, sink);
      break;
    case Command::replace:
      engine.replace(order.id, order.price, order.quantity, sink);
      break;
    case Command::mass_cancel:
      engine.mass_cancel({order.instrument, order.owner}, sink);
      break;
    case Command::end_day:
      engine.end_day(order.instrument, sink);
      break;
  }
}

void apply(TextbookExchange& textbook, const Command& command) {
  const matching::NewOrder& order = command.order;
  switch (command.action) {
    case Command::submit:
      textbook.submit(order);
      break;
    case Command::cancel:
      textbook.cancel(order.id);
      break;
    case Command::replace:
      textbook.replace(order.id, order.price, order.quantity);
      break;
    case Command::mass_cancel:
      textbook.mass_cancel({order.instrument, order.owner});
      break;
    case Command::end_day:
      textbook.end_day(order.instrument);
      break;
  }
}

bool same(std::span<const matching::MatchEvent> a, const std::vector<matching::MatchEvent>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(matching::MatchEvent)) == 0;
}

bool same_levels(const Exchanges& both, InstrumentId instrument, Side side) {
  std::vector<matching::LevelView> levels(4096);
  levels.resize(both.engine.levels(instrument, side, levels));
  return levels == both.textbook.levels(instrument, side);
}

}  // namespace

TEST_CASE("every random command gives the textbook's events, byte for byte, and keeps the laws") {
  const std::uint64_t seeds = 12, commands = commands_in_all() / seeds;
  Auditor total;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Exchanges both;
    Auditor auditor;
    RandomFlow flow(seed);
    for (std::uint64_t i = 0; i < commands; ++i) {
      const Command command = flow.next();
      both.batch.clear();
      both.textbook.events.clear();
      apply(both.engine, command, both.batch);
      apply(both.textbook, command);
      if (!same(both.batch.events(), both.textbook.events))
        FAIL("seed " << seed << " command " << i);
      auditor.before(command);
      for (const matching::MatchEvent& event : both.batch.events()) auditor.on(event);
      if (i % 512 == 0) {
        const InstrumentId instrument{
            static_cast<std::uint32_t>(i / 512 % RandomFlow::instruments)};
        auditor.compare(both.engine, instrument);
        REQUIRE(same_levels(both, instrument, Side::buy));
        REQUIRE(same_levels(both, instrument, Side::sell));
      }
      if (!auditor.broken.empty()) FAIL("seed " << seed << ": " << auditor.broken);
    }
    REQUIRE(both.engine.order_count() == both.textbook.order_count());
    total.fills += auditor.fills;
    total.hidden_slices += auditor.hidden_slices;
    total.refused_crossings += auditor.refused_crossings;
    total.killed_foks += auditor.killed_foks;
  }
  // The flow has met what it is there to meet.
  CHECK(total.fills > commands / 4);
  CHECK(total.hidden_slices > 100);
  CHECK(total.refused_crossings > 100);
  CHECK(total.killed_foks > 100);
}

TEST_CASE("an engine that was saved and loaded goes on as if nothing had happened") {
  Exchanges first, second;
  RandomFlow flow(99);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 2000; ++i) apply(first.engine, flow.next(), first.batch);
    ArchiveWriter saved;
    first.engine.save(saved);
    ArchiveReader reader(saved.bytes());
    second.engine.load(reader);
    REQUIRE(reader.ok());
    REQUIRE(reader.remaining() == 0);
    ArchiveWriter again;
    second.engine.save(again);
    REQUIRE(std::equal(saved.bytes().begin(), saved.bytes().end(), again.bytes().begin(),
                       again.bytes().end()));
    RandomFlow same_flow = flow;
    first.batch.clear();
    second.batch.clear();
    for (int i = 0; i < 2000; ++i) {
      apply(first.engine, flow.next(), first.batch);
      apply(second.engine, same_flow.next(), second.batch);
    }
    REQUIRE(first.batch.size() == second.batch.size());
    REQUIRE(std::memcmp(first.batch.events().data(), second.batch.events().data(),
                        first.batch.size() * sizeof(matching::MatchEvent)) == 0);
  }
}

TEST_CASE("a damaged snapshot leaves an empty engine and a failed reader") {
  Exchanges both;
  RandomFlow flow(5);
  for (int i = 0; i < 500; ++i) apply(both.engine, flow.next(), both.batch);
  ArchiveWriter saved;
  both.engine.save(saved);
  Random random(17);
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<std::byte> bytes(saved.bytes().begin(), saved.bytes().end());
    if (i % 2 == 0)
      bytes.resize(random.below(bytes.size()));
    else
      bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
    ArchiveReader reader(bytes);
    both.engine.load(reader);
    if (reader.ok()) continue;  // a flipped bit in a quantity is a possible book
    ++refused;
    REQUIRE(both.engine.order_count() == 0);
    REQUIRE(both.engine.best({0}) == matching::BestPrices{});
  }
  CHECK(refused >= 200);
}

}  // namespace zomma::test
