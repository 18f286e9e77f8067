#include "orders/order_state.h"

namespace zomma {
namespace {

// Adds an execution, or takes one off (`direction` -1). A venue's nonsense stops at the end of the
// range.
void add_execution(OrderState& state, Quantity quantity, Price price, int direction) {
  const Int128 filled =
      static_cast<Int128>(state.filled.value) + static_cast<Int128>(direction) * quantity.value;
  state.filled.value = saturate(filled);
  const Int128 value = static_cast<Int128>(price.value) * quantity.value * direction;
  Int128 sum = 0;
  if (!__builtin_add_overflow(state.filled_value, value, &sum)) state.filled_value = sum;
}

}  // namespace

OrderState OrderState::opened(Quantity quantity, Price price) {
  OrderState state;
  state.quantity = quantity;
  state.price = price;
  return state;
}

Revision OrderState::request_cancel() {
  pending[pending_count++] = {Quantity{}, no_price, ++last_revision};
  return last_revision;
}

Revision OrderState::request_replace(Quantity total, Price new_price) {
  pending[pending_count++] = {total, new_price, ++last_revision};
  return last_revision;
}

bool OrderState::cancel_pending() const { return oldest_pending(true) != no_revision; }

Revision OrderState::oldest_pending(bool cancel) const {
  for (std::size_t i = 0; i < pending_count; ++i)
    if (pending[i].is_cancel() == cancel) return pending[i].revision;
  return no_revision;
}

Price OrderState::most_aggressive(Side side) const {
  Price best = price;
  for (std::size_t i = 0; i < pending_count; ++i) {
    const Price other = pending[i].price;
    if (other == no_price) continue;
    if (best == no_price || (side == Side::buy ? other > best : other < best)) best = other;
  }
  return best;
}

void OrderState::drop_pending(Revision revision) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pending_count; ++i)
    if (pending[i].revision != revision) pending[kept++] = pending[i];
  pending_count = static_cast<std::uint8_t>(kept);
}

OrderStatus OrderState::by_quantity() const {
  if (filled >= quantity) return OrderStatus::filled;
  if (filled.value > 0) return OrderStatus::partially_filled;
  return acknowledged ? OrderStatus::accepted : OrderStatus::pending_new;
}

// The status after `report` when the venue does not state it. Quantities are up to date already.
OrderStatus OrderState::derived(const OrderReport& report) const {
  switch (report.type) {
    case ReportType::canceled:
      return OrderStatus::canceled;
    case ReportType::rejected:
      return OrderStatus::rejected;
    case ReportType::expired:
      return OrderStatus::expired;
    case ReportType::done_for_day:
      return OrderStatus::done_for_day;
    case ReportType::suspended:
      return OrderStatus::suspended;
    case ReportType::stopped:
      return OrderStatus::stopped;
    case ReportType::pending_cancel:
      return OrderStatus::pending_cancel;
    case ReportType::pending_replace:
      return OrderStatus::pending_replace;
    // These open an order again that was closed.
    case ReportType::replaced:
    case ReportType::restated:
      return by_quantity();
    // These do not.
    case ReportType::accepted:
    case ReportType::trade:
    case ReportType::trade_correct:
    case ReportType::trade_cancel:
    case ReportType::cancel_rejected:
    case ReportType::replace_rejected:
      return is_closed(status) ? status : by_quantity();
    case ReportType::pending_new:
    case ReportType::status:
    case ReportType::triggered:
      return status;
  }
  return status;
}

void OrderState::apply(const OrderReport& report) {
  const bool refusal =
      report.type == ReportType::cancel_rejected || report.type == ReportType::replace_rejected;
  if (!refusal && report.type != ReportType::pending_new) acknowledged = true;
  switch (report.type) {
    case ReportType::trade:
      add_execution(*this, report.last_quantity, report.last_price, 1);
      break;
    case ReportType::trade_correct:
      add_execution(*this, report.old_quantity, report.old_price, -1);
      add_execution(*this, report.last_quantity, report.last_price, 1);
      break;
    case ReportType::trade_cancel:
      add_execution(*this, report.old_quantity, report.old_price, -1);
      break;
    case ReportType::replaced:
      for (std::size_t i = 0; i < pending_count; ++i) {
        if (pending[i].revision != report.request || pending[i].is_cancel()) continue;
        quantity = pending[i].quantity;
        if (pending[i].price != no_price) price = pending[i].price;
      }
      if (report.request != no_revision) live_revision = report.request;
      drop_pending(report.request);
      break;
    case ReportType::canceled:
    case ReportType::cancel_rejected:
    case ReportType::replace_rejected:
      drop_pending(report.request);
      break;
    case ReportType::pending_cancel:
    case ReportType::pending_replace:
      for (std::size_t i = 0; i < pending_count; ++i)
        if (pending[i].revision == report.request) pending[i].acknowledged = true;
      break;
    case ReportType::triggered:
      triggered = true;
      break;
    default:
      break;
  }
  // What the venue states is in force, whatever was asked for.
  if (report.quantity.value > 0) quantity = report.quantity;
  if (report.price != no_price) price = report.price;
  if (refusal && report.unknown_order) {
    // The venue cannot know the status of an order that it does not know: it goes on as it was.
    if (status == OrderStatus::pending_cancel || status == OrderStatus::pending_replace)
      status = by_quantity();
    return;
  }
  status = report.status != OrderStatus::unspecified ? report.status : derived(report);
}

}  // namespace zomma
