// option_ledger.h: one strategy's option events in the order in which they happened: premium,
// settlements, income, rolls.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "journal/records.h"
#include "market/instrument.h"
#include "observe/report/option_figures.h"

namespace zomma {

class OptionLedger {
 public:
  explicit OptionLedger(const std::vector<Instrument>& instruments) : instruments_(&instruments) {}

  // A fill in an option: `position` before it, `value` > 0 its notional.
  struct Trade {
    std::int64_t ts_ns;
    std::uint32_t instrument, underlying;
    Side side;
    Quantity quantity, position;
    Money value, fee;
    double price, spot;
  };
  void trade(const Trade& trade);
  // A fill in anything else costs its fee.
  void pay(Money fee) { result_.fees += fee; }
  // ZM_EVENT_ASSIGNED to ZM_EVENT_CASH.
  void settlement(const OrderRecord& record, std::int64_t ts_ns, double spot);

  // Counts, sums and events.
  const OptionsResult& result() const { return result_; }

 private:
  // One right of one underlying in one session.
  struct Session {
    std::uint32_t date{}, closed_contract{}, opened_contract{};
    double closed{}, opened{}, rolled{};
    std::size_t event{};
  };
  void keep(const OptionEvent& event);
  void note_roll(const Trade& trade, double closed, double opened);
  double whole(std::uint32_t instrument, std::int64_t quantity) const;

  const std::vector<Instrument>* instruments_;
  std::map<std::pair<std::uint32_t, bool>, Session> sessions_;
  OptionsResult result_;
};

}  // namespace zomma
