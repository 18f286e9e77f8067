// context.hpp: the host as a C++ strategy sees it: instruments, books, orders, positions, timers, log, signals.
// Thin inline calls into the extension tables; part of zomma.hpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/timer.h>
#include <zomma/stream.h>

namespace zm {

// An intent to enter a limit order; pass it to context::submit. Price and quantity in the instrument's integers.
inline zm_intent limit_order(std::uint32_t instrument, std::uint32_t side, zm_price price, zm_quantity quantity,
                             std::uint32_t time_in_force = ZM_TIF_GTC, std::uint32_t flags = 0, std::uint32_t tag = 0) {
  return {sizeof(zm_intent), ZM_INTENT_NEW, instrument, side, ZM_ORDER_LIMIT, time_in_force, flags, tag, 0, price, quantity, 0, 0};
}
inline zm_intent market_order(std::uint32_t instrument, std::uint32_t side, zm_quantity quantity, std::uint32_t tag = 0) {
  return {sizeof(zm_intent), ZM_INTENT_NEW, instrument, side, ZM_ORDER_MARKET, ZM_TIF_IOC, 0, tag, 0, 0, quantity, 0, 0};
}
inline zm_intent cancel_order(std::uint64_t order_id) {
  return {sizeof(zm_intent), ZM_INTENT_CANCEL, ZM_NO_INSTRUMENT, 0, 0, 0, 0, 0, order_id, 0, 0, 0, 0};
}
inline zm_intent replace_order(std::uint64_t order_id, zm_price price, zm_quantity total_quantity) {
  return {sizeof(zm_intent), ZM_INTENT_REPLACE, ZM_NO_INSTRUMENT, 0, 0, 0, 0, 0, order_id, price, total_quantity, 0, 0};
}

class context {
 public:
  // Fetches the extension tables. ZM_E_UNSUPPORTED, with a sentence, if the host lacks one that every host must have.
  zm_status bind(const zm_host* host) {
    host_ = host;
    const bool complete = fetch(orders_, ZM_EXT_ORDERS) && fetch(market_, ZM_EXT_MARKET) && fetch(portfolio_, ZM_EXT_PORTFOLIO) &&
                          fetch(timer_, ZM_EXT_TIMER) && fetch(metrics_, ZM_EXT_METRICS) && fetch(log_, ZM_EXT_LOG) &&
                          fetch(health_, ZM_EXT_HEALTH);
    return complete ? ZM_OK : ZM_E_UNSUPPORTED;
  }
  void set_error(std::string_view text) const {
    if (host_ != nullptr) host_->set_error(host_, text.data(), text.size());
  }
  void set_now(std::int64_t now_ns) { now_ns_ = now_ns; }
  void set_instruments(std::span<const std::uint32_t> ids) { instruments_.assign(ids.begin(), ids.end()); }

  // The engine's time: that of the event being heard.
  std::int64_t now_ns() const { return now_ns_; }
  // The instruments the operator gave this strategy, in his order.
  std::span<const std::uint32_t> instruments() const { return instruments_; }
  const zm_host* host() const { return host_; }

  zm_instrument instrument(std::uint32_t id) const {
    zm_instrument info{};
    info.size = sizeof info;
    if (market_->instrument(host_, id, &info) != ZM_OK) throw std::out_of_range("no instrument " + std::to_string(id));
    return info;
  }
  // The same for an id that may be unknown: false, and `out` is untouched.
  bool find_instrument(std::uint32_t id, zm_instrument& out) const {
    zm_instrument info{};
    info.size = sizeof info;
    if (market_->instrument(host_, id, &info) != ZM_OK) return false;
    out = info;
    return true;
  }
  zm_quote best(std::uint32_t instrument) const {
    zm_quote quote{ZM_NO_PRICE, ZM_NO_PRICE, 0, 0};
    market_->best(host_, instrument, &quote);
    return quote;
  }
  std::uint32_t levels(std::uint32_t instrument, std::uint32_t side, std::span<zm_price_level> out) const {
    return market_->levels(host_, instrument, side, out.data(), static_cast<std::uint32_t>(out.size()));
  }

  zm_intent_result submit(const zm_intent& intent) const {
    zm_intent_result result{};
    orders_->submit(host_, &intent, 1, &result);
    return result;
  }
  zm_status submit(std::span<const zm_intent> intents, std::span<zm_intent_result> results) const {
    if (results.size() < intents.size()) return ZM_E_ARGUMENT;
    return orders_->submit(host_, intents.data(), static_cast<std::uint32_t>(intents.size()), results.data());
  }
  zm_intent_result cancel(std::uint64_t order_id) const { return submit(cancel_order(order_id)); }
  zm_status cancel_all(std::uint32_t instrument = ZM_NO_INSTRUMENT) const { return orders_->cancel_all(host_, instrument); }

  zm_position position(std::uint32_t instrument) const {
    zm_position out{};
    portfolio_->position(host_, instrument, &out);
    return out;
  }
  zm_account account() const {
    zm_account out{};
    portfolio_->account(host_, &out);
    return out;
  }
  std::uint32_t open_orders(std::span<zm_open_order> out) const {
    return portfolio_->open_orders(host_, out.data(), static_cast<std::uint32_t>(out.size()));
  }

  std::uint64_t arm(std::int64_t at_ns, std::uint64_t cookie) const {
    std::uint64_t id = 0;
    timer_->arm(host_, at_ns, cookie, &id);
    return id;
  }
  void cancel_timer(std::uint64_t id) const { timer_->cancel(host_, id); }

  std::uint32_t declare(const char* name, const char* unit, std::uint32_t kind) const {
    std::uint32_t handle = 0;
    if (metrics_->declare(host_, name, unit, kind, &handle) != ZM_OK) throw std::runtime_error(std::string("metric refused: ") + name);
    return handle;
  }
  void add(std::uint32_t metric, double amount) const { metrics_->add(host_, metric, amount); }
  void set(std::uint32_t metric, double value) const { metrics_->set(host_, metric, value); }
  void signal(std::uint32_t metric, std::uint32_t instrument, double value) const { metrics_->signal(host_, metric, instrument, value); }

  void log(std::uint32_t level, std::string_view text) const { log_->write(host_, level, text.data(), text.size()); }
  void health(std::uint32_t level, std::uint32_t code, std::string_view text) const {
    health_->report(host_, level, code, text.data(), text.size());
  }

 private:
  template <class Api>
  bool fetch(const Api*& api, const char* id) {
    api = static_cast<const Api*>(host_->get_ext(host_, id));
    if (api != nullptr) return true;
    const std::string sentence = std::string("this host does not offer ") + id + "; it is too old or not a full host";
    set_error(sentence);
    return false;
  }

  const zm_host* host_ = nullptr;
  const zm_orders_api* orders_ = nullptr;
  const zm_market_api* market_ = nullptr;
  const zm_portfolio_api* portfolio_ = nullptr;
  const zm_timer_api* timer_ = nullptr;
  const zm_metrics_api* metrics_ = nullptr;
  const zm_log_api* log_ = nullptr;
  const zm_health_api* health_ = nullptr;
  std::int64_t now_ns_ = 0;
  std::vector<std::uint32_t> instruments_;
};

// Saved state, field by field, in one fixed order.
class writer {
 public:
  explicit writer(const zm_ostream* stream) : stream_(stream) {}
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put(const T& value) { put_bytes(&value, sizeof value); }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put(const std::vector<T>& values) {
    put<std::uint64_t>(values.size());
    put_bytes(values.data(), values.size() * sizeof(T));
  }
  bool ok() const { return ok_; }

 private:
  void put_bytes(const void* data, std::uint64_t length) {
    const auto* bytes = static_cast<const char*>(data);
    while (ok_ && length > 0) {
      const std::int64_t taken = stream_->write(stream_, bytes, length);
      if (taken <= 0) { ok_ = false; return; }
      bytes += taken;
      length -= static_cast<std::uint64_t>(taken);
    }
  }
  const zm_ostream* stream_;
  bool ok_ = true;
};

class reader {
 public:
  explicit reader(const zm_istream* stream) : stream_(stream) {}
  // False, and `value` untouched, if the stream ends before.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  bool get(T& value) {
    alignas(T) unsigned char whole[sizeof(T)];
    if (!get_bytes(whole, sizeof whole)) return false;
    std::memcpy(&value, whole, sizeof whole);
    return true;
  }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  bool get(std::vector<T>& values, std::uint64_t at_most = 1u << 20) {
    std::uint64_t count = 0;
    if (!get(count) || count > at_most) return ok_ = false;
    std::vector<T> whole(count);
    if (!get_bytes(whole.data(), count * sizeof(T))) return false;
    values.swap(whole);
    return true;
  }
  bool ok() const { return ok_; }

 private:
  bool get_bytes(void* data, std::uint64_t length) {
    auto* bytes = static_cast<char*>(data);
    while (ok_ && length > 0) {
      const std::int64_t given = stream_->read(stream_, bytes, length);
      if (given <= 0) { ok_ = false; break; }
      bytes += given;
      length -= static_cast<std::uint64_t>(given);
    }
    return ok_;
  }
  const zm_istream* stream_;
  bool ok_ = true;
};

}  // namespace zm
