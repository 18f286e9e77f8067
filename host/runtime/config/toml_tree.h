// toml_tree.h: a TOML text as a small tree that remembers where everything stood. Keeps the
// parser's heavy header out of everybody else's way. Strict TOML 1.0; not a writer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zomma {

struct TextPosition {
  std::uint32_t line{}, column{};  // from 1; columns in characters
};

enum class TomlKind : std::uint8_t { boolean, integer, real, text, date, array, table };

struct TomlMember;

struct TomlNode {
  TomlKind kind{TomlKind::table};
  TextPosition at;
  bool boolean{};
  std::int64_t integer{};
  double real{};
  std::string text;  // the value of a text; of numbers and dates the characters as written
  std::vector<TomlNode> items;      // array
  std::vector<TomlMember> members;  // table, sorted by key

  const TomlMember* find(std::string_view key) const;
};

struct TomlMember {
  std::string key;
  TextPosition key_at;
  TomlNode value;
};

struct TomlSyntaxError {
  TextPosition at;
  std::string message;
};

struct TomlDocument {
  TomlNode root;
  std::vector<TomlSyntaxError>
      errors;  // if any, the statements they stand in are missing from `root`
};

// Parses all of `text`. After a syntax error the statement is left out and reading goes on, so that
// one pass finds the errors of the rest, too; at most a few dozen.
TomlDocument parse_toml(std::string_view text);

}  // namespace zomma
