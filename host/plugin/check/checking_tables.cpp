// checking_tables.cpp: the extension tables of the checking host, each call held against the
// contract.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include <zomma/ext/buffers.h>
#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/timer.h>

#include "plugin/check/checking_host.h"
#include "plugin/check/interpose.h"
#include "plugin/check/marker.h"

namespace zomma::check {
namespace {

constexpr std::uint64_t longest_text = 64 * 1024;

bool good_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

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

  static zm_status adopt(const zm_host* host, const char* name, std::uint64_t bytes,
                         void** memory) {
    CheckingHost& self = of(host);
    if (!self.allowed("buffers.adopt", false, false)) return ZM_E_THREAD;
    if (self.phase_ != Phase::initialised) {
      self.violation(
          fmt::format("buffers.adopt called {}; adopt in activate", name_of(self.phase_)));
      return ZM_E_STATE;
    }
    if (name == nullptr || memory == nullptr || bytes == 0) {
      self.violation("buffers.adopt: a null pointer or no bytes");
      return ZM_E_ARGUMENT;
    }
    if (self.habits_.refusing) return ZM_E_QUOTA;
    const zm_status status = self.buffers_.adopt(name, bytes, *memory);
    if (status == ZM_E_ARGUMENT)
      self.violation(fmt::format("buffers.adopt: \"{}\" is empty or adopted already", name));
    return status;
  }
  static std::uint32_t restored(const zm_host* host, const char* name) {
    CheckingHost& self = of(host);
    return self.allowed("buffers.restored", false, false) && name != nullptr &&
                   self.buffers_.restored(name)
               ? 1
               : 0;
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
    static constexpr zm_buffers_api lent{sizeof(zm_buffers_api), 0, Marked<adopt>::call,
                                         Marked<restored>::call};
    if (id == nullptr || of(host).habits_.bare) return nullptr;
    const std::pair<std::string_view, const void*> tables[] = {
        {ZM_EXT_ORDERS, &orders},  {ZM_EXT_MARKET, &market},   {ZM_EXT_PORTFOLIO, &portfolio},
        {ZM_EXT_TIMER, &timer},    {ZM_EXT_METRICS, &metrics}, {ZM_EXT_LOG, &logging},
        {ZM_EXT_HEALTH, &healthy}, {ZM_EXT_BUFFERS, &lent}};
    for (const auto& [name, table] : tables)
      if (name == id) return table;
    return nullptr;
  }
};

CheckingHost::CheckingHost(HostHabits habits) : habits_(habits) {
  host_ = {sizeof(zm_host), ZM_ABI_MINOR, this, Shell::get_ext, Marked<Shell::set_error>::call};
}

}  // namespace zomma::check
