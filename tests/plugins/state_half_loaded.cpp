// Its sin: a load that fails half-way leaves one half of it behind.
#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  if (info->schema > 2) return ZM_E_STATE_NEWER;
  Memory& memory = of(strategy).memory;
  if (!read_all(in, &memory.heard, sizeof memory.heard)) return ZM_E_STATE_CORRUPT;
  return read_all(in, &memory.sum, sizeof memory.sum) ? zm_status{ZM_OK}
                                                      : zm_status{ZM_E_STATE_CORRUPT};
}
}  // namespace

PLAIN_PLUGIN("test.state_half_loaded", static_cast<void>(me))
