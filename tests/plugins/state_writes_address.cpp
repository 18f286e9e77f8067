// Its sin: it saves an address.
#define STATE_SAVE save
#include "plain.h"

namespace {
zm_status save(const zm_strategy* strategy, const zm_ostream* out, std::uint32_t reason) {
  const void* address = strategy;
  write_all(out, &address, sizeof address);
  return plain_save(strategy, out, reason);
}
}  // namespace

PLAIN_PLUGIN("test.state_writes_address", static_cast<void>(me))
