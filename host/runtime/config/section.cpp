#include "runtime/config/section.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "runtime/config/units.h"

namespace zomma {
namespace {

constexpr std::size_t longest_word = 64;   // beyond it no suggestion is looked for
constexpr std::size_t longest_quote = 60;  // of the file's own text in a message

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Edits (insert, delete, change, swap of neighbours) from one word to another: optimal string
// alignment.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] =
          std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

// The file's text inside quotes: control characters made visible, long ones cut between characters.
std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (result.size() > longest_quote && (byte & 0xc0u) != 0x80u) return result + "...\"";
    if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      result += '?';
    else
      result += c;
  }
  return result + "\"";
}

std::string range_text(std::int64_t minimum, std::int64_t maximum) {
  if (maximum == INT64_MAX)
    return minimum == INT64_MIN ? "a whole number"
                                : "a whole number from " + std::to_string(minimum);
  return "a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum);
}

std::string real_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

}  // namespace

std::string nearest(std::string_view wrong, const std::vector<std::string>& candidates) {
  if (wrong.size() > longest_word) return {};
  const std::string from = lower(wrong);
  std::size_t best = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_word) continue;
    const std::size_t distance = edit_distance(from, lower(candidate));
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string describe(const TomlNode& node) {
  switch (node.kind) {
    case TomlKind::boolean:
      return node.boolean ? "the boolean true" : "the boolean false";
    case TomlKind::integer:
    case TomlKind::real:
      return "the number " + node.text;
    case TomlKind::text:
      return "the string " + quote(node.text);
    case TomlKind::date:
      return "the date " + node.text;
    case TomlKind::array:
      return "an array";
    case TomlKind::table:
      return "a table";
  }
  return "something else";
}

std::string quoted_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
  return bare ? std::string(key) : quote(key);
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) text += i + 1 == words.size() ? " or " : ", ";
    text += '"' + words[i] + '"';
  }
  return text;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon), port_text = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  Endpoint endpoint{std::string(host), 0};
  const auto end =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), endpoint.port);
  if (end.ec != std::errc{} || end.ptr != port_text.data() + port_text.size() || endpoint.port == 0)
    return std::nullopt;
  unsigned char address[sizeof(in6_addr)];
  if (endpoint.address.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(bracketed ? AF_INET6 : AF_INET, endpoint.address.c_str(), address) != 1)
    return std::nullopt;
  return endpoint;
}

Section::Section(const ConfigSource& source, const TomlNode& table, TextPosition at,
                 std::string path)
    : source_(&source), table_(&table), at_(at), path_(std::move(path)) {}

std::string Section::key_path(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? quoted_key(key) : path_ + "." + quoted_key(key);
}

TextPosition Section::position_of(std::string_view key) const {
  const TomlMember* member = table_->find(key);
  return member != nullptr ? member->value.at : at_;
}

std::string Section::resolve(const std::string& path) const {
  return (std::filesystem::path(source_->folder) / path).lexically_normal().string();
}

void Section::fail(TextPosition at, std::string_view key, ConfigFault fault, std::string found,
                   std::string expected, std::string suggestion) const {
  source_->errors->push_back({fault, source_->name, at.line, at.column, key_path(key),
                              std::move(found), std::move(expected), std::move(suggestion)});
}

void Section::bad(std::string_view key, std::string found, std::string expected,
                  std::string suggestion) const {
  fail(position_of(key), key, ConfigFault::bad_value, std::move(found), std::move(expected),
       std::move(suggestion));
}

const TomlNode* Section::find(std::string_view key, Need need, std::string_view expected) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  if (const TomlMember* member = table_->find(key)) return &member->value;
  if (need == Need::required && !source_->damaged) {
    fail(at_, key, ConfigFault::missing_key, "missing", std::string(expected));
  }
  return nullptr;
}

bool Section::boolean(std::string_view key, bool& out, Need need) {
  const TomlNode* node = find(key, need, "true or false");
  if (node == nullptr) return false;
  if (node->kind != TomlKind::boolean) return bad(key, describe(*node), "true or false"), false;
  out = node->boolean;
  return true;
}

bool Section::integer(std::string_view key, std::int64_t& out, IntegerRange range, Need need) {
  const std::string expected = range_text(range.minimum, range.maximum);
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  if (node->kind != TomlKind::integer || node->integer < range.minimum ||
      node->integer > range.maximum) {
    return bad(key, describe(*node), expected), false;
  }
  out = node->integer;
  return true;
}

bool Section::integer(std::string_view key, std::uint64_t& out, Need need) {
  std::int64_t value = 0;
  if (!integer(key, value, {0, INT64_MAX}, need)) return false;
  out = static_cast<std::uint64_t>(value);
  return true;
}

bool Section::real(std::string_view key, double& out, double minimum, double maximum, Need need) {
  const std::string expected = "a number from " + real_text(minimum) + " to " + real_text(maximum);
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  const bool number = node->kind == TomlKind::integer || node->kind == TomlKind::real;
  const double value =
      node->kind == TomlKind::integer ? static_cast<double>(node->integer) : node->real;
  if (!number || !std::isfinite(value) || value < minimum || value > maximum)
    return bad(key, describe(*node), expected), false;
  out = value;
  return true;
}

bool Section::text(std::string_view key, std::string& out, Need need) {
  constexpr std::string_view expected = "a string that is not empty";
  const TomlNode* node = find(key, need, "a string");
  if (node == nullptr) return false;
  const bool good = node->kind == TomlKind::text && !node->text.empty() &&
                    node->text.find('\0') == std::string::npos;
  if (!good) return bad(key, describe(*node), std::string(expected)), false;
  out = node->text;
  return true;
}

bool Section::path(std::string_view key, std::string& out, Need need) {
  if (!text(key, out, need)) return false;
  out = resolve(out);
  return true;
}

bool Section::duration(std::string_view key, Nanoseconds& out, Nanoseconds minimum, Need need) {
  std::string expected = "a duration with its unit, as in \"250us\", \"1.5ms\" or \"2s\"";
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  std::optional<Nanoseconds> value;
  if (node->kind == TomlKind::text) value = parse_duration(node->text);
  if (node->kind == TomlKind::integer && node->integer == 0) value = Nanoseconds{0};
  if (value && *value < minimum) {
    return bad(key, describe(*node), "a duration of at least \"" + format_duration(minimum) + '"'),
           false;
  }
  if (!value) return bad(key, describe(*node), std::move(expected)), false;
  out = *value;
  return true;
}

bool Section::size(std::string_view key, std::uint64_t& out, std::uint64_t minimum,
                   std::uint64_t maximum, Need need) {
  std::string expected = "a size in bytes or with its unit, as in \"64MiB\"";
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  std::optional<std::uint64_t> value;
  if (node->kind == TomlKind::text) value = parse_size(node->text);
  if (node->kind == TomlKind::integer && node->integer >= 0)
    value = static_cast<std::uint64_t>(node->integer);
  if (value && (*value < minimum || *value > maximum)) {
    return bad(key, describe(*node),
               "from " + std::to_string(minimum) + " to " + std::to_string(maximum) + " bytes"),
           false;
  }
  if (!value) return bad(key, describe(*node), std::move(expected)), false;
  out = *value;
  return true;
}

bool Section::decimal(std::string_view key, std::int64_t& out, int digits, std::int64_t minimum,
                      Need need) {
  std::string expected = minimum > 0    ? "a number above 0"
                         : minimum == 0 ? "a number from 0"
                                        : "a number";
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  const bool number = node->kind == TomlKind::integer || node->kind == TomlKind::real ||
                      node->kind == TomlKind::text;
  const Decimal value =
      number ? parse_decimal(node->text, digits) : Decimal{0, DecimalFault::not_a_number};
  if (value.fault == DecimalFault::too_precise)
    expected = "at most " + std::to_string(digits) + " decimals";
  if (value.fault == DecimalFault::too_large)
    expected = "a smaller number (" + std::to_string(digits) + " decimals are kept)";
  if (value.fault != DecimalFault::none || value.value < minimum)
    return bad(key, describe(*node), std::move(expected)), false;
  out = value.value;
  return true;
}

bool Section::endpoint(std::string_view key, Endpoint& out, Need need) {
  const std::string expected = "an address and a port, as in \"127.0.0.1:9464\"";
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  const auto value = node->kind == TomlKind::text ? parse_endpoint(node->text) : std::nullopt;
  if (!value) return bad(key, describe(*node), expected), false;
  out = *value;
  return true;
}

bool Section::texts(std::string_view key, std::vector<std::string>& out,
                    std::vector<TextPosition>* at, Need need) {
  const std::string expected = "an array of strings";
  const TomlNode* node = find(key, need, expected);
  if (node == nullptr) return false;
  if (node->kind != TomlKind::array) return bad(key, describe(*node), expected), false;
  std::vector<std::string> result;
  std::vector<TextPosition> positions;
  bool good = true;
  for (const TomlNode& item : node->items) {
    if (item.kind != TomlKind::text || item.text.empty() ||
        item.text.find('\0') != std::string::npos) {
      fail(item.at, key, ConfigFault::bad_value, describe(item), "a string that is not empty");
      good = false;
      continue;
    }
    result.push_back(item.text);
    positions.push_back(item.at);
  }
  out = std::move(result);
  if (at != nullptr) *at = std::move(positions);
  return good;
}

int Section::word_index(std::string_view key, const std::vector<std::string>& words, Need need) {
  const TomlNode* node = find(key, need, one_of(words));
  if (node == nullptr) return -1;
  if (node->kind == TomlKind::text) {
    const auto found = std::find(words.begin(), words.end(), node->text);
    if (found != words.end()) return static_cast<int>(found - words.begin());
    bad(key, describe(*node), one_of(words), nearest(node->text, words));
  } else {
    bad(key, describe(*node), one_of(words));
  }
  return -1;
}

std::optional<Section> Section::table(std::string_view key) {
  const TomlNode* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != TomlKind::table) {
    bad(key, describe(*node), "a table [" + key_path(key) + "]");
    return std::nullopt;
  }
  return Section(*source_, *node, node->at, key_path(key));
}

std::vector<Section> Section::array_of_tables(std::string_view key) {
  std::vector<Section> result;
  const TomlNode* node = find(key);
  if (node == nullptr) return result;
  const std::string expected = "tables headed [[" + key_path(key) + "]]";
  if (node->kind != TomlKind::array) {
    bad(key, describe(*node), expected);
    return result;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const TomlNode& item = node->items[i];
    const std::string path = key_path(key) + "[" + std::to_string(i) + "]";
    if (item.kind == TomlKind::table)
      result.emplace_back(*source_, item, item.at, path);
    else
      fail(item.at, key, ConfigFault::bad_value, describe(item), expected);
  }
  return result;
}

std::vector<std::pair<std::string, Section>> Section::named_tables(std::string_view key) {
  std::vector<std::pair<std::string, Section>> result;
  std::optional<Section> parent = table(key);
  if (!parent) return result;
  for (const TomlMember& member : parent->node().members) {
    if (auto child = parent->table(member.key)) result.emplace_back(member.key, *child);
  }
  return result;
}

std::string Section::listed_keys() const {
  std::string text;
  for (const std::string& key : known_) text += (text.empty() ? "one of " : ", ") + key;
  return text.empty() ? "no keys here" : text;
}

void Section::finish() {
  for (const TomlMember& member : table_->members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
    std::string suggestion = nearest(member.key, known_);
    std::string expected = suggestion.empty() ? listed_keys() : "";
    fail(member.key_at, member.key, ConfigFault::unknown_key, "unknown key", std::move(expected),
         std::move(suggestion));
  }
}

}  // namespace zomma
