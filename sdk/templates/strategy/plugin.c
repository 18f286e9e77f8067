/* @NAME@: buys one lot when the best quotes lean to the buyers, sells one when they lean to the sellers. Plain C11. */
#include <zomma/c_plugin.h>
#include <zomma/ext/market.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/portfolio.h>

typedef struct @NAME@ {
  zm_strategy base; /* first: the host knows an instance by it */
  const zm_host *host;
  uint32_t traded;
  zm_quantity lot;
  uint64_t working; /* the order in flight, or 0 */
} @NAME@;

static const double threshold = 0.9; /* how far the best quotes must lean, 0..1 */

static zm_status init(const zm_strategy *base, const zm_host *host) {
  ((@NAME@ *)base->self)->host = host;
  return ZM_OK;
}
static zm_status activate(const zm_strategy *base, const zm_activation *given) {
  @NAME@ *self = base->self;
  zm_instrument info = {.size = sizeof info};
  if (given->instrument_count == 0) return ZM_E_ARGUMENT;
  self->traded = given->instruments[0];
  zm_status status = ZM_C_EXT(self->host, zm_market_api, ZM_EXT_MARKET)->instrument(self->host, self->traded, &info);
  self->lot = info.lot;
  return status;
}

static void trade(@NAME@ *self, uint32_t side, zm_price price) {
  zm_intent order = {.size = sizeof order, .kind = ZM_INTENT_NEW, .instrument = self->traded, .side = side,
                     .time_in_force = ZM_TIF_IOC, .price = price, .quantity = self->lot};
  zm_intent_result answer = {0};
  ZM_C_EXT(self->host, zm_orders_api, ZM_EXT_ORDERS)->submit(self->host, &order, 1, &answer);
  self->working = answer.order_id; /* 0 if a risk check refused it */
}

static void on_quote(@NAME@ *self, const zm_quote *quote) {
  const double bid = (double)quote->bid_quantity, ask = (double)quote->ask_quantity, lean = (bid - ask) / (bid + ask);
  zm_position held = {0};
  if (self->working != 0 || bid <= 0 || ask <= 0) return;
  ZM_C_EXT(self->host, zm_portfolio_api, ZM_EXT_PORTFOLIO)->position(self->host, self->traded, &held);
  if (lean > threshold && held.quantity <= 0) trade(self, ZM_SIDE_BUY, quote->ask_price);
  if (lean < -threshold && held.quantity >= 0) trade(self, ZM_SIDE_SELL, quote->bid_price);
}

static zm_status on_events(const zm_strategy *base, const zm_batch *batch) {
  for (const zm_event *event = batch->events; event != batch->events + batch->count; ++event) {
    if (event->kind == ZM_EVENT_QUOTE) on_quote(base->self, &event->u.quote);
    const int over = event->kind == ZM_EVENT_FILL ? event->u.fill.leaves_quantity == 0
                                                  : event->kind >= ZM_EVENT_REJECTED && event->kind <= ZM_EVENT_EXPIRED;
    if (over) ((@NAME@ *)base->self)->working = 0;
  }
  return ZM_OK;
}

static const zm_strategy hooks = {.init = init, .activate = activate, .on_events = on_events};
ZM_C_PLUGIN(@NAME@, "com.example.@NAME@", "0.1.0", 1, ZM_SUBSCRIBE_QUOTES, hooks)
