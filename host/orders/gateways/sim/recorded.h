// recorded.h: the recorded market as the matching engine sees it (matching/outside.h): what the
// book shows, less what we took of it. Part of SimGateway.
#pragma once

#include "orders/gateways/sim/sim_gateway.h"

namespace zomma {

// Of a recorded price, as the engine's ladders order it: greater = trades first.
inline std::int64_t recorded_key(Side side, Price price) {
  return side == Side::buy ? price.value : -price.value;
}

class SimGateway::Reporter {
 public:
  explicit Reporter(SimGateway& gateway) : gateway_(gateway) {}
  void on(const matching::MatchEvent& event) { gateway_.on_match(event); }

 private:
  SimGateway& gateway_;
};

class SimGateway::Recorded {
 public:
  static constexpr bool present = true;

  class Walk {
   public:
    Walk(SimGateway& gateway, Market& market, Side side)
        : gateway_(gateway), market_(market), side_(side) {
      if (market.book == nullptr || halted(market)) return;
      fetch();
      if (count_ != 0) open();
    }

    bool peek(matching::Offer& offer) {
      while (left_ <= 0)
        if (!next()) return false;
      offer = {recorded_key(side_, level().price), left_};
      return true;
    }
    std::int64_t before(std::uint32_t record) const {
      return gateway_.places_[record].ahead - taken_ - used_;
    }
    void use(std::int64_t quantity) {
      left_ -= quantity;
      used_ += quantity;
    }
    void commit(std::int64_t quantity) {
      use(quantity);
      const OrderQueues* queues = market_.book->orders();
      const std::uint64_t arrival = queues == nullptr ? 0 : queues->next_arrival();
      for (Taken& taken : market_.taken) {
        if (taken.side != side_ || taken.price != level().price) continue;
        taken.quantity += quantity;
        taken.arrival = arrival;
        return;
      }
      market_.taken.push_back({level().price, quantity, arrival, side_, {}});
      gateway_.touched_ = true;
    }

   private:
    const PriceLevel& level() const { return gateway_.scratch_[at_]; }
    void fetch() { count_ = market_.book->levels(side_, gateway_.scratch_); }
    void open() {
      taken_ = used_ = 0;
      for (const Taken& taken : market_.taken)
        if (taken.side == side_ && taken.price == level().price) taken_ = taken.quantity;
      left_ = level().quantity.value - taken_;
    }
    bool next() {
      if (at_ + 1 >= count_) {
        if (count_ == 0 || count_ < gateway_.scratch_.size()) return false;
        gateway_.scratch_.resize(gateway_.scratch_.size() * 2);  // deeper than ever before
        fetch();
        if (at_ + 1 >= count_) return false;
      }
      ++at_;
      open();
      return true;
    }

    SimGateway& gateway_;
    Market& market_;
    Side side_;
    std::size_t at_ = 0, count_ = 0;
    std::int64_t left_ = 0;   // of the level, for us
    std::int64_t taken_ = 0;  // of the level, by us, before
    std::int64_t used_ = 0;   // of the level, in this walk
  };

  explicit Recorded(SimGateway& gateway) : gateway_(gateway) {}
  void joined(std::uint32_t record) { gateway_.joined(record); }
  Walk walk(std::uint32_t instrument, Side passive) {
    return {gateway_, gateway_.markets_[instrument], passive};
  }
  std::int64_t best_key(std::uint32_t instrument, Side passive) {
    Walk probe = walk(instrument, passive);
    matching::Offer offer;
    return probe.peek(offer) ? offer.key : matching::Ladder::no_key;
  }

 private:
  SimGateway& gateway_;
};

}  // namespace zomma
