/* options.h: what holding options asks for besides orders: exercise, margin, lots. A draft: may change in any release.
 *
 * What becomes of a position is heard as ZM_EVENT_ASSIGNED, _EXERCISED, _LAPSED, _ADJUSTED and _CASH. */
#ifndef ZOMMA_EXT_DRAFT_OPTIONS_H
#define ZOMMA_EXT_DRAFT_OPTIONS_H

#include <zomma/host.h>
#include <zomma/order.h>

#define ZM_EXT_OPTIONS "zomma.draft.options/1"

/* Money (8 decimals of the account's currency). */
typedef struct zm_margin {
  uint32_t size;
  uint32_t reserved;
  int64_t initial, maintenance; /* required for what the instance holds */
  int64_t cash_secured;         /* cash that short puts would take when all are assigned */
  int64_t buying_power;         /* what a new position may still require */
} zm_margin;

/* One purchase that is still open, the oldest first. */
typedef struct zm_tax_lot {
  int64_t opened_ns;
  zm_quantity quantity; /* signed */
  int64_t cost;         /* money, of the whole lot, with fees */
  uint64_t origin;      /* order id, or the assigned contract's instrument id */
} zm_tax_lot;

typedef struct zm_options_api {
  uint32_t size;
  uint32_t reserved;
  /* Exercises `quantity` long contracts with the next clearing; 0 withdraws an earlier instruction.
   * ZM_E_ARGUMENT above the position, ZM_E_STATE where the style forbids it now. [strategy] */
  zm_status (*exercise)(const zm_host *host, uint32_t instrument, zm_quantity quantity);
  /* At expiry: do not exercise although in the money (1), or by the clearing house's rule (0). [strategy] */
  zm_status (*decline)(const zm_host *host, uint32_t instrument, uint32_t declined);
  zm_status (*margin)(const zm_host *host, zm_margin *out); /* [strategy] */
  /* What margin would be with `quantity` more of `instrument`. [strategy] */
  zm_status (*margin_with)(const zm_host *host, uint32_t instrument, zm_quantity quantity, zm_price price, zm_margin *out);
  /* Copies up to `capacity` open lots; returns how many there are. [strategy] */
  uint32_t (*lots)(const zm_host *host, uint32_t instrument, zm_tax_lot *out, uint32_t capacity);
} zm_options_api;

#endif
