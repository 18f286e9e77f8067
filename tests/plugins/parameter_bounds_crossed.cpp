// Its sin: the minimum of its parameter lies above its maximum.
#define PARAMETER_INFO info
#include "plain.h"

namespace {
zm_status info(const zm_strategy* strategy, std::uint32_t index, zm_param_info* out) {
  const zm_status status = plain_info(strategy, index, out);
  if (status == ZM_OK) out->minimum = 20;
  return status;
}
}  // namespace

PLAIN_PLUGIN("test.parameter_bounds_crossed", static_cast<void>(me))
