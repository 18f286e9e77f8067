// host.hpp: embed a Zomma host in your own program: your events in, a plugin's orders out, on your
// thread.
//
// Link Zomma::host. Not thread-safe: one thread drives one Host. Nothing here throws; what can fail
// answers with a sentence. Prices and quantities are integers with the decimals given per
// instrument.
#pragma once

#include <zomma/event.h>
#include <zomma/order.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace zomma {

// Empty = it worked; otherwise what went wrong and what to do.
using Trouble = std::string;

struct HostInstrument {
  std::string symbol;
  int price_digits = 2, quantity_digits = 0;
  std::int64_t tick = 1, lot = 1;  // in price and quantity units
  double maker_fee_bps = 0, taker_fee_bps = 0;
  bool order_by_order =
      false;  // the events are single orders (ORDER_ADD ...) instead of LEVEL and QUOTE
};

struct HostOptions {
  std::vector<HostInstrument> instruments;  // their ids are 0, 1, 2, ...
  std::string state_dir = "run/embedded";   // private copies of plugins
  std::string journal_dir;                  // empty = no journal
  std::int64_t order_latency_ns = 0;        // of the simulated exchange
  std::uint64_t seed = 1;
};

struct StrategyOptions {
  std::string name;
  std::string path;  // the plugin
  std::vector<std::uint32_t> instruments;
  std::vector<std::pair<std::string, double>> parameters;
};

// One order update or fill, as the strategy heard it.
struct OrderNews {
  std::string strategy;
  std::uint32_t side;  // ZM_SIDE_*
  zm_event event;      // kind ZM_EVENT_ACCEPTED ... ZM_EVENT_TRIGGERED
  std::int64_t fee;    // money, 8 decimals
};

struct Holding {
  std::int64_t quantity;
  std::int64_t realised, unrealised, fees;  // money, 8 decimals
};

class __attribute__((visibility("default"))) EmbeddedHost {
 public:
  static std::unique_ptr<EmbeddedHost> create(const HostOptions& options, Trouble& trouble);
  ~EmbeddedHost();

  // Before start.
  Trouble load(const StrategyOptions& options);
  void on_intent(
      std::function<void(const std::string& strategy, const zm_intent&, const zm_intent_result&)>
          callback);
  void on_order(std::function<void(const OrderNews&)> callback);
  void on_log(std::function<void(const std::string& line)> callback);

  Trouble start(std::int64_t now_ns);
  // Whole venue updates: the last event of each carries ZM_FLAG_LAST. Sequence numbers are given
  // here.
  Trouble feed(std::span<zm_event> events);
  // Cancels every order, ends the strategies, closes the journal.
  Trouble stop();

  Holding holding(const std::string& strategy, std::uint32_t instrument) const;
  std::uint64_t inputs() const;

  struct Impl;

 private:
  explicit EmbeddedHost(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zomma
