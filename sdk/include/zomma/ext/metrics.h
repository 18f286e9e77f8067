/* metrics.h: numbers for operators (counters, gauges) and numbers to be judged by (signals). */
#ifndef ZOMMA_EXT_METRICS_H
#define ZOMMA_EXT_METRICS_H

#include <zomma/host.h>

#define ZM_EXT_METRICS "zomma.metrics/1"

enum {
  ZM_METRIC_COUNTER = 0, /* only grows */
  ZM_METRIC_GAUGE = 1,
  /* A forecast: larger means the price of the instrument should rise. Journaled with its time; the report compares it
   * with what the price did next. Emit it at most about ten times a second. */
  ZM_METRIC_SIGNAL = 2
};

typedef struct zm_metrics_api {
  uint32_t size;
  uint32_t reserved;
  /* Registers by name ([a-z_][a-z0-9_]*); the same name gives the same handle. ZM_E_QUOTA above the instance's limit.
   * [control] */
  zm_status (*declare)(const zm_host *host, const char *name, const char *unit, uint32_t kind, uint32_t *handle);
  void (*add)(const zm_host *host, uint32_t handle, double amount); /* counters [thread-safe] */
  void (*set)(const zm_host *host, uint32_t handle, double value);  /* gauges [thread-safe] */
  void (*signal)(const zm_host *host, uint32_t handle, uint32_t instrument, double value); /* [strategy & started] */
} zm_metrics_api;

ZM_ABI_ASSERT(offsetof(zm_metrics_api, declare) == 8 && offsetof(zm_metrics_api, signal) == 32, "1.0 slots");

#endif
