// clearing.h: many holders' cash, shares and contracts through trades, exercise, expiry, dividends
// and splits. A deterministic function of its calls and its seed. What one side loses the other
// gains; what comes from issuers or goes in fees stands in outside(), so that money is conserved to
// the last digit.
#pragma once

#include <map>
#include <vector>

#include "base/random.h"
#include "portfolio/options/adjust.h"
#include "portfolio/options/allocate.h"
#include "portfolio/options/settlement.h"

namespace zomma::options {

struct Holder {
  Money cash{};
  std::map<InstrumentId, std::int64_t> shares;     // by security, signed; no zeros
  std::map<InstrumentId, std::int64_t> contracts;  // by option, signed; no zeros
  std::map<InstrumentId, Instruction> instructions;

  std::int64_t held(InstrumentId instrument) const {
    const auto found = contracts.find(instrument);
    return found == contracts.end() ? 0 : found->second;
  }
  std::int64_t units(InstrumentId security) const {
    const auto found = shares.find(security);
    return found == shares.end() ? 0 : found->second;
  }
};

class ClearingHouse {
 public:
  ClearingHouse(const FeeSchedule& fees, Allocation allocation, std::uint64_t seed)
      : fees_(fees), allocation_(allocation), random_(seed) {}

  std::size_t add_holder(Money cash);
  Result<void> list(const Contract& contract);

  // `premium` and `price` per unit. Positions may go short. Refuse unknown names, a trade with
  // oneself, quantities below one, negative prices, an amount beyond the range of money.
  Result<void> trade_option(std::size_t buyer, std::size_t seller, InstrumentId instrument,
                            std::int64_t contracts, Money premium);
  Result<void> trade_shares(std::size_t buyer, std::size_t seller, InstrumentId security,
                            std::int64_t units, Money price);

  // Kept until expiry; {} withdraws. Refuses to exercise more than is held.
  Result<void> instruct(std::size_t holder, InstrumentId instrument, const Instruction& word);
  // Early exercise and its assignments. Refuses European contracts and more than is held.
  Result<Settlements> exercise(std::size_t holder, InstrumentId instrument, std::int64_t contracts);
  // All positions end: exercised by the rule and by instructions, the rest lapses. The contract is
  // gone afterwards. Refuses a contract that is not listed, and prices below zero.
  Result<Settlements> expire(InstrumentId instrument, const SettlementPrices& prices);
  // Shares and contracts of every holder. All or nothing.
  Result<Settlements> apply(const CorporateAction& action);
  // On cash of `days` days, in millionths a year: earned when positive, owed when negative.
  Settlements interest(std::int64_t credit_ppm, std::int64_t debit_ppm, std::int64_t days);

  const Holder& holder(std::size_t index) const { return holders_[index]; }
  std::size_t holders() const { return holders_.size(); }
  const Contract* contract(InstrumentId instrument) const;
  std::size_t contracts() const { return contracts_.size(); }
  // What holders have paid to (+) or drawn from (-) issuers, exchanges and banks.
  Money outside() const { return outside_; }

 private:
  Result<void> check_trade(std::size_t buyer, std::size_t seller, std::int64_t quantity,
                           Money price, std::int64_t multiplier) const;
  void pay(Holder& holder, Money amount);  // from outside
  void move(std::map<InstrumentId, std::int64_t>& positions, InstrumentId id, std::int64_t change);
  void book(Settlements& out, const Contract& contract, const Settled& event);
  Result<void> assign(Settlements& out, const Contract& contract, std::int64_t count,
                      const SettlementPrices& prices, std::uint32_t code);
  void lapse(Settlements& out, const Contract& contract, const SettlementPrices& prices);

  FeeSchedule fees_;
  Allocation allocation_;
  Random random_;
  std::vector<Holder> holders_;
  std::map<InstrumentId, Contract> contracts_;
  Money outside_{};
};

}  // namespace zomma::options
