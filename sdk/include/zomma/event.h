/* event.h: the 64-byte event, the only thing a strategy ever hears.
 *
 * Market data, timers, acknowledgements, fills, parameter and risk changes all arrive in one ordered stream. An event is
 * one cache line and never grows: a new fact is a new kind.
 *
 * Rationale: `seq` is contiguous per instance, so a gap or a duplicate can be seen by anyone, and a journal of the
 * stream reproduces the run. The host's own stream (bus, journal) uses the same struct with its global number. */
#ifndef ZOMMA_EVENT_H
#define ZOMMA_EVENT_H

#include <zomma/abi.h>

/* Prices and quantities are integers; zm_instrument.price_digits and .quantity_digits say how many decimals they carry. */
typedef int64_t zm_price;
typedef int64_t zm_quantity;

#define ZM_NO_INSTRUMENT UINT32_MAX
#define ZM_NO_PRICE INT64_MIN /* an empty side of a quote */

enum { /* zm_event.kind: market data */
  ZM_EVENT_NONE = 0,
  ZM_EVENT_QUOTE = 1,         /* u.quote: the best bid and ask now */
  ZM_EVENT_TRADE = 2,         /* u.trade; ZM_FLAG_SELL: the aggressor sold (see ZM_FLAG_AGGRESSOR) */
  ZM_EVENT_LEVEL = 3,         /* u.level: the total at one price is now `quantity`; 0 removes the level */
  ZM_EVENT_ORDER_ADD = 4,     /* u.order: a resting order appeared */
  ZM_EVENT_ORDER_REDUCE = 5,  /* u.order: `quantity` was taken off without a trade; the rest keeps its place */
  ZM_EVENT_ORDER_DELETE = 6,  /* u.order.ref: the rest of the order left */
  ZM_EVENT_ORDER_EXECUTE = 7, /* u.execute: `quantity` of a resting order traded */
  ZM_EVENT_ORDER_REPLACE = 8, /* u.replace: ref -> new_ref, new price and quantity, to the end of the queue */
  ZM_EVENT_ORDER_MODIFY = 9,  /* u.order: new price and TOTAL quantity; keeps its place if only the quantity falls */
  ZM_EVENT_BOOK_CLEAR = 10,   /* the book is empty from here; a snapshot may follow */
  ZM_EVENT_MARKET_STATE = 11, /* u.state.state: one of ZM_MARKET_* */
  ZM_EVENT_GAP = 12,          /* u.gap: the feed lost messages first..last; the book is suspect until cleared */
  ZM_EVENT_CHAIN = 13,        /* u.chain: the option chain of this underlying was refreshed */
  ZM_EVENT_CORPORATE = 14     /* u.corporate: a dividend, split or change of symbol takes effect */
};
enum { /* zm_event.kind: what happened to the instance's own orders; u.order_update or u.fill */
  ZM_EVENT_ACCEPTED = 64,         /* resting or about to match at the venue */
  ZM_EVENT_REJECTED = 65,         /* by the venue; order_update.code */
  ZM_EVENT_FILL = 66,             /* u.fill; ZM_FLAG_MAKER if it rested */
  ZM_EVENT_CANCELED = 67,         /* by us, by the venue, IOC remainder, post-only that would cross: order_update.code */
  ZM_EVENT_EXPIRED = 68,          /* DAY or GTD came to its end */
  ZM_EVENT_REPLACED = 69,         /* new price and quantity are in force */
  ZM_EVENT_CANCEL_REJECTED = 70,  /* too late or unknown; the order goes on */
  ZM_EVENT_REPLACE_REJECTED = 71, /* the old price and quantity stay in force */
  ZM_EVENT_TRIGGERED = 72,        /* a stop became active */
  ZM_EVENT_ASSIGNED = 73,         /* u.settlement: short contracts were exercised against us */
  ZM_EVENT_EXERCISED = 74,        /* u.settlement: our long contracts were exercised */
  ZM_EVENT_LAPSED = 75,           /* u.settlement: contracts expired without exercise */
  ZM_EVENT_ADJUSTED = 76,         /* u.settlement: a corporate action changed what we hold */
  ZM_EVENT_CASH = 77              /* u.settlement: a dividend, interest or charge; quantity and price are 0 */
};
enum { /* zm_event.kind: everything else */
  ZM_EVENT_TIMER = 96,     /* u.timer */
  ZM_EVENT_PARAMETER = 97, /* u.parameter: a live parameter has a new value */
  ZM_EVENT_RISK = 98,      /* u.risk: a kill switch or a trading state changed */
  ZM_EVENT_CLOCK = 99,     /* time passed and nothing else happened */
  ZM_EVENT_SESSION = 100   /* u.session: start, end of the recording, shutdown */
};

enum { /* zm_event.flags */
  ZM_FLAG_SELL = 1u << 0,      /* the side: set = sell / ask, clear = buy / bid */
  ZM_FLAG_LAST = 1u << 1,      /* the venue's update is complete; the book is consistent after this event */
  ZM_FLAG_SNAPSHOT = 1u << 2,  /* part of a snapshot, not of the live flow */
  ZM_FLAG_AGGRESSOR = 1u << 3, /* ZM_FLAG_SELL of a trade is known to be the aggressor's side */
  ZM_FLAG_HIDDEN = 1u << 4,    /* traded against an order that the book never showed */
  ZM_FLAG_NO_PRINT = 1u << 5,  /* does not count in volume; it is reported again elsewhere */
  ZM_FLAG_CROSS = 1u << 6,     /* an auction's print */
  ZM_FLAG_MAKER = 1u << 7,     /* the fill took place while our order rested */
  ZM_FLAG_SUSPECT = 1u << 8    /* decoded after a gap or from a book that contradicts itself */
};

enum { /* u.state.state */
  ZM_MARKET_UNKNOWN = 0, ZM_MARKET_PRE_OPEN = 1, ZM_MARKET_OPEN = 2, ZM_MARKET_HALT = 3,
  ZM_MARKET_AUCTION = 4, ZM_MARKET_CLOSED = 5, ZM_MARKET_QUOTE_ONLY = 6
};

enum { ZM_CORPORATE_DIVIDEND = 0, ZM_CORPORATE_SPECIAL_DIVIDEND = 1, ZM_CORPORATE_SPLIT = 2, ZM_CORPORATE_RENAME = 3,
       ZM_CORPORATE_DELISTED = 4 };
enum { /* u.settlement.code */
  ZM_SETTLED_EXPIRY = 0, ZM_SETTLED_EARLY = 1, ZM_SETTLED_SPLIT = 2, ZM_SETTLED_DIVIDEND = 3, ZM_SETTLED_INTEREST = 4,
  ZM_SETTLED_FEE = 5, ZM_SETTLED_SPECIAL_DIVIDEND = 6
};

typedef struct zm_quote { zm_price bid_price, ask_price; zm_quantity bid_quantity, ask_quantity; } zm_quote;
typedef struct zm_trade { zm_price price; zm_quantity quantity; uint64_t trade_id, order_ref; } zm_trade;
typedef struct zm_level { zm_price price; zm_quantity quantity; uint64_t update_id; uint32_t order_count, reserved; } zm_level;
typedef struct zm_book_order { uint64_t ref; zm_price price; zm_quantity quantity; uint64_t priority; } zm_book_order;
typedef struct zm_book_execute { uint64_t ref; zm_price price; zm_quantity quantity; uint64_t trade_id; } zm_book_execute;
typedef struct zm_book_replace { uint64_t ref, new_ref; zm_price price; zm_quantity quantity; } zm_book_replace;
typedef struct zm_market_state { uint32_t state, reason; uint64_t reserved[3]; } zm_market_state;
typedef struct zm_gap { uint64_t first, last; uint32_t feed, reserved0; uint64_t reserved; } zm_gap;
typedef struct zm_chain_update { uint32_t contracts, two_sided, flags, reserved; uint64_t reserved1[2]; } zm_chain_update;
typedef struct zm_corporate_action {
  uint32_t type;        /* ZM_CORPORATE_* */
  uint32_t ex_date;     /* yyyymmdd */
  int64_t cash;         /* money (8 decimals) per unit of a dividend */
  uint32_t new_units, old_units; /* of a split: new_units for every old_units */
  uint64_t reserved;
} zm_corporate_action;
typedef struct zm_settlement {
  zm_quantity quantity; /* change of the position in `instrument`, signed */
  zm_price price;       /* strike or settlement value, with the instrument's price_digits */
  int64_t cash;         /* money (8 decimals) that came in (+) or went out (-) */
  uint32_t delivered;   /* the instrument that came in or went out with it, ZM_NO_INSTRUMENT if only cash did */
  uint32_t code;        /* ZM_SETTLED_* */
} zm_settlement;
typedef struct zm_order_update {
  uint64_t order_id;          /* the host's number, given by submit */
  zm_price price;             /* in force after this event */
  zm_quantity leaves_quantity;/* still open after this event */
  uint32_t code;              /* ZM_REASON_* */
  uint32_t tag;               /* the intent's tag, returned */
} zm_order_update;
typedef struct zm_fill { uint64_t order_id; zm_price price; zm_quantity quantity; zm_quantity leaves_quantity; } zm_fill;
typedef struct zm_timer { uint64_t id, cookie; int64_t due_ns; uint64_t reserved; } zm_timer;
typedef struct zm_parameter { uint32_t index, type; union { double real; int64_t integer; } value; uint64_t reserved[2]; } zm_parameter;
typedef struct zm_risk_change { uint32_t level, code; uint64_t reserved[3]; } zm_risk_change;
typedef struct zm_session { uint32_t phase, reason; uint64_t reserved[3]; } zm_session;

typedef struct zm_event {
  uint64_t seq;        /* contiguous from 1 in the stream it is read from */
  int64_t ts_ns;       /* when the host received it, UTC; never falls within a stream */
  int64_t exchange_ns; /* when the venue says it happened, UTC; 0 if it did not say */
  uint32_t instrument; /* ZM_NO_INSTRUMENT if it concerns none */
  uint16_t kind;
  uint16_t flags;
  union {
    zm_quote quote; zm_trade trade; zm_level level; zm_book_order order; zm_book_execute execute;
    zm_book_replace replace; zm_market_state state; zm_gap gap; zm_order_update order_update; zm_fill fill;
    zm_timer timer; zm_parameter parameter; zm_risk_change risk; zm_session session; zm_chain_update chain;
    zm_corporate_action corporate; zm_settlement settlement; uint8_t raw[32];
  } u;
} zm_event;

/* Everything here was sequenced together: one packet of the venue, or one private event. */
typedef struct zm_batch {
  uint32_t size;          /* sizeof(zm_batch) as the host knows it */
  uint32_t count;
  const zm_event *events; /* the host's memory, valid during the call */
} zm_batch;

ZM_ABI_ASSERT(sizeof(zm_event) == 64, "an event is one cache line for ever");
ZM_ABI_ASSERT(offsetof(zm_event, seq) == 0 && offsetof(zm_event, ts_ns) == 8, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_event, exchange_ns) == 16 && offsetof(zm_event, instrument) == 24, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_event, kind) == 28 && offsetof(zm_event, flags) == 30, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_event, u) == 32, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_order_update, code) == 24 && offsetof(zm_order_update, tag) == 28, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_level, order_count) == 24 && offsetof(zm_gap, feed) == 16, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_parameter, value) == 8 && offsetof(zm_fill, leaves_quantity) == 24, "1.0 layout");
ZM_ABI_ASSERT(sizeof(zm_settlement) == 32 && sizeof(zm_corporate_action) == 32 && sizeof(zm_chain_update) == 32, "1.1 layout");
ZM_ABI_ASSERT(offsetof(zm_batch, events) == 8 && sizeof(zm_batch) == 16, "1.0 layout");

#endif
