// source.h: modelled chains as a recording: on each session's close the underlying's recorded close
// and a quote of every listed option, in one batch; dividends at midnight of their ex-date, and
// their announcement as long before that as the model says. Not thread-safe. Nothing it says of an
// option was ever quoted.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "market/feeds/decoder.h"
#include "market/feeds/lean/source.h"
#include "market/feeds/modelled/market.h"
#include "market/instrument.h"

namespace zomma::modelled {

struct Options {
  std::string prices_dir;                // daily bars and factor files, as history.h reads them
  std::vector<std::string> underlyings;  // upper case
  options::Date from{19980101}, to{20301231};  // sessions with chains, both included
  Model model;
};

// Every contract that the model lists between `from` and `to`, in the order of lean::Discovery.
// Errors of Market::open.
Result<lean::Discovery> discover(const Options& options);

class Source final : public FeedSource {
 public:
  // `instruments`: the options and underlyings of the run; listed contracts that it lacks are not
  // quoted and counted as unknown. Errc::not_found: an underlying that is no instrument of the run.
  static Result<std::unique_ptr<Source>> open(const Options& options,
                                              std::span<const Instrument> instruments);

  const FeedCounters& counters() const override { return counters_; }
  // The first row of the prices that was refused, with file and line.
  const std::optional<Error>& first_problem() const override { return first_problem_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  // The instruments of one expiry's options, by place in its grid, and the open interest last told.
  struct Listed {
    std::vector<InstrumentId> ids[2];  // calls, puts
    std::vector<std::int64_t> interest[2];
  };
  struct Underlying {
    Market market;
    FeedInstrument instrument;
    std::vector<Listed> listed;  // parallel to market.expiries()
    std::size_t next_session, next_dividend, next_announced;
    std::size_t first_alive;  // of the expiries
  };
  struct Moment {  // what comes next of an underlying
    std::int64_t ts;
    enum class What : std::uint8_t { announcement, dividend, close } what;
  };

  void bind(Underlying& underlying, std::span<const Instrument> instruments);
  static std::optional<Moment> next(const Underlying& underlying);
  static std::int64_t announced_at(const Underlying& underlying, std::size_t dividend);
  void tell_dividend(Underlying& underlying, std::int64_t ts, bool announced, EventBuffer& out);
  void tell_close(const Underlying& underlying, EventBuffer& out);
  void tell_options(Underlying& underlying, EventBuffer& out);

  std::vector<Underlying> underlyings_;
  std::vector<int> price_digits_;  // by instrument
  FeedCounters counters_;
  std::optional<Error> first_problem_;
};

}  // namespace zomma::modelled
