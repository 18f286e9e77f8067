// config_tree.h: a configuration whose values can be changed by a dotted path, as the parameters of a sweep are:
//
//   plugin.hft_btc.params.order_notional     risk.instrument."BTCUSDT.perp".max_position     instrument[1].maker_fee_bps
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/config/config.h"
#include "runtime/config/toml_tree.h"

namespace zomma {

// One step of a path: a key, or an index into the array before it.
struct PathStep {
  std::string key;
  long index{-1};  // >= 0: an index, and `key` is empty
};

// invalid_argument: an empty step, an open quote, an index that is no number.
Result<std::vector<PathStep>> parse_path(std::string_view path);

class ConfigTree {
 public:
  // The effective configuration, every default written out.
  explicit ConfigTree(const Config& config);

  // `value` as TOML: "5", "0.25", "true", "\"text\"". Tables on the way are made; not_found: an index beyond its array;
  // invalid_argument: a value stands where the path goes on, or the path or the value cannot be read.
  Result<void> set(std::string_view path, std::string_view value);

  // The names that stand beside the last step of the path; empty when what is before it is not there.
  std::vector<std::string> siblings(std::string_view path) const;

  std::string text() const;
  // The errors speak of keys; there is no file.
  ConfigResult config() const;

 private:
  TomlNode root_;
};

}  // namespace zomma
