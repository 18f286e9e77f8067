// The extension tables of a worker. Arguments are checked here as the host checks them inline
// (plugin/extensions.cpp), so that a call answers the same wherever it is made; what needs the
// host's data is carried over.
#include <zomma/ext/buffers.h>
#include <zomma/ext/draft/agenda.h>
#include <zomma/ext/draft/chain.h>
#include <zomma/ext/draft/options.h>
#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/timer.h>

#include <algorithm>

#include "plugin/gpu_table.h"
#include "plugin/worker/worker_host.h"

namespace zomma::worker {
namespace {

WorkerHost& self_of(const zm_host* host) { return *static_cast<WorkerHost*>(host->self); }
bool foreign_thread(const zm_host* host) { return !self_of(host).on_main_thread(); }

// Fixed fields one after the other, as they lie in memory.
template <class... Fields>
struct Packed {
  explicit Packed(const Fields&... fields) {
    std::byte* to = bytes.data();
    ((std::memcpy(to, &fields, sizeof fields), to += sizeof fields), ...);
  }
  std::array<std::byte, (sizeof(Fields) + ...)> bytes;
};

template <class... Fields>
Message ask(const zm_host* host, Call kind, const Fields&... fields) {
  return self_of(host).call(kind, Packed<Fields...>(fields...).bytes);
}

// Fills `out` if the call succeeded; an inline call leaves it alone otherwise, too.
template <class T>
zm_status filled(const Message& answer, T& out) {
  if (answer.number == ZM_OK) out = Cursor(answer.body).get<T>();
  return answer.number;
}

// --- orders ---
zm_status submit(const zm_host* host, const zm_intent* intents, std::uint32_t count,
                 zm_intent_result* results) {
  if (count == 0) return ZM_OK;
  if (intents == nullptr || results == nullptr || intents->size < sizeof(zm_intent) ||
      intents->size % 8 != 0)
    return ZM_E_ARGUMENT;
  if (foreign_thread(host)) return ZM_E_THREAD;
  const std::uint32_t stride = intents->size;
  const auto per_call = static_cast<std::uint32_t>(area_size / stride);
  if (per_call == 0) return ZM_E_ARGUMENT;
  zm_status first_failure = ZM_OK;
  for (std::uint32_t done = 0; done < count;) {
    const std::uint32_t some = std::min(per_call, count - done);
    const auto* from = reinterpret_cast<const std::byte*>(intents) + std::size_t{done} * stride;
    std::vector<std::byte> copy;
    if (done != 0) {  // the stride is that of the first intent of all, whatever the others say of
                      // their size
      copy.assign(from, from + std::size_t{some} * stride);
      std::memcpy(copy.data(), &stride, sizeof stride);
      from = copy.data();
    }
    const Message answer = self_of(host).call(Call::submit, {from, std::size_t{some} * stride});
    const std::size_t size = std::min(answer.body.size(), some * sizeof(zm_intent_result));
    if (size != 0) std::memcpy(results + done, answer.body.data(), size);
    if (answer.number != ZM_OK && first_failure == ZM_OK) first_failure = answer.number;
    done += some;
  }
  return first_failure;
}
zm_status cancel_all(const zm_host* host, std::uint32_t instrument) {
  return foreign_thread(host) ? zm_status{ZM_E_THREAD}
                              : ask(host, Call::cancel_all, instrument).number;
}

// --- market ---
std::uint32_t instrument_count(const zm_host* host) {
  return foreign_thread(host) ? 0 : self_of(host).call(Call::instrument_count).number;
}
zm_status instrument(const zm_host* host, std::uint32_t id, zm_instrument* out) {
  if (out == nullptr || out->size < sizeof(zm_instrument)) return ZM_E_ARGUMENT;
  if (foreign_thread(host)) return ZM_E_THREAD;
  const zm_instrument* known = self_of(host).instrument(id);
  if (known == nullptr) return ZM_E_NOT_FOUND;
  *out = *known;
  return ZM_OK;
}
std::uint32_t find(const zm_host* host, const char* symbol) {
  if (symbol == nullptr || foreign_thread(host)) return ZM_NO_INSTRUMENT;
  const std::string_view text(symbol);
  return text.size() > area_size / 2
             ? ZM_NO_INSTRUMENT
             : self_of(host).call(Call::find, std::as_bytes(std::span(text))).number;
}
zm_status best(const zm_host* host, std::uint32_t id, zm_quote* out) {
  if (out == nullptr) return ZM_E_ARGUMENT;
  return foreign_thread(host) ? zm_status{ZM_E_THREAD} : filled(ask(host, Call::best, id), *out);
}
std::uint32_t levels(const zm_host* host, std::uint32_t id, std::uint32_t side, zm_price_level* out,
                     std::uint32_t capacity) {
  if (out == nullptr || side > ZM_SIDE_SELL || foreign_thread(host)) return 0;
  const Message answer = ask(host, Call::levels, id, side, capacity);
  const std::size_t size =
      std::min(answer.body.size(), std::size_t{capacity} * sizeof(zm_price_level));
  if (size != 0) std::memcpy(out, answer.body.data(), size);
  return answer.number;
}

// --- chains ---
zm_status chain(const zm_host* host, std::uint32_t underlying, zm_chain* out) {
  if (out == nullptr || out->size < sizeof(zm_chain)) return ZM_E_ARGUMENT;
  return foreign_thread(host) ? zm_status{ZM_E_THREAD} : self_of(host).chain(underlying, *out);
}
zm_status surface_vol(const zm_host* host, std::uint32_t underlying, std::uint32_t count,
                      const double* strike, const double* years, double* out) {
  if (count != 0 && (strike == nullptr || years == nullptr || out == nullptr)) return ZM_E_ARGUMENT;
  if (foreign_thread(host)) return ZM_E_THREAD;
  constexpr std::uint32_t per_call = 2048;
  for (std::uint32_t done = 0;;) {
    const std::uint32_t some = std::min(per_call, count - done);
    const std::uint32_t head[2] = {underlying, 0};
    std::vector<std::byte> body(sizeof head + std::size_t{some} * 2 * sizeof(double));
    std::memcpy(body.data(), head, sizeof head);
    if (some != 0) {
      std::memcpy(body.data() + sizeof head, strike + done, some * sizeof(double));
      std::memcpy(body.data() + sizeof head + some * sizeof(double), years + done,
                  some * sizeof(double));
    }
    const Message answer = self_of(host).call(Call::surface_vol, body);
    if (answer.number != ZM_OK || answer.body.size() != some * sizeof(double))
      return answer.number != ZM_OK ? answer.number : zm_status{ZM_E_FAILED};
    if (some != 0) std::memcpy(out + done, answer.body.data(), answer.body.size());
    done += some;
    if (done == count) return ZM_OK;
  }
}

// --- options ---
zm_status instruct(const zm_host* host, std::uint32_t instrument, std::uint32_t kind,
                   zm_quantity quantity) {
  if (foreign_thread(host)) return ZM_E_THREAD;
  struct {
    std::uint32_t instrument, kind;
    zm_quantity quantity;
  } const fields{instrument, kind, quantity};
  return self_of(host).call(Call::instruct, std::as_bytes(std::span(&fields, 1))).number;
}
zm_status exercise(const zm_host* host, std::uint32_t instrument, zm_quantity quantity) {
  return instruct(host, instrument, 0, quantity);
}
zm_status decline(const zm_host* host, std::uint32_t instrument, std::uint32_t declined) {
  return instruct(host, instrument, 1, declined != 0 ? 1 : 0);
}
zm_status margin_of(const zm_host* host, std::uint32_t instrument, std::uint32_t with,
                    zm_quantity quantity, zm_price price, zm_margin* out) {
  if (out == nullptr || out->size < sizeof(zm_margin)) return ZM_E_ARGUMENT;
  if (foreign_thread(host)) return ZM_E_THREAD;
  struct {
    std::uint32_t instrument, with;
    zm_quantity quantity;
    zm_price price;
  } const fields{instrument, with, quantity, price};
  const Message answer = self_of(host).call(Call::margin, std::as_bytes(std::span(&fields, 1)));
  if (answer.number == ZM_OK && answer.body.size() == sizeof *out) {
    const std::uint32_t size = out->size;
    std::memcpy(out, answer.body.data(), sizeof *out);
    out->size = size;
  }
  return answer.number;
}
zm_status margin(const zm_host* host, zm_margin* out) { return margin_of(host, 0, 0, 0, 0, out); }
zm_status margin_with(const zm_host* host, std::uint32_t instrument, zm_quantity quantity,
                      zm_price price, zm_margin* out) {
  return margin_of(host, instrument, 1, quantity, price, out);
}
template <class Entry>
std::uint32_t list_of(const zm_host* host, Call call, std::uint32_t id, Entry* out,
                      std::uint32_t capacity) {
  if (foreign_thread(host)) return 0;
  const std::uint32_t fields[2] = {id, out == nullptr ? 0 : capacity};
  const Message answer = self_of(host).call(call, std::as_bytes(std::span(fields)));
  const std::size_t size = std::min(answer.body.size(), std::size_t{fields[1]} * sizeof(Entry));
  if (size != 0) std::memcpy(out, answer.body.data(), size);
  return answer.number;
}
std::uint32_t lots(const zm_host* host, std::uint32_t instrument, zm_tax_lot* out,
                   std::uint32_t capacity) {
  return list_of(host, Call::lots, instrument, out, capacity);
}
std::uint32_t upcoming(const zm_host* host, std::uint32_t underlying, zm_agenda_entry* out,
                       std::uint32_t capacity) {
  return list_of(host, Call::upcoming, underlying, out, capacity);
}

// --- portfolio ---
zm_status position(const zm_host* host, std::uint32_t id, zm_position* out) {
  if (out == nullptr) return ZM_E_ARGUMENT;
  return foreign_thread(host) ? zm_status{ZM_E_THREAD}
                              : filled(ask(host, Call::position, id), *out);
}
zm_status account(const zm_host* host, zm_account* out) {
  if (out == nullptr) return ZM_E_ARGUMENT;
  return foreign_thread(host) ? zm_status{ZM_E_THREAD}
                              : filled(self_of(host).call(Call::account), *out);
}
std::uint32_t open_orders(const zm_host* host, zm_open_order* out, std::uint32_t capacity) {
  if (foreign_thread(host)) return 0;
  if (out == nullptr) capacity = 0;
  std::uint32_t copied = 0;
  for (;;) {
    const Message answer = ask(host, Call::open_orders, copied, capacity - copied);
    const auto some = static_cast<std::uint32_t>(
        std::min<std::size_t>(answer.body.size() / sizeof(zm_open_order), capacity - copied));
    if (some != 0) std::memcpy(out + copied, answer.body.data(), some * sizeof(zm_open_order));
    copied += some;
    if (some == 0 || copied >= std::min(capacity, answer.number)) return answer.number;
  }
}

// --- timers ---
zm_status arm(const zm_host* host, std::int64_t at_ns, std::uint64_t cookie, std::uint64_t* id) {
  std::uint64_t unused = 0;
  return foreign_thread(host)
             ? zm_status{ZM_E_THREAD}
             : filled(ask(host, Call::arm, at_ns, cookie), id == nullptr ? unused : *id);
}
void cancel_timer(const zm_host* host, std::uint64_t id) {
  self_of(host).note(Note::cancel_timer, Packed(id).bytes);
}

// --- metrics, log, health ---
zm_status declare(const zm_host* host, const char* name, const char* unit, std::uint32_t kind,
                  std::uint32_t* handle) {
  if (name == nullptr || handle == nullptr || kind > ZM_METRIC_SIGNAL) return ZM_E_ARGUMENT;
  if (foreign_thread(host)) return ZM_E_THREAD;
  Body body;
  body.put(kind).text(name).text(unit == nullptr ? "" : unit);
  return body.ok() ? filled(self_of(host).call(Call::declare, body.bytes()), *handle)
                   : zm_status{ZM_E_ARGUMENT};
}
void metric_add(const zm_host* host, std::uint32_t handle, double amount) {
  self_of(host).note(Note::metric_add, Packed(handle, std::uint32_t{0}, amount).bytes);
}
void metric_set(const zm_host* host, std::uint32_t handle, double value) {
  self_of(host).note(Note::metric_set, Packed(handle, std::uint32_t{0}, value).bytes);
}
void signal(const zm_host* host, std::uint32_t handle, std::uint32_t instrument, double value) {
  self_of(host).note(Note::signal, Packed(handle, instrument, value).bytes);
}
void log(const zm_host* host, std::uint32_t level, const char* text, std::uint64_t length) {
  if (text == nullptr) return;
  self_of(host).note(Note::log, Packed(level).bytes, std::as_bytes(std::span(text, length)));
}
void health(const zm_host* host, std::uint32_t level, std::uint32_t code, const char* text,
            std::uint64_t length) {
  if (text == nullptr) length = 0;
  self_of(host).note(Note::health, Packed(level, code).bytes,
                     std::as_bytes(std::span(text, length)));
}

// --- buffers ---
zm_status adopt(const zm_host* host, const char* name, std::uint64_t bytes, void** memory) {
  if (name == nullptr || memory == nullptr) return ZM_E_ARGUMENT;
  if (foreign_thread(host)) return ZM_E_THREAD;
  Body body;
  if (!body.put(bytes).text(name).ok()) return ZM_E_ARGUMENT;
  const Message answer = self_of(host).call(Call::adopt, body.bytes());
  if (answer.number != ZM_OK) return answer.number;
  return self_of(host).map_buffer(Cursor(answer.body).get<std::int32_t>(), bytes, *memory);
}
std::uint32_t restored(const zm_host* host, const char* name) {
  if (name == nullptr || foreign_thread(host)) return 0;
  Body body;
  return body.text(name).ok() ? self_of(host).call(Call::restored, body.bytes()).number : 0;
}

constexpr zm_orders_api orders_api{sizeof(zm_orders_api), 0, submit, cancel_all};
constexpr zm_market_api market_api{
    sizeof(zm_market_api), 0, instrument_count, instrument, find, best, levels};
constexpr zm_chain_api chain_api{sizeof(zm_chain_api), 0, chain, surface_vol};
constexpr zm_options_api options_api{
    sizeof(zm_options_api), 0, exercise, decline, margin, margin_with, lots};
constexpr zm_agenda_api agenda_api{sizeof(zm_agenda_api), 0, upcoming};
constexpr zm_portfolio_api portfolio_api{sizeof(zm_portfolio_api), 0, position, account,
                                         open_orders};
constexpr zm_timer_api timer_api{sizeof(zm_timer_api), 0, arm, cancel_timer};
constexpr zm_metrics_api metrics_api{
    sizeof(zm_metrics_api), 0, declare, metric_add, metric_set, signal};
constexpr zm_log_api log_api{sizeof(zm_log_api), 0, log};
constexpr zm_health_api health_api{sizeof(zm_health_api), 0, health};
constexpr zm_buffers_api buffers_api{sizeof(zm_buffers_api), 0, adopt, restored};

// --- GPU ---
struct GpuOfWorker {
  static gpu::LoanBook* ledger(const zm_host* host) { return self_of(host).gpu(); }
  static void set_error(const zm_host* host, std::string_view text) {
    host->set_error(host, text.data(), text.size());
  }
};

}  // namespace

const void* find_worker_extension(std::string_view id) {
  if (id == ZM_EXT_ORDERS) return &orders_api;
  if (id == ZM_EXT_MARKET) return &market_api;
  if (id == ZM_EXT_PORTFOLIO) return &portfolio_api;
  if (id == ZM_EXT_CHAIN) return &chain_api;
  if (id == ZM_EXT_OPTIONS) return &options_api;
  if (id == ZM_EXT_AGENDA) return &agenda_api;
  if (id == ZM_EXT_TIMER) return &timer_api;
  if (id == ZM_EXT_METRICS) return &metrics_api;
  if (id == ZM_EXT_LOG) return &log_api;
  if (id == ZM_EXT_HEALTH) return &health_api;
  if (id == ZM_EXT_BUFFERS) return &buffers_api;
  if (id == ZM_EXT_GPU) return &GpuTable<GpuOfWorker>::table;
  return nullptr;
}

}  // namespace zomma::worker
