// engine_orders.cpp: from an intent to the gateway, and from the venue's report to the strategy.
//
// The order of things is the promise: checks, then the order state machine, then the log, then the
// gateway. What is not in the log never left; what is in the log is found again after a crash.
#include <algorithm>

#include "orders/risk_context.h"
#include "runtime/engine.h"

namespace zomma {
namespace {

constexpr std::int64_t review_every_ns = 100'000'000;

zm_intent cancel_intent(const Order& order) {
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.kind = ZM_INTENT_CANCEL;
  intent.instrument = order.instrument.value;
  intent.order_id = order.id.value;
  return intent;
}

}  // namespace

zm_status Engine::submit(InstanceId id, const zm_intent& wanted, zm_intent_result& result) {
  result = {};
  if (restoring_) return ZM_E_STATE;
  ++stats_.intents;
  zm_intent intent = wanted;
  intent.size = sizeof intent;
  std::uint64_t breaches = 0;
  zm_status status = ZM_E_ARGUMENT;
  result.code = ZM_REASON_MALFORMED;
  if (ending_ && intent.kind != ZM_INTENT_CANCEL) {
    status = ZM_E_STATE;
    result.code = ZM_REASON_SHUTDOWN;
  } else if (intent.kind == ZM_INTENT_NEW) {
    return enter(id, intent, result);
  } else if (intent.kind == ZM_INTENT_REPLACE) {
    return change(id, intent, result);
  } else if (intent.kind == ZM_INTENT_CANCEL) {
    return withdraw(id, intent, result);
  } else if (intent.kind == intent_exercise || intent.kind == intent_decline) {
    return instruct(id, intent, result);
  }
  result.status = status;
  log_intent(id, intent, result, breaches);
  return status;
}

Verdict Engine::check(InstanceId id, const zm_intent& intent, const Order* replaced) {
  const Market& market = markets_[intent.instrument];
  const MarketFacts facts{market.state, market.told.bid, market.told.ask, market.updated_at};
  RiskContext context =
      make_risk_context(oms_, portfolio_, id, intent, replaced, facts, gateway_->ready(), now_);
  if (!chains_.empty() || risk_.asks_for_greeks(id)) add_option_facts(context, intent, replaced);
  return risk_.check(intent, context);
}

zm_status Engine::refuse(InstanceId id, const zm_intent& intent, zm_intent_result& result,
                         zm_status status, std::uint32_t code, std::uint64_t breaches) {
  ++stats_.refused;
  ++instance_stats_[id.value].refused;
  result = {0, status, code};
  log_intent(id, intent, result, breaches);
  return status;
}

bool Engine::orders_agree_with_venue() const {
  bool agree = gateway_->open_orders() == oms_.open_orders();
  for (const auto& instance : instances_)
    oms_.for_each_open(instance->id(), [&](const Order& order) {
      agree = agree && order.state.leaves() == gateway_->leaves(order.id);
    });
  return agree;
}

// The operator says which instruments are whose.
bool Engine::may_trade(InstanceId id, std::uint32_t instrument) const {
  if (instrument >= markets_.size()) return false;
  const std::uint32_t underlying = markets_[instrument].underlying;  // whose contracts come with it
  const std::uint64_t given = markets_[instrument].listeners |
                              (underlying < markets_.size() ? markets_[underlying].listeners : 0);
  return (given >> id.value & 1) != 0;
}

zm_status Engine::enter(InstanceId id, const zm_intent& intent, zm_intent_result& result) {
  if (!may_trade(id, intent.instrument))
    return refuse(id, intent, result, ZM_E_NOT_FOUND, ZM_REASON_UNKNOWN_INSTRUMENT, 0);
  if (intent.side > ZM_SIDE_SELL || intent.type > ZM_ORDER_STOP_LIMIT ||
      intent.time_in_force > ZM_TIF_FOK)
    return refuse(id, intent, result, ZM_E_ARGUMENT, ZM_REASON_MALFORMED, 0);
  const InstrumentId instrument{intent.instrument};
  const Verdict verdict = check(id, intent, nullptr);
  if (!verdict.passed())
    return refuse(id, intent, result, ZM_E_RISK, verdict.code, verdict.record_mask());
  const Bbo& bbo = markets_[instrument.value].told;
  const OrderId order =
      oms_.create(id, intent, now_, intent.side == ZM_SIDE_BUY ? bbo.ask : bbo.bid);
  result = {order.value, ZM_OK, ZM_REASON_NONE};
  if (!log_intent(id, intent, result, 0))
    return ZM_E_FAILED;  // the run is over; the order never left
  ++instance_stats_[id.value].sent;
  gateway_->submit(oms_.venue_order(*oms_.find(order)), now_);
  refresh_next_due();
  return ZM_OK;
}

zm_status Engine::change(InstanceId id, const zm_intent& intent, zm_intent_result& result) {
  const OrderId order_id{intent.order_id};
  const std::uint32_t possible = oms_.can_replace(id, order_id);
  if (possible != ZM_REASON_NONE)
    return refuse(id, intent, result,
                  possible == ZM_REASON_ORDER_PENDING ? ZM_E_BUSY : ZM_E_NOT_FOUND, possible, 0);
  const Order& order = *oms_.find(order_id);
  const zm_intent whole = completed(intent, order);
  const Verdict verdict = check(id, whole, &order);
  if (!verdict.passed())
    return refuse(id, whole, result, ZM_E_RISK, verdict.code, verdict.record_mask());
  const std::uint32_t code =
      oms_.request_replace(id, order_id, Price{whole.price}, Quantity{whole.quantity});
  if (code != ZM_REASON_NONE) return refuse(id, whole, result, ZM_E_BUSY, code, 0);
  result = {order_id.value, ZM_OK, ZM_REASON_NONE};
  if (!log_intent(id, whole, result, 0)) return ZM_E_FAILED;
  gateway_->replace({order_id, order.instrument, Price{whole.price}, Quantity{whole.quantity}},
                    now_);
  refresh_next_due();
  return ZM_OK;
}

zm_status Engine::withdraw(InstanceId id, const zm_intent& intent, zm_intent_result& result) {
  const OrderId order_id{intent.order_id};
  const std::uint32_t code = oms_.request_cancel(id, order_id);
  if (code != ZM_REASON_NONE) {
    result = {order_id.value,
              code == ZM_REASON_ORDER_PENDING ? zm_status{ZM_E_BUSY} : zm_status{ZM_E_NOT_FOUND},
              code};
    log_intent(id, intent, result, 0);
    return result.status;
  }
  const Order& order = *oms_.find(order_id);
  result = {order_id.value, ZM_OK, ZM_REASON_NONE};
  log_intent(id, cancel_intent(order), result,
             0);  // a cancel goes out even if it cannot be recorded
  gateway_->cancel({order_id, order.instrument}, now_);
  refresh_next_due();
  return ZM_OK;
}

void Engine::withdraw_all(InstanceId id, InstrumentId instrument) {
  std::vector<OrderId> orders;
  orders.swap(withdrawing_);  // a failing log leads back here: each call works on its own list
  orders.clear();
  oms_.for_each_open(id, [&](const Order& order) {
    if ((!instrument.valid() || order.instrument == instrument) && !order.state.cancel_pending())
      orders.push_back(order.id);
  });
  for (const OrderId order : orders) withdraw_order(id, order);
  withdrawing_.swap(orders);
}

void Engine::withdraw_order(InstanceId id, OrderId order) {
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.kind = ZM_INTENT_CANCEL;
  intent.instrument = ZM_NO_INSTRUMENT;
  intent.order_id = order.value;
  zm_intent_result result{};
  withdraw(id, intent, result);
}

zm_status Engine::cancel_all(InstanceId id, InstrumentId instrument) {
  if (restoring_) return ZM_E_STATE;
  if (instrument.valid() && instrument.value >= markets_.size()) return ZM_E_NOT_FOUND;
  withdraw_all(id, instrument);
  return ZM_OK;
}

// The operator's wish for a faulted strategy: out of every position at the market.
void Engine::flatten(InstanceId id) {
  for (const Instrument& instrument : settings_.instruments) {
    const Quantity held = portfolio_.position(id, instrument.id).quantity;
    if (held.value == 0) continue;
    zm_intent intent{};
    intent.size = sizeof intent;
    intent.kind = ZM_INTENT_NEW;
    intent.instrument = instrument.id.value;
    intent.side = held.value > 0 ? ZM_SIDE_SELL : ZM_SIDE_BUY;
    intent.type = ZM_ORDER_MARKET;
    intent.time_in_force = ZM_TIF_IOC;
    intent.flags = ZM_INTENT_REDUCE_ONLY;
    intent.quantity = held.value > 0 ? held.value : -held.value;
    zm_intent_result result{};
    enter(id, intent, result);
  }
}

bool Engine::log_intent(InstanceId id, const zm_intent& intent, const zm_intent_result& result,
                        std::uint64_t breaches) {
  const IntentRecord record{last_seq_, now_.value, id.value, static_cast<std::uint32_t>(breaches),
                            intent,    result};
  ++instance_stats_[id.value].outputs;
  const bool kept = halted_ || log_.intent(record);
  if (!kept) stop_trading();
  if (observer_ != nullptr) observer_->on_intent(record);
  return kept && !halted_;
}

void Engine::on_report(const VenueReport& report) {
  OrderUpdate update = oms_.apply(report);
  if (update.anomaly != ReportAnomaly::none) ++stats_.report_anomalies;
  Money fee{};
  if (update.is_fill) {
    const Money charges =
        clearing_.charges(update.instrument, update.side, update.fill_price, update.fill_quantity);
    fee = portfolio_.on_fill(update.instance, update.instrument, update.side, update.fill_price,
                             update.fill_quantity, update.maker, charges);
    clearing_.on_fill(update.instance, update.instrument, update.side, update.fill_price,
                      update.fill_quantity, fee, OrderId{update.event.u.fill.order_id}, now_);
    ++stats_.fills;
    ++instance_stats_[update.instance.value].fills;
  }
  if (!update.has_event) return;
  update.event.ts_ns = now_.value;
  update.event.seq = instances_[update.instance.value]->last_seq() + 1;
  update.event.flags |= ZM_FLAG_LAST;
  const OrderRecord record{update.instance.value, static_cast<std::uint32_t>(update.side),
                           update.event, fee.value};
  if (!halted_ && !log_.order(record)) stop_trading();
  if (observer_ != nullptr) observer_->on_order(record);
  if (update.is_fill) review(update.instance);
  deliver_private(update.instance, update.event);
}

// Loss and drawdown are looked at after every fill, and ten times a second of engine time as prices
// move.
void Engine::review(InstanceId id) {
  for (;;) {
    const KillChange change = risk_.review(id, risk_sums(portfolio_.account(id), oms_.exposure(id)),
                                           risk_sums(portfolio_.firm(), oms_.firm_exposure()));
    if (!change.changed) return;
    log(id, ZM_LOG_ERROR,
        change.code == ZM_REASON_DAILY_LOSS ? "kill switch: daily loss limit"
                                            : "kill switch: drawdown limit");
    zm_event event = kill_event(static_cast<std::uint32_t>(change.level), change.id, true, now_);
    event.flags = ZM_FLAG_LAST;
    for (auto& instance : instances_) {
      if (change.level == KillLevel::instance && instance->id().value != change.id) continue;
      withdraw_all(instance->id(), InstrumentId{});
      deliver_private(instance->id(), event);
    }
  }
}

void Engine::review_all() {
  clearing_.begin(now_);
  next_review_ns_ = now_.value + review_every_ns;
  for (auto& instance : instances_) review(instance->id());
}

zm_position Engine::position_of(InstanceId id, InstrumentId instrument) const {
  const Position& position = portfolio_.position(id, instrument);
  const OpenExposure& open = oms_.exposure(id, instrument);
  return {position.quantity.value, open.buy().value,
          open.sell().value,       portfolio_.average_price(id, instrument).value,
          position.realised.value, position.unrealised().value,
          position.fees.value};
}

zm_status Engine::position(InstanceId id, InstrumentId instrument, zm_position& out) const {
  if (instrument.value >= markets_.size()) return ZM_E_NOT_FOUND;
  out = position_of(id, instrument);
  return ZM_OK;
}

zm_account Engine::account_of(InstanceId id) const {
  const Account& account = portfolio_.account(id);
  const bool killed = !risk_.may_send(id);
  return {account.cash.value,         account.equity().value, account.realised.value,
          account.unrealised().value, account.fees.value,     account.gross_notional.value,
          oms_.open_orders(id),       killed ? 1u : 0u};
}

void Engine::account(InstanceId id, zm_account& out) const { out = account_of(id); }

std::uint32_t Engine::open_orders(InstanceId id, std::span<zm_open_order> out) const {
  std::uint32_t count = 0;
  oms_.for_each_open(id, [&](const Order& order) {
    if (count < out.size())
      out[count] = {order.id.value,
                    order.instrument.value,
                    static_cast<std::uint32_t>(order.side),
                    order.last_event,
                    order.tag,
                    order.state.price.value,
                    order.state.quantity.value,
                    order.state.filled.value};
    ++count;
  });
  return count;
}

std::uint32_t Engine::open_orders_on(InstrumentId id) const {
  return oms_.firm_exposure(id).orders();
}

}  // namespace zomma
