/* timer.h: one-shot timers, delivered as events.
 *
 * A strategy never sleeps and never reads the clock: it asks for an event at a time. Timers run on the engine's time, so
 * in a replay they fire between the same events.
 *
 * Rationale: a callback could fire after the plugin was unloaded; an event cannot outlive its stream. */
#ifndef ZOMMA_EXT_TIMER_H
#define ZOMMA_EXT_TIMER_H

#include <zomma/host.h>

#define ZM_EXT_TIMER "zomma.timer/1"

typedef struct zm_timer_api {
  uint32_t size;
  uint32_t reserved;
  /* Asks for a ZM_EVENT_TIMER at or just after `at_ns` (UTC). `cookie` comes back in the event. A time already past
   * fires before the next market event. Timers survive a reload. ZM_E_QUOTA above the instance's limit.
   * [strategy & started] */
  zm_status (*arm)(const zm_host *host, int64_t at_ns, uint64_t cookie, uint64_t *id);
  /* Cancelling a timer that has fired, or never was, is not an error. [strategy & started] */
  void (*cancel)(const zm_host *host, uint64_t id);
} zm_timer_api;

ZM_ABI_ASSERT(offsetof(zm_timer_api, arm) == 8 && offsetof(zm_timer_api, cancel) == 16, "1.0 slots never move");

#endif
