// engine_books.cpp: what an observer that asks for it is told of option positions: the account, the
// positions, and what the chains say of them. Changes nothing.
#include <algorithm>
#include <cmath>

#include "runtime/engine.h"

namespace zomma {
namespace {

constexpr std::int64_t look_every_ns = 60'000'000'000;

}  // namespace

double Engine::spot_of(InstrumentId underlying) const {
  const Instrument& instrument = settings_.instruments[underlying.value];
  const double marked = static_cast<double>(portfolio_.doubled_mark(underlying)) / 2 /
                        static_cast<double>(power_of_ten(instrument.price_digits));
  if (marked > 0) return marked;
  const double heard = to_double(clearing_.prices().spot(underlying));
  return heard > 0 ? heard : options::HeldInstrument::unknown;
}

options::HeldInstrument Engine::look_at(InstanceId who, InstrumentId id) const {
  const Instrument& instrument = settings_.instruments[id.value];
  const options::Contract* terms = clearing_.contract(id);
  options::HeldInstrument row;
  row.instrument = id;
  row.option = terms != nullptr;
  row.underlying = row.option ? terms->underlying : id;
  const std::int64_t multiplier = row.option ? terms->multiplier : instrument.multiplier;
  row.units = static_cast<double>(portfolio_.position(who, id).quantity.value) *
              static_cast<double>(std::max<std::int64_t>(multiplier, 1)) /
              static_cast<double>(power_of_ten(instrument.quantity_digits));
  row.mark = static_cast<double>(portfolio_.doubled_mark(id)) / 2 /
             static_cast<double>(power_of_ten(instrument.price_digits));
  row.spot = spot_of(row.underlying);
  if (!row.option) {
    row.delta = 1;
    row.gamma = row.vega = row.theta = 0;
    return row;
  }
  const std::uint32_t number = markets_[id.value].chain;
  const auto at = number == UINT32_MAX ? std::nullopt : chains_[number]->row_of(id.value);
  if (!at) return row;
  const zm_chain view = chains_[number]->view();
  row.vol = std::isfinite(view.implied_vol[*at]) ? view.implied_vol[*at] : view.surface_vol[*at];
  row.delta = view.delta[*at];
  row.gamma = view.gamma[*at];
  row.vega = view.vega[*at];
  row.theta = view.theta[*at];
  return row;
}

// `besides`: an instrument about to be traded, or none.
void Engine::tell_book(InstanceId who, InstrumentId besides) {
  book_rows_.clear();
  bool options = false;
  std::vector<InstrumentId> held = held_by(who);
  if (besides.valid() && std::find(held.begin(), held.end(), besides) == held.end())
    held.push_back(besides);
  for (const InstrumentId id : held) {
    book_rows_.push_back(look_at(who, id));
    options |= book_rows_.back().option;
  }
  const std::uint64_t bit = std::uint64_t{1} << who.value;
  if (options) books_of_ |= bit;
  if ((books_of_ & bit) == 0) return;  // never dealt in options
  const Account& account = portfolio_.account(who);
  options::BookSample sample;
  sample.ts = now_;
  sample.instance = who;
  sample.profit = account.equity() - account.deposits;
  sample.fees = account.fees;
  std::vector<InstrumentId> seen;
  for (const options::HeldInstrument& row : book_rows_) {
    if (std::find(seen.begin(), seen.end(), row.underlying) != seen.end()) continue;
    seen.push_back(row.underlying);
    sample.capital = add_saturated(sample.capital, capital_in(who, row.underlying, {}, held));
  }
  const options::MarginStatement margin = clearing_.margin(
      who, now_, {}, [this](InstrumentId underlying) { return margin_market(underlying); });
  sample.margin = margin.initial;
  sample.margin_known = margin.refused.empty();
  sample.held = book_rows_;
  observer_->on_book(sample);
}

bool Engine::books_wanted() const { return observer_ != nullptr && observer_->wants_books(); }

void Engine::tell_books() {
  if (!books_wanted()) return;
  for (const auto& instance : instances_) tell_book(instance->id(), {});
}

void Engine::tell_books_now_and_then() {
  if (now_.value < next_books_ns_ || !books_wanted()) return;
  next_books_ns_ = now_.value + look_every_ns;
  tell_books();
}

// Positions are about to change: what was held until now is seen once more as it is.
void Engine::tell_book_before(InstanceId who, InstrumentId traded) {
  if (!chains_.empty() && books_wanted()) tell_book(who, traded);
}

}  // namespace zomma
