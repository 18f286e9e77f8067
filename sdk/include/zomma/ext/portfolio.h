/* portfolio.h: what the instance holds, as the host's books have it. Copied out; never a pointer into the host. */
#ifndef ZOMMA_EXT_PORTFOLIO_H
#define ZOMMA_EXT_PORTFOLIO_H

#include <zomma/host.h>
#include <zomma/order.h>

#define ZM_EXT_PORTFOLIO "zomma.portfolio/1"

/* Money has 8 decimals of the instrument's currency. */
typedef struct zm_position {
  zm_quantity quantity;             /* signed */
  zm_quantity open_buy, open_sell;  /* worst case of every order in flight */
  int64_t average_price;            /* zm_price of the open position; 0 when flat */
  int64_t realised, unrealised, fees; /* money; unrealised at the mid */
} zm_position;

typedef struct zm_account {
  int64_t cash, equity, realised, unrealised, fees, gross_notional; /* money */
  uint32_t open_orders, killed;                                     /* killed: 1 while a kill switch blocks new orders */
} zm_account;

typedef struct zm_open_order {
  uint64_t order_id;
  uint32_t instrument, side, state, tag; /* state: the latest ZM_EVENT_* of the order, 0 before the venue answered */
  zm_price price;
  zm_quantity quantity, filled;
} zm_open_order;

typedef struct zm_portfolio_api {
  uint32_t size;
  uint32_t reserved;
  /* ZM_E_NOT_FOUND for an unknown instrument; `out` is then untouched. [strategy] */
  zm_status (*position)(const zm_host *host, uint32_t instrument, zm_position *out);
  zm_status (*account)(const zm_host *host, zm_account *out); /* [strategy] */
  /* Copies up to `capacity` open orders, oldest first; returns how many there are in all. [strategy] */
  uint32_t (*open_orders)(const zm_host *host, zm_open_order *out, uint32_t capacity);
} zm_portfolio_api;

ZM_ABI_ASSERT(sizeof(zm_position) == 56 && sizeof(zm_account) == 56 && sizeof(zm_open_order) == 48, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_portfolio_api, position) == 8 && offsetof(zm_portfolio_api, open_orders) == 24, "1.0 slots");

#endif
