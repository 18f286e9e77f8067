// market.h: the modelled option market of one underlying: which options are listed on each session,
// and what they are quoted at. Everything follows from closes and dividends of the sessions before
// and of the session itself, rates of that day, and the model's parameters; nothing is random.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "market/feeds/lean/names.h"
#include "market/feeds/modelled/history.h"
#include "market/feeds/modelled/listing.h"
#include "market/feeds/modelled/pricing.h"
#include "market/feeds/modelled/volatility.h"

namespace zomma::modelled {

// Half of a quote's width: the widest of the three, rounded outwards to the tick.
struct SpreadRule {
  double least{0.02};        // currency
  double share{0.01};        // of the price
  double volatility{0.004};  // of vol, times vega
  std::int64_t quantity{10};
};

struct RateStep {
  options::Date from;
  double rate;  // continuous, a year
};

struct Model {
  VolatilityModel volatility;
  ListingRule listing;
  SpreadRule spread;
  int dividend_notice_days{14};  // so long before its ex-date a dividend is known
  int warm_up_sessions{252};     // of prices before the first chain; at least 66
  double open_interest{5000};    // contracts at the money, a month ahead
  std::vector<RateStep> rates;   // ascending; none: zero
};

Result<void> check(const Model& model);

// One option's quote, in 1/10,000; a side of 0 is missing.
struct Quote {
  std::int64_t bid, ask;
  std::int64_t open_interest;
};

class Market {
 public:
  struct Expiry {
    options::Date date;
    std::int64_t expiry_ns;
    StrikeGrid grid;
  };

  // Chains of the sessions from `from` to `to`. Errc::invalid_argument: the model cannot be;
  // not_found: no prices, or none left after the warm-up.
  static Result<Market> open(const std::string& dir, const std::string& symbol, options::Date from,
                             options::Date to, const Model& model);

  const History& history() const { return history_; }
  // Sessions with a chain: numbers into history().sessions.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return history_.sessions.size(); }
  // Ascending by date; expiries() that are gone or not yet listed have no quotes.
  const std::vector<Expiry>& expiries() const { return expiries_; }
  VarianceLevel level(std::size_t session) const { return levels_[session - begin_]; }
  bool american() const { return american_; }
  const Model& model() const { return model_; }

  // Dividends as they could be known on a session, until `until`: those declared, and those of the
  // past year once more, 52 weeks later each.
  std::vector<Dividend> expected_dividends(std::size_t session, options::Date until) const;
  ExpiryTerms terms(std::size_t session, const Expiry& expiry) const;

  // Calls visit(place in the grid, put, quote) for every option of the expiry that is listed on the
  // session, calls before puts, strikes ascending. An expiry that is over has none.
  template <class Visit>
  void quotes(std::size_t session, const Expiry& expiry, Visit&& visit);

 private:
  void list_all();
  double rate_on(options::Date date) const;
  bool price(std::size_t session, const Expiry& expiry);
  Quote quote(std::size_t at, bool put) const;

  Model model_;
  History history_;
  bool american_ = true;
  std::size_t begin_ = 0;
  std::vector<VarianceLevel> levels_;  // by session, from begin_ on
  std::vector<Expiry> expiries_;
  // The expiry priced last.
  ExpiryTerms terms_;
  ExpiryValues values_;
  std::vector<double> strikes_;
  std::vector<std::size_t> places_;
};

template <class Visit>
void Market::quotes(std::size_t session, const Expiry& expiry, Visit&& visit) {
  if (!price(session, expiry)) return;
  for (const bool put : {false, true})
    for (std::size_t i = 0; i < places_.size(); ++i) visit(places_[i], put, quote(i, put));
}

}  // namespace zomma::modelled
