// surface_json.cpp: the report for programs.
#include <cmath>

#include "cli/kernels/surface_report.h"
#include "observe/report/json_writer.h"

namespace zomma::cli {
namespace {

void write_parameters(JsonWriter& json, const Parameters& parameters) {
  json.key("parameters").begin_object();
  for (const auto& [key, value] : parameters) json.field(key, value);
  json.end_object();
}

void write_arbitrage(JsonWriter& json, const char* key, const ArbitrageCount& count) {
  json.key(key).begin_object();
  json.field("butterfly_points", count.butterfly).field("least_g", count.min_g);
  json.field("calendar_points", count.calendar).field("least_growth", count.min_step).end_object();
}

void write_expiry(JsonWriter& json, const ChainExpiry& e, const ExpiryFit& one) {
  const auto& r = one.report;
  json.begin_object();
  json.field("expiry", e.label).field("years", e.years).field("forward", e.forward);
  json.field("discount", e.discount).field("forward_from", forward_source(e));
  json.field("parity_error_half_spreads", e.parity_error);
  json.field("quotes", r.quotes_used).field("crossed", r.quotes_crossed);
  json.field("one_sided", r.quotes_one_sided).field("invalid", r.quotes_invalid);
  json.field("rms_vol", r.rms_vol).field("max_vol", r.max_vol);
  json.field("rms_half_spreads", r.rms_spread).field("max_half_spreads", r.max_spread);
  json.field("inside", one.inside)
      .field("least_g_before", r.min_g_before)
      .field("least_g_after", r.min_g_after);
  json.field("violations_before", r.violations_before)
      .field("violations_after", r.violations_after);
  json.field("condition", r.condition).field("verdict", name(r.verdict));
  if (r.stability >= 0) json.field("stability", r.stability);
  json.field("sentence", kernels::explain(r));
  write_parameters(json, one.parameters);
  json.end_object();
}

}  // namespace

std::string json_report(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit) {
  const SurfaceTotals sum = totals(fit);
  JsonWriter json;
  json.begin_object();
  json.field("model", task.fit.model).field("optimiser", task.fit.optimiser);
  json.field("style", chain.american ? "american" : "european");
  json.field("rows", chain.rows).field("bad_rows", chain.bad_rows);
  json.field("quotes", sum.used).field("crossed", sum.crossed).field("one_sided", sum.one_sided);
  json.field("rms_vol", sum.rms_vol)
      .field("max_vol", sum.max_vol)
      .field("rms_half_spreads", sum.rms_spread);
  json.field("inside", sum.inside).field("verdict", name(fit.verdict));
  json.field("condition", fit.condition).field("milliseconds", fit.milliseconds);
  write_parameters(json, fit.parameters);
  json.key("arbitrage").begin_object().field("points_an_expiry", arbitrage_samples);
  write_arbitrage(json, "before", fit.before);
  write_arbitrage(json, "after", fit.after);
  json.end_object();
  json.key("expiries").begin_array();
  for (const auto& one : fit.expiries) write_expiry(json, chain.expiries[one.expiry], one);
  json.end_array();
  json.key("left_out").begin_array();
  for (const auto* list : {&chain.left_out, &fit.left_out})
    for (const auto& why : *list) json.value(why);
  json.end_array();
  json.key("faults").begin_array();
  for (const auto& fault : chain.faults) json.value(fault);
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace zomma::cli
