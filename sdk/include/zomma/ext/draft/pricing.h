/* pricing.h: the host's pricing kernels over columns. A draft: may change in any release.
 *
 * Whatever hardware the host has, the digits are the same. An element that cannot be priced gets a status other than 0 and
 * NaN; the others are right. */
#ifndef ZOMMA_EXT_DRAFT_PRICING_H
#define ZOMMA_EXT_DRAFT_PRICING_H

#include <zomma/host.h>

#define ZM_EXT_PRICING "zomma.draft.pricing/1"

enum { ZM_PRICING_EUROPEAN = 0, ZM_PRICING_AMERICAN = 1 }; /* zm_pricing_columns.style */

/* `count` elements each. Outputs that are null are not computed. */
typedef struct zm_pricing_columns {
  uint32_t size;
  uint32_t count;
  uint32_t style;         /* ZM_PRICING_*, of all elements */
  uint32_t reserved;
  const uint8_t *is_put;
  const double *spot, *strike, *years, *rate, *dividend; /* continuous rates; dividend: yield or borrow */
  const double *vol;      /* in: for price */
  const double *value;    /* in: for implied_vol */
  double *price, *delta, *gamma, *vega, *theta, *rho;
  double *implied_vol;
  uint32_t *status;       /* 0: fine */
} zm_pricing_columns;

typedef struct zm_pricing_api {
  uint32_t size;
  uint32_t reserved;
  /* price and Greeks at `vol`. ZM_E_ARGUMENT for a missing input column or an unknown style. [strategy] */
  zm_status (*price)(const zm_host *host, const zm_pricing_columns *columns);
  /* implied_vol of `value`. [strategy] */
  zm_status (*implied_vol)(const zm_host *host, const zm_pricing_columns *columns);
} zm_pricing_api;

#endif
