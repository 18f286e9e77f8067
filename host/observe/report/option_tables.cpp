#include "observe/report/option_tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "observe/report/format.h"

namespace zomma {
namespace {

// Cash in a CSV keeps every decimal that Money has.
std::string exact(Money amount) {
  const std::uint64_t size = amount.value < 0 ? 0 - static_cast<std::uint64_t>(amount.value)
                                              : static_cast<std::uint64_t>(amount.value);
  return fmt::format("{}{}.{:08}", amount.value < 0 ? "-" : "", size / 100'000'000,
                     size % 100'000'000);
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_number(double value) { return has_value(value) ? fmt::format("{}", value) : ""; }

std::string symbol_of(const RunResult& run, std::uint32_t instrument) {
  return instrument < run.instruments.size() ? run.instruments[instrument].symbol : "";
}

Table by_strategy(const Report& report, std::string title) {
  Table table;
  table.title = std::move(title);
  table.header.push_back("");
  for (const OptionsResult& options : report.run.options) table.header.push_back(options.strategy);
  return table;
}

using Cell = std::function<std::string(const OptionsResult&)>;
void add_row(Table& table, const Report& report, std::string name, const Cell& cell,
             bool emphasised = false) {
  Table::Row row;
  row.cells.push_back(std::move(name));
  for (const OptionsResult& options : report.run.options) row.cells.push_back(cell(options));
  row.emphasised = emphasised;
  table.rows.push_back(std::move(row));
}

Table::Row attribution_row(std::string name, const Attributed& why) {
  Table::Row row;
  row.cells = {std::move(name)};
  for (const Money part :
       {why.total(), why.delta, why.gamma, why.vol, why.theta, why.income, why.costs, why.residual})
    row.cells.push_back(show::money(part, 2));
  return row;
}

}  // namespace

std::string contract_name(const RunResult& run, std::uint32_t instrument) {
  if (instrument >= run.instruments.size()) return "-";
  const Instrument& one = run.instruments[instrument];
  if (!one.option) return one.symbol;
  const std::uint32_t date = one.option->expiry;
  return fmt::format("{} {:04}-{:02}-{:02} {} {}", one.option->underlying, date / 10'000,
                     date / 100 % 100, date % 100, one.option->put ? 'P' : 'C',
                     format_price(one, one.option->strike));
}

Table option_greeks_table(const Report& report) {
  Table table;
  if (report.run.options.empty()) return table;
  const bool several = report.run.options.size() > 1;
  table.title = "Options: Greeks and capital";
  table.header = {"", "last", "least", "greatest"};
  table.caption =
      "In currency. Delta: gained if the underlyings double, to first order; gamma: what delta "
      "gains "
      "when they rise by 1 %; vega: per vol point; theta: per day. Contracts whose Greeks nobody "
      "knew are left out.";
  for (const OptionsResult& options : report.run.options) {
    const auto add = [&](const std::string& name, const GreekRange& range, int digits) {
      Table::Row row;
      row.cells = {several ? options.strategy + ": " + name : name,
                   show::number(range.last, digits), show::number(range.least, digits),
                   show::number(range.greatest, digits)};
      table.rows.push_back(std::move(row));
    };
    add("Delta", options.delta, 0);
    add("Gamma, per 1 %", options.gamma, 0);
    add("Vega, per vol point", options.vega, 2);
    add("Theta, per day", options.theta, 2);
    add("Capital at work", options.capital, 0);
    add("Margin required", options.margin, 0);
  }
  return table;
}

Table option_income_table(const Report& report) {
  using R = OptionsResult;
  Table table;
  if (report.run.options.empty()) return table;
  table = by_strategy(report,
                      fmt::format("Options: premium, assignment, yield ({})", report.run.currency));
  const auto money = [&](const std::string& name, Money R::*member) {
    add_row(table, report, name, [=](const R& r) { return show::money(r.*member, 2); });
  };
  const auto count = [&](const std::string& name, std::uint64_t R::*member) {
    add_row(table, report, name, [=](const R& r) { return show::count(r.*member); });
  };
  add_row(
      table, report, "Income", [](const R& r) { return show::money(r.income(), 2); }, true);
  money("  premium received", &R::premium_received);
  add_row(table, report, "  premium paid",
          [](const R& r) { return show::money(-r.premium_paid, 2); });
  money("  settled in cash", &R::settled);
  money("  dividends", &R::dividends);
  money("  interest", &R::interest);
  add_row(table, report, "  fees", [](const R& r) { return show::money(-r.fees, 2); });
  add_row(table, report, "Mean capital at work", [&](const R& r) {
    const double days = static_cast<double>(report.run.duration().value) / 86'400e9;
    return show::number(days > 0 ? r.capital_days / days : no_value, 0);
  });
  add_row(table, report, "Income a year on it",
          [](const R& r) { return show::percent(r.income_per_year, 2); });
  add_row(table, report, "P&L a year on it",
          [](const R& r) { return show::percent(r.profit_per_year, 2); });
  count("Puts assigned", &R::puts_assigned);
  count("Calls assigned", &R::called_away);
  count("Exercised", &R::exercised);
  count("Lapsed, sold ones", &R::lapsed_short);
  count("Lapsed, bought ones", &R::lapsed_long);
  count("Rolled", &R::rolled);
  count("  sessions with a roll", &R::rolls);
  add_row(table, report, "Account less these books",
          [](const R& r) { return show::money(r.books_differ, 2); });
  table.rows.back().fault = std::any_of(report.run.options.begin(), report.run.options.end(),
                                        [](const R& r) { return r.books_differ.value != 0; });
  table.caption =
      "Income is premium, cash settlement, dividends and interest less fees; what moves of held "
      "shares and open contracts earned is not in it. A year has 365 days. Contracts are counted. "
      "Rolled: bought back and "
      "sold anew in one underlying within one session. The account is the host's: the largest "
      "difference there ever was.";
  return table;
}

Table attribution_table(const Report& report, const OptionsResult& options, std::size_t most) {
  Table table;
  table.title = report.run.options.size() > 1 ? "Attribution, " + options.strategy : "Attribution";
  table.header = {"underlying", "P&L",    "delta", "gamma",   "vol",
                  "theta",      "income", "costs", "residual"};
  std::vector<OptionsResult::Part> parts = options.parts;
  const auto size = [](const OptionsResult::Part& part) {
    return std::llabs(part.why.total().value);
  };
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const auto& a, const auto& b) { return size(a) > size(b); });
  Attributed rest;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i < most)
      table.rows.push_back(
          attribution_row(symbol_of(report.run, parts[i].underlying), parts[i].why));
    else
      rest += parts[i].why;
  }
  if (parts.size() > most) table.rows.push_back(attribution_row("others", rest));
  if (options.interest.value != 0) {
    Attributed interest;
    interest.income = options.interest;
    table.rows.push_back(attribution_row("cash", interest));
  }
  table.rows.push_back(attribution_row("all", options.why));
  table.rows.back().emphasised = true;
  table.caption =
      "Direction is delta and gamma. Between two looks at the book the Greeks of the first explain "
      "the moves until the second. Income: dividends and interest. Costs: fees, and the distance "
      "of "
      "every fill from the mid. The residual is what these leave; all parts sum to the P&L "
      "exactly.";
  return table;
}

Table option_events_table(const Report& report, const OptionsResult& options, std::size_t most) {
  Table table;
  const std::size_t count = options.events.size(), from = count > most ? count - most : 0;
  table.title =
      report.run.options.size() > 1 ? "Option events, " + options.strategy : "Option events";
  table.header = {"time (UTC)", "what", "contract", "quantity", "price", "cash", "underlying"};
  table.text_columns = 3;
  for (std::size_t i = from; i < count; ++i) {
    const OptionEvent& event = options.events[i];
    std::string what = name_of(event.kind), name = contract_name(report.run, event.instrument);
    if (event.kind == OptionEventKind::rolled)
      name += " to " + contract_name(report.run, event.other);
    const bool moves_cash = event.cash.value != 0;
    Table::Row row;
    row.cells = {show::time({event.ts_ns}),
                 std::move(what),
                 std::move(name),
                 event.quantity == 0 ? "-" : show::number(event.quantity, 0),
                 show::number(event.price, 2),
                 moves_cash ? show::money(event.cash, 2) : "-",
                 show::number(event.spot, 2)};
    row.faint = event.kind == OptionEventKind::rolled;
    table.rows.push_back(std::move(row));
  }
  const std::uint64_t all = count + options.dropped_events;
  table.caption =
      fmt::format("{} of {} events{}; the file options_events.csv has {} of them.",
                  show::count(count - from), show::count(all), from != 0 ? ", the last" : "",
                  options.dropped_events == 0 ? "all" : "the first " + show::count(count));
  return table;
}

std::string option_events_csv(const RunResult& run) {
  std::string out =
      "time_utc,strategy,event,contract,other,quantity,price,cash,fee,underlying_price\n";
  for (const OptionsResult& options : run.options)
    for (const OptionEvent& event : options.events)
      out += fmt::format(
          "{},{},{},{},{},{},{},{},{},{}\n", show::time({event.ts_ns}), csv_text(options.strategy),
          name_of(event.kind), csv_text(symbol_of(run, event.instrument)),
          csv_text(symbol_of(run, event.other)), csv_number(event.quantity),
          csv_number(event.price), exact(event.cash), exact(event.fee), csv_number(event.spot));
  return out;
}

}  // namespace zomma
