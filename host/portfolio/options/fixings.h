// fixings.h: what contracts settle against: the underlying's price at their expiry, taken from the
// prices that were heard, and kept as it was then. For PM settlement the last price up to a minute
// after the close, which lets the closing print in; a trade of that session goes before a quote.
// For AM settlement the first price from the opening on.
//
// on_trade and on_mid are on the path of market data: no allocation.
#pragma once

#include <cstdint>
#include <vector>

#include "base/archive.h"
#include "market/options/contract.h"

namespace zomma::options {

class Fixings {
 public:
  static constexpr Nanoseconds closing_grace{60'000'000'000};

  explicit Fixings(std::size_t instruments) : line_of_(instruments, none) {}

  // That `contract` will ask. All before the first price. [control]
  void expect(const Contract& contract);

  bool follows(InstrumentId underlying) const { return line_of_[underlying.value] != none; }
  void on_trade(InstrumentId underlying, Nanoseconds at, Money price);
  void on_mid(InstrumentId underlying, Nanoseconds at, Money price);
  // A split or a dividend: prices so far are told in new units, times old / new less `cash`.
  void restate(InstrumentId underlying, std::int64_t new_units, std::int64_t old_units, Money cash);

  // The latest price, trade or mid; 0 before the first.
  Money spot(InstrumentId underlying) const;
  struct Value {
    Money price{};
    Nanoseconds at{};   // when it was heard
    bool known{false};  // false: nothing was heard that could serve
  };
  // As far as it is known by now, which must be after the contract's expiry.
  Value value(const Contract& contract) const;

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Heard {
    Money price{};
    Nanoseconds at{INT64_MIN};
    bool known() const { return at.value != INT64_MIN; }
  };
  struct Fixing {
    Nanoseconds at{};
    Heard heard;
  };
  struct Line {
    Heard trade, mid;
    std::vector<Fixing> closes, openings;  // ascending; before `next_*` they are final
    std::uint64_t next_close{}, next_opening{};
  };
  static Heard close_of(const Line& line, Nanoseconds at);
  void hear(Line& line, Heard& which, Nanoseconds at, Money price);

  std::vector<std::uint32_t> line_of_;
  std::vector<Line> lines_;
};

}  // namespace zomma::options
