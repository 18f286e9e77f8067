// tax_lots.h: open purchases (and short sales) of one security, which of them a closing trade ends,
// and whether a loss is a wash sale. Money is conserved: what leaves the lots is in the disposals.
#pragma once

#include <cstdint>
#include <vector>

#include "base/archive.h"
#include "base/result.h"
#include "base/types.h"

namespace zomma::options {

enum class LotMethod : std::uint8_t { fifo, lifo, hifo };

struct TaxLot {
  Nanoseconds opened{};
  std::int64_t quantity{};  // signed: a short sale is below zero
  Money cost{};             // paid for the whole lot with fees, signed like the quantity
  std::uint64_t origin{};   // order id, or the assigned contract's instrument
  std::uint64_t id{};       // from 1, in the order of opening
};

// A lot's closed part.
struct Disposal {
  std::uint64_t lot{}, origin{};
  Nanoseconds opened{}, closed{};
  std::int64_t quantity{};       // of the lot, signed like it
  Money cost{};                  // that left with it
  Money proceeds{};              // received (of a short: paid, negative), after fees
  bool long_term{};              // held for more than a year of 365 days
  std::int64_t wash_quantity{};  // magnitude replaced within 30 days
  Money disallowed{};            // the loss on that part, a positive amount

  Money gain() const { return {proceeds.value - cost.value}; }
};

class TaxLots {
 public:
  explicit TaxLots(LotMethod method = LotMethod::fifo) : method_(method) {}

  // Books a trade: it first closes lots of the other sign, the rest opens one. `amount` >= 0 is its
  // value, `fee` is added to a purchase and taken from a sale. `chosen`: the lots to close, in
  // this order, before the method's own choice. Refuses no quantity, a negative amount, a time
  // before the last trade's, and chosen lots that do not exist.
  Result<std::vector<Disposal>> trade(Nanoseconds at, Side side, std::int64_t quantity,
                                      Money amount, Money fee, std::uint64_t origin,
                                      const std::vector<std::uint64_t>& chosen = {});
  // Shares taken or delivered by exercise or assignment: the option's premium moves into the price
  // (IRS Publication 550, "Puts and calls"). `premium` received is positive, paid negative: a put's
  // writer buys at strike less premium, a call's writer sells at strike plus premium.
  Result<std::vector<Disposal>> settle(Nanoseconds at, Side side, std::int64_t quantity,
                                       Money exercise_amount, Money premium, Money fee,
                                       std::uint64_t contract);
  // `quantity` units leave without a gain or loss of their own, by the method's choice: contracts
  // that were exercised or assigned. Returns the cost that left with them, signed like the lots'.
  // Takes what there is.
  Money withdraw(Nanoseconds at, std::int64_t quantity);
  // Splits: every lot's quantity times new / old, costs unchanged. The fraction of a unit that the
  // total loses leaves the newest lots; its cost stays with them. Refuses ratios below one.
  Result<void> split(std::int64_t new_units, std::int64_t old_units);

  const std::vector<TaxLot>& open() const { return open_; }
  // All that was closed, with wash sales as far as they are known by now: a purchase within 30 days
  // after a loss flags it later, and adds the loss to the new lot's cost.
  const std::vector<Disposal>& closed() const { return closed_; }
  std::int64_t quantity() const;
  Money cost() const;

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  std::size_t next_lot(const std::vector<std::uint64_t>& chosen, std::size_t& used) const;
  void wash_earlier(Disposal& loss, std::uint64_t own_trade);
  void wash_later(TaxLot& fresh);

  LotMethod method_;
  std::vector<TaxLot> open_;
  std::vector<Disposal> closed_;
  // Purchases of the last 30 days and how much of each may still replace a loss.
  struct Replacement {
    std::uint64_t lot{};
    Nanoseconds at{};
    std::int64_t left{};
  };
  std::vector<Replacement> replacements_;
  std::uint64_t next_id_ = 1;
  Nanoseconds latest_{std::numeric_limits<std::int64_t>::min()};
};

}  // namespace zomma::options
