// Its sin: it believes that read() gives all it is asked for.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  if (info->schema > 2) return ZM_E_STATE_NEWER;
  Memory read;
  if (in->read(in, &read, sizeof read) != static_cast<std::int64_t>(sizeof read))
    return ZM_E_STATE_CORRUPT;
  of(strategy).memory = read;
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.state_one_read", static_cast<void>(me))
