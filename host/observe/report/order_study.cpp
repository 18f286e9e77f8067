#include "observe/report/order_study.h"

#include <algorithm>

namespace zomma {
namespace {

struct Reason {
  std::uint32_t code;
  const char* name;
};
constexpr Reason reasons[] = {
    {ZM_REASON_KILL, "kill switch"},
    {ZM_REASON_GATEWAY_DOWN, "gateway down"},
    {ZM_REASON_UNKNOWN_INSTRUMENT, "unknown instrument"},
    {ZM_REASON_MARKET_STATE, "market state"},
    {ZM_REASON_MIN_MAX_QUANTITY, "order quantity"},
    {ZM_REASON_LOT, "lot size"},
    {ZM_REASON_TICK, "tick size"},
    {ZM_REASON_MAX_NOTIONAL, "order notional"},
    {ZM_REASON_STALE_REFERENCE, "stale reference price"},
    {ZM_REASON_PRICE_COLLAR, "price collar"},
    {ZM_REASON_POSITION, "position limit"},
    {ZM_REASON_GROSS_NOTIONAL, "gross notional"},
    {ZM_REASON_OPEN_ORDERS, "open orders"},
    {ZM_REASON_RATE, "order rate"},
    {ZM_REASON_DUPLICATE, "duplicate order"},
    {ZM_REASON_SELF_TRADE, "self-trade"},
    {ZM_REASON_DAILY_LOSS, "daily loss"},
    {ZM_REASON_DRAWDOWN, "drawdown"},
    {ZM_REASON_REDUCE_ONLY, "reduce only"},
    {ZM_REASON_TIME_IN_FORCE, "time in force"},
    {21, "restricted list"},  // 21 to 29: risk/checks.h
    {22, "price band"},
    {23, "share of volume"},
    {24, "locate"},
    {25, "short sale price"},
    {26, "net notional"},
    {27, "delta limit"},
    {28, "vega limit"},
    {29, "cash"},
    {ZM_REASON_UNKNOWN_ORDER, "unknown order"},
    {ZM_REASON_ORDER_PENDING, "change already pending"},
    {ZM_REASON_MALFORMED, "malformed intent"},
    {ZM_REASON_USER, "cancelled by the strategy"},
    {ZM_REASON_IOC_REMAINDER, "IOC remainder"},
    {ZM_REASON_FOK_UNFILLABLE, "FOK not fillable"},
    {ZM_REASON_WOULD_CROSS, "post-only would cross"},
    {ZM_REASON_TOO_LATE, "too late"},
    {ZM_REASON_VENUE, "venue"},
    {ZM_REASON_NO_LIQUIDITY, "no liquidity"},
    {ZM_REASON_SHUTDOWN, "shutdown"},
    {ZM_REASON_PLUGIN_FAULT, "strategy fault"},
};

// Most frequent first; equal counts by code.
std::vector<CodeCount> named(const std::map<std::uint32_t, std::uint64_t>& counts) {
  std::vector<CodeCount> result;
  for (const auto& [code, count] : counts) result.push_back({code, reason_name(code), count});
  std::stable_sort(result.begin(), result.end(),
                   [](const CodeCount& a, const CodeCount& b) { return a.count > b.count; });
  return result;
}

bool is_final(const zm_event& event) {
  switch (event.kind) {
    case ZM_EVENT_REJECTED:
    case ZM_EVENT_CANCELED:
    case ZM_EVENT_EXPIRED:
      return true;
    case ZM_EVENT_FILL:
      return event.u.fill.leaves_quantity == 0;
    default:
      return false;
  }
}

}  // namespace

std::string reason_name(std::uint32_t code) {
  for (const Reason& reason : reasons) {
    if (reason.code == code) return reason.name;
  }
  return "code " + std::to_string(code);
}

void OrderStudy::intent(const IntentRecord& record, std::int64_t doubled_mid) {
  Tally& tally = tallies_[record.instance];
  if (record.result.status != ZM_OK) {
    ++tally.counts.refused;
    ++tally.refusals[record.result.code];
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
      if (record.breaches >> bit & 1u) ++tally.breaches[bit + 1];
    }
    return;
  }
  const auto order =
      record.intent.kind == ZM_INTENT_NEW ? open_.end() : open_.find(record.intent.order_id);
  switch (record.intent.kind) {
    case ZM_INTENT_NEW:
      ++tally.counts.news;
      open_.insert_or_assign(record.result.order_id, Open{record.ts_ns, 0, doubled_mid,
                                                          record.intent.instrument, false, false});
      break;
    case ZM_INTENT_REPLACE:
      ++tally.counts.replaces;
      if (order != open_.end()) order->second.doubled_mid = doubled_mid;
      break;
    case ZM_INTENT_CANCEL:
      ++tally.counts.cancels;
      if (order != open_.end() && order->second.cancel_ns == 0)
        order->second.cancel_ns = record.ts_ns;
      break;
    default:
      break;
  }
}

std::uint32_t OrderStudy::instrument_of(std::uint64_t order_id) const {
  const auto found = open_.find(order_id);
  return found == open_.end() ? ZM_NO_INSTRUMENT : found->second.instrument;
}

void OrderStudy::acknowledge(Tally& tally, Open& order, std::int64_t ts_ns) {
  if (order.acknowledged) return;
  order.acknowledged = true;
  tally.acknowledge.add(ts_ns - order.sent_ns);
}

void OrderStudy::count(Tally& tally, const zm_event& event) {
  OrderCounts& counts = tally.counts;
  const std::uint32_t code = event.u.order_update.code;
  switch (event.kind) {
    case ZM_EVENT_ACCEPTED:
      ++counts.accepted;
      break;
    case ZM_EVENT_REJECTED:
      ++counts.rejected;
      ++tally.rejections[code];
      break;
    case ZM_EVENT_FILL:
      ++counts.fills;
      if (event.flags & ZM_FLAG_MAKER) ++counts.maker_fills;
      break;
    case ZM_EVENT_CANCELED:
      ++counts.canceled;
      if (code != ZM_REASON_USER && code != ZM_REASON_NONE) ++tally.rejections[code];
      break;
    case ZM_EVENT_EXPIRED:
      ++counts.expired;
      break;
    case ZM_EVENT_REPLACED:
      ++counts.replaced;
      break;
    case ZM_EVENT_CANCEL_REJECTED:
      ++counts.cancel_rejected;
      break;
    case ZM_EVENT_REPLACE_REJECTED:
      ++counts.replace_rejected;
      break;
    default:
      break;
  }
}

std::int64_t OrderStudy::update(const OrderRecord& record) {
  Tally& tally = tallies_[record.instance];
  const zm_event& event = record.event;
  count(tally, event);
  const bool fill = event.kind == ZM_EVENT_FILL;
  const auto found = open_.find(fill ? event.u.fill.order_id : event.u.order_update.order_id);
  if (found == open_.end()) {
    ++unknown_;
    return 0;
  }
  Open& order = found->second;
  acknowledge(tally, order, event.ts_ns);
  if (fill && !order.filled) {
    order.filled = true;
    ++tally.counts.filled_orders;
  }
  if (event.kind == ZM_EVENT_CANCELED && order.cancel_ns != 0)
    tally.cancel.add(event.ts_ns - order.cancel_ns);
  if (event.kind == ZM_EVENT_CANCEL_REJECTED) order.cancel_ns = 0;
  const std::int64_t doubled_mid = order.doubled_mid;
  if (is_final(event)) open_.erase(found);
  return doubled_mid;
}

OrderStudy::Tally& OrderStudy::Tally::operator+=(const Tally& other) {
  const auto add = [](CodeCounts& into, const CodeCounts& from) {
    for (const auto& [code, count] : from) into[code] += count;
  };
  add(refusals, other.refusals);
  add(breaches, other.breaches);
  add(rejections, other.rejections);
  acknowledge += other.acknowledge;
  cancel += other.cancel;
  for (auto member :
       {&OrderCounts::news, &OrderCounts::replaces, &OrderCounts::cancels, &OrderCounts::refused,
        &OrderCounts::accepted, &OrderCounts::rejected, &OrderCounts::canceled,
        &OrderCounts::expired, &OrderCounts::replaced, &OrderCounts::cancel_rejected,
        &OrderCounts::replace_rejected, &OrderCounts::filled_orders, &OrderCounts::fills,
        &OrderCounts::maker_fills}) {
    counts.*member += other.counts.*member;
  }
  return *this;
}

OrderStudy::Results OrderStudy::results(const Tally& tally) {
  Results results{tally.counts,
                  named(tally.refusals),
                  named(tally.breaches),
                  named(tally.rejections),
                  tally.acknowledge.figures(),
                  tally.cancel.figures()};
  OrderCounts& counts = results.counts;
  if (counts.news != 0)
    counts.fill_ratio =
        static_cast<double>(counts.filled_orders) / static_cast<double>(counts.news);
  const std::uint64_t messages = counts.news + counts.replaces + counts.cancels;
  if (counts.fills != 0)
    counts.order_to_trade = static_cast<double>(messages) / static_cast<double>(counts.fills);
  return results;
}

OrderStudy::Results OrderStudy::results(std::uint32_t instance) const {
  return results(tallies_[instance]);
}

OrderStudy::Results OrderStudy::results_of_all() const {
  Tally all;
  for (const Tally& tally : tallies_) all += tally;
  return results(all);
}

}  // namespace zomma
