#include "cli/admin/admin_tables.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include <algorithm>

namespace zomma::cli {
namespace {

namespace json = boost::json;

std::string cell(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null()) return "-";
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_double()) return fmt::format("{:.12g}", value.get_double());
  return json::serialize(value);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

// Characters, for alignment: bytes that begin one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
  }));
}

std::string list_text(const json::array& list) {
  std::vector<std::string> columns;
  for (const json::value& item : list) {
    if (!item.is_object()) continue;
    for (const auto& member : item.get_object()) {
      const std::string name(member.key());
      const bool nested = member.value().is_object() || member.value().is_array();
      if (!nested && std::find(columns.begin(), columns.end(), name) == columns.end())
        columns.push_back(name);
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::value& item : list) {
    if (!item.is_object()) {
      rows.push_back({cell(item)});
      continue;
    }
    std::vector<std::string> row;
    for (const std::string& column : columns) {
      const json::value* value = item.get_object().if_contains(column);
      row.push_back(value == nullptr ? "-" : cell(*value));
    }
    rows.push_back(std::move(row));
  }
  return table_text(columns, rows);
}

// The first of the members, by any of its names.
std::string member_text(const json::object& object, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const json::value* value = object.if_contains(name)) return cell(*value);
  return "-";
}

}  // namespace

std::string table_text(const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return {};
  std::vector<std::size_t> widths;
  std::vector<bool> numbers;
  for (std::size_t c = 0; c < std::max(columns.size(), rows.front().size()); ++c) {
    std::size_t width = c < columns.size() ? width_of(columns[c]) : 0;
    bool number = true;
    for (const auto& row : rows) {
      if (c >= row.size()) continue;
      width = std::max(width, width_of(row[c]));
      number = number && (row[c] == "-" || is_number(row[c]));
    }
    widths.push_back(width);
    numbers.push_back(number);
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string gap(widths[c] - width_of(cells[c]), ' ');
      if (c != 0) out += "  ";
      out += numbers[c] ? gap + cells[c] : cells[c] + gap;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  };
  if (!columns.empty()) line(columns);
  for (const auto& row : rows) line(row);
  return text;
}

std::string object_text(const json::value& value) {
  if (value.is_array()) return list_text(value.get_array());
  if (!value.is_object()) return cell(value) + "\n";
  std::string text, lists;
  std::size_t width = 0;
  for (const auto& member : value.get_object())
    width = std::max(width, width_of(std::string_view(member.key())));
  for (const auto& member : value.get_object()) {
    const std::string name(member.key());
    if (member.value().is_array() || member.value().is_object()) {
      const std::string below = object_text(member.value());
      if (!below.empty()) lists += "\n" + name + "\n" + below;
    } else {
      text += name + std::string(width - width_of(name) + 2, ' ') + cell(member.value()) + "\n";
    }
  }
  return text + lists;
}

std::string parameters_text(const json::value& plugin) {
  const json::value* list =
      plugin.is_object() ? plugin.get_object().if_contains("parameters") : nullptr;
  if (list == nullptr || !list->is_array() || list->get_array().empty()) return "no parameters\n";
  std::vector<std::vector<std::string>> rows;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) continue;
    const json::object& own = item.get_object();
    const json::value* live = own.if_contains("live");
    const bool known = live != nullptr && live->is_bool();
    rows.push_back({member_text(own, {"name"}), member_text(own, {"value"}),
                    member_text(own, {"minimum", "min"}), member_text(own, {"maximum", "max"}),
                    member_text(own, {"default"}), member_text(own, {"unit"}),
                    !known             ? "-"
                    : live->get_bool() ? "live"
                                       : "restart"});
  }
  return table_text({"parameter", "value", "minimum", "maximum", "default", "unit", "change"},
                    rows);
}

}  // namespace zomma::cli
