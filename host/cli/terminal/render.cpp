// From a RunView to text.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "cli/terminal/figures.h"
#include "cli/terminal/table.h"
#include "cli/terminal/terminal.h"

namespace zomma {
namespace {

using namespace terminal;

constexpr int least_width = 40;
constexpr int bar_width = 10;
constexpr std::int64_t long_lag_ns = 100'000'000;  // shown as a warning from here

Tone tone_of(double pnl) { return pnl > 0 ? Tone::good : pnl < 0 ? Tone::bad : Tone::plain; }
Tone warned(std::uint64_t count) { return count != 0 ? Tone::warning : Tone::faint; }

Row heading(std::initializer_list<const char*> names) {
  Row row;
  for (const char* name : names) row.push_back({name, Tone::faint});
  return row;
}

// Pieces side by side, as many lines as the width asks for.
class Flow {
 public:
  Flow(int width, bool color) : width_(width), color_(color) {}

  void add(const std::string& label, const std::string& value, Tone tone = Tone::plain) {
    const std::string text = fitted(label.empty() ? value : label + " " + value, width_);
    const int wide = width_of(text);
    if (used_ != 0 && used_ + gap + wide > width_) end_line();
    if (used_ != 0) line_ += std::string(gap, ' ');
    used_ += (used_ != 0 ? gap : 0) + wide;
    const std::size_t lead = label.empty() ? 0 : label.size() + 1;
    line_ += text.size() > lead ? toned(text.substr(0, lead), Tone::faint, color_) +
                                      toned(text.substr(lead), tone, color_)
                                : text;
  }
  void end_line() {
    if (used_ != 0) lines_.push_back(std::move(line_));
    line_.clear();
    used_ = 0;
  }
  std::vector<std::string> take() {
    end_line();
    return std::move(lines_);
  }

 private:
  static constexpr int gap = 3;
  int width_;
  bool color_;
  int used_ = 0;
  std::string line_;
  std::vector<std::string> lines_;
};

std::vector<std::string> summary(const RunView& view, int width, bool color) {
  Flow flow(width, color);
  flow.add("", view.name, Tone::title);
  flow.add("", view.mode);
  if (view.engine_time_ns != 0) flow.add("", time_of_day(view.engine_time_ns, true) + " UTC");
  flow.add("elapsed", duration(view.elapsed_ns));
  flow.end_line();
  flow.add("events", grouped(view.events));
  flow.add("rate", rate(view.events_per_second));
  if (view.lag_ns >= 0)
    flow.add("lag", duration(view.lag_ns),
             view.lag_ns >= long_lag_ns ? Tone::warning : Tone::plain);
  flow.end_line();
  flow.add("P&L", signed_money(view.pnl) + (view.currency.empty() ? "" : " " + view.currency),
           tone_of(view.pnl));
  flow.add("fees", money(view.fees));
  flow.add("intents", grouped(view.intents));
  flow.add("fills", grouped(view.fills));
  flow.add("refused", grouped(view.risk_rejects), warned(view.risk_rejects));
  flow.add("open", std::to_string(view.open_orders));
  return flow.take();
}

std::vector<Row> strategies(const RunView& view) {
  std::vector<Row> rows{
      heading({"strategy", "P&L", "state", "orders", "fills", "refused", "fees"})};
  for (const StrategyRow& row : view.strategies) {
    const Tone state = row.state == "running"   ? Tone::plain
                       : row.state == "faulted" ? Tone::bad
                                                : Tone::warning;
    rows.push_back({{row.name},
                    {signed_money(row.pnl), tone_of(row.pnl)},
                    {row.state, state},
                    {grouped(row.orders)},
                    {grouped(row.fills)},
                    {grouped(row.rejects), warned(row.rejects)},
                    {money(row.fees)}});
  }
  return rows;
}

std::vector<Row> positions(const RunView& view) {
  std::vector<Row> rows{heading({"instrument", "position", "P&L", "bid", "ask", "open"})};
  for (const PositionRow& row : view.positions) {
    rows.push_back({{row.symbol},
                    {row.position},
                    {signed_money(row.pnl), tone_of(row.pnl)},
                    {row.bid},
                    {row.ask},
                    {std::to_string(row.open_orders)}});
  }
  return rows;
}

std::vector<Row> feeds(const RunView& view) {
  std::vector<Row> rows{heading({"feed", "events", "done", "problems", "gaps"})};
  for (const FeedRow& row : view.feeds) {
    rows.push_back({{row.name},
                    {grouped(row.events)},
                    {row.done < 0 ? "" : bar(row.done, bar_width)},
                    {grouped(row.problems), warned(row.problems)},
                    {grouped(row.gaps), warned(row.gaps)}});
  }
  return rows;
}

void append_table(std::vector<std::string>& lines, std::vector<Row> rows, int width, bool color) {
  if (rows.size() < 2) return;
  lines.emplace_back();
  for (std::string& line : lay_out(std::move(rows), width, color)) lines.push_back(std::move(line));
}

}  // namespace

std::string render(const RunView& view, int width, int max_lines, bool color) {
  width = std::max(width, least_width);
  std::vector<std::string> lines = summary(view, width, color);
  if (!view.note.empty()) lines.push_back(toned(fitted(view.note, width), Tone::warning, color));
  append_table(lines, strategies(view), width, color);
  append_table(lines, positions(view), width, color);
  append_table(lines, feeds(view), width, color);
  const auto room = static_cast<std::size_t>(std::max(max_lines, 1));
  if (lines.size() > room) {
    const std::size_t hidden = lines.size() - room + 1;
    lines.resize(room - 1);
    lines.push_back(
        toned(fitted(fmt::format("... {} more lines", hidden), width), Tone::faint, color));
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string render(const RunView& view, int width, bool color) {
  return render(view, width, std::numeric_limits<int>::max(), color);
}

std::string render_line(const RunView& view) {
  std::string line;
  if (view.engine_time_ns != 0) line += time_of_day(view.engine_time_ns, false) + " ";
  line += fmt::format(
      "{}: {} events, {}, P&L {}{}{}, fees {}, {} intents, {} fills, {} refused, {} open",
      fitted(view.name, least_width), grouped(view.events), rate(view.events_per_second),
      signed_money(view.pnl), view.currency.empty() ? "" : " ", view.currency, money(view.fees),
      grouped(view.intents), grouped(view.fills), grouped(view.risk_rejects), view.open_orders);
  if (view.lag_ns >= 0) line += ", lag " + duration(view.lag_ns);
  for (const StrategyRow& row : view.strategies) {
    if (row.state != "running") line += ", " + row.name + " is " + row.state;
  }
  if (!view.note.empty()) line += "; " + fitted(view.note, std::numeric_limits<int>::max());
  return line;
}

}  // namespace zomma
