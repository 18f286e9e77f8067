/* chain.h: an underlying's whole option chain as one consistent view. A draft: may change in any release.
 *
 * The host refreshes it at the end of the underlying's batch and then says so with ZM_EVENT_CHAIN. Quotes of single
 * contracts need not be subscribed to for that. Columns are arrays of `count` elements, one per contract that is still
 * alive, ordered by expiry, strike, call before put: element i of every column belongs to contracts[i].
 *
 * Rationale: analytics are computed once for all who look, on the host's kernels, with the same digits in every run. */
#ifndef ZOMMA_EXT_DRAFT_CHAIN_H
#define ZOMMA_EXT_DRAFT_CHAIN_H

#include <zomma/event.h>
#include <zomma/host.h>

#define ZM_EXT_CHAIN "zomma.draft.chain/1"

enum { /* zm_contract.flags */
  ZM_CONTRACT_PUT = 1u << 0,
  ZM_CONTRACT_AMERICAN = 1u << 1,
  ZM_CONTRACT_AM_SETTLED = 1u << 2,   /* settles on the opening of its expiry day */
  ZM_CONTRACT_CASH_SETTLED = 1u << 3,
  ZM_CONTRACT_ADJUSTED = 1u << 4      /* delivers something else than 100 of the underlying, or another amount */
};

enum { /* status column: why an element has no analytics, 0 = it has */
  ZM_CHAIN_OK = 0,
  ZM_CHAIN_NO_QUOTE = 1,
  ZM_CHAIN_ONE_SIDED = 2,
  ZM_CHAIN_CROSSED = 3,
  ZM_CHAIN_OLD = 4,           /* quoted longer ago than the chain's limit */
  ZM_CHAIN_OUT_OF_BOUNDS = 5, /* the mid is not above intrinsic value, or above its upper bound */
  ZM_CHAIN_NO_FORWARD = 6,    /* the expiry has no forward: too few two-sided pairs */
  ZM_CHAIN_UNPRICED = 7       /* an adjusted contract, whose deliverable the model does not know */
};

/* The terms of a contract; they change by a corporate action alone. */
typedef struct zm_contract {
  uint32_t instrument;      /* the option's own id */
  uint32_t underlying;      /* whose chain it is in */
  uint32_t flags;           /* ZM_CONTRACT_* */
  uint32_t expiry_date;     /* yyyymmdd, the exchange's day */
  int64_t last_trade_ns;    /* UTC: trading ends */
  int64_t expiry_ns;        /* UTC: the settlement value is known */
  zm_price strike;          /* with the option's price_digits */
  int64_t multiplier;       /* currency per point of premium; 100 for a standard contract */
  zm_quantity deliverable;  /* units of the underlying per contract; 100 for a standard contract, 0 if cash-settled */
  int64_t deliverable_cash; /* money (8 decimals) delivered besides */
} zm_contract;

/* One expiry: what its quotes say about the world between now and then. */
typedef struct zm_chain_expiry {
  uint32_t date;          /* yyyymmdd */
  uint32_t first, count;  /* its elements in the columns */
  uint32_t pairs;         /* two-sided call and put pairs behind the forward */
  double years;           /* to expiry_ns, of 365 days */
  double forward;         /* by put-call parity; NaN where unknown */
  double rate;            /* continuous, for discounting */
  double carry;           /* ln(forward / spot) / years: rate less dividends and borrow */
  double fit_rms;         /* residuals of the fitted smile, in vol; NaN where none */
  double fit_inside;      /* share of mid vols' fits within bid and ask */
} zm_chain_expiry;

enum { /* zm_chain.flags */
  ZM_CHAIN_SUSPECT = 1u << 0,      /* older than its limit, zero-filled, or with too many crossed quotes: do not trade on it */
  ZM_CHAIN_ARBITRAGE = 1u << 1,    /* the fitted surface still has violations */
  ZM_CHAIN_MODELLED = 1u << 2      /* quotes come from a model, not from a market */
};

/* Prices and Greeks are per unit of the underlying, in currency; multiply with contracts[i].multiplier for a contract. */
typedef struct zm_chain {
  uint32_t size;
  uint32_t underlying;      /* instrument id */
  uint32_t count;           /* contracts */
  uint32_t expiry_count;
  uint32_t flags;           /* ZM_CHAIN_* */
  uint32_t reserved;
  int64_t ts_ns;            /* as of */
  int64_t surface_ns;       /* when the surface was last fitted; 0: never */
  double spot;              /* the underlying's mid; NaN where it has none */
  const zm_contract *contracts;
  const zm_chain_expiry *expiries;
  const uint32_t *status;      /* ZM_CHAIN_OK ... */
  const int64_t *quoted_ns;    /* of the latest quote, 0: never */
  const double *bid, *ask;     /* 0 bid: nobody pays anything; NaN: no such side */
  const double *bid_quantity, *ask_quantity; /* contracts */
  const double *volume, *open_interest;      /* contracts; NaN where the feed does not say */
  const double *implied_vol;   /* of the mid, annual; NaN unless status is ZM_CHAIN_OK */
  const double *surface_vol;   /* of the fitted surface; NaN where none */
  const double *model_price;   /* at surface_vol, with the right of early exercise where there is one */
  const double *delta, *gamma, *vega, *theta, *rho; /* at implied_vol, else surface_vol, of the American
                                * option where it is one; vega and rho per 1.00, theta per year */
} zm_chain;

typedef struct zm_chain_api {
  uint32_t size;
  uint32_t reserved;
  /* The chain of an underlying; valid until the current call returns. Fills `out` up to out->size, which the caller
   * sets. ZM_E_NOT_FOUND where the underlying has no options. [strategy] */
  zm_status (*get)(const zm_host *host, uint32_t underlying, zm_chain *out);
  /* Vols of the fitted surface at any strikes (currency) and times (years), `count` of each; NaN where the surface does
   * not reach. ZM_E_NOT_FOUND as above. [strategy] */
  zm_status (*surface_vol)(const zm_host *host, uint32_t underlying, uint32_t count, const double *strike, const double *years,
                           double *out);
} zm_chain_api;

ZM_ABI_ASSERT(sizeof(zm_contract) == 64 && sizeof(zm_chain_expiry) == 64, "draft layout");

#endif
