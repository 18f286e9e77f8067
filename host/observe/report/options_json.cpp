// options_json.cpp: the key "options" of report.json.
#include "observe/report/option_tables.h"
#include "observe/report/options_page.h"
#include "observe/report/series_json.h"

namespace zomma {
namespace {

void write_range(JsonWriter& json, std::string_view name, const GreekRange& range,
                 const Series& curve, Nanoseconds origin) {
  json.key(name).begin_object();
  json.field("last", range.last).field("least", range.least).field("greatest", range.greatest);
  write_series(json, "curve", curve, origin);
  json.end_object();
}

void write_why(JsonWriter& json, const Attributed& why) {
  json.field("total", why.total()).field("delta", why.delta).field("gamma", why.gamma);
  json.field("vol", why.vol).field("theta", why.theta).field("income", why.income);
  json.field("costs", why.costs).field("residual", why.residual);
}

void write_attribution(JsonWriter& json, const RunResult& run, const OptionsResult& r) {
  json.key("attribution").begin_object();
  write_why(json, r.why);
  json.key("underlyings").begin_array();
  for (const OptionsResult::Part& part : r.parts) {
    json.begin_object().field("underlying", contract_name(run, part.underlying));
    write_why(json, part.why);
    json.end_object();
  }
  json.end_array().key("curves").begin_object();
  write_series(json, "direction", r.direction_curve, run.first);
  write_series(json, "vol", r.vol_curve, run.first);
  write_series(json, "theta", r.theta_pnl_curve, run.first);
  write_series(json, "income", r.income_curve, run.first);
  write_series(json, "costs", r.costs_curve, run.first);
  write_series(json, "residual", r.residual_curve, run.first);
  json.end_object().end_object();
}

void write_event(JsonWriter& json, const RunResult& run, const OptionEvent& event) {
  const auto symbol = [&](std::uint32_t id) {
    return id < run.instruments.size() ? run.instruments[id].symbol : std::string();
  };
  json.begin_object().field("ts_ns", event.ts_ns).field("event", name_of(event.kind));
  json.field("contract", symbol(event.instrument)).field("other", symbol(event.other));
  json.field("quantity", event.quantity).field("price", event.price).field("cash", event.cash);
  json.field("fee", event.fee).field("underlying_price", event.spot).end_object();
}

void write_sums(JsonWriter& json, const OptionsResult& r) {
  json.field("premium_received", r.premium_received).field("premium_paid", r.premium_paid);
  json.field("settled", r.settled).field("dividends", r.dividends).field("interest", r.interest);
  json.field("fees", r.fees).field("income", r.income()).field("capital_days", r.capital_days);
  json.field("income_per_year", r.income_per_year).field("profit_per_year", r.profit_per_year);
  json.field("puts_assigned", r.puts_assigned).field("called_away", r.called_away);
  json.field("exercised", r.exercised).field("lapsed_short", r.lapsed_short);
  json.field("lapsed_long", r.lapsed_long).field("rolled", r.rolled).field("rolls", r.rolls);
  json.field("looks", r.looks).field("unknown_greeks", r.unknown);
  json.field("books_differ", r.books_differ).field("dropped_events", r.dropped_events);
}

}  // namespace

void write_options(JsonWriter& json, const RunResult& run) {
  json.key("options").begin_array();
  for (const OptionsResult& r : run.options) {
    json.begin_object().field("strategy", r.strategy);
    write_sums(json, r);
    write_range(json, "delta", r.delta, r.delta_curve, run.first);
    write_range(json, "gamma", r.gamma, r.gamma_curve, run.first);
    write_range(json, "vega", r.vega, r.vega_curve, run.first);
    write_range(json, "theta", r.theta, r.theta_curve, run.first);
    write_range(json, "capital", r.capital, r.capital_curve, run.first);
    write_range(json, "margin", r.margin, r.margin_curve, run.first);
    write_attribution(json, run, r);
    json.key("events").begin_array();
    for (const OptionEvent& event : r.events) write_event(json, run, event);
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace zomma
