// Its sin: init uses an extension without asking whether the host has it.
#include "plain.h"

namespace {
zm_status init(const zm_strategy* strategy, const zm_host* host) {
  plain_init(strategy, host);
  of(strategy).log->write(host, ZM_LOG_INFO, "hello", 5);
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.init_trusts_the_host", me.hooks.init = init)
