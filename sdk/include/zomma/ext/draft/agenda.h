/* agenda.h: the days of a company that are known to come: ex-dividend days and earnings. A draft: may change in any release.
 *
 * Rationale: a back-test must not see a date before the market did, so each entry says since when it is known and the host
 * gives only what was known at the engine's time. */
#ifndef ZOMMA_EXT_DRAFT_AGENDA_H
#define ZOMMA_EXT_DRAFT_AGENDA_H

#include <zomma/event.h>
#include <zomma/host.h>

#define ZM_EXT_AGENDA "zomma.draft.agenda/1"

enum { ZM_AGENDA_EX_DIVIDEND = 0, ZM_AGENDA_EARNINGS = 1 };

typedef struct zm_agenda_entry {
  uint32_t type;        /* ZM_AGENDA_* */
  uint32_t date;        /* yyyymmdd, the exchange's day */
  int64_t cash;         /* money (8 decimals) per unit of a dividend */
  int64_t known_ns;     /* UTC: when it was announced */
} zm_agenda_entry;

typedef struct zm_agenda_api {
  uint32_t size;
  uint32_t reserved;
  /* Copies up to `capacity` entries of an underlying from today on, the nearest first; returns how many there are.
   * [strategy] */
  uint32_t (*upcoming)(const zm_host *host, uint32_t underlying, zm_agenda_entry *out, uint32_t capacity);
} zm_agenda_api;

ZM_ABI_ASSERT(sizeof(zm_agenda_entry) == 24, "draft layout");

#endif
