// section.h: one table of the file under reading. Each read names a key, a target and what is
// allowed; from the keys that were asked for follows what is unknown. Errors go to one list,
// reading goes on, the target keeps its default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/config/config.h"
#include "runtime/config/toml_tree.h"
#include "runtime/config/words.h"

namespace zomma {

// One file (or text) and what all its sections share.
struct ConfigSource {
  std::string name;    // in messages
  std::string folder;  // absolute; relative paths start here
  bool damaged{};  // syntax errors left statements out: a missing key may be one of them and is not
                   // reported
  std::vector<ConfigError>* errors{};
};

enum class Need : std::uint8_t { optional, required };

struct IntegerRange {
  std::int64_t minimum{INT64_MIN}, maximum{INT64_MAX};
};

// Any of `candidates` that a person who wrote `wrong` may have meant; empty when none is near.
std::string nearest(std::string_view wrong, const std::vector<std::string>& candidates);
// `the string "fast"`, "the number 5", "a table": what stands there, for a message.
std::string describe(const TomlNode& node);
// A key as a path shows it: quoted unless it is a bare key.
std::string quoted_key(std::string_view key);
// "a", "b" or "c"
std::string one_of(const std::vector<std::string>& words);

class Section {
 public:
  Section(const ConfigSource& source, const TomlNode& table, TextPosition at, std::string path);

  // The value, or null. Marks the key as known; complains when it is required and missing.
  const TomlNode* find(std::string_view key, Need need = Need::optional,
                       std::string_view expected = "a value");
  bool has(std::string_view key) const { return table_->find(key) != nullptr; }

  // All return whether a value was there and good, and then wrote it to `out`.
  bool boolean(std::string_view key, bool& out, Need need = Need::optional);
  bool integer(std::string_view key, std::int64_t& out, IntegerRange range,
               Need need = Need::optional);
  bool integer(std::string_view key, std::uint64_t& out, Need need = Need::optional);
  bool real(std::string_view key, double& out, double minimum, double maximum,
            Need need = Need::optional);
  bool text(std::string_view key, std::string& out, Need need = Need::optional);  // not empty
  bool path(std::string_view key, std::string& out, Need need = Need::optional);  // made absolute
  bool duration(std::string_view key, Nanoseconds& out, Nanoseconds minimum,
                Need need = Need::optional);
  bool size(std::string_view key, std::uint64_t& out, std::uint64_t minimum, std::uint64_t maximum,
            Need need = Need::optional);
  // A number or a string, exactly, scaled by 10^digits.
  bool decimal(std::string_view key, std::int64_t& out, int digits, std::int64_t minimum,
               Need need = Need::optional);
  bool endpoint(std::string_view key, Endpoint& out,
                Need need = Need::optional);  // "127.0.0.1:9464", "[::1]:9464"
  bool texts(std::string_view key, std::vector<std::string>& out, std::vector<TextPosition>* at,
             Need need = Need::optional);

  template <class Enum>
  bool word(std::string_view key, Enum& out, Need need = Need::optional) {
    std::vector<std::string> words;
    for (const Word<Enum>& word : words_of<Enum>()) words.emplace_back(word.text);
    const int index = word_index(key, words, need);
    if (index >= 0) out = words_of<Enum>()[static_cast<std::size_t>(index)].value;
    return index >= 0;
  }
  template <class Number, class Minimum>
  bool optional_integer(std::string_view key, std::optional<Number>& out, Minimum minimum) {
    std::int64_t value = 0;
    if (!integer(key, value, {static_cast<std::int64_t>(minimum), INT64_MAX})) return false;
    out = static_cast<Number>(value);
    return true;
  }
  // Money, Price, Quantity: not negative.
  template <class Scaled>
  bool optional_decimal(std::string_view key, std::optional<Scaled>& out, int digits) {
    std::int64_t value = 0;
    if (!decimal(key, value, digits, 0)) return false;
    out = Scaled{value};
    return true;
  }

  std::optional<Section> table(std::string_view key);          // [key]
  std::vector<Section> array_of_tables(std::string_view key);  // [[key]]
  // Every member of a table whose keys are free; the caller judges them.
  std::vector<std::pair<std::string, Section>> named_tables(std::string_view key);

  // Complains about every key nobody asked for. Last.
  void finish();

  void fail(TextPosition at, std::string_view key, ConfigFault fault, std::string found,
            std::string expected, std::string suggestion = {}) const;
  // A bad value of `key`, at its value.
  void bad(std::string_view key, std::string found, std::string expected,
           std::string suggestion = {}) const;

  TextPosition position() const { return at_; }
  TextPosition position_of(
      std::string_view key) const;  // of the value; of the section when it is missing
  Location location(TextPosition at) const { return {source_->name, at.line, at.column}; }
  std::string key_path(std::string_view key) const;
  std::string resolve(const std::string& path) const;
  const TomlNode& node() const { return *table_; }
  const ConfigSource& source() const { return *source_; }

 private:
  int word_index(std::string_view key, const std::vector<std::string>& words, Need need);
  std::string listed_keys() const;

  const ConfigSource* source_;
  const TomlNode* table_;
  TextPosition at_;
  std::string path_;
  std::vector<std::string> known_;
};

// "127.0.0.1:9464" or "[::1]:9464"; port 1 to 65535, a literal address. Nothing when it is none.
std::optional<Endpoint> parse_endpoint(std::string_view text);

}  // namespace zomma
