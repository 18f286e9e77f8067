// csv_reader.h: a table as text: a header line with names, then one row a line, cells parted by a
// comma, semicolon or tab (whichever the header holds most). Plain, gzip, xz or zstd files, pipes,
// and "-" for standard input. Memory does not grow with the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "market/feeds/file/line_reader.h"

namespace zomma::cli {

// Cuts one line into cells without the spaces around them; a cell in double quotes may hold the
// delimiter, and "" for one quote. What must be unquoted by copying goes to `scratch`. False where
// a quote is not closed or is followed by something else than a delimiter.
bool split_cells(std::string_view line, char delimiter, std::vector<std::string_view>& cells,
                 std::string& scratch);

// The same cell, in quotes where it needs them.
void append_cell(std::string& to, std::string_view cell, char delimiter);

// "spot, strike, ..." for sentences: the first thirty.
std::string listed(const std::vector<std::string>& header);

struct CsvRow {
  std::uint64_t number{};  // from 1, the header not counted
  std::uint64_t line{};    // of the file, from 1
  std::string_view text;
  std::vector<std::string_view> cells;  // both valid until the next row
  bool well_quoted{true};
};

class CsvReader {
 public:
  // Reads the header. Errc::not_found, refused, io; Errc::corrupt where there is no header,
  // or where it is not text.
  static Result<CsvReader> open(const std::string& path);

  const std::vector<std::string>& header() const { return header_; }
  const std::string& header_text() const { return header_text_; }
  char delimiter() const { return delimiter_; }
  const std::string& name() const { return lines_->name(); }

  // False at the end, or where reading failed: see failure(). Blank lines are passed over.
  bool next(CsvRow& row);
  const std::optional<Error>& failure() const { return lines_->failure(); }

 private:
  explicit CsvReader(std::unique_ptr<LineReader> lines) : lines_(std::move(lines)) {}
  std::optional<Error> read_header();

  std::unique_ptr<LineReader> lines_;
  std::vector<std::string> header_;
  std::string header_text_, scratch_;
  std::uint64_t rows_ = 0;
  char delimiter_ = ',';
};

}  // namespace zomma::cli
