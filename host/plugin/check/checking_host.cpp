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
constexpr std::uint64_t longest_text = 64 * 1024;

// A misbehaving plugin may call from any thread.
std::mutex& lock() {
  static std::mutex one;
  return one;
}

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

bool good_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

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

// A function of the tables, marked as the host's side: what it allocates is not the plugin's.
template <auto function>
struct Marked;
template <class Answer, class... Arguments, Answer (*function)(Arguments...)>
struct Marked<function> {
  static Answer call(Arguments... arguments) {
    const HostSide here;
    return function(arguments...);
  }
};

// The tables a plugin sees.
struct Shell {
  static CheckingHost& of(const zm_host* host) { return *static_cast<CheckingHost*>(host->self); }

  static void set_error(const zm_host* host, const char* text, std::uint64_t length) {
    if (text == nullptr || length > longest_text)
      return of(host).violation("set_error: a null or endless text");
    of(host).error_.assign(text, length);
  }
  static zm_status submit(const zm_host* host, const zm_intent* intents, std::uint32_t count,
                          zm_intent_result* results) {
    CheckingHost& self = of(host);
    if (!self.allowed("orders.submit", true, false)) return ZM_E_THREAD;
    if (intents == nullptr || results == nullptr ||
        (count > 0 &&
         (intents->size < sizeof(zm_intent) || intents->size % 8 != 0 || intents->size > 4096))) {
      self.violation(
          "orders.submit: a null pointer, or an intent whose `size` is not sizeof(zm_intent)");
      return ZM_E_ARGUMENT;
    }
    zm_status first = ZM_OK;
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto& intent = *reinterpret_cast<const zm_intent*>(
          reinterpret_cast<const char*>(intents) + std::size_t{i} * intents->size);
      results[i] = {};
      const bool may = intent.kind == ZM_INTENT_CANCEL ? self.phase_ >= Phase::started
                                                       : self.phase_ == Phase::started;
      if (!may) self.allowed("orders.submit", true, true);
      const zm_status status = may ? self.submit_one(intent, results[i]) : zm_status{ZM_E_STATE};
      results[i].status = status;
      if (first == ZM_OK) first = status;
    }
    return first;
  }
  static zm_status cancel_all(const zm_host* host, std::uint32_t instrument) {
    CheckingHost& self = of(host);
    if (!self.allowed("orders.cancel_all", true, true)) return ZM_E_STATE;
    self.record("cancel_all", &instrument, sizeof instrument);
    for (auto order = self.orders_.begin(); order != self.orders_.end();) {
      if (instrument != ZM_NO_INSTRUMENT && order->second.intent.instrument != instrument) {
        ++order;
        continue;
      }
      self.tell_update(ZM_EVENT_CANCELED, order->first, order->second, 0, ZM_REASON_USER);
      order = self.orders_.erase(order);
    }
    return ZM_OK;
  }
  static std::uint32_t count(const zm_host* host) {
    of(host).allowed("market.instrument_count", false, false);
    return instrument_count;
  }
  static zm_status instrument(const zm_host* host, std::uint32_t id, zm_instrument* out) {
    if (!of(host).allowed("market.instrument", false, false)) return ZM_E_THREAD;
    if (out == nullptr || out->size < sizeof(zm_instrument)) {
      of(host).violation("market.instrument: `out` is null or its `size` is not set");
      return ZM_E_ARGUMENT;
    }
    return tape_instrument(id, *out);
  }
  static std::uint32_t find(const zm_host* host, const char* symbol) {
    if (!of(host).allowed("market.find", false, false) || symbol == nullptr)
      return ZM_NO_INSTRUMENT;
    return std::strcmp(symbol, "ALPHA") == 0  ? 0
           : std::strcmp(symbol, "BETA") == 0 ? 1
                                              : ZM_NO_INSTRUMENT;
  }
  static zm_status best(const zm_host* host, std::uint32_t id, zm_quote* out) {
    CheckingHost& self = of(host);
    if (!self.allowed("market.best", true, false) || out == nullptr) return ZM_E_ARGUMENT;
    if (id >= instrument_count) return ZM_E_NOT_FOUND;
    *out = self.tape_ == nullptr ? zm_quote{ZM_NO_PRICE, ZM_NO_PRICE, 0, 0}
                                 : self.tape_->book(id).best;
    return ZM_OK;
  }
  static std::uint32_t levels(const zm_host* host, std::uint32_t id, std::uint32_t side,
                              zm_price_level* out, std::uint32_t capacity) {
    zm_quote quote{};
    if (side > ZM_SIDE_SELL || out == nullptr || best(host, id, &quote) != ZM_OK) return 0;
    const zm_price top = side == ZM_SIDE_BUY ? quote.bid_price : quote.ask_price;
    if (top == ZM_NO_PRICE) return 0;
    const std::uint32_t given = std::min<std::uint32_t>(capacity, 10);
    for (std::uint32_t i = 0; i < given; ++i)
      out[i] = {static_cast<zm_price>(static_cast<std::uint64_t>(top) +
                                      (side == ZM_SIDE_BUY ? -10ull : 10ull) * i),
                side == ZM_SIDE_BUY ? quote.bid_quantity : quote.ask_quantity, 1, 0};
    return given;
  }
  static zm_status position(const zm_host* host, std::uint32_t id, zm_position* out) {
    if (!of(host).allowed("portfolio.position", true, false) || out == nullptr)
      return ZM_E_ARGUMENT;
    if (id >= instrument_count) return ZM_E_NOT_FOUND;
    *out = {of(host).positions_[id], 0, 0, 0, 0, 0, 0};
    return ZM_OK;
  }
  static zm_status account(const zm_host* host, zm_account* out) {
    if (!of(host).allowed("portfolio.account", true, false) || out == nullptr) return ZM_E_ARGUMENT;
    *out = {100'000'000'000'000,
            100'000'000'000'000,
            0,
            0,
            0,
            0,
            static_cast<std::uint32_t>(of(host).orders_.size()),
            0};
    return ZM_OK;
  }
  static std::uint32_t open_orders(const zm_host* host, zm_open_order* out,
                                   std::uint32_t capacity) {
    CheckingHost& self = of(host);
    if (!self.allowed("portfolio.open_orders", true, false)) return 0;
    std::uint32_t i = 0;
    for (const auto& [id, order] : self.orders_) {
      if (out == nullptr || i == capacity) break;
      const zm_intent& intent = order.intent;
      out[i++] = {id,         intent.instrument, intent.side,     ZM_EVENT_ACCEPTED,
                  intent.tag, intent.price,      intent.quantity, 0};
    }
    return static_cast<std::uint32_t>(self.orders_.size());
  }
  static zm_status arm(const zm_host* host, std::int64_t at_ns, std::uint64_t cookie,
                       std::uint64_t* id) {
    CheckingHost& self = of(host);
    if (!self.allowed("timer.arm", true, true)) return ZM_E_STATE;
    if (self.habits_.refusing) return ZM_E_QUOTA;
    if (self.timers_.size() >= Quota::timers) {
      self.violation(fmt::format("more than {} timers armed at once", Quota::timers));
      return ZM_E_QUOTA;
    }
    const std::uint64_t made = ++self.next_id_;
    self.timers_[made] = {made, cookie, at_ns, 0};
    if (id != nullptr) *id = made;
    self.record("timer", &self.timers_[made], sizeof(zm_timer));
    return ZM_OK;
  }
  static void cancel_timer(const zm_host* host, std::uint64_t id) {
    if (of(host).allowed("timer.cancel", true, true)) of(host).timers_.erase(id);
  }
  static zm_status declare(const zm_host* host, const char* name, const char*, std::uint32_t kind,
                           std::uint32_t* handle) {
    CheckingHost& self = of(host);
    if (!self.allowed("metrics.declare", false, false)) return ZM_E_THREAD;
    if (self.on_strategy_thread_)
      self.violation(
          fmt::format("metrics.declare called in {}; declare in init or activate", marker().hook));
    if (name == nullptr || handle == nullptr || kind > ZM_METRIC_SIGNAL || !good_name(name)) {
      self.violation(fmt::format(
          "metrics.declare: \"{}\" is no name ([a-z_][a-z0-9_]*), or its kind {} is none",
          name == nullptr ? "" : name, kind));
      return ZM_E_ARGUMENT;
    }
    if (self.habits_.refusing) return ZM_E_QUOTA;
    if (self.metrics_.size() >= Quota::metrics && !self.metrics_.contains(name)) {
      self.violation(fmt::format("more than {} metrics declared", Quota::metrics));
      return ZM_E_QUOTA;
    }
    *handle = self.metrics_.try_emplace(name, static_cast<std::uint32_t>(self.metrics_.size()))
                  .first->second;
    if (kind == ZM_METRIC_SIGNAL) self.signals_.insert(*handle);
    return ZM_OK;
  }
  static void metric_call(const zm_host* host, const char* function, std::uint32_t handle) {
    CheckingHost& self = of(host);
    if (self.phase_ == Phase::ended)
      return self.violation(fmt::format("{} called after destroy", function));
    if (handle >= self.metrics_.size() && !self.habits_.refusing)
      self.violation(fmt::format("{}: handle {} was never declared", function, handle));
    if (++self.metric_calls_ == Quota::metric_calls_per_call + 1)
      self.violation(fmt::format("more than {} metric updates in one call of {}",
                                 Quota::metric_calls_per_call, marker().hook));
  }
  static void add(const zm_host* host, std::uint32_t handle, double amount) {
    metric_call(host, "metrics.add", handle);
    if (amount < 0)
      of(host).violation("metrics.add: a counter only grows, but a negative amount was added");
  }
  static void set(const zm_host* host, std::uint32_t handle, double) {
    metric_call(host, "metrics.set", handle);
  }
  static void signal(const zm_host* host, std::uint32_t handle, std::uint32_t instrument,
                     double value) {
    metric_call(host, "metrics.signal", handle);
    CheckingHost& self = of(host);
    if (!self.allowed("metrics.signal", true, true)) return;
    struct {
      std::uint32_t handle, instrument;
      double value;
    } const emitted{handle, instrument, value};
    self.record("signal", &emitted, sizeof emitted);
  }
  static void log(const zm_host* host, std::uint32_t level, const char* text,
                  std::uint64_t length) {
    CheckingHost& self = of(host);
    if (self.phase_ == Phase::ended) return self.violation("log.write called after destroy");
    if (text == nullptr || level > ZM_LOG_ERROR || length > longest_text)
      self.violation(fmt::format("log.write: null text, level {} or length {} is out of range",
                                 level, length));
    if (++self.log_lines_ == Quota::log_lines_per_call + 1)
      self.violation(fmt::format("more than {} log lines in one call of {}",
                                 Quota::log_lines_per_call, marker().hook));
  }
  static void health(const zm_host* host, std::uint32_t level, std::uint32_t, const char*,
                     std::uint64_t length) {
    if (!of(host).allowed("health.report", true, false)) return;
    if (level > ZM_HEALTH_FAILING || length > longest_text)
      of(host).violation(fmt::format("health.report: level {} is none of the ABI's", level));
  }

  static const void* get_ext(const zm_host* host, const char* id) {
    static constexpr zm_orders_api orders{sizeof(zm_orders_api), 0, Marked<submit>::call,
                                          Marked<cancel_all>::call};
    static constexpr zm_market_api market{sizeof(zm_market_api), 0,
                                          Marked<count>::call,   Marked<instrument>::call,
                                          Marked<find>::call,    Marked<best>::call,
                                          Marked<levels>::call};
    static constexpr zm_portfolio_api portfolio{sizeof(zm_portfolio_api), 0, Marked<position>::call,
                                                Marked<account>::call, Marked<open_orders>::call};
    static constexpr zm_timer_api timer{sizeof(zm_timer_api), 0, Marked<arm>::call,
                                        Marked<cancel_timer>::call};
    static constexpr zm_metrics_api metrics{sizeof(zm_metrics_api), 0,
                                            Marked<declare>::call,  Marked<add>::call,
                                            Marked<set>::call,      Marked<signal>::call};
    static constexpr zm_log_api logging{sizeof(zm_log_api), 0, Marked<log>::call};
    static constexpr zm_health_api healthy{sizeof(zm_health_api), 0, Marked<health>::call};
    if (id == nullptr || of(host).habits_.bare) return nullptr;
    const std::pair<std::string_view, const void*> tables[] = {
        {ZM_EXT_ORDERS, &orders}, {ZM_EXT_MARKET, &market},   {ZM_EXT_PORTFOLIO, &portfolio},
        {ZM_EXT_TIMER, &timer},   {ZM_EXT_METRICS, &metrics}, {ZM_EXT_LOG, &logging},
        {ZM_EXT_HEALTH, &healthy}};
    for (const auto& [name, table] : tables)
      if (name == id) return table;
    return nullptr;
  }
};

CheckingHost::CheckingHost(HostHabits habits) : habits_(habits) {
  host_ = {sizeof(zm_host), ZM_ABI_MINOR, this, Shell::get_ext, Marked<Shell::set_error>::call};
}

}  // namespace zomma::check
