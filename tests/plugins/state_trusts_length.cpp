// Its sin: it makes room for as many bytes as the state says, whatever it says.
#include <vector>

#define STATE_LOAD load
#include "plain.h"

namespace {
zm_status load(const zm_strategy* strategy, const zm_istream* in, const zm_state_info* info) {
  if (info->schema > 2) return ZM_E_STATE_NEWER;
  Memory read;
  if (!read_all(in, &read, sizeof read)) return ZM_E_STATE_CORRUPT;
  volatile std::uint64_t room = read.heard;
  std::vector<char> text(room);
  of(strategy).memory = read;
  return text.size() == room ? zm_status{ZM_OK} : zm_status{ZM_E_STATE_CORRUPT};
}
}  // namespace

PLAIN_PLUGIN("test.state_trusts_length", static_cast<void>(me))
