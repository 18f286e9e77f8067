// engine_clearing.cpp: option positions through exercise, assignment, expiry, dividends and splits.
// The clearing desk decides and books; here is when it is asked, and who hears of it.
#include <algorithm>
#include <cmath>

#include "market/options/open_interest.h"
#include "runtime/engine.h"

namespace zomma {

// What concerns the host alone. False: the book and the strategies want to know of it, too.
bool Engine::on_host_fact(const zm_event& event) {
  const InstrumentId id{event.instrument};
  switch (event.kind) {
    case ZM_EVENT_CORPORATE:
      on_corporate(event);
      return false;
    case event_open_interest:
      clearing_.set_open_interest(id, open_interest_of(event));
      if (markets_[id.value].chain != UINT32_MAX && !markets_[id.value].apart) tell_chain(event);
      return true;
    case options::event_announcement:
      clearing_.agenda().announce(id, event.u.corporate, now_);
      return true;
    default:
      return markets_[id.value].apart;  // quotes of another contract
  }
}

void Engine::on_corporate(const zm_event& event) {
  const zm_corporate_action& action = event.u.corporate;
  if (action.type != ZM_CORPORATE_DIVIDEND && action.type != ZM_CORPORATE_SPECIAL_DIVIDEND &&
      action.type != ZM_CORPORATE_SPLIT)
    return;
  const InstrumentId underlying{event.instrument};
  auto outcome = clearing_.corporate(underlying, action);
  const bool new_terms = !outcome.changed.empty();
  keep(std::move(outcome));
  if (action.type == ZM_CORPORATE_DIVIDEND) return;
  void_quotes(underlying, event);
  const std::uint32_t chain = markets_[underlying.value].chain;
  if (new_terms && chain != UINT32_MAX) build_chain(chain, underlying);
}

template <class Which>
void Engine::withdraw_where(Which which) {
  for (const auto& instance : instances_) {
    std::vector<OrderId> orders;
    oms_.for_each_open(instance->id(), [&](const Order& order) {
      if (!order.state.cancel_pending() && which(order)) orders.push_back(order.id);
    });
    for (const OrderId order : orders) withdraw_order(instance->id(), order);
  }
}

// What was quoted and ordered before was meant in other units.
void Engine::void_quotes(InstrumentId underlying, const zm_event& cause) {
  withdraw_where([&](const Order& order) {
    const std::uint32_t id = order.instrument.value;
    return id == underlying.value || markets_[id].underlying == underlying.value;
  });
  zm_event clear = cause;
  clear.kind = ZM_EVENT_BOOK_CLEAR;
  clear.flags &= static_cast<std::uint16_t>(~ZM_FLAG_LAST);
  clear.u = {};
  for (std::uint32_t id = 0; id < markets_.size(); ++id) {
    if (id != underlying.value && markets_[id].underlying != underlying.value) continue;
    clear.instrument = id;
    on_market(clear);
  }
}

// A feed of chains does not say that a session ended. An order that came after its close was meant
// for the next one.
void Engine::on_evening() {
  const Nanoseconds close = now_ - settings_.clearing.delay;
  withdraw_where([&](const Order& order) {
    const Market& market = markets_[order.instrument.value];
    return order.time_in_force == TimeInForce::day && order.created < close &&
           (market.settles || market.underlying != UINT32_MAX);
  });
  keep(clearing_.evening(now_, rate_ppm()));
  tell_settlements();
}

// Orders in contracts that are no more are withdrawn; what is to be told waits for its moment.
void Engine::keep(options::ClearingDesk::Outcome outcome) {
  std::sort(outcome.ended.begin(), outcome.ended.end());
  withdraw_where([&](const Order& order) {
    return std::binary_search(outcome.ended.begin(), outcome.ended.end(), order.instrument);
  });
  settled_.insert(settled_.end(), outcome.events.begin(), outcome.events.end());
  if (!instances_.empty())
    for (const std::string& text : outcome.warnings)
      log(instances_.front()->id(), ZM_LOG_WARNING, "clearing: " + text);
}

void Engine::tell_settlements() {
  const options::Settlements settled = std::exchange(settled_, {});
  for (const options::Settled& one : settled) tell(one);
  for (const auto& instance : instances_)
    if (std::any_of(settled.begin(), settled.end(), [&](const options::Settled& one) {
          return one.holder == instance->id().value;
        }))
      review(instance->id());
}

void Engine::tell(const options::Settled& settled) {
  const InstanceId who{static_cast<std::uint32_t>(settled.holder)};
  zm_event event{};
  event.ts_ns = now_.value;
  event.seq = instances_[who.value]->last_seq() + 1;
  event.instrument = settled.instrument.value;
  event.kind = settled.kind;
  event.flags = ZM_FLAG_LAST;
  zm_settlement& told = event.u.settlement;
  told.quantity = settled.quantity;
  if (settled.instrument.value < markets_.size())
    told.price = settled.price.value / money_of(settled.instrument, Price{1}).value;
  told.cash = settled.cash.value;
  told.delivered = settled.delivered.value;
  told.code = settled.code;
  const auto record = [&](const zm_event& one, Money fee) {
    const OrderRecord kept{who.value, 0, one, fee.value};
    if (!halted_ && !log_.order(kept)) stop_trading();
    if (observer_ != nullptr) observer_->on_order(kept);
  };
  record(event, settled.fee);
  if (settled.delivered_units != 0) {  // the other half, which the strategy's event only names
    zm_event delivery = event;
    delivery.kind = event_delivery;
    delivery.instrument = settled.delivered.value;
    delivery.u.settlement.quantity = settled.delivered_units;
    delivery.u.settlement.cash = settled.cash.value + settled.fee.value;
    delivery.u.settlement.delivered = settled.instrument.value;
    record(delivery, {});
  }
  deliver_private(who, event);
}

// What the chains discount with, now.
std::int64_t Engine::rate_ppm() const {
  double rate = 0;
  for (const options::RatePoint& point : settings_.chains.rates)
    if (point.from_ns <= now_.value) rate = point.rate;
  return std::llround(rate * 1e6);
}

options::MarginMarket Engine::margin_market(InstrumentId underlying) const {
  options::MarginMarket market{0.3, static_cast<double>(rate_ppm()) * 1e-6};
  const std::uint32_t number = markets_[underlying.value].chain;
  if (number == UINT32_MAX) return market;
  const zm_chain view = chains_[number]->view();
  double nearest = INFINITY;
  for (std::uint32_t i = 0; i < view.count; ++i) {
    const double strike = static_cast<double>(money_of(InstrumentId{view.contracts[i].instrument},
                                                       Price{view.contracts[i].strike})
                                                  .value) *
                          1e-8;
    const double off = std::abs(strike - view.spot);
    if (view.status[i] == ZM_CHAIN_OK && off < nearest) {
      nearest = off;
      market.vol = view.implied_vol[i];
    }
  }
  return market;
}

// A word to the clearing house, journaled like an order.
zm_status Engine::instruct(InstanceId id, const zm_intent& intent, zm_intent_result& result) {
  const InstrumentId instrument{intent.instrument};
  const bool known = may_trade(id, intent.instrument);
  result.status = !known ? zm_status{ZM_E_NOT_FOUND}
                  : intent.kind == intent_exercise
                      ? clearing_.exercise(id, instrument, intent.quantity)
                      : clearing_.decline(id, instrument, intent.quantity != 0);
  if (!log_intent(id, intent, result, 0)) return ZM_E_FAILED;
  return result.status;
}

zm_status Engine::margin(InstanceId id, const zm_intent* with, zm_margin& out) const {
  std::vector<options::Proposal> proposals;
  if (with != nullptr) {
    if (!may_trade(id, with->instrument)) return ZM_E_NOT_FOUND;
    proposals.push_back({InstrumentId{with->instrument}, with->quantity, Price{with->price}});
  }
  const options::MarginStatement all = clearing_.margin(
      id, now_, proposals, [this](InstrumentId underlying) { return margin_market(underlying); });
  if (!all.refused.empty()) return ZM_E_RISK;
  out.initial = all.initial.value;
  out.maintenance = all.maintenance.value;
  out.cash_secured = all.cash_secured.value;
  out.buying_power = all.buying_power().value;
  return ZM_OK;
}

std::uint32_t Engine::lots(InstanceId id, InstrumentId instrument,
                           std::span<zm_tax_lot> out) const {
  const options::TaxLots* lots = clearing_.lots(id, instrument);
  if (lots == nullptr) return 0;
  const std::int64_t unit = power_of_ten(settings_.instruments[instrument.value].quantity_digits);
  std::size_t count = 0;
  for (const options::TaxLot& lot : lots->open()) {
    if (count < out.size())
      out[count] = {lot.opened.value, lot.quantity * unit, lot.cost.value, lot.origin};
    ++count;
  }
  return static_cast<std::uint32_t>(count);
}

std::uint32_t Engine::upcoming(InstrumentId underlying, std::span<zm_agenda_entry> out) const {
  return clearing_.agenda().upcoming(underlying, options::new_york_date(now_), out);
}

}  // namespace zomma
