// render_text.cpp: the report for a terminal and for a README.
#include <fmt/core.h>

#include <algorithm>

#include "observe/report/format.h"
#include "observe/report/option_tables.h"
#include "observe/report/report.h"
#include "observe/report/tables.h"

namespace zomma {
namespace {

constexpr std::size_t page_width = 100;
constexpr std::size_t gap = 2;
constexpr std::size_t events_in_text = 12;
constexpr std::size_t most_words = 62;  // of a line, so that numbers find room beside them

// Columns on a terminal: code points, as far as this can tell. Bytes that would steer a terminal
// become '?'.
std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return result;
}
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}
std::string shortened(std::string text, std::size_t width) {
  if (width_of(text) <= width) return text;
  while (!text.empty() && width_of(text) + 3 > width) {
    while (text.size() > 1 && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
      text.pop_back();
    text.pop_back();
  }
  return text + "...";
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}
void append_paragraph(std::string& out, const std::string& text, std::size_t indent = 0) {
  for (const std::string& line : show::wrap(printable(text), page_width - indent))
    append_line(out, std::string(indent, ' ') + line);
}

// Lays out columns [from, to) beside the word columns.
void append_columns(std::string& out, const Table& table, const std::vector<std::size_t>& widths,
                    std::size_t from, std::size_t to) {
  const auto line_of = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c >= table.text_columns && (c < from || c >= to)) continue;
      const std::string cell = shortened(printable(cells[c]), widths[c]);
      const std::string padding(widths[c] - width_of(cell), ' ');
      if (!line.empty()) line += std::string(gap, ' ');
      line += c < table.text_columns ? cell + padding : padding + cell;
    }
    return line;
  };
  const std::string header = line_of(table.header);
  if (header.find_first_not_of(' ') != std::string::npos) append_line(out, header);
  for (const Table::Row& row : table.rows)
    append_line(out, line_of(row.cells) + (row.fault ? " !" : ""));
}

std::size_t words_width(const Table& table, const std::vector<std::size_t>& widths) {
  std::size_t words = 0;
  for (std::size_t c = 0; c < table.text_columns; ++c) words += widths[c] + (c == 0 ? 0 : gap);
  return words;
}

// As wide as the content; words that leave no room for numbers are cut, the longest column first.
std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    std::size_t width = width_of(table.header[c]);
    for (const Table::Row& row : table.rows) width = std::max(width, width_of(row.cells[c]));
    widths.push_back(c < table.text_columns
                         ? width
                         : std::min<std::size_t>(width, page_width - most_words - gap));
  }
  const bool only_words = table.text_columns == table.header.size();
  const std::size_t most = only_words ? page_width : most_words;
  const auto words_end = widths.begin() + static_cast<std::ptrdiff_t>(table.text_columns);
  while (words_width(table, widths) > most) --*std::max_element(widths.begin(), words_end);
  return widths;
}

void append_table(std::string& out, const Table& table) {
  if (table.rows.empty()) return;
  out += "\n";
  const std::string title = shortened(printable(table.title), page_width);
  append_line(out, title);
  append_line(out, std::string(width_of(title), '-'));
  const std::vector<std::size_t> widths = widths_of(table);
  std::size_t from = table.text_columns;
  const std::size_t words = words_width(table, widths);
  do {  // as many number columns as fit; the others below, beside the same words
    std::size_t to = from, used = words;
    while (to < widths.size() && (to == from || used + gap + widths[to] <= page_width))
      used += gap + widths[to++];
    if (from != table.text_columns) out += "\n";
    append_columns(out, table, widths, from, to);
    from = to;
  } while (from < widths.size());
  if (!table.caption.empty()) append_paragraph(out, table.caption);
}

void append_title(std::string& out, const Report& report) {
  const std::string when = fmt::format("{} UTC, {}", show::time(report.run.first),
                                       show::duration(report.run.duration()));
  const std::string title = shortened(printable(report.title), page_width - width_of(when) - gap);
  append_line(out, title + std::string(page_width - width_of(title) - width_of(when), ' ') + when);
  append_line(out, std::string(page_width, '='));
}

}  // namespace

std::string render_text(const Report& report) {
  std::string out;
  append_title(out, report);
  for (const std::string& sentence : verdict(report)) append_paragraph(out, sentence);
  for (const std::string& note : report.notes) append_paragraph(out, "Note: " + note);
  append_table(out, performance_table(report));
  append_table(out, annual_table(report));
  append_table(out, instrument_table(report));
  append_table(out, markout_table(report));
  append_table(out, option_income_table(report));
  append_table(out, option_greeks_table(report));
  for (const OptionsResult& options : report.run.options) {
    append_table(out, attribution_table(report, options));
    append_table(out, option_events_table(report, options, events_in_text));
  }
  if (!report.run.signals.empty()) {
    for (std::size_t h = 0; h < report.run.horizons.size(); ++h)
      append_table(out, signal_table(report, h));
    append_paragraph(out, signal_statement(report));
  }
  append_table(out, order_table(report));
  append_table(out, reason_table(report));
  append_table(out, latency_table(report));
  append_table(out, market_table(report));
  append_table(out, quality_table(report));
  append_table(out, fact_table(report));
  return out;
}

}  // namespace zomma
