// source.h: a LOBSTER message file, and optionally the order book file beside it, as a recorded
// feed of one instrument.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "market/feeds/file/line_reader.h"
#include "market/feeds/lobster/decoder.h"

namespace zomma::lobster {

struct SourceOptions {
  // The venue symbol in the SymbolMap that the file is about: the file does not say. Empty: what
  // its name says, which is the part up to the first '_'.
  std::string symbol;
  std::string orderbook_path;  // empty: the book starts empty
  Nanoseconds midnight{};      // 00:00 US/Eastern of the session's date, as UTC
};

class FileSource : public FeedSource {
 public:
  // Plain, gzip, xz or zstd. Errc::not_found, refused, io; not_found too if the symbol is not in
  // the map; corrupt if the first row of the order book is not one.
  static Result<std::unique_ptr<FileSource>> open(const std::string& path, const SymbolMap& symbols,
                                                  const SourceOptions& options);
  // `row`: the book after the first message; empty: none.
  FileSource(LineReader lines, const FeedInstrument& instrument, Nanoseconds midnight,
             std::vector<BookRowLevel> row);

  const FeedCounters& counters() const override { return decoder_.counters(); }
  const OlderOrderCounters& older_orders() const { return decoder_.older_orders(); }
  // Damaged lines are counted and passed over; this is the first of them, with line number and
  // column.
  const std::optional<Error>& first_problem() const override { return first_problem_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  void decode(const Line& line, EventBuffer& out);

  LineReader lines_;
  Decoder decoder_;
  std::vector<BookRowLevel> row_;  // until it has been used
  std::optional<Error> first_problem_;
  bool ended_ = false;
};

}  // namespace zomma::lobster
