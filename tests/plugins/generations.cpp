// A family of generations of one strategy, to be replaced by each other while orders are out. Built
// several times:
//   GENERATION  told as the value of its signal, so that a test can prove which code ran
//   SCHEMA      of its state; it reads its own and older ones
//   SIN         what this one does wrong, and when
// It is written against the C headers, because it checks the number of every single event it hears.
#include <zomma/entry.h>
#include <zomma/ext/buffers.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/params.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/state.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

#ifndef SCHEMA
#define SCHEMA 1
#endif
#ifndef STATE_BYTES
#define STATE_BYTES 0
#endif
enum class Sin {
  none,
  refuses_init,
  refuses_activate,
  refuses_start,
  refuses_quiesce,
  refuses_save,
  refuses_load,
  throws_load,
  throws_soon,
  sends_in_quiesce,
  refuses_resume,
  segfaults_soon,
  aborts_soon,
  overflows_soon,
  loops_soon
};
#ifndef SIN
#define SIN none
#endif

namespace {

constexpr Sin sin = Sin::SIN;

struct State {
  std::uint64_t last_seq = 0, heard = 0, order = 0;
  std::int64_t pace = 10;
};

struct Strategy {
  zm_strategy hooks{};
  const zm_host* host = nullptr;
  const zm_orders_api* orders = nullptr;
  const zm_market_api* market = nullptr;
  const zm_metrics_api* metrics = nullptr;
  const zm_portfolio_api* portfolio = nullptr;
  std::uint32_t instrument = ZM_NO_INSTRUMENT, signal = 0, gauge = 0, since_start = 0;
  std::uint64_t* tally =
      nullptr;  // in a buffer of the host's: how many events all generations have heard
  std::vector<std::byte> ballast = std::vector<std::byte>(STATE_BYTES, std::byte{7});
  State state;
};

Strategy& self(const zm_strategy* hooks) { return *static_cast<Strategy*>(hooks->self); }

zm_status fail(const zm_strategy* hooks, std::string_view why) {
  self(hooks).host->set_error(self(hooks).host, why.data(), why.size());
  return ZM_E_FAILED;
}

zm_status init(const zm_strategy* hooks, const zm_host* host) {
  Strategy& it = self(hooks);
  it.host = host;
  if (sin == Sin::refuses_init) return fail(hooks, "init refuses");
  it.orders = static_cast<const zm_orders_api*>(host->get_ext(host, ZM_EXT_ORDERS));
  it.market = static_cast<const zm_market_api*>(host->get_ext(host, ZM_EXT_MARKET));
  it.metrics = static_cast<const zm_metrics_api*>(host->get_ext(host, ZM_EXT_METRICS));
  it.portfolio = static_cast<const zm_portfolio_api*>(host->get_ext(host, ZM_EXT_PORTFOLIO));
  if (it.orders == nullptr || it.market == nullptr || it.metrics == nullptr ||
      it.portfolio == nullptr)
    return fail(hooks, "this host lacks an extension that the strategy lives on");
  return it.metrics->declare(host, "generation", "number", ZM_METRIC_SIGNAL, &it.signal);
}

zm_status activate(const zm_strategy* hooks, const zm_activation* activation) {
  if (sin == Sin::refuses_activate) return fail(hooks, "activate refuses");
  Strategy& it = self(hooks);
  if (activation->instrument_count > 0) it.instrument = activation->instruments[0];
  const auto* buffers =
      static_cast<const zm_buffers_api*>(it.host->get_ext(it.host, ZM_EXT_BUFFERS));
  void* memory = nullptr;
  if (buffers == nullptr) return fail(hooks, "this host lends no buffers");
  if (buffers->adopt(it.host, "tally", sizeof *it.tally, &memory) != ZM_OK)
    return fail(hooks, "no buffer");
  it.tally = static_cast<std::uint64_t*>(memory);
  return it.metrics->declare(it.host, "tally", "events", ZM_METRIC_GAUGE, &it.gauge);
}

zm_status start(const zm_strategy* hooks) {
  if (sin == Sin::refuses_start) return fail(hooks, "start refuses");
  Strategy& it = self(hooks);
  zm_open_order open{};
  if (it.state.order != 0 && it.portfolio->open_orders(it.host, &open, 1) == 0)
    it.state.order = 0;  // it went while this did not run
  return ZM_OK;
}

void submit(Strategy& it, const zm_intent& intent) {
  zm_intent_result result{};
  (void)it.orders->submit(it.host, &intent, 1, &result);
  if (intent.kind == ZM_INTENT_NEW && result.status == ZM_OK) it.state.order = result.order_id;
}

void on_quote(Strategy& it, const zm_quote& quote) {
  it.metrics->signal(it.host, it.signal, it.instrument, GENERATION);
  if (quote.bid_price == ZM_NO_PRICE ||
      ++it.state.heard % static_cast<std::uint64_t>(it.state.pace) != 0)
    return;
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.instrument = it.instrument;
  intent.side = ZM_SIDE_BUY;
  intent.type = ZM_ORDER_LIMIT;
  intent.time_in_force = ZM_TIF_GTC;
  intent.price = quote.bid_price;
  intent.quantity = 2;
  intent.kind = it.state.order == 0 ? ZM_INTENT_NEW : ZM_INTENT_REPLACE;
  intent.order_id = it.state.order;
  submit(it, intent);
}

int dig(int depth) {
  volatile char page[4096];
  page[depth % 4096] = static_cast<char>(depth);
  return depth < 0 ? 0 : dig(depth + 1) + page[0];
}

void die() {
  if (sin == Sin::throws_soon) throw std::runtime_error("this generation dies soon");
  static volatile std::uintptr_t nowhere = 16;
  if (sin == Sin::segfaults_soon) *reinterpret_cast<volatile int*>(nowhere) = 1;
  if (sin == Sin::aborts_soon) std::abort();
  if (sin == Sin::overflows_soon) dig(1);
  if (sin == Sin::loops_soon)
    for (volatile int forever = 1; forever != 0;) {
    }
}

zm_status on_events(const zm_strategy* hooks, const zm_batch* batch) {
  Strategy& it = self(hooks);
  for (std::uint32_t i = 0; i < batch->count; ++i) {
    const zm_event& event = batch->events[i];
    if (it.state.last_seq != 0 && event.seq != it.state.last_seq + 1)
      return fail(hooks, "the stream has a gap or a duplicate");
    it.state.last_seq = event.seq;
    it.metrics->set(it.host, it.gauge, static_cast<double>(++*it.tally));
    if (++it.since_start > 40) die();
    if (event.kind == ZM_EVENT_QUOTE) on_quote(it, event.u.quote);
    if (event.kind == ZM_EVENT_PARAMETER && event.u.parameter.index == 0)
      it.state.pace = event.u.parameter.value.integer;
    if (event.kind >= ZM_EVENT_ACCEPTED && event.kind <= ZM_EVENT_TRIGGERED &&
        event.u.order_update.order_id == it.state.order) {
      const bool filled = event.kind == ZM_EVENT_FILL && event.u.fill.leaves_quantity == 0;
      const bool over = event.kind == ZM_EVENT_REJECTED || event.kind == ZM_EVENT_CANCELED ||
                        event.kind == ZM_EVENT_EXPIRED;
      if (filled || over) it.state.order = 0;
    }
  }
  return ZM_OK;
}

zm_status quiesce(const zm_strategy* hooks, std::int64_t) {
  Strategy& it = self(hooks);
  if (sin == Sin::refuses_quiesce) return fail(hooks, "quiesce refuses");
  if (sin == Sin::sends_in_quiesce && it.orders->cancel_all(it.host, ZM_NO_INSTRUMENT) == ZM_OK)
    std::abort();
  return ZM_OK;
}
zm_status resume(const zm_strategy* hooks) {
  return sin == Sin::refuses_resume ? fail(hooks, "resume refuses") : zm_status{ZM_OK};
}
void deactivate(const zm_strategy*) {}
void destroy(const zm_strategy* hooks) { delete &self(hooks); }

zm_status save(const zm_strategy* hooks, const zm_ostream* out, std::uint32_t) {
  if (sin == Sin::refuses_save) return fail(hooks, "save refuses");
  const Strategy& it = self(hooks);
  out->write(out, &it.state, sizeof it.state);
  if (!it.ballast.empty()) out->write(out, it.ballast.data(), it.ballast.size());
  return ZM_OK;
}

zm_status load(const zm_strategy* hooks, const zm_istream* in, const zm_state_info* info) {
  Strategy& it = self(hooks);
  State state;
  if (info->schema > SCHEMA) return ZM_E_STATE_NEWER;
  if (in->read(in, &state, sizeof state) != sizeof state) return ZM_E_STATE_CORRUPT;
  if (sin == Sin::refuses_load) return fail(hooks, "load refuses");
  if (sin == Sin::throws_load) throw std::runtime_error("load throws");
  if (!it.ballast.empty()) in->read(in, it.ballast.data(), it.ballast.size());
  it.state = state;
  if (info->reason == ZM_STATE_CHECKPOINT) it.state.last_seq = 0;  // others may have been missed
  return ZM_OK;
}

zm_status parameter_info(const zm_strategy*, std::uint32_t index, zm_param_info* out) {
  if (index > 1) return ZM_E_NOT_FOUND;
  *out = index == 0 ? zm_param_info{sizeof(zm_param_info),
                                    ZM_PARAM_INTEGER,
                                    ZM_PARAM_LIVE,
                                    0,
                                    "pace",
                                    "quotes",
                                    "between two moves",
                                    10,
                                    1,
                                    1000}
                    : zm_param_info{sizeof(zm_param_info),
                                    ZM_PARAM_INTEGER,
                                    0,
                                    0,
                                    "depth",
                                    "levels",
                                    "needs a reload",
                                    1,
                                    1,
                                    100};
  return ZM_OK;
}

const void* get_ext(const zm_strategy*, const char* id) {
  static constexpr zm_state_api state_api{sizeof(zm_state_api), 0, save, load};
  static constexpr zm_params_api params_api{sizeof(zm_params_api), 2, parameter_info};
  const std::string_view wanted(id);
  return wanted == ZM_EXT_STATE    ? static_cast<const void*>(&state_api)
         : wanted == ZM_EXT_PARAMS ? &params_api
                                   : nullptr;
}

constexpr zm_desc desc{sizeof(zm_desc), SCHEMA, "test.generations", "1.0.0",
                       "generations",   "",     ZM_SUBSCRIBE_QUOTES};

const zm_strategy* create(const zm_host*) {
  auto* it = new Strategy;
  it->hooks = {sizeof(zm_strategy), 0,       &desc,  it,         init,    activate, start,
               on_events,           quiesce, resume, deactivate, destroy, get_ext};
  return &it->hooks;
}
constexpr zm_strategy_factory factory{sizeof(zm_strategy_factory), 0, &desc, create};
const void* get_factory(const char* id) {
  return std::string_view(id) == ZM_STRATEGY_FACTORY ? &factory : nullptr;
}
constexpr zm_entry entry{ZM_ABI_MAJOR, ZM_ABI_MINOR, get_factory};

}  // namespace

ZM_PLUGIN_NOTE("test.generations", "1.0.0", SCHEMA);
ZM_EXPORT const zm_entry* zm_plugin_entry(void) { return &entry; }
