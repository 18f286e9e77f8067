// world.h: one stock at 100 with a year of strikes, for the wheel's tests.
#pragma once

#include "toy_host.h"

namespace toy {

constexpr std::uint32_t first_day = 20240102, expiry = 20240202, next_expiry = 20240301,
                        third_expiry = 20240405;

struct World : Host {
  std::uint32_t stock;
  World() : Host(ZOMMA_WHEEL_PLUGIN), stock(add_stock("ACME", 100, 0.30)) {
    for (const std::uint32_t date : {expiry, next_expiry, third_expiry})
      add_expiry(stock, date, 50, 150, 2.5);
  }
  void begin(std::map<std::string, double> parameters = {}) {
    parameters.insert({{"max_position", 1}, {"max_volatility", 10}});
    start(first_day, 50'000, parameters);
  }
  std::uint32_t only_option() {
    const auto held = held_options(stock);
    return held.size() == 1 ? held[0] : ZM_NO_INSTRUMENT;
  }
  bool is_put(std::uint32_t id) const { return (contract(id).flags & ZM_CONTRACT_PUT) != 0; }
};

}  // namespace toy
