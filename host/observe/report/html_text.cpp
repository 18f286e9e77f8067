#include "observe/report/html_text.h"

#include <algorithm>

#include "observe/report/utf8.h"

namespace zomma {
namespace {

// Typography that a terminal does without: a true minus, plus-minus, a dash for "no value".
std::string typeset(std::string cell) {
  if (cell == "-") return "–";
  if (cell.size() > 1 && cell[0] == '-' && (cell[1] >= '0' && cell[1] <= '9'))
    cell.replace(0, 1, "−");
  if (const std::size_t place = cell.find("+-"); place != std::string::npos)
    cell.replace(place, 2, "±");
  return cell;
}

std::string cell_html(const Table& table, const std::string& cell, std::size_t column) {
  if (column >= table.text_columns) return "<td>" + typeset(escape(cell)) + "</td>";
  const bool indented = cell.starts_with("  ");
  // A table of words has long ones (paths, digests) that may break.
  const bool breaks = table.text_columns == table.header.size() && column + 1 == table.text_columns;
  return std::string("<td class=\"word") +
         (cell.starts_with("    ") ? " indent-2"
          : indented               ? " indent"
                                   : "") +
         (breaks ? " wrap" : "") + "\">" + escape(cell) + "</td>";
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text[0];
    const bool control = length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) &&
                         c != '\n' && c != '\t';
    if (length == 0 || control)
      out += "\uFFFD";
    else if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string caption_html(std::string_view text) {
  return text.empty() ? "" : "<p class=\"caption\">" + typeset(escape(text)) + "</p>\n";
}

std::string table_html(const Table& table) {
  if (table.rows.empty()) return "";
  const bool narrow = table.header.size() <= 3 && table.text_columns < table.header.size();
  std::string out = std::string("<div class=\"scroll\"><table") +
                    (narrow ? " class=\"narrow\"" : "") + ">\n<thead><tr>";
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    out += (c < table.text_columns ? "<th class=\"word\">" : "<th>") +
           typeset(escape(table.header[c])) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const Table::Row& row : table.rows) {
    out += row.fault        ? "<tr class=\"fault\">"
           : row.emphasised ? "<tr class=\"strong\">"
           : row.faint      ? "<tr class=\"faint\">"
                            : "<tr>";
    for (std::size_t c = 0; c < row.cells.size(); ++c) out += cell_html(table, row.cells[c], c);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string titled_table_html(const Table& table) {
  if (table.rows.empty()) return "";
  return "<h3>" + escape(table.title) + "</h3>\n" + table_html(table) + caption_html(table.caption);
}

}  // namespace zomma
