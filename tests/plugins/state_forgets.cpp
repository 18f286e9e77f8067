// Its sin: it saves a field that it does not load.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  const std::int64_t sum = of(strategy).memory.sum;
  const zm_status status = plain_load(strategy, in, info);
  if (status == ZM_OK) of(strategy).memory.sum = sum;
  return status;
}
}  // namespace

PLAIN_PLUGIN("test.state_forgets", static_cast<void>(me))
