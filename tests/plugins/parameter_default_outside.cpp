// Its sin: the default of its parameter lies outside its bounds.
#define PARAMETER_INFO info
#include "plain.h"

namespace {
zm_status info(const zm_strategy* strategy, std::uint32_t index, zm_param_info* out) {
  const zm_status status = plain_info(strategy, index, out);
  if (status == ZM_OK) out->default_value = 11;
  return status;
}
}  // namespace

PLAIN_PLUGIN("test.parameter_default_outside", static_cast<void>(me))
