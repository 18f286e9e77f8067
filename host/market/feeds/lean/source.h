// source.h: a folder of Lean's as one recording: everything of one instant in one batch, corporate
// actions at midnight before the ex-date's trading, the underlying before its options, bars when
// they close. A day is loaded when it begins.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "market/feeds/decoder.h"
#include "market/feeds/lean/contract_table.h"
#include "market/feeds/lean/folder.h"
#include "market/instrument.h"

namespace zomma::lean {

// What a folder's chains hold, before any of it is run.
struct Discovery {
  struct Contract {
    ContractKey key;
    std::string underlying;
    bool american;
  };
  std::vector<Contract> contracts;  // by root, expiry, strike, call before put; each once
  std::uint32_t first_date{}, last_date{};
  RowCounters counters;
  std::optional<Error> first_problem;
};
// Reads names (zips) or rows (universes). Errc::not_found, corrupt.
Result<Discovery> discover(const Options& options);

class Source final : public FeedSource {
 public:
  // `instruments`: the options and underlyings of the run; contracts that it lacks are counted as
  // unknown.
  static Result<std::unique_ptr<Source>> open(const Options& options,
                                              std::span<const Instrument> instruments);

  const FeedCounters& counters() const override { return counters_; }
  const RowCounters& rows() const { return rows_; }
  // The first thing that was wrong in the data, with file and line; reading went on.
  const std::optional<Error>& first_problem() const override { return first_problem_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  struct Underlying {
    FeedInstrument instrument;
    DecimalScale scale;
    UnderlyingData data;
  };
  struct Job {  // a piece of one day
    std::uint32_t date;
    const Underlying* underlying;
    const Piece* piece;
    enum class What : std::uint8_t { chain, prices, close } what;
  };

  explicit Source(Options options) : options_(std::move(options)) {}
  Result<void> plan();
  Result<void> load(const Job& job, Rows& out);
  Result<void> load_universe(const Job& job, Rows& out);
  Result<void> load_contracts(const Job& job, Rows& out);
  Result<void> load_bars(const Job& job, Rows& out);
  void add_actions(const Underlying& underlying, Rows& out) const;
  Result<bool> next_day();
  void absorb(Rows& rows);

  Options options_;
  std::vector<Underlying> underlyings_;
  ContractTable contracts_;
  std::vector<DecimalScale> scales_;  // by instrument
  std::vector<Job> jobs_;             // by date
  std::size_t next_job_ = 0;
  std::vector<zm_event> ahead_;  // of pieces that hold many days, by time
  std::size_t next_ahead_ = 0;
  std::vector<zm_event> day_;  // sorted
  std::size_t next_event_ = 0;
  FeedCounters counters_;
  RowCounters rows_;
  std::optional<Error> first_problem_;
};

}  // namespace zomma::lean
