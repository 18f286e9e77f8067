/* strategy.h: what a plugin gives the host: a factory, a description, and the hooks of one instance.
 *
 * Life of an instance: create -> init -> activate -> start -> on_events ... -> quiesce -> deactivate -> destroy.
 * Threads: [control] the host's control thread; [strategy] the one thread that runs this instance. The two never call at
 * the same time. A hook that returns anything but ZM_OK from init, activate or start ends the instance's life in order;
 * from on_events it faults the instance, whose orders are then treated as the operator's on_fault says. */
#ifndef ZOMMA_STRATEGY_H
#define ZOMMA_STRATEGY_H

#include <zomma/event.h>
#include <zomma/host.h>

#define ZM_STRATEGY_FACTORY "zomma.strategy-factory/1"

enum { /* zm_desc.subscribe: which market data the instance hears; its own orders, timers and parameters always */
  ZM_SUBSCRIBE_QUOTES = 1u << 0, /* ZM_EVENT_QUOTE: after each venue update that moved the best bid or ask */
  ZM_SUBSCRIBE_TRADES = 1u << 1, /* ZM_EVENT_TRADE; executions of resting orders are told as trades, too */
  ZM_SUBSCRIBE_BOOK = 1u << 2,   /* every level and order change, as the venue sent it */
  ZM_SUBSCRIBE_STATE = 1u << 3   /* ZM_EVENT_MARKET_STATE, ZM_EVENT_GAP, ZM_EVENT_BOOK_CLEAR */
};

typedef struct zm_desc {
  uint32_t size;
  uint32_t state_schema;
  const char *id, *version, *name, *description; /* UTF-8, zero-terminated; live as long as the library */
  uint64_t subscribe;                            /* ZM_SUBSCRIBE_* */
} zm_desc;

typedef struct zm_activation {
  uint32_t size;
  uint32_t instrument_count;
  const uint32_t *instruments; /* the instruments the operator gave this instance, in his order; copied if needed */
  int64_t now_ns;              /* the engine's time */
} zm_activation;

typedef struct zm_strategy {
  uint32_t size;
  uint32_t flags; /* 0 */
  const zm_desc *desc;
  void *self; /* the plugin's own */

  zm_status (*init)(const struct zm_strategy *, const zm_host *);            /* [control] look up extensions */
  zm_status (*activate)(const struct zm_strategy *, const zm_activation *);  /* [control] allocate here */
  zm_status (*start)(const struct zm_strategy *);                            /* [strategy] */
  zm_status (*on_events)(const struct zm_strategy *, const zm_batch *);      /* [strategy & started] no allocation */
  zm_status (*quiesce)(const struct zm_strategy *, int64_t deadline_ns);     /* [strategy & started] no intents from here */
  zm_status (*resume)(const struct zm_strategy *);                           /* [strategy] the quiesce was called off */
  void (*deactivate)(const struct zm_strategy *);                            /* [control] */
  void (*destroy)(const struct zm_strategy *);                               /* [control] `this` is gone afterwards */
  const void *(*get_ext)(const struct zm_strategy *, const char *id);        /* [thread-safe] "zomma.params/1", ... */
} zm_strategy;

typedef struct zm_strategy_factory {
  uint32_t size;
  uint32_t reserved;
  const zm_desc *desc;
  /* A new instance, owned by the plugin until destroy. Null if it cannot be made. [control] */
  const zm_strategy *(*create)(const zm_host *host);
} zm_strategy_factory;

ZM_ABI_ASSERT(offsetof(zm_desc, id) == 8 && offsetof(zm_desc, subscribe) == 40 && sizeof(zm_desc) == 48, "1.0 slots");
ZM_ABI_ASSERT(offsetof(zm_activation, now_ns) == 16 && sizeof(zm_activation) == 24, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy, desc) == 8 && offsetof(zm_strategy, self) == 16, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy, init) == 24 && offsetof(zm_strategy, activate) == 32, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy, start) == 40 && offsetof(zm_strategy, on_events) == 48, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy, quiesce) == 56 && offsetof(zm_strategy, resume) == 64, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy, deactivate) == 72 && offsetof(zm_strategy, destroy) == 80, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy, get_ext) == 88 && sizeof(zm_strategy) == 96, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_strategy_factory, desc) == 8 && offsetof(zm_strategy_factory, create) == 16, "1.0 slots");

#endif
