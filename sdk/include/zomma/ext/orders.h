/* orders.h: say what you want; hear at once whether the checks let it pass; hear the venue's answer as events.
 *
 * Rationale: the verdict is synchronous because a strategy must know its own exposure before its next thought; the
 * outcome is asynchronous because the venue is. Orders belong to the host: they outlive a reload of the plugin. */
#ifndef ZOMMA_EXT_ORDERS_H
#define ZOMMA_EXT_ORDERS_H

#include <zomma/host.h>
#include <zomma/order.h>

#define ZM_EXT_ORDERS "zomma.orders/1"

typedef struct zm_orders_api {
  uint32_t size;
  uint32_t reserved;

  /* Submits `count` intents in order; `results[i]` answers `intents[i]`. The intents' `size` field is their stride.
   * Returns ZM_OK if all passed, else the status of the first that did not; the others are still tried. Cancels are
   * never refused by a check. Between quiesce and resume every new order is refused with ZM_E_STATE.
   * [strategy & started] no allocation */
  zm_status (*submit)(const zm_host *host, const zm_intent *intents, uint32_t count, zm_intent_result *results);

  /* Cancels all of the instance's open orders, on one instrument or (ZM_NO_INSTRUMENT) on all. [strategy & started] */
  zm_status (*cancel_all)(const zm_host *host, uint32_t instrument);
} zm_orders_api;

ZM_ABI_ASSERT(offsetof(zm_orders_api, submit) == 8 && offsetof(zm_orders_api, cancel_all) == 16, "1.0 slots");

#endif
