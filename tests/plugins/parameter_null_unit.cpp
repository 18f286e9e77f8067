// Its sin: the unit of its parameter is null.
#define PARAMETER_INFO info
#include "plain.h"

namespace {
zm_status info(const zm_strategy* strategy, std::uint32_t index, zm_param_info* out) {
  const zm_status status = plain_info(strategy, index, out);
  if (status == ZM_OK) out->unit = nullptr;
  return status;
}
}  // namespace

PLAIN_PLUGIN("test.parameter_null_unit", static_cast<void>(me))
