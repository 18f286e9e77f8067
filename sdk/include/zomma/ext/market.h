/* market.h: instruments and their books, as of the end of the batch that is being heard. */
#ifndef ZOMMA_EXT_MARKET_H
#define ZOMMA_EXT_MARKET_H

#include <zomma/event.h>
#include <zomma/host.h>

#define ZM_EXT_MARKET "zomma.market/1"

enum { ZM_KIND_EQUITY = 0, ZM_KIND_SPOT = 1, ZM_KIND_PERPETUAL = 2, ZM_KIND_FUTURE = 3, ZM_KIND_OPTION = 4 };

typedef struct zm_instrument {
  uint32_t size;
  uint32_t id;
  const char *symbol, *venue, *currency; /* zero-terminated; live as long as the instance */
  uint32_t kind;                         /* ZM_KIND_* */
  uint32_t price_digits, quantity_digits, reserved;
  zm_price tick;
  zm_quantity lot;
  int64_t multiplier;
  double maker_fee_bps, taker_fee_bps; /* of notional; negative = rebate */
} zm_instrument;

typedef struct zm_price_level {
  zm_price price;
  zm_quantity quantity;
  uint32_t order_count, reserved; /* 0 where the feed does not tell orders apart */
} zm_price_level;

typedef struct zm_market_api {
  uint32_t size;
  uint32_t reserved;
  uint32_t (*instrument_count)(const zm_host *host); /* [strategy, control] */
  /* Fills `out` up to out->size, which the caller sets. ZM_E_NOT_FOUND for an unknown id. [strategy, control] */
  zm_status (*instrument)(const zm_host *host, uint32_t id, zm_instrument *out);
  /* The id of a symbol, or ZM_NO_INSTRUMENT. [strategy, control] */
  uint32_t (*find)(const zm_host *host, const char *symbol);
  /* Best bid and ask; an empty side has ZM_NO_PRICE and quantity 0. [strategy] */
  zm_status (*best)(const zm_host *host, uint32_t instrument, zm_quote *out);
  /* Copies up to `capacity` levels (at most 256) of one side (ZM_SIDE_*), best first; returns how many. [strategy] */
  uint32_t (*levels)(const zm_host *host, uint32_t instrument, uint32_t side, zm_price_level *out, uint32_t capacity);
} zm_market_api;

ZM_ABI_ASSERT(sizeof(zm_instrument) == 88 && offsetof(zm_instrument, tick) == 48, "1.0 layout");
ZM_ABI_ASSERT(sizeof(zm_price_level) == 24, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_market_api, instrument_count) == 8 && offsetof(zm_market_api, levels) == 40, "1.0 slots");

#endif
