// Its sin: it describes parameters that it does not have.
#define PARAMETER_INFO info
#include "plain.h"

namespace {
zm_status info(const zm_strategy* strategy, std::uint32_t index, zm_param_info* out) {
  static_cast<void>(index);
  return plain_info(strategy, 0, out);
}
}  // namespace

PLAIN_PLUGIN("test.parameter_past_the_end", static_cast<void>(me))
