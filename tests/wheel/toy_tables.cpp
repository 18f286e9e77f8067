// toy_tables.cpp: what a plugin may ask the toy host.
#include "toy_tables.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

namespace toy {
namespace {

Host& of(const zm_host* host) { return *static_cast<Host*>(host->self); }

}  // namespace

struct Tables {
  static zm_status submit(const zm_host* h, const zm_intent* intents, std::uint32_t count,
                          zm_intent_result* results) {
    Host& host = of(h);
    zm_status first = ZM_OK;
    for (std::uint32_t i = 0; i < count; ++i) {
      const zm_intent& intent = intents[i];
      results[i] = {0, ZM_OK, 0};
      if (intent.kind == ZM_INTENT_CANCEL) {
        cancel(host, intent.order_id);
        continue;
      }
      if (host.refuse != 0) {
        results[i] = {0, ZM_E_RISK, host.refuse};
        first = ZM_E_RISK;
        continue;
      }
      host.orders.push_back({host.orders.size() + 1, intent.instrument, intent.side, intent.price,
                             intent.quantity, 0, intent.time_in_force});
      results[i].order_id = host.orders.size();
      zm_event news;
      host.match(host.orders.back(), news);
      host.queue_.push_back(news);
      if (intent.time_in_force == ZM_TIF_IOC && news.kind != ZM_EVENT_REJECTED &&
          host.orders.back().filled < intent.quantity)
        cancel(host, host.orders.size());
    }
    return first;
  }
  static void cancel(Host& host, std::uint64_t id) {
    Order& order = host.orders.at(id - 1);
    zm_event news{};
    news.kind = order.filled < order.quantity ? ZM_EVENT_CANCELED : ZM_EVENT_CANCEL_REJECTED;
    news.instrument = order.instrument;
    news.u.order_update = {id, order.price, 0, ZM_REASON_USER, 0};
    order.quantity = order.filled;
    host.queue_.push_back(news);
  }
  static zm_status cancel_all(const zm_host*, std::uint32_t) { return ZM_OK; }

  static std::uint32_t instrument_count(const zm_host* h) {
    return static_cast<std::uint32_t>(of(h).instruments_.size());
  }
  static zm_status instrument(const zm_host* h, std::uint32_t id, zm_instrument* out) {
    Host& host = of(h);
    if (id >= host.instruments_.size()) return ZM_E_NOT_FOUND;
    const Instrument& i = host.instruments_[id];
    *out = {sizeof(zm_instrument),
            id,
            i.symbol.c_str(),
            "toy",
            "USD",
            i.kind,
            2,
            0,
            0,
            1,
            1,
            i.kind == ZM_KIND_OPTION ? 100 : 1,
            0,
            0};
    return ZM_OK;
  }
  static std::uint32_t find(const zm_host*, const char*) { return ZM_NO_INSTRUMENT; }
  static zm_status best(const zm_host* h, std::uint32_t id, zm_quote* out) {
    const Instrument& i = of(h).instruments_.at(id);
    *out = {std::llround(i.bid * 100), std::llround(i.ask * 100), 50, 50};
    return ZM_OK;
  }
  static std::uint32_t levels(const zm_host*, std::uint32_t, std::uint32_t, zm_price_level*,
                              std::uint32_t) {
    return 0;
  }

  static zm_status position(const zm_host* h, std::uint32_t id, zm_position* out) {
    Host& host = of(h);
    if (id >= host.instruments_.size()) return ZM_E_NOT_FOUND;
    *out = {};
    const auto found = host.positions_.find(id);
    if (found == host.positions_.end()) return ZM_OK;
    out->quantity = found->second.quantity;
    out->average_price =
        std::llround(found->second.cost / static_cast<double>(found->second.quantity) * 100);
    return ZM_OK;
  }
  static zm_status account(const zm_host* h, zm_account* out) {
    *out = {};
    out->cash = std::llround(of(h).cash * 1e8);
    out->equity = std::llround(of(h).equity() * 1e8);
    return ZM_OK;
  }
  static std::uint32_t open_orders(const zm_host*, zm_open_order*, std::uint32_t) { return 0; }

  static zm_status arm(const zm_host* h, std::int64_t at_ns, std::uint64_t cookie,
                       std::uint64_t* id) {
    of(h).timers_.emplace(at_ns, cookie);
    *id = ++of(h).timer_;
    return ZM_OK;
  }
  static void cancel_timer(const zm_host*, std::uint64_t) {}

  static zm_status declare(const zm_host* h, const char* name, const char*, std::uint32_t,
                           std::uint32_t* handle) {
    auto& names = of(h).metric_names;
    const auto found = std::find(names.begin(), names.end(), name);
    *handle = static_cast<std::uint32_t>(found - names.begin());
    if (found == names.end()) names.emplace_back(name);
    return ZM_OK;
  }
  static void add(const zm_host* h, std::uint32_t handle, double amount) {
    of(h).metrics[of(h).metric_names.at(handle)] += amount;
  }
  static void set(const zm_host* h, std::uint32_t handle, double value) {
    of(h).metrics[of(h).metric_names.at(handle)] = value;
  }
  static void signal(const zm_host* h, std::uint32_t handle, std::uint32_t instrument,
                     double value) {
    of(h).signals[{of(h).metric_names.at(handle), instrument}] = value;
  }
  static void write(const zm_host* h, std::uint32_t, const char* text, std::uint64_t length) {
    of(h).log.emplace_back(text, length);
  }
  static void health(const zm_host*, std::uint32_t, std::uint32_t, const char*, std::uint64_t) {}
  static void set_error(const zm_host* h, const char* text, std::uint64_t length) {
    of(h).error_.assign(text, length);
  }

  static zm_status get_chain(const zm_host* h, std::uint32_t id, zm_chain* out) {
    Host& host = of(h);
    const auto found = host.chains_.find(id);
    if (found == host.chains_.end()) return ZM_E_NOT_FOUND;
    const Chain& c = found->second;
    *out = {sizeof(zm_chain),
            id,
            static_cast<std::uint32_t>(c.contracts.size()),
            static_cast<std::uint32_t>(c.expiries.size()),
            c.flags,
            0,
            c.ts_ns,
            c.ts_ns,
            c.spot,
            c.contracts.data(),
            c.expiries.data(),
            c.status.data(),
            c.quoted.data(),
            c.bid.data(),
            c.ask.data(),
            c.bid_quantity.data(),
            c.ask_quantity.data(),
            c.volume.data(),
            c.open_interest.data(),
            c.implied_vol.data(),
            c.surface_vol.data(),
            c.model_price.data(),
            c.delta.data(),
            c.gamma.data(),
            c.vega.data(),
            c.theta.data(),
            c.rho.data()};
    return ZM_OK;
  }
  static zm_status surface_vol(const zm_host* h, std::uint32_t id, std::uint32_t count,
                               const double* strike, const double*, double* out) {
    const Chain& c = of(h).chains_.at(id);
    for (std::uint32_t i = 0; i < count; ++i)
      out[i] = c.vol + c.skew * std::log(c.spot / strike[i]) + c.surface_shift;
    return ZM_OK;
  }

  static zm_status exercise(const zm_host*, std::uint32_t, zm_quantity) { return ZM_OK; }
  static zm_status decline(const zm_host* h, std::uint32_t instrument, std::uint32_t declined) {
    of(h).declined[instrument] = declined != 0;
    return ZM_OK;
  }
  static zm_status margin(const zm_host* h, zm_margin* out) {
    out->buying_power = std::llround(of(h).buying_power * 1e6) * 100;
    return ZM_OK;
  }
  static zm_status margin_with(const zm_host* h, std::uint32_t, zm_quantity, zm_price,
                               zm_margin* out) {
    return margin(h, out);
  }
  static std::uint32_t lots(const zm_host*, std::uint32_t, zm_tax_lot*, std::uint32_t) { return 0; }

  static const void* get_ext(const zm_host* h, const char* id) {
    static constexpr zm_orders_api orders{sizeof orders, 0, submit, cancel_all};
    static constexpr zm_market_api market{sizeof market, 0,     instrument_count, instrument, find,
                                          best,          levels};
    static constexpr zm_portfolio_api portfolio{sizeof portfolio, 0, position, account,
                                                open_orders};
    static constexpr zm_timer_api timer{sizeof timer, 0, arm, cancel_timer};
    static constexpr zm_metrics_api metrics{sizeof metrics, 0, declare, add, set, signal};
    static constexpr zm_log_api log{sizeof log, 0, write};
    static constexpr zm_health_api healthy{sizeof healthy, 0, health};
    static constexpr zm_chain_api chain{sizeof chain, 0, get_chain, surface_vol};
    static constexpr zm_options_api options{sizeof options, 0,           exercise, decline,
                                            margin,         margin_with, lots};
    const std::string_view wanted(id);
    if (wanted == ZM_EXT_ORDERS) return &orders;
    if (wanted == ZM_EXT_MARKET) return &market;
    if (wanted == ZM_EXT_PORTFOLIO) return &portfolio;
    if (wanted == ZM_EXT_TIMER) return &timer;
    if (wanted == ZM_EXT_METRICS) return &metrics;
    if (wanted == ZM_EXT_LOG) return &log;
    if (wanted == ZM_EXT_HEALTH) return &healthy;
    if (wanted == ZM_EXT_CHAIN) return &chain;
    if (wanted == ZM_EXT_OPTIONS && of(h).clearing) return &options;
    return nullptr;
  }
};

zm_host host_table(Host* host) {
  return {sizeof(zm_host), ZM_ABI_MINOR, host, Tables::get_ext, Tables::set_error};
}

std::string Host::save() const {
  const auto* api = static_cast<const zm_state_api*>(strategy_->get_ext(strategy_, ZM_EXT_STATE));
  std::string bytes;
  const zm_ostream out{
      &bytes, [](const zm_ostream* stream, const void* data, std::uint64_t length) -> std::int64_t {
        static_cast<std::string*>(stream->self)->append(static_cast<const char*>(data), length);
        return static_cast<std::int64_t>(length);
      }};
  return api->save(strategy_, &out, ZM_STATE_RELOAD) == ZM_OK ? bytes : std::string();
}
bool Host::load(const std::string& bytes) {
  struct Rest {
    const std::string* bytes;
    std::size_t at;
  } rest{&bytes, 0};
  const zm_istream in{
      &rest, [](const zm_istream* stream, void* data, std::uint64_t length) -> std::int64_t {
        auto& r = *static_cast<Rest*>(stream->self);
        const std::size_t given = std::min<std::size_t>({length, r.bytes->size() - r.at, 1000});
        std::memcpy(data, r.bytes->data() + r.at, given);
        r.at += given;
        return static_cast<std::int64_t>(given);
      }};
  const zm_state_info info{sizeof info, ZM_STATE_RELOAD, strategy_->desc->state_schema, 0,
                           seq_,        bytes.size()};
  const auto* api = static_cast<const zm_state_api*>(strategy_->get_ext(strategy_, ZM_EXT_STATE));
  return api->load(strategy_, &in, &info) == ZM_OK;
}

}  // namespace toy
