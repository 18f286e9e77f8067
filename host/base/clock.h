// clock.h: the only place that reads the system's time. Everything else is told the time by the
// event it works on.
#pragma once

#include "base/types.h"

namespace zomma {

// Wall clock, UTC.
Nanoseconds wall_now();
// Never runs backwards; for durations only.
Nanoseconds monotonic_now();

}  // namespace zomma
