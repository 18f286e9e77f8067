// source.h: CSV files of option quotes as one recording: the rows of one instant in one batch, the
// underlying before its options.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "market/feeds/chain_csv/table.h"
#include "market/feeds/decoder.h"
#include "market/feeds/file/line_reader.h"
#include "market/feeds/lean/contract_table.h"
#include "market/feeds/lean/source.h"

namespace zomma::chain_csv {

struct Options {
  std::vector<std::string> paths;        // read one after the other; may be packed
  std::vector<std::string> underlyings;  // upper case
  std::uint32_t from{}, to{99'999'999};  // days in New York, yyyymmdd, both included
};

// The contracts of all files. Errc::not_found, and corrupt for a header that is none; bad rows are
// counted. A root that ends in a digit has terms that a CSV does not state: refused.
Result<lean::Discovery> discover(const Options& options);

class Source final : public FeedSource {
 public:
  static Result<std::unique_ptr<Source>> open(const Options& options,
                                              std::span<const Instrument> instruments);

  const FeedCounters& counters() const override { return counters_; }
  const lean::RowCounters& rows() const { return rows_; }
  // The first row that was refused, with file and line; reading went on.
  const std::optional<Error>& first_problem() const override { return first_problem_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  struct Underlying {
    InstrumentId id;
    std::int64_t bid{}, ask{};  // as last said
  };

  explicit Source(Options options) : options_(std::move(options)) {}
  Result<bool> next_row(Row& row);
  Result<bool> open_next();
  void take(const Row& row, lean::Rows& underlyings, lean::Rows& contracts);
  void quote_underlying(const std::string& symbol, const Row& row, std::int64_t bid,
                        std::int64_t ask, lean::Rows& out);
  void refuse(const std::string& what, std::uint64_t& counter);
  void absorb(lean::Rows& rows);

  Options options_;
  std::map<std::string, Underlying> underlyings_;
  lean::ContractTable contracts_;
  std::vector<DecimalScale> scales_;  // by instrument
  std::size_t next_path_ = 0;
  std::unique_ptr<LineReader> reader_;
  std::optional<Header> header_;
  Line line_;
  std::string where_;  // the file of line_
  std::optional<Row> ahead_;
  std::int64_t before_ns_ = INT64_MIN;
  FeedCounters counters_;
  lean::RowCounters rows_;
  std::optional<Error> first_problem_;
};

}  // namespace zomma::chain_csv
