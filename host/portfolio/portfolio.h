// portfolio.h: what every strategy instance and the firm as a whole hold, what it cost and what it
// is worth. An instance is a virtual sub-account: its own positions, cash and profit; the firm is
// the sum of its instances.
//
// All integers. Three identities hold after every call, to the last digit (unless a number ran into
// the end of its range, which overflows() counts):
//   cash   = deposits + realised - cost - fees        realised: of closed quantity; cost: of the
//   open quantity, signed equity = cash + value                             value: of the open
//   quantity at the mid, signed equity = deposits + realised + unrealised - fees  unrealised =
//   value - cost
// Firm totals add the Money of all instruments: they mean something when all of them share one
// currency.
//
// Hot path (on_fill, mark, on_time, the getters): no allocation, lock or system call. mark costs
// O(instances that hold the instrument).
#pragma once

#include <cstdint>
#include <vector>

#include "base/archive.h"
#include "base/types.h"
#include "market/instrument.h"
#include "portfolio/valuation.h"

namespace zomma {

// One instance's position in one instrument. Plain data.
struct Position {
  Quantity quantity{};  // signed
  Money cost{};      // of the open quantity, signed like it; cost / quantity is the average price
  Money value{};     // of the open quantity at the mark
  Money realised{};  // before fees
  Money fees{};      // paid; negative = earned
  Quantity bought{}, sold{};  // ever
  std::uint64_t fills{};

  Money unrealised() const { return {saturate(static_cast<Int128>(value.value) - cost.value)}; }
};

// An instance's account, or the firm's. Plain data.
struct Account {
  Money deposits{};
  Money cash{};
  Money cost{};            // sum over positions, signed
  Money value{};           // sum over positions, signed: the net notional
  Money gross_notional{};  // sum over positions of |value|; for the firm: over all instances, no
                           // netting between them
  Money realised{}, fees{};
  Money high_water{};      // greatest equity since the start, deposits' moves included
  Money day_start{};       // equity when the day began
  Money worst_drawdown{};  // greatest distance below the high water so far
  std::uint64_t fills{};

  Money equity() const { return add_saturated(cash, value); }
  Money unrealised() const { return {saturate(static_cast<Int128>(value.value) - cost.value)}; }
  Money drawdown() const {
    return {saturate(static_cast<Int128>(high_water.value) - equity().value)};
  }
  Money daily_pnl() const {
    return {saturate(static_cast<Int128>(equity().value) - day_start.value)};
  }
};

static_assert(std::has_unique_object_representations_v<Position> &&
                  std::has_unique_object_representations_v<Account>,
              "snapshots are compared byte by byte");

class Portfolio {
 public:
  static constexpr std::size_t max_instances = 64;

  // `day_begins`: time after midnight UTC at which a new trading day (daily P&L) starts. [control]
  explicit Portfolio(const std::vector<Instrument>& instruments, Nanoseconds day_begins = {});

  // Instances are numbered densely from 0, in this order. False for any other id or beyond
  // max_instances. [control]
  bool add_instance(InstanceId id);
  // Moves cash in (or out, if negative). High water and the day's start move along, so that money
  // put in is no profit.
  void deposit(InstanceId id, Money amount);

  // Books a fill and returns its fee. An instrument that has no mark yet is marked at the fill's
  // price. `quantity` > 0. Ids must be known: unknown ones are counted (rejected()) and change
  // nothing. `charges` come on top of the instrument's own fee and are in what is returned.
  Money on_fill(InstanceId instance, InstrumentId instrument, Side side, Price price,
                Quantity quantity, bool maker, Money charges = {});

  // --- what happens to a position without a trade (exercise, expiry, corporate actions) ---
  // Several of these make up one event, between whose steps the equity means nothing: high water
  // and drawdown look again with end_of_event().
  // `change` of the position comes or goes for `cash` (in +, out -), and `fee` is paid besides.
  // Closes and opens like a trade at that price, but is no fill.
  void settle(InstanceId instance, InstrumentId instrument, Quantity change, Money cash, Money fee);
  // More (or less) of the same for the same cost, as after a split; `cash` for what was lost in
  // rounding is realised.
  void adjust(InstanceId instance, InstrumentId instrument, Quantity change, Money cash);
  // The position goes on under another name, with its cost; what was realised stays.
  void transfer(InstanceId instance, InstrumentId from, InstrumentId to);
  // A dividend or a charge, realised on `instrument`, which may be none: interest.
  void income(InstanceId instance, InstrumentId instrument, Money cash);
  // Values every position at half of `doubled_mid` from now on.
  void restate_mark(InstrumentId instrument, std::int64_t doubled_mid);
  void end_of_event();
  // Whether anybody holds it.
  bool held(InstrumentId instrument) const { return marks_[instrument.value].holders != 0; }

  // Values every position in `instrument` at the mid. With either side missing (no_price) the last
  // mark stays.
  void mark(InstrumentId instrument, Price bid, Price ask);

  // Tells the time; the first call, and each that reaches a new day, starts a day for everybody.
  // Cheap: one comparison.
  void on_time(Nanoseconds now) {
    if (now >= next_day_) [[unlikely]]
      start_day(now);
  }

  const Position& position(InstanceId instance, InstrumentId instrument) const {
    return positions_[index(instance, instrument)].position;
  }
  Price average_price(InstanceId instance, InstrumentId instrument) const;
  // Sum over all instances.
  Quantity firm_quantity(InstrumentId instrument) const {
    return marks_[instrument.value].quantity;
  }
  const Account& account(InstanceId instance) const { return accounts_[instance.value]; }
  const Account& firm() const { return firm_; }
  // Twice the mid last used for `instrument`, 0 before the first.
  std::int64_t doubled_mark(InstrumentId instrument) const {
    return marks_[instrument.value].doubled_mid;
  }
  const Valuation& valuation(InstrumentId instrument) const {
    return marks_[instrument.value].valuation;
  }
  std::size_t instances() const { return accounts_.size(); }
  std::size_t instruments() const { return marks_.size(); }

  // Numbers that ran into the end of their range, and calls with unknown ids or quantities below
  // one.
  std::uint64_t overflows() const { return overflows_; }
  std::uint64_t rejected() const { return rejected_; }

  // load expects a portfolio made with the same instruments and instances; anything else makes the
  // reader fail.
  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  struct Holding {
    Position position;
    Money gross{};  // |value|, as it stands in the account's gross_notional
  };
  struct Mark {
    Valuation valuation;
    std::int64_t doubled_mid{};
    Quantity quantity{};      // of the firm
    std::uint64_t holders{};  // bit i: instance i has a position
    bool marked{};
  };

  std::size_t index(InstanceId instance, InstrumentId instrument) const {
    return static_cast<std::size_t>(instance.value) * marks_.size() + instrument.value;
  }
  bool knows(InstanceId instance, InstrumentId instrument);
  static Quantity closing_part(const Position& position, Side side, Quantity quantity);
  void trade(Position& position, Side side, Money notional, Money closing_notional,
             Quantity quantity, Quantity closing);
  // Brings mark and accounts in line with a position that was `before`, and moves cash.
  void follow(InstanceId instance, InstrumentId instrument, const Position& before, Int128 cash);
  void revalue(InstanceId instance, InstrumentId instrument);
  void note_equity(Account& account);
  void start_day(Nanoseconds now);
  void add(Money& sum, Int128 amount);
  void add(Quantity& sum, Int128 amount);

  std::vector<Mark> marks_;         // by instrument
  std::vector<Holding> positions_;  // instance-major
  std::vector<Account> accounts_;
  Account firm_;
  Nanoseconds day_begins_{};
  Nanoseconds next_day_{int64_min};
  std::uint64_t overflows_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace zomma
