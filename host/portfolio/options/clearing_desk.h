// clearing_desk.h: what becomes of the host's own option positions: exercise, assignment, expiry,
// corporate actions, and what they require as margin. Positions and cash are the portfolio's; the
// holders outside are a model, as large as the open interest.
//
// A deterministic function of its calls and its seed: a replay gives the same. Clearing is done
// once a day, some time after the close, as clearing houses do; between two such times nothing
// here acts of itself. One thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "market/instrument.h"
#include "portfolio/options/agenda.h"
#include "portfolio/options/clearing_settings.h"
#include "portfolio/options/fixings.h"
#include "portfolio/options/margin.h"
#include "portfolio/options/settlement.h"
#include "portfolio/options/tax_lots.h"
#include "portfolio/portfolio.h"

namespace zomma::options {

// What margin needs to know of an underlying's options besides positions and marks.
struct MarginMarket {
  double vol{}, rate{};  // at the money; continuous
};

struct MarginStatement {
  Money initial{}, maintenance{}, cash_secured{};
  Money funds{};        // what may be set against `initial`
  std::string refused;  // why the positions may not be held at all; empty: they may
  Money buying_power() const { return {funds.value - initial.value}; }
};

// A position that is asked about besides those held.
struct Proposal {
  InstrumentId instrument;
  std::int64_t quantity{};  // signed, in the instrument's quantity units
  Price price{};            // that it would be opened at
};

class ClearingDesk {
 public:
  // `contracts`: all options, any order. The portfolio outlives the desk.
  ClearingDesk(const std::vector<Instrument>& instruments, std::vector<Contract> contracts,
               ClearingSettings settings, Portfolio& portfolio);

  static constexpr Nanoseconds never{INT64_MAX};
  // The first time that is known; later calls do nothing.
  void begin(Nanoseconds now) {
    if (!begun_) schedule(now);
    begun_ = true;
  }
  // When evening() wants to be called next.
  Nanoseconds next_due() const { return next_; }
  const ClearingSettings& settings() const { return settings_; }
  Fixings& prices() { return fixings_; }
  const Fixings& prices() const { return fixings_; }
  Agenda& agenda() { return agenda_; }
  const Agenda& agenda() const { return agenda_; }
  const Contract* contract(InstrumentId instrument) const;
  bool ended(InstrumentId instrument) const;  // expired and settled
  // Its terms are no longer those of its symbol: what is quoted there is another contract.
  bool apart(InstrumentId instrument) const;
  void set_open_interest(InstrumentId instrument, std::int64_t contracts);

  // What was done; positions, cash and lots have followed already.
  struct Outcome {
    Settlements events;                 // holders are instances, in the order in which they hear
    std::vector<InstrumentId> ended;    // no order may rest there any longer
    std::vector<InstrumentId> changed;  // contracts with new terms
    std::vector<std::string> warnings;
  };
  // All that falls due until `due`: expiries, exercise, assignment, interest. `rate_ppm`: at which
  // holders outside value what a strike earns until expiry, a year.
  Outcome evening(Nanoseconds due, std::int64_t rate_ppm);
  // As evening, for a session that is over although its evening has not come: the recording ends.
  Outcome close_books(Nanoseconds now, std::int64_t rate_ppm);
  // A dividend or a split takes effect.
  Outcome corporate(InstrumentId underlying, const zm_corporate_action& action);

  // A strategy's word; see ext/draft/options.h.
  zm_status exercise(InstanceId instance, InstrumentId instrument, std::int64_t quantity);
  zm_status decline(InstanceId instance, InstrumentId instrument, bool declined);

  // What a trade costs besides the instrument's own fee.
  Money charges(InstrumentId instrument, Side side, Price price, Quantity quantity) const;
  void on_fill(InstanceId instance, InstrumentId instrument, Side side, Price price,
               Quantity quantity, Money fee, OrderId order, Nanoseconds now);
  // Null where nothing was ever traded.
  const TaxLots* lots(InstanceId instance, InstrumentId instrument) const;

  // Of all positions of an instance together, with `proposals` on top. `market` says what it knows
  // of an underlying (portfolio margin).
  template <class Market>
  MarginStatement margin(InstanceId instance, Nanoseconds now, std::span<const Proposal> proposals,
                         Market market) const {
    return margin(instance, now, proposals, &market, [](const void* self, InstrumentId underlying) {
      return (*static_cast<const Market*>(self))(underlying);
    });
  }

  void save(ArchiveWriter& out) const;
  // Expects the instruments and contracts of save(); adjusted terms come back with it.
  void load(ArchiveReader& in);

 private:
  using MarketOf = MarginMarket (*)(const void*, InstrumentId);
  using Key = std::pair<InstanceId, InstrumentId>;
  static constexpr std::uint32_t none = UINT32_MAX;
  enum class State : std::uint8_t { listed, apart, ended };

  MarginStatement margin(InstanceId instance, Nanoseconds now, std::span<const Proposal> proposals,
                         const void* market, MarketOf market_of) const;
  struct Group;  // of one underlying, under reckoning
  void require(const Group& group, const MarginMarket& market, MarginStatement& sum) const;

  std::int64_t unit(InstrumentId id) const { return units_[id.value]; }
  // Whole contracts or units held, signed.
  std::int64_t held(InstanceId instance, InstrumentId id) const {
    return portfolio_.position(instance, id).quantity.value / unit(id);
  }
  void schedule(Nanoseconds after);
  void clear(Nanoseconds now, std::int64_t rate_ppm, Outcome& out);
  void expire(Contract& contract, Nanoseconds now, Outcome& out);
  void exercise_now(const Contract& contract, Nanoseconds now, Outcome& out);
  void assign_early(const Contract& contract, Nanoseconds now, std::int64_t rate_ppm, Outcome& out);
  // How many contracts others are long and short.
  struct Others {
    std::int64_t longs{}, shorts{};
  };
  Others others(const Contract& contract) const;
  void assign(const Contract& contract, std::int64_t count, const SettlementPrices& prices,
              std::uint32_t code, Nanoseconds now, Outcome& out);
  void book(const Contract& contract, const Settled& event, Nanoseconds now, Outcome& out);
  void book_lots(const Contract& contract, const Settled& event, Nanoseconds now, Outcome& out);
  void pay_interest(Nanoseconds now, Outcome& out);
  Money value_of(InstrumentId option) const;  // per unit, at the mark; 0 before the first
  InstrumentId same_terms(const Contract& contract) const;
  void act_on_holders(const CorporateAction& action, Outcome& out);
  void act_on_contracts_of(const CorporateAction& action, Outcome& out);
  void adjust_position(std::uint32_t at, const Adjustment& after, const CorporateAction& action,
                       Outcome& out);
  TaxLots& lots_of(InstanceId instance, InstrumentId instrument);

  ClearingSettings settings_;
  Portfolio& portfolio_;
  std::vector<Contract> contracts_;          // by expiry, then instrument
  std::size_t first_alive_ = 0;              // all before it have ended
  std::vector<State> state_;                 // parallel
  std::vector<std::int64_t> open_interest_;  // parallel; 0: unknown
  std::vector<std::uint32_t> place_;         // by instrument: in contracts_
  std::vector<std::int64_t> units_;          // by instrument: quantity units of one
  std::vector<std::int64_t> scales_;         // by instrument: money of a price unit
  std::map<InstrumentId, std::vector<std::uint32_t>> by_underlying_;  // places, ascending
  std::map<Key, Instruction> instructions_;
  std::map<Key, TaxLots> lots_;
  Fixings fixings_;
  Agenda agenda_;
  Random random_;
  Nanoseconds next_{never};
  bool begun_{false};
  Date interest_until_{};
};

}  // namespace zomma::options
