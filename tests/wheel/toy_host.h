// toy_host.h: a host small enough to see through, for plugins that trade options: chains by Black's
// formula at a flat vol, orders filled at once where they are marketable, contracts settled at
// expiry. Everything that a test wants to spoil can be spoilt: quotes, flags, fills, verdicts.
#pragma once

#include <zomma/entry.h>
#include <zomma/ext/draft/chain.h>
#include <zomma/ext/draft/options.h>
#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/params.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/state.h>
#include <zomma/ext/timer.h>
#include <zomma/strategy.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace toy {

constexpr std::int64_t second = 1'000'000'000, day = 86'400 * second;
std::int64_t time_of(std::uint32_t date);  // 20:00 UTC of that day
std::uint32_t date_after(std::uint32_t date, int days);

struct Position {
  std::int64_t quantity = 0;
  double cost = 0;  // of all of it, currency
};

struct Instrument {
  std::string symbol;
  std::uint32_t kind = ZM_KIND_EQUITY, underlying = ZM_NO_INSTRUMENT;
  double bid = 0, ask = 0;
};

struct Chain {
  std::uint32_t underlying = 0, flags = 0;
  double spot = 0, vol = 0.3, skew = 0.0, rate = 0.02, dividend = 0.0, half_spread = 0.02;
  double surface_shift = 0;  // the fitted surface lies so far above the quotes' vols
  std::vector<zm_contract> contracts;
  std::vector<zm_chain_expiry> expiries;
  std::vector<std::uint32_t> status;
  std::vector<std::int64_t> quoted;
  std::vector<double> strike, bid, ask, bid_quantity, ask_quantity, volume, open_interest,
      implied_vol, surface_vol, model_price, delta, gamma, vega, theta, rho;
  std::map<std::uint32_t, std::uint32_t> spoilt;  // instrument -> status
  bool missing = false;
  std::int64_t ts_ns = 0;
};

struct Order {
  std::uint64_t id = 0;
  std::uint32_t instrument = 0, side = 0;
  std::int64_t price = 0, quantity = 0, filled = 0;
  std::uint32_t time_in_force = 0;
};

class Host {
 public:
  explicit Host(const std::string& library);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // The world, before start.
  std::uint32_t add_stock(const std::string& symbol, double price, double vol);
  void add_expiry(std::uint32_t underlying, std::uint32_t date, double from, double to,
                  double step);
  void start(std::uint32_t date, double cash, const std::map<std::string, double>& parameters = {});

  // Time.
  void set_spot(std::uint32_t underlying, double price);
  void open_day(std::uint32_t date);  // settles what expired before, then sends every chain and
                                      // lets timers fire
  void send_chains();
  void pass(std::int64_t ns);  // timers fire
  void say(zm_event event);    // heard at once, with what follows from it
  void split(std::uint32_t underlying, std::uint32_t new_units, std::uint32_t old_units);

  void assign(std::uint32_t instrument, std::int64_t contracts);  // early, against a short position
  void give(std::uint32_t instrument, std::int64_t quantity);     // held from before, at no cost

  // A new instance of the plugin that takes the old one's state; true if it was taken.
  bool reload();
  std::string save() const;
  bool load(const std::string& bytes);

  Chain& chain(std::uint32_t underlying) { return chains_.at(underlying); }
  std::uint32_t option(std::uint32_t underlying, std::uint32_t date, double strike, bool put) const;
  std::int64_t held(std::uint32_t instrument) const;
  std::vector<std::uint32_t> held_options(std::uint32_t underlying) const;
  const zm_contract& contract(std::uint32_t instrument) const;
  double strike(std::uint32_t instrument) const {
    return static_cast<double>(contract(instrument).strike) / 100;
  }
  double equity() const;
  double metric(const std::string& name) const;
  bool logged(const std::string& part) const;
  std::uint32_t today() const;

  double cash = 0, fee = 0.65;
  std::int64_t fill_cap = -1;  // contracts filled at once of each order, -1: all
  std::uint32_t refuse = 0;    // ZM_REASON_* of the pre-trade check, 0: passes
  std::uint32_t reject_instrument = ZM_NO_INSTRUMENT;  // rejected by the venue
  bool fills = true;                                   // false: orders rest
  bool clearing = false;                               // whether the host offers margin
  double buying_power = 1e9;
  std::map<std::uint32_t, bool> declined;  // long contracts that are not to be exercised
  double busy_s = 0;                       // processor time spent in the plugin's hooks
  std::vector<Order> orders;               // all that were sent
  std::vector<std::string> log;
  std::map<std::string, double> metrics;
  std::vector<std::string> metric_names;
  std::map<std::pair<std::string, std::uint32_t>, double> signals;

 private:
  friend struct Tables;
  void create();
  void destroy();
  void refresh(Chain& chain);
  void settle(std::uint32_t date);
  void hear(std::vector<zm_event> events);
  void drain();
  void fire_timers();
  void match(Order& order, zm_event& news);
  void trade(std::uint32_t instrument, std::int64_t quantity, double price, double multiplier);

  void* library_ = nullptr;
  const zm_strategy* strategy_ = nullptr;
  zm_host host_{};
  std::vector<Instrument> instruments_;
  std::map<std::uint32_t, Chain> chains_;
  std::map<std::uint32_t, zm_contract> gone_;  // terms of contracts that have expired
  std::map<std::uint32_t, Position> positions_;
  std::deque<zm_event> queue_;
  std::multimap<std::int64_t, std::uint64_t> timers_;
  std::map<std::string, double> parameters_;
  std::int64_t now_ = 0;
  std::uint64_t seq_ = 0, timer_ = 0;
  std::string error_;
};

}  // namespace toy
