// random_flow.h: commands without any sense but full of collisions: few prices, few owners, every
// order type, wrong numbers, wrong ids, prices at the end of the range.
#pragma once

#include <vector>

#include "base/random.h"
#include "matching/engine.h"

namespace zomma::test {

struct Command {
  enum Action : std::uint8_t { submit, cancel, replace, mass_cancel, end_day };
  Action action{submit};
  matching::NewOrder order;  // submit; replace: id, price, quantity; mass_cancel: owner, instrument
};

class RandomFlow {
 public:
  static constexpr std::uint32_t instruments = 3;
  static constexpr std::int64_t ticks[instruments] = {1, 5, 100};
  static constexpr std::int64_t lots[instruments] = {1, 10, 3};
  static constexpr std::uint32_t windows[instruments] = {1024, 64, 256};

  explicit RandomFlow(std::uint64_t seed) : random_(seed) {}

  Command next() {
    const std::uint64_t dice = random_.below(1000);
    Command command;
    if (dice < 620) {
      command.order = fresh_order();
    } else if (dice < 850) {
      command.action = Command::cancel;
      command.order.id = some_id();
    } else if (dice < 995) {
      command.action = Command::replace;
      command.order.id = some_id();
      command.order.instrument = {static_cast<std::uint32_t>(command.order.id.value % instruments)};
      if (random_.below(4) != 0) command.order.price = price(command.order.instrument.value);
      command.order.quantity = quantity(command.order.instrument.value);
    } else if (dice < 998) {
      command.action = Command::mass_cancel;
      if (random_.below(8) != 0) command.order.owner = owner();
      if (random_.below(4) != 0) command.order.instrument = {instrument()};
    } else {
      command.action = Command::end_day;
      command.order.instrument = {instrument()};
    }
    if (random_.below(50) == 0) middle_ += random_.between(-40, 40);
    return command;
  }

 private:
  matching::NewOrder fresh_order() {
    matching::NewOrder order;
    // An id tells its instrument, so that later commands can name sensible prices.
    order.id = random_.below(300) == 0 ? some_id() : OrderId{next_id_++};
    order.instrument = {static_cast<std::uint32_t>(order.id.value % instruments)};
    if (random_.below(2000) == 0) order.instrument = {instruments + 3};
    const std::uint32_t id = order.instrument.value % instruments;
    order.owner = owner();
    order.side = random_.below(2) == 0 ? Side::buy : Side::sell;
    order.price = price(id);
    order.stop_price = price(id);
    order.quantity = quantity(id);
    const std::uint64_t type = random_.below(100);
    order.type = type < 80   ? OrderType::limit
                 : type < 86 ? OrderType::market
                 : type < 93 ? OrderType::stop
                             : OrderType::stop_limit;
    const std::uint64_t lasting = random_.below(100);
    order.time_in_force = lasting < 60   ? TimeInForce::gtc
                          : lasting < 80 ? TimeInForce::day
                          : lasting < 90 ? TimeInForce::ioc
                                         : TimeInForce::fok;
    order.post_only = random_.below(10) == 0;
    order.self_trade = static_cast<matching::SelfTrade>(random_.below(5));
    if (random_.below(5) == 0) order.display_quantity = quantity(id);
    if (random_.below(500) == 0) order.quantity.value = -order.quantity.value;
    if (random_.below(500) == 0) order.quantity.value += 1;
    if (random_.below(500) == 0) order.price = no_price;
    if (random_.below(500) == 0) order.price.value += 1;
    return order;
  }
  std::uint32_t instrument() { return static_cast<std::uint32_t>(random_.below(instruments)); }
  matching::OwnerId owner() {
    return random_.below(3) == 0 ? matching::OwnerId{}
                                 : matching::OwnerId{static_cast<std::uint32_t>(random_.below(4))};
  }
  Price price(std::uint32_t id) {
    const std::int64_t tick = ticks[id];
    const std::uint64_t dice = random_.below(400);
    if (dice == 0) return {random_.between(-100'000, 100'000) * tick};
    if (dice == 1) {
      const std::int64_t end = INT64_MAX / tick - static_cast<std::int64_t>(random_.below(3));
      return {(random_.below(2) == 0 ? end : -end) * tick};
    }
    return {(middle_ + random_.between(-12, 12)) * tick};
  }
  Quantity quantity(std::uint32_t id) { return {random_.between(1, 20) * lots[id]}; }
  OrderId some_id() {
    if (random_.below(100) == 0) return {next_id_ + 7};
    const std::uint64_t back = random_.below(4) == 0 ? random_.below(3000) : random_.below(150);
    return {back < next_id_ ? next_id_ - back : 1};
  }

  Random random_;
  std::int64_t middle_ = 0;
  std::uint64_t next_id_ = 1;
};

}  // namespace zomma::test
