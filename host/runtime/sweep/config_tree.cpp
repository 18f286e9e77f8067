#include "runtime/sweep/config_tree.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "runtime/config/section.h"

namespace zomma {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\', out += c;
    else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\u{:04X}", byte);
    else out += c;
  }
  return out + '"';
}

// Everything inline: a canonical text that the same tree always gives.
std::string inline_text(const TomlNode& node) {
  switch (node.kind) {
    case TomlKind::boolean: return node.boolean ? "true" : "false";
    case TomlKind::text: return quoted(node.text);
    case TomlKind::integer:
    case TomlKind::real:
    case TomlKind::date: return node.text;
    default: break;
  }
  std::string out = node.kind == TomlKind::array ? "[" : "{";
  const auto separate = [&] { out.append(out.size() > 1 ? ", " : ""); };
  for (const TomlNode& item : node.items) {
    separate();
    out.append(inline_text(item));
  }
  for (const TomlMember& member : node.members) {
    separate();
    out.append(quoted(member.key)).append(" = ").append(inline_text(member.value));
  }
  return out.append(node.kind == TomlKind::array ? "]" : "}");
}

TomlNode* member_of(TomlNode& table, const std::string& key) {
  const auto place = std::lower_bound(table.members.begin(), table.members.end(), key,
                                      [](const TomlMember& member, const std::string& name) { return member.key < name; });
  if (place != table.members.end() && place->key == key) return &place->value;
  return &table.members.insert(place, TomlMember{key, {}, {}})->value;
}

std::string shown(const PathStep& step) { return step.index >= 0 ? fmt::format("[{}]", step.index) : quoted_key(step.key); }

}  // namespace

Result<std::vector<PathStep>> parse_path(std::string_view path) {
  const auto refuse = [&](std::string_view why) {
    return Error{Errc::invalid_argument, fmt::format("\"{}\" is no path to a value: {}", path, why)};
  };
  std::vector<PathStep> steps;
  std::size_t at = 0;
  while (true) {
    PathStep step;
    if (at < path.size() && path[at] == '"') {
      const std::size_t end = path.find('"', at + 1);
      if (end == std::string_view::npos) return refuse("a quote is not closed");
      step.key = path.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      const std::size_t end = std::min(path.find_first_of(".[\"", at), path.size());
      step.key = path.substr(at, end - at);
      at = end;
    }
    if (step.key.empty()) return refuse("a key is empty");
    steps.push_back(std::move(step));
    while (at < path.size() && path[at] == '[') {
      const std::size_t end = path.find(']', at);
      if (end == std::string_view::npos) return refuse("a bracket is not closed");
      long index = -1;
      const auto read = std::from_chars(path.data() + at + 1, path.data() + end, index);
      if (read.ec != std::errc{} || read.ptr != path.data() + end || index < 0)
        return refuse("what stands in brackets is no index");
      steps.push_back({"", index});
      at = end + 1;
    }
    if (at == path.size()) return steps;
    if (path[at] != '.') return refuse("expected a dot after a key");
    ++at;
  }
}

ConfigTree::ConfigTree(const Config& config) : root_(parse_toml(dump_config(config)).root) {}

Result<void> ConfigTree::set(std::string_view path, std::string_view value) {
  const auto steps = parse_path(path);
  if (!steps) return steps.error();
  TomlDocument read = parse_toml(fmt::format("value = {}", value));
  if (!read.errors.empty() || read.root.members.size() != 1)
    return Error{Errc::invalid_argument, fmt::format("{}: \"{}\" is no TOML value", path, value)};
  TomlNode* node = &root_;
  for (const PathStep& step : *steps) {
    if (step.index >= 0) {
      if (node->kind != TomlKind::array || static_cast<std::size_t>(step.index) >= node->items.size())
        return Error{Errc::not_found, fmt::format("{}: there is no {}; the array before it has {} items", path, shown(step), node->items.size())};
      node = &node->items[static_cast<std::size_t>(step.index)];
      continue;
    }
    if (node->kind != TomlKind::table)
      return Error{Errc::invalid_argument, fmt::format("{}: {} stands where the key {} is looked for", path, describe(*node), shown(step))};
    node = member_of(*node, step.key);
  }
  *node = std::move(read.root.members[0].value);
  return {};
}

std::vector<std::string> ConfigTree::siblings(std::string_view path) const {
  const auto steps = parse_path(path);
  std::vector<std::string> names;
  if (!steps) return names;
  const TomlNode* node = &root_;
  for (std::size_t i = 0; i + 1 < steps->size(); ++i) {
    const PathStep& step = (*steps)[i];
    if (step.index >= 0) {
      if (node->kind != TomlKind::array || static_cast<std::size_t>(step.index) >= node->items.size()) return names;
      node = &node->items[static_cast<std::size_t>(step.index)];
    } else {
      const TomlMember* member = node->find(step.key);
      if (member == nullptr) return names;
      node = &member->value;
    }
  }
  for (const TomlMember& member : node->members) names.push_back(member.key);
  return names;
}

std::string ConfigTree::text() const {
  std::string out;
  for (const TomlMember& member : root_.members) out += quoted(member.key) + " = " + inline_text(member.value) + "\n";
  return out;
}

ConfigResult ConfigTree::config() const { return parse_config(text(), "sweep", "/"); }

}  // namespace zomma
