/* order.h: what a strategy may ask for (intents) and the reasons it may hear back. Shared by ext/orders.h and the host. */
#ifndef ZOMMA_ORDER_H
#define ZOMMA_ORDER_H

#include <zomma/event.h>

enum { ZM_INTENT_NEW = 1, ZM_INTENT_REPLACE = 2, ZM_INTENT_CANCEL = 3 };
enum { ZM_SIDE_BUY = 0, ZM_SIDE_SELL = 1 };
enum { ZM_ORDER_LIMIT = 0, ZM_ORDER_MARKET = 1, ZM_ORDER_STOP = 2, ZM_ORDER_STOP_LIMIT = 3 };
enum { ZM_TIF_GTC = 0, ZM_TIF_DAY = 1, ZM_TIF_IOC = 2, ZM_TIF_FOK = 3 };
enum { /* zm_intent.flags */
  ZM_INTENT_POST_ONLY = 1u << 0,   /* cancelled instead of taking liquidity */
  ZM_INTENT_REDUCE_ONLY = 1u << 1  /* refused if it could enlarge the position */
};

/* Why an order was refused, cancelled or changed. 1-99 are the host's pre-trade checks, in the order of their evaluation
 * table (docs/reference/risk.md); 100 and above come from the venue. */
enum {
  ZM_REASON_NONE = 0,
  ZM_REASON_KILL = 1, ZM_REASON_GATEWAY_DOWN = 2, ZM_REASON_UNKNOWN_INSTRUMENT = 3, ZM_REASON_MARKET_STATE = 4,
  ZM_REASON_MIN_MAX_QUANTITY = 5, ZM_REASON_LOT = 6, ZM_REASON_TICK = 7, ZM_REASON_MAX_NOTIONAL = 8,
  ZM_REASON_STALE_REFERENCE = 9, ZM_REASON_PRICE_COLLAR = 10, ZM_REASON_POSITION = 11, ZM_REASON_GROSS_NOTIONAL = 12,
  ZM_REASON_OPEN_ORDERS = 13, ZM_REASON_RATE = 14, ZM_REASON_DUPLICATE = 15, ZM_REASON_SELF_TRADE = 16,
  ZM_REASON_DAILY_LOSS = 17, ZM_REASON_DRAWDOWN = 18, ZM_REASON_REDUCE_ONLY = 19, ZM_REASON_TIME_IN_FORCE = 20,
  ZM_REASON_UNKNOWN_ORDER = 90, ZM_REASON_ORDER_PENDING = 91, ZM_REASON_MALFORMED = 92,
  ZM_REASON_USER = 100, ZM_REASON_IOC_REMAINDER = 101, ZM_REASON_FOK_UNFILLABLE = 102, ZM_REASON_WOULD_CROSS = 103,
  ZM_REASON_TOO_LATE = 104, ZM_REASON_VENUE = 105, ZM_REASON_NO_LIQUIDITY = 106, ZM_REASON_SHUTDOWN = 107,
  ZM_REASON_PLUGIN_FAULT = 108
};

typedef struct zm_intent {
  uint32_t size;             /* sizeof(zm_intent) as the plugin knows it; also the stride of an array of intents */
  uint32_t kind;             /* ZM_INTENT_* */
  uint32_t instrument;       /* NEW */
  uint32_t side;             /* NEW: ZM_SIDE_* */
  uint32_t type;             /* NEW: ZM_ORDER_* */
  uint32_t time_in_force;    /* NEW: ZM_TIF_* */
  uint32_t flags;            /* ZM_INTENT_POST_ONLY | ... */
  uint32_t tag;              /* NEW: the strategy's own mark, returned in every update */
  uint64_t order_id;         /* REPLACE, CANCEL: the order meant */
  zm_price price;            /* NEW limit and stop-limit; REPLACE */
  zm_quantity quantity;      /* NEW, REPLACE: the order's total, what has filled included */
  zm_price stop_price;       /* NEW stop and stop-limit */
  zm_quantity display_quantity; /* NEW: shown slice of an iceberg, 0 = all of it */
} zm_intent;

/* The answer to one intent: given at once by the pre-trade checks; what the venue says arrives as events. */
typedef struct zm_intent_result {
  uint64_t order_id; /* NEW: the number of the order; 0 if refused */
  uint32_t status;   /* zm_status: ZM_OK, ZM_E_RISK, ZM_E_NOT_FOUND, ... */
  uint32_t code;     /* ZM_REASON_* of the first check that refused */
} zm_intent_result;

ZM_ABI_ASSERT(sizeof(zm_intent) == 72 && offsetof(zm_intent, order_id) == 32, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_intent, price) == 40 && offsetof(zm_intent, quantity) == 48, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_intent, stop_price) == 56 && offsetof(zm_intent, display_quantity) == 64, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_intent, tag) == 28 && offsetof(zm_intent, instrument) == 8, "1.0 layout");
ZM_ABI_ASSERT(sizeof(zm_intent_result) == 16 && offsetof(zm_intent_result, code) == 12, "1.0 layout");

#endif
