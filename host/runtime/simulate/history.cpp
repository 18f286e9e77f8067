// history.cpp: daily closes from a CSV, with or without a heading.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

#include "runtime/config/section.h"
#include "runtime/simulate/wheel_study.h"

namespace zomma {
namespace {

constexpr std::size_t least_days = 30;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(',', at), line.size());
    std::string cell = line.substr(at, end - at);
    cell.erase(0, std::min(cell.find_first_not_of(" \t\""), cell.size()));
    while (!cell.empty() && std::strchr(" \t\"\r", cell.back()) != nullptr) cell.pop_back();
    out.push_back(std::move(cell));
    at = end + 1;
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Result<std::vector<double>> read_history(const std::string& path, const std::string& column,
                                         double largest) {
  std::ifstream file(path);
  if (!file)
    return Error{Errc::not_found,
                 fmt::format("{} cannot be opened ({})", path, std::strerror(errno))};
  const auto refuse = [&](std::size_t row, const std::string& what) {
    return Error{Errc::invalid_argument, fmt::format("{}:{}: {}", path, row, what)};
  };
  std::vector<double> returns;
  double before = 0;
  std::size_t place = 0, number = 0;
  const auto numbered = std::from_chars(column.data(), column.data() + column.size(), place);
  const bool by_number =
      numbered.ec == std::errc{} && numbered.ptr == column.data() + column.size() && place > 0;
  bool placed = by_number;
  std::string line;
  while (std::getline(file, line)) {
    ++number;
    if (line.empty() || line == "\r") continue;
    const auto cells = cells_of(line);
    if (!placed) {
      std::vector<std::string> names;
      for (const std::string& cell : cells) names.push_back(lower(cell));
      const auto found = std::find(names.begin(), names.end(), lower(column));
      if (found == names.end()) {
        const std::string near = nearest(column, names);
        return refuse(
            number,
            fmt::format("the heading has no column \"{}\"{}; a number names a column of a file "
                        "without heading",
                        column, near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
      }
      place = static_cast<std::size_t>(found - names.begin()) + 1;
      placed = true;
      continue;
    }
    if (cells.size() < place)
      return refuse(number,
                    fmt::format("found {} columns, expected at least {}", cells.size(), place));
    const std::string& cell = cells[place - 1];
    double close = 0;
    const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), close);
    if (read.ec != std::errc{} || read.ptr != cell.data() + cell.size() || !(close > 0) ||
        !std::isfinite(close)) {
      if (by_number && number == 1) continue;  // a heading after all
      return refuse(number, fmt::format("found \"{}\", expected a price above 0", cell));
    }
    if (before > 0) {
      const double moved = std::log(close / before);
      if (std::abs(moved) > largest)
        return refuse(number, fmt::format("from {} to {} in a day: a split, or a slip? Give "
                                          "adjusted closes, or raise model.largest_move ({})",
                                          before, close, largest));
      returns.push_back(moved);
    }
    before = close;
  }
  if (returns.size() < least_days)
    return refuse(number, fmt::format("found {} daily returns, expected at least {}",
                                      returns.size(), least_days));
  return returns;
}

}  // namespace zomma
