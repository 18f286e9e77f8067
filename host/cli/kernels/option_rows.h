// option_rows.h: a stretch of rows as columns of numbers, with the rows that could not be read
// told apart: a bad row costs itself only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/kernels/csv_reader.h"
#include "cli/kernels/quantities.h"

namespace zomma::cli {

// What a cell must hold besides a finite number.
enum class Demand : std::uint8_t { any, positive, not_negative, number_or_empty };

struct Wanted {
  Quantity quantity;
  Demand demand = Demand::any;
};

// "12.5", "+1e-3", "20%" (0.2), "1,234.5"; nothing for anything else, NaN and infinities included.
std::optional<double> parse_number(std::string_view text);
// +1 for a call, -1 for a put, 0 for anything else.
int parse_type(std::string_view text);

class OptionRows {
 public:
  // The quantities wanted; an error where one comes from nowhere or a flag does not make sense.
  // Wanting the expiry takes days or the as-of day with it.
  static Result<OptionRows> prepare(const std::vector<std::string>& header, const Origins& origins,
                                    const std::vector<Wanted>& wanted,
                                    std::optional<double> expiry_time);

  // Replaces the rows by the next ones, at most `most`; false where none are left.
  bool fill(CsvReader& reader, std::size_t most);

  std::size_t size() const { return text_end_.size(); }
  // One number a row; zeros where the row is bad. Only for quantities that were wanted.
  const std::vector<double>& operator[](Quantity quantity) const {
    return values_[static_cast<std::size_t>(quantity)];
  }
  const std::vector<std::int8_t>& sign() const { return sign_; }
  std::string_view text(std::size_t row) const;
  bool bad(std::size_t row) const { return bad_[row] != 0; }
  // The sentence of a bad row.
  const std::string& fault(std::size_t row) const;
  // "row 3 (line 4)".
  std::string place(std::size_t row) const;

 private:
  struct Column {
    Wanted wanted;
    int column;
  };
  struct Fault {
    std::size_t row;
    std::string sentence;
  };
  void read_row(const CsvRow& row);
  bool read_cell(const Column& column, std::string_view cell);
  bool read_expiry(std::string_view cell, std::string_view as_of);
  std::optional<double> years_to(std::string_view expiry, std::string_view as_of,
                                 std::string& why) const;
  void refuse(std::string sentence);
  std::optional<Error> prepare_constant(const Wanted& wanted, const std::string& text);

  std::array<std::vector<double>, quantity_count> values_;
  std::vector<std::int8_t> sign_;
  std::vector<std::uint8_t> bad_;
  std::vector<Fault> faults_;  // ascending rows
  std::string text_;
  std::vector<std::size_t> text_end_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> place_;  // row number, line

  std::vector<Column> columns_;
  std::vector<std::pair<Quantity, double>> constants_;
  std::size_t cells_ = 0;  // of a whole row
  int type_column_ = -1, expiry_column_ = -1, as_of_column_ = -1;
  bool wants_type_ = false;
  std::int8_t constant_sign_ = 0;
  bool expiry_in_days_ = false;
  std::string constant_expiry_, constant_as_of_;
  std::optional<double> expiry_time_;
  std::string last_expiry_, last_as_of_;  // the dates of the row before are often those of this one
  double last_years_ = 0;
  CsvRow row_;
};

}  // namespace zomma::cli
