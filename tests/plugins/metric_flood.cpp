// Its sin: it declares a thousand metrics.
#include <string>

#include "plain.h"

namespace {
zm_status activate(const zm_strategy* strategy, const zm_activation*) {
  for (int i = 0; i < 1000; ++i) {
    std::uint32_t handle = 0;
    std::string name = "m";
    name += std::to_string(i);
    of(strategy).metrics->declare(of(strategy).host, name.c_str(), "", ZM_METRIC_GAUGE, &handle);
  }
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.metric_flood", me.hooks.activate = activate)
