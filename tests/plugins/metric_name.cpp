// Its sin: the name of its metric is no name.
#include "plain.h"

namespace {
zm_status activate(const zm_strategy* strategy, const zm_activation*) {
  std::uint32_t handle = 0;
  of(strategy).metrics->declare(of(strategy).host, "My Metric!", "", ZM_METRIC_GAUGE, &handle);
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.metric_name", me.hooks.activate = activate)
