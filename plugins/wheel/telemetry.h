// telemetry.h: what the wheel counts for the operator.
#pragma once

#include <zomma/zomma.hpp>

#include <array>
#include <cstdio>

#include "rules.h"

namespace wheels {

struct Telemetry {
  std::uint32_t decisions = 0, skipped = 0, opened = 0, rolled = 0, closed = 0, assigned = 0,
                called_away = 0, lapsed = 0, rejected = 0, premium = 0, priced = 0;  // counters
  std::uint32_t income = 0, tied_up = 0, delta = 0, yield = 0;                       // gauges
  std::uint32_t edge = 0;                                                            // signal
  std::array<std::uint32_t, static_cast<std::size_t>(Refusal::count)> refused{};

  void declare(const zm::context& ctx) {
    decisions = ctx.declare("decisions", "decisions", ZM_METRIC_COUNTER);
    skipped = ctx.declare("skipped", "underlyings", ZM_METRIC_COUNTER);
    opened = ctx.declare("opened", "contracts", ZM_METRIC_COUNTER);
    rolled = ctx.declare("rolled", "contracts", ZM_METRIC_COUNTER);
    closed = ctx.declare("closed", "contracts", ZM_METRIC_COUNTER);
    assigned = ctx.declare("assigned", "contracts", ZM_METRIC_COUNTER);
    called_away = ctx.declare("called_away", "contracts", ZM_METRIC_COUNTER);
    lapsed = ctx.declare("lapsed", "contracts", ZM_METRIC_COUNTER);
    rejected = ctx.declare("rejected", "orders", ZM_METRIC_COUNTER);
    premium = ctx.declare("premium_received", "currency", ZM_METRIC_COUNTER);
    priced = ctx.declare("candidates_priced", "contracts", ZM_METRIC_COUNTER);
    income = ctx.declare("income", "currency", ZM_METRIC_GAUGE);
    tied_up = ctx.declare("tied_up", "currency", ZM_METRIC_GAUGE);
    delta = ctx.declare("delta", "currency", ZM_METRIC_GAUGE);
    yield = ctx.declare("yield", "1/year", ZM_METRIC_GAUGE);
    edge = ctx.declare("option_edge", "ratio", ZM_METRIC_SIGNAL);
    for (std::size_t i = 0; i < refused.size(); ++i) {
      char name[48];
      std::snprintf(name, sizeof name, "refused_%s", refusal_names[i]);
      refused[i] = ctx.declare(name, "contracts", ZM_METRIC_COUNTER);
    }
  }
  void count(const Census& census, const zm::context& ctx) const {
    ctx.add(priced, census.priced);
    for (std::size_t i = 0; i < refused.size(); ++i) {
      if (census.refused[i] > 0) ctx.add(refused[i], census.refused[i]);
    }
  }
};

}  // namespace wheels
