#include "plugin/check/checking_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/timer.h>

#include "plugin/check/interpose.h"
#include "plugin/check/marker.h"

namespace zomma::check {
namespace {

constexpr std::size_t most_violations = 8;

// A misbehaving plugin may call from any thread.
std::mutex& lock() {
  static std::mutex one;
  return one;
}

}  // namespace

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::created:
      return "before init returned";
    case Phase::initialised:
      return "before activate";
    case Phase::active:
      return "before start";
    case Phase::started:
      return "while started";
    case Phase::quiesced:
      return "while quiesced";
    default:
      return "after the end";
  }
}

void CheckingHost::violation(std::string sentence) {
  const std::scoped_lock guard(lock());
  if (violations_.size() < most_violations &&
      std::find(violations_.begin(), violations_.end(), sentence) == violations_.end())
    violations_.push_back(std::move(sentence));
}

void CheckingHost::begin_call(bool on_strategy_thread) {
  thread_ = ::gettid();
  on_strategy_thread_ = on_strategy_thread;
  in_call_ = true;
  intents_ = log_lines_ = metric_calls_ = 0;
}
void CheckingHost::end_call() { in_call_ = false; }
void CheckingHost::follow(const Tape& tape) { tape_ = &tape; }

bool CheckingHost::allowed(const char* function, bool strategy_only, bool started_only) {
  const std::string where = fmt::format("{} called in {}", function, marker().hook);
  if (phase_ == Phase::ended || !in_call_) {
    violation(fmt::format("{} called {} of the call that allowed it", function,
                          phase_ == Phase::ended ? "after destroy, outside" : "outside"));
    return false;
  }
  if (::gettid() != thread_) {
    violation(where + " from another thread than the one that runs the hook");
    return false;
  }
  if (strategy_only && !on_strategy_thread_) {
    violation(where + ", which runs on the control thread; it belongs to the strategy thread");
    return false;
  }
  if (started_only && phase_ != Phase::started) {
    violation(fmt::format("{} ({}); allowed only while started", where, name_of(phase_)));
    return false;
  }
  return true;
}

void CheckingHost::record(const char* what, const void* data, std::size_t size) {
  outputs_.update(what, std::strlen(what));
  outputs_.update(data, size);
  ++output_count_;
}

zm_event& CheckingHost::tell(std::uint16_t kind, std::uint32_t instrument) {
  zm_event event{};
  event.ts_ns = tape_ == nullptr ? tape_begin_ns : tape_->now();
  event.kind = kind;
  event.flags = ZM_FLAG_LAST;
  event.instrument = instrument;
  private_events_.push_back(event);
  return private_events_.back();
}

void CheckingHost::tell_update(std::uint16_t kind, std::uint64_t id, const Order& order,
                               zm_quantity leaves, std::uint32_t code) {
  tell(kind, order.intent.instrument).u.order_update = {id, order.intent.price, leaves, code,
                                                        order.intent.tag};
}

// A marketable order fills at once and whole; the rest of an IOC or FOK order is cancelled; a
// post-only one that would take is cancelled.
void CheckingHost::match(std::uint64_t id) {
  Order& order = orders_.at(id);
  const zm_intent& intent = order.intent;
  const zm_quote best = tape_ == nullptr ? zm_quote{ZM_NO_PRICE, ZM_NO_PRICE, 0, 0}
                                         : tape_->book(intent.instrument).best;
  const bool buys = intent.side == ZM_SIDE_BUY;
  const zm_price there = buys ? best.ask_price : best.bid_price;
  const bool market = intent.type == ZM_ORDER_MARKET;
  const bool crosses =
      there != ZM_NO_PRICE && (market || (buys ? intent.price >= there : intent.price <= there));
  if (crosses && (intent.flags & ZM_INTENT_POST_ONLY) != 0) {
    tell_update(ZM_EVENT_CANCELED, id, order, 0, ZM_REASON_WOULD_CROSS);
  } else if (crosses) {
    positions_[intent.instrument] += buys ? order.leaves : -order.leaves;
    tell(ZM_EVENT_FILL, intent.instrument).u.fill = {id, there, order.leaves, 0};
    private_events_.back().flags |= buys ? 0 : ZM_FLAG_SELL;
  } else if (market || intent.time_in_force >= ZM_TIF_IOC) {
    tell_update(ZM_EVENT_CANCELED, id, order, 0, ZM_REASON_IOC_REMAINDER);
  } else {
    return;
  }
  orders_.erase(id);
}

zm_status CheckingHost::enter_order(const zm_intent& intent, zm_intent_result& result) {
  if (intent.instrument >= instrument_count)
    return result.code = ZM_REASON_UNKNOWN_INSTRUMENT, ZM_E_RISK;
  if (intent.side > ZM_SIDE_SELL || intent.type > ZM_ORDER_STOP_LIMIT ||
      intent.time_in_force > ZM_TIF_FOK) {
    violation(
        fmt::format("orders.submit: side {}, type {} or time in force {} is none of the ABI's",
                    intent.side, intent.type, intent.time_in_force));
    return result.code = ZM_REASON_MALFORMED, ZM_E_ARGUMENT;
  }
  if (intent.quantity <= 0) return result.code = ZM_REASON_MIN_MAX_QUANTITY, ZM_E_RISK;
  if (orders_.size() >= 200) return result.code = ZM_REASON_OPEN_ORDERS, ZM_E_RISK;
  const std::uint64_t id = ++next_id_;
  orders_[id] = {intent, intent.quantity};
  result.order_id = id;
  tell_update(ZM_EVENT_ACCEPTED, id, orders_[id], intent.quantity, 0);
  match(id);
  return ZM_OK;
}

zm_status CheckingHost::submit_one(const zm_intent& intent, zm_intent_result& result) {
  record("intent", &intent, sizeof intent);
  if (++intents_ == Quota::intents_per_call + 1)
    violation(fmt::format("more than {} intents in one call of {}", Quota::intents_per_call,
                          marker().hook));
  if (intents_ > Quota::intents_per_call) return result.code = ZM_REASON_RATE, ZM_E_RISK;
  if (intent.kind == ZM_INTENT_NEW) {
    if (habits_.refusing) return result.code = ZM_REASON_KILL, ZM_E_RISK;
    return enter_order(intent, result);
  }
  const auto found = orders_.find(intent.order_id);
  if (found == orders_.end()) return result.code = ZM_REASON_UNKNOWN_ORDER, ZM_E_NOT_FOUND;
  if (intent.kind == ZM_INTENT_CANCEL) {
    tell_update(ZM_EVENT_CANCELED, found->first, found->second, 0, ZM_REASON_USER);
    orders_.erase(found);
    return ZM_OK;
  }
  if (intent.kind != ZM_INTENT_REPLACE) {
    violation(fmt::format("orders.submit: intent kind {} is none of the ABI's", intent.kind));
    return result.code = ZM_REASON_MALFORMED, ZM_E_ARGUMENT;
  }
  if (habits_.refusing || intent.quantity <= 0) return result.code = ZM_REASON_KILL, ZM_E_RISK;
  found->second.intent.price = intent.price;
  found->second.leaves = found->second.intent.quantity = intent.quantity;
  tell_update(ZM_EVENT_REPLACED, found->first, found->second, intent.quantity, 0);
  match(found->first);
  return ZM_OK;
}

std::vector<zm_event> CheckingHost::take_private_events() {
  const std::int64_t now = tape_ == nullptr ? tape_begin_ns : tape_->now();
  for (auto timer = timers_.begin(); timer != timers_.end();) {
    if (timer->second.due_ns > now) {
      ++timer;
      continue;
    }
    tell(ZM_EVENT_TIMER, ZM_NO_INSTRUMENT).u.timer = timer->second;
    timer = timers_.erase(timer);
  }
  return std::exchange(private_events_, {});
}

}  // namespace zomma::check
