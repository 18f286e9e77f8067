// quantities.h: what a row of options is made of, the names that columns give to it, and which
// column or flag of a call each quantity comes from.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zomma::cli {

enum class Quantity : std::uint8_t {
  type,
  spot,
  forward,
  strike,
  expiry,
  days,
  as_of,
  rate,
  dividend,
  vol,
  price,
  bid,
  ask,
  bid_vol,
  ask_vol,
  v0,
  kappa,
  theta,
  vol_of_vol,
  rho,
  intensity,
  jump_mean,
  jump_deviation
};
constexpr std::size_t quantity_count = 23;

struct QuantityInfo {
  Quantity quantity;
  std::string_view name;                   // of the flag, and the first a column may have
  std::array<std::string_view, 9> others;  // further names, in the order they are looked for
  std::string_view meaning;
};
const QuantityInfo& info(Quantity quantity);
std::span<const QuantityInfo> all_quantities();

// "Exp Date", "exp_date" and "EXP.DATE" are one name.
std::string plain_name(std::string_view name);

// Where a quantity comes from: a column of the file, one text for all rows, or nowhere.
struct Origin {
  int column = -1;
  int times = 0;  // how many columns have that name
  std::optional<std::string> constant;
  bool known() const { return column >= 0 || constant.has_value(); }
};

// What the command line says: texts by quantity, and column names by quantity (--map strike=K).
struct QuantityFlags {
  std::array<std::optional<std::string>, quantity_count> constant;
  std::array<std::optional<std::string>, quantity_count> column;
};

// "strike=K" into flags.column; what is wrong with it otherwise.
std::optional<std::string> read_mapping(const std::string& text, QuantityFlags& flags);

class Origins {
 public:
  // A flag comes before a mapped column, that before a column with one of the quantity's names.
  // An error where a mapped column is not there.
  static Result<Origins> find(const std::vector<std::string>& header, const QuantityFlags& flags);

  const Origin& operator[](Quantity quantity) const {
    return origins_[static_cast<std::size_t>(quantity)];
  }
  bool known(Quantity quantity) const { return (*this)[quantity].known(); }

 private:
  std::array<Origin, quantity_count> origins_;
};

// For a quantity that is needed: what to do where it comes from nowhere, or from two columns.
std::optional<Error> problem(const Origins& origins, Quantity quantity,
                             const std::vector<std::string>& header);

}  // namespace zomma::cli
