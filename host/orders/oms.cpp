#include "orders/oms.h"

namespace zomma {
namespace {

bool is_order_event(std::uint16_t kind) {
  return kind >= ZM_EVENT_ACCEPTED && kind <= ZM_EVENT_TRIGGERED;
}

// More aggressive on its own side: a higher bid, a lower offer.
bool better(Side side, Price a, Price b) { return side == Side::buy ? a > b : a < b; }

// The report in the state machine's words. A venue's report does not say which request it answers:
// requests of one kind are answered in the order they were sent.
OrderReport translate(const VenueReport& report, const OrderState& state) {
  OrderReport out;
  switch (report.kind) {
    case ZM_EVENT_ACCEPTED:
      out.type = ReportType::accepted;
      out.quantity = report.quantity;
      out.price = report.price;
      break;
    case ZM_EVENT_REJECTED:
      out.type = ReportType::rejected;
      break;
    case ZM_EVENT_FILL:
      out.type = ReportType::trade;
      out.last_quantity = report.quantity;
      out.last_price = report.price;
      break;
    case ZM_EVENT_CANCELED:
      out.type = ReportType::canceled;
      if (report.code == ZM_REASON_USER) out.request = state.oldest_pending(true);
      break;
    case ZM_EVENT_EXPIRED:
      out.type = ReportType::expired;
      break;
    case ZM_EVENT_REPLACED:
      out.type = ReportType::replaced;
      out.request = state.oldest_pending(false);
      out.quantity = report.quantity;
      out.price = report.price;
      break;
    case ZM_EVENT_CANCEL_REJECTED:
      out.type = ReportType::cancel_rejected;
      out.request = state.oldest_pending(true);
      break;
    case ZM_EVENT_REPLACE_REJECTED:
      out.type = ReportType::replace_rejected;
      out.request = state.oldest_pending(false);
      break;
    default:
      out.type = ReportType::triggered;
      break;
  }
  return out;
}

}  // namespace

Oms::Oms(const std::vector<Instrument>& instruments, OmsOptions options)
    : options_(options),
      table_(instruments.size(), options.expected_open_orders, options.finished_kept),
      executions_(options.executions_kept),
      by_instrument_(instruments.size()),
      best_own_(instruments.size()) {
  valuations_.reserve(instruments.size());
  for (const Instrument& instrument : instruments) valuations_.emplace_back(instrument);
}

bool Oms::add_instance(InstanceId id) {
  if (id.value != table_.instances()) return false;
  table_.add_instance();
  by_instance_.emplace_back();
  exposures_.resize(by_instance_.size() * table_.instruments());
  return true;
}

OrderId Oms::create(InstanceId instance, const zm_intent& intent, Nanoseconds now,
                    Price valuation_price) {
  const OrderId id{next_id_++};
  Order& order = table_.insert(id, instance, InstrumentId{intent.instrument});
  order.side = intent.side == ZM_SIDE_SELL ? Side::sell : Side::buy;
  order.type = static_cast<OrderType>(intent.type);
  order.time_in_force = static_cast<TimeInForce>(intent.time_in_force);
  order.post_only = (intent.flags & ZM_INTENT_POST_ONLY) != 0;
  order.reduce_only = (intent.flags & ZM_INTENT_REDUCE_ONLY) != 0;
  order.tag = intent.tag;
  order.display_quantity = {intent.display_quantity};
  order.created = now;
  const bool stop = order.type == OrderType::stop || order.type == OrderType::stop_limit;
  const bool limited = order.type == OrderType::limit || order.type == OrderType::stop_limit;
  if (stop) order.stop_price = {intent.stop_price};
  order.valuation_price = stop ? order.stop_price : valuation_price;
  order.state = OrderState::opened({intent.quantity}, limited ? Price{intent.price} : no_price);
  count(order, 0, 0, 1);
  recount(order);
  return id;
}

Order* Oms::own_order(InstanceId instance, OrderId id) {
  Order* order = table_.find(id);
  return order != nullptr && order->instance == instance ? order : nullptr;
}

std::uint32_t Oms::request_cancel(InstanceId instance, OrderId id) {
  Order* order = own_order(instance, id);
  if (order == nullptr) return ZM_REASON_UNKNOWN_ORDER;
  if (order->state.finished()) return ZM_REASON_TOO_LATE;
  if (order->state.cancel_pending() || !order->state.can_request()) return ZM_REASON_ORDER_PENDING;
  order->state.request_cancel();
  return ZM_REASON_NONE;
}

std::uint32_t Oms::can_replace(InstanceId instance, OrderId id) const {
  const Order* order = table_.find(id);
  if (order == nullptr || order->instance != instance) return ZM_REASON_UNKNOWN_ORDER;
  if (order->state.finished()) return ZM_REASON_TOO_LATE;
  // One place stays free, so that a cancel can always follow.
  const bool room =
      order->state.can_request() && order->state.pending_count < OrderState::max_pending - 1;
  return order->state.cancel_pending() || !room ? ZM_REASON_ORDER_PENDING : ZM_REASON_NONE;
}

std::uint32_t Oms::request_replace(InstanceId instance, OrderId id, Price price,
                                   Quantity quantity) {
  if (quantity.value <= 0) return ZM_REASON_MALFORMED;
  const std::uint32_t code = can_replace(instance, id);
  if (code != ZM_REASON_NONE) return code;
  Order& order = *own_order(instance, id);
  order.state.request_replace(quantity, price);
  recount(order);
  return ZM_REASON_NONE;
}

VenueOrder Oms::venue_order(const Order& order) const {
  VenueOrder out;
  out.id = order.id;
  out.instance = order.instance;
  out.instrument = order.instrument;
  out.side = order.side;
  out.type = order.type;
  out.time_in_force = order.time_in_force;
  out.post_only = order.post_only;
  out.price = order.state.price;
  out.stop_price = order.stop_price;
  out.quantity = order.state.quantity;
  out.display_quantity = order.display_quantity;
  return out;
}

OrderUpdate Oms::apply(const VenueReport& report) {
  OrderUpdate update;
  const auto refuse = [&](ReportAnomaly anomaly) {
    update.anomaly = anomaly;
    ++anomalies_[static_cast<std::size_t>(anomaly)];
    return update;
  };
  if (!is_order_event(report.kind)) return refuse(ReportAnomaly::unknown_kind);
  Order* order = table_.find(report.id);
  if (order == nullptr) return refuse(ReportAnomaly::unknown_order);
  const bool fill = report.kind == ZM_EVENT_FILL;
  if (fill && (report.quantity.value <= 0 || report.price == no_price))
    return refuse(ReportAnomaly::invalid_fill);
  if (report.execution_id != 0) {
    if (executions_.find(order->id, report.execution_id) != nullptr)
      return refuse(ReportAnomaly::duplicate_execution);
    executions_.insert(
        {order->id, report.execution_id, fill ? report.quantity : Quantity{}, report.price});
  }

  check_answer(report, *order, update.anomaly);
  const bool was_closed = is_closed(order->state.status);
  order->state.apply(translate(report, order->state));
  order->last_event = report.kind;
  if (fill && was_closed)
    update.anomaly = ReportAnomaly::fill_after_close;
  else if (fill && order->state.overfilled())
    update.anomaly = ReportAnomaly::overfill;
  if (update.anomaly != ReportAnomaly::none) ++anomalies_[static_cast<std::size_t>(update.anomaly)];
  recount(*order);
  make_event(report, *order, update);
  return update;
}

// Whether a request waits for this answer.
void Oms::check_answer(const VenueReport& report, const Order& order, ReportAnomaly& anomaly) {
  const bool to_replace =
      report.kind == ZM_EVENT_REPLACED || report.kind == ZM_EVENT_REPLACE_REJECTED;
  const bool to_cancel = report.kind == ZM_EVENT_CANCEL_REJECTED;
  if ((to_replace || to_cancel) && order.state.oldest_pending(to_cancel) == no_revision)
    anomaly = ReportAnomaly::unexpected_answer;
}

void Oms::make_event(const VenueReport& report, const Order& order, OrderUpdate& update) {
  update.has_event = true;
  update.side = order.side;
  update.instance = order.instance;
  update.instrument = order.instrument;
  zm_event& event = update.event;
  event.exchange_ns = report.venue_time.value;
  event.instrument = order.instrument.value;
  event.kind = report.kind;
  event.flags =
      static_cast<std::uint16_t>(ZM_FLAG_LAST | (order.side == Side::sell ? ZM_FLAG_SELL : 0));
  if (report.kind == ZM_EVENT_FILL) {
    update.is_fill = true;
    update.maker = report.maker;
    update.fill_price = report.price;
    update.fill_quantity = report.quantity;
    if (report.maker) event.flags |= ZM_FLAG_MAKER;
    event.u.fill = {order.id.value, report.price.value, report.quantity.value,
                    order.state.leaves().value};
  } else {
    event.u.order_update = {order.id.value, order.state.price.value, order.state.leaves().value,
                            report.code, order.tag};
  }
}

void Oms::count(const Order& order, Int128 quantity, Int128 notional, std::uint32_t orders) {
  exposures_[pair(order.instance, order.instrument)].add(order.side, quantity, notional, orders);
  by_instance_[order.instance.value].add(order.side, quantity, notional, orders);
  by_instrument_[order.instrument.value].add(order.side, quantity, notional, orders);
  firm_.add(order.side, quantity, notional, orders);
}

void Oms::recount(Order& order) {
  const Quantity open = order.state.worst_open();
  Price price = order.state.highest_price();
  if (price == no_price) price = order.valuation_price;
  Money notional{};
  if (price != no_price)
    notional.value = magnitude(valuations_[order.instrument.value].value(price, open).value);
  if (open != order.counted_open || notional != order.counted_notional) {
    count(order, static_cast<Int128>(open.value) - order.counted_open.value,
          static_cast<Int128>(notional.value) - order.counted_notional.value, 0);
    order.counted_open = open;
    order.counted_notional = notional;
  }
  touch_best(order);
  const bool finished = order.state.finished();
  const bool open_listed = table_.is_open(order);
  if (finished && open_listed) {
    count(order, 0, 0, UINT32_MAX);
    table_.finish(order);
  } else if (!finished && !open_listed) {
    count(order, 0, 0, 1);
    table_.reopen(order);
  }
}

void Oms::touch_best(Order& order) {
  const Price before = order.counted_best;
  const Price now = order.rests() ? order.state.most_aggressive(order.side) : no_price;
  if (now == before) return;
  order.counted_best = now;
  BestOwn& best = best_own_[order.instrument.value][static_cast<std::size_t>(order.side)];
  if (best.stale) return;
  if (now != no_price && (best.price == no_price || !better(order.side, best.price, now)))
    best.price = now;
  else if (before == best.price)
    best.stale = true;  // the best one left or stepped back: who is next?
}

Price Oms::best_own(InstrumentId instrument, Side side) const {
  BestOwn& best = best_own_[instrument.value][static_cast<std::size_t>(side)];
  if (best.stale) best = {scan_best(instrument, side), false};
  return best.price;
}

Price Oms::scan_best(InstrumentId instrument, Side side) const {
  Price best = no_price;
  for (std::uint32_t instance = 0; instance < table_.instances(); ++instance) {
    for_each_open(InstanceId{instance}, instrument, [&](const Order& order) {
      if (order.side != side || order.counted_best == no_price) return;
      if (best == no_price || better(side, order.counted_best, best)) best = order.counted_best;
    });
  }
  return best;
}

}  // namespace zomma
