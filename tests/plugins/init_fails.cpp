// Its sin: init fails on a full host.
#include "plain.h"

namespace {
zm_status init(const zm_strategy*, const zm_host* host) {
  host->set_error(host, "not today", 9);
  return ZM_E_FAILED;
}
}  // namespace

PLAIN_PLUGIN("test.init_fails", me.hooks.init = init)
