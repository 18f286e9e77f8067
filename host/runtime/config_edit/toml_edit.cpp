#include "runtime/config_edit/toml_edit.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "runtime/config_edit/toml_text.h"

namespace zomma {
namespace {

using namespace toml_text;

constexpr double largest_exact_integer = 9007199254740992.0;  // 2^53

std::string real_text(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

bool is_whole(double value) {
  return std::trunc(value) == value && std::abs(value) <= largest_exact_integer;
}

// The value in the kind of the one it replaces, where that is the same number.
TomlScalar in_kind_of(const TomlNode* old, const TomlScalar& value) {
  if (old == nullptr) return value;
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* real = std::get_if<double>(&value);
  if (old->kind == TomlKind::real && integer != nullptr && is_whole(static_cast<double>(*integer)))
    return static_cast<double>(*integer);
  if (old->kind == TomlKind::integer && real != nullptr && is_whole(*real))
    return static_cast<std::int64_t>(*real);
  if (old->kind == TomlKind::boolean) {
    if (integer != nullptr && (*integer == 0 || *integer == 1)) return *integer == 1;
    if (real != nullptr && (*real == 0 || *real == 1)) return *real == 1;
  }
  return value;
}

std::string scalar_text(const TomlScalar& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return real_text(*real);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  return quoted(std::get<std::string>(value));
}

TomlNode scalar_node(const TomlScalar& value) {
  return std::move(parse_toml("v = " + scalar_text(value)).root.members.front().value);
}

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text.append(text.empty() ? "" : ".").append(key_text(part));
  return text;
}

TomlNode* table_at(TomlNode& root, const std::vector<std::string>& path) {
  TomlNode* node = &root;
  for (const std::string& part : path) {
    if (node->kind != TomlKind::table) return nullptr;
    const TomlMember* member = node->find(part);
    if (member == nullptr) return nullptr;
    node = const_cast<TomlNode*>(&member->value);
  }
  return node->kind == TomlKind::table ? node : nullptr;
}

void put(TomlNode& table, std::string_view key, TomlNode value) {
  const auto at = std::lower_bound(
      table.members.begin(), table.members.end(), key,
      [](const TomlMember& member, std::string_view wanted) { return member.key < wanted; });
  if (at != table.members.end() && at->key == key)
    at->value = std::move(value);
  else
    table.members.insert(at, {std::string(key), {}, std::move(value)});
}

// The byte behind the last value written in this table or below it; 0 when there is none.
std::size_t last_byte(std::string_view text, const TomlNode& node) {
  if (node.kind != TomlKind::table && node.kind != TomlKind::array)
    return value_end(text, byte_at(text, node.at));
  const std::size_t begin = byte_at(text, node.at);
  // An array or table in brackets on the right of '='; a header's '[' is found by its members.
  std::size_t last = 0;
  if (node.kind == TomlKind::array && begin < text.size() && text[begin] == '[')
    last = value_end(text, begin);
  if (node.kind == TomlKind::table && begin < text.size() &&
      (text[begin] == '{' || text[begin] == '['))
    last = value_end(text, begin);
  for (const TomlNode& item : node.items) last = std::max(last, last_byte(text, item));
  for (const TomlMember& member : node.members)
    last = std::max(last, last_byte(text, member.value));
  return last;
}

std::string with_line(std::string_view text, std::size_t behind, const std::string& line) {
  const std::string newline = newline_of(text);
  const std::size_t end = line_end(text, behind);
  if (end == text.size()) {
    const std::string gap = text.empty() || text.back() == '\n' ? "" : newline;
    return std::string(text) + gap + line + newline;
  }
  return std::string(text.substr(0, end + 1)) + line + newline + std::string(text.substr(end + 1));
}

// Ways to write a new key, the most natural one first; the caller takes the first that parses to
// the right document.
std::vector<std::string> additions(std::string_view text, const TomlNode& root,
                                   const std::vector<std::string>& path, std::string_view key,
                                   const std::string& value) {
  std::vector<std::string> ways;
  const std::string statement = key_text(key) + " = " + value;
  const TomlNode* table = table_at(const_cast<TomlNode&>(root), path);
  if (table != nullptr) {
    const std::size_t header = byte_at(text, table->at);
    // Behind the last scalar of the table's own lines, then right below the header.
    std::size_t last = 0;
    for (const TomlMember& member : table->members) {
      const bool own = member.value.kind != TomlKind::table;
      if (own) last = std::max(last, last_byte(text, member.value));
    }
    if (header < text.size() && text[header] == '{') {
      const std::size_t inside = last != 0 ? last : header + 1;
      ways.push_back(std::string(text.substr(0, inside)) + (last != 0 ? ", " : " ") + statement +
                     (last != 0 ? "" : " ") + std::string(text.substr(inside)));
      return ways;
    }
    if (last != 0) ways.push_back(with_line(text, last, indent_of(text, last) + statement));
    ways.push_back(with_line(text, header, indent_of(text, header) + statement));
  }
  const std::vector<std::string> around(path.begin(), path.end() - 1);
  const TomlNode* outer = table_at(const_cast<TomlNode&>(root), around);
  if (outer == nullptr) return ways;
  const std::string newline = newline_of(text);
  const std::size_t last = last_byte(text, *outer);
  std::string section = newline;
  section.append("[").append(joined(path)).append("]").append(newline).append(statement);
  ways.push_back(with_line(text, last, section));
  ways.push_back(with_line(text, text.size(), section));
  // A table that is only there through dotted keys takes another one.
  if (last != 0)
    ways.push_back(
        with_line(text, last, indent_of(text, last) + key_text(path.back()) + '.' + statement));
  return ways;
}

}  // namespace

Result<std::string> set_toml_value(std::string_view text, const std::vector<std::string>& path,
                                   std::string_view key, const TomlScalar& value) {
  if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real))
    return Error{Errc::invalid_argument, "a value must be finite"};
  TomlDocument document = parse_toml(text);
  if (!document.errors.empty()) {
    const TomlSyntaxError& error = document.errors.front();
    return Error{Errc::corrupt, std::to_string(error.at.line) + ":" +
                                    std::to_string(error.at.column) +
                                    ": not TOML: " + error.message};
  }
  const std::vector<std::string> around(path.begin(), path.end() - 1);
  if (table_at(document.root, around) == nullptr)
    return Error{Errc::not_found, "there is no [" + joined(around) + "]"};
  TomlNode* table = table_at(document.root, path);
  const TomlMember* old = table == nullptr ? nullptr : table->find(key);
  const TomlScalar written = in_kind_of(old == nullptr ? nullptr : &old->value, value);
  const std::string new_text = scalar_text(written);

  std::vector<std::string> ways;
  if (old != nullptr) {
    if (old->value.kind == TomlKind::table || old->value.kind == TomlKind::array)
      return Error{Errc::unsupported, joined(path) + "." + key_text(key) + " is no single value"};
    const std::size_t begin = byte_at(text, old->value.at);
    const std::size_t end = value_end(text, begin);
    ways.push_back(std::string(text.substr(0, begin)) + new_text + std::string(text.substr(end)));
  } else {
    ways = additions(text, document.root, path, key, new_text);
  }

  TomlNode expected = std::move(document.root);
  if (table_at(expected, path) == nullptr)
    put(*table_at(expected, around), path.back(), TomlNode{});
  put(*table_at(expected, path), key, scalar_node(written));
  for (std::string& way : ways) {
    const TomlDocument parsed = parse_toml(way);
    if (parsed.errors.empty() && same_values(parsed.root, expected)) return std::move(way);
  }
  return Error{Errc::unsupported,
               joined(path) + "." + key_text(key) +
                   " is written in a way that only a person should edit; change it "
                   "by hand"};
}

}  // namespace zomma
