#include "cli/terminal/table.h"

#include <algorithm>
#include <numeric>

#include "cli/terminal/figures.h"

namespace zomma::terminal {
namespace {

constexpr int gap = 2;          // between columns
constexpr int least_name = 12;  // the first column is not made narrower while others could fall off

int needed(const std::vector<int>& widths) {
  return std::accumulate(widths.begin(), widths.end(), 0) +
         gap * (static_cast<int>(widths.size()) - 1);
}

std::vector<int> column_widths(const std::vector<Row>& rows, int width) {
  std::vector<int> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size() && i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  const int name = widths.front();
  widths.front() = std::min(name, least_name);
  while (widths.size() > 1 && needed(widths) > width) widths.pop_back();
  widths.front() = std::clamp(width - (needed(widths) - widths.front()), 1, name);
  return widths;
}

}  // namespace

std::string toned(const std::string& text, Tone tone, bool color) {
  if (!color || text.empty()) return text;
  const char* code = "";
  switch (tone) {
    case Tone::plain:
      return text;
    case Tone::faint:
      code = "2";
      break;
    case Tone::good:
      code = "32";
      break;
    case Tone::bad:
      code = "31";
      break;
    case Tone::warning:
      code = "33";
      break;
    case Tone::title:
      code = "1";
      break;
  }
  return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

std::vector<std::string> lay_out(std::vector<Row> rows, int width, bool color) {
  std::vector<std::string> lines;
  if (rows.empty() || rows.front().empty()) return lines;
  const std::vector<int> widths = column_widths(rows, width);
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < widths.size() && i < row.size(); ++i) {
      const std::string text = fitted(row[i].text, widths[i]);
      const auto room = static_cast<std::size_t>(widths[i] - width_of(text));
      const bool last = i + 1 == std::min(widths.size(), row.size());
      if (i == 0)
        line += toned(text, row[i].tone, color) + (last ? "" : std::string(room, ' '));
      else
        line += std::string(gap + room, ' ') + toned(text, row[i].tone, color);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace zomma::terminal
