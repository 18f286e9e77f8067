// source.h: a capture file of Binance's streams, one message per line behind its receive time, as a
// recorded feed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "market/feeds/binance/decoder.h"
#include "market/feeds/file/line_reader.h"

namespace zomma::binance {

class CaptureSource : public FeedSource {
 public:
  // Plain, gzip, xz or zstd. Errc::not_found, refused, io.
  static Result<std::unique_ptr<CaptureSource>> open(const std::string& path, SymbolMap symbols,
                                                     DecoderOptions options);
  CaptureSource(LineReader lines, SymbolMap symbols, DecoderOptions options);

  const FeedCounters& counters() const override { return decoder_.counters(); }
  StreamCounters streams() const { return decoder_.streams(); }
  // Damaged lines are counted and passed over; this is the first of them, with line number and
  // column.
  const std::optional<Error>& first_problem() const override { return first_problem_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  void note(Fault fault, const Line& line);

  LineReader lines_;
  Decoder decoder_;
  std::optional<Error> first_problem_;
  bool ended_ = false;
};

}  // namespace zomma::binance
