// sim_gateway.h: a simulated exchange beside a recorded market: our orders meet the recorded book, after a delay, behind the
// orders that stood there first. What is modelled, and what is not: docs/explanation/simulated-exchange.md.
//
// Deterministic: driven by the engine's time alone, delays drawn from a seeded generator. With no own order at work,
// before_market and after_update cost a comparison.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/archive.h"
#include "base/random.h"
#include "market/book/book.h"
#include "market/instrument.h"
#include "orders/gateway.h"
#include "orders/gateways/sim/latency.h"

namespace zomma {

enum class SimQueueModel : std::uint8_t {
  risk_averse,  // only trades, and a level that shrinks below our place, move us forward
  probability,  // a cancel stood before us with probability ahead^3 / (ahead^3 + behind^3) (Rigtorp 2013, power function)
  exact         // order by order, from an l3 book; on an l2 book the same as risk_averse
};
enum class SimSelfTrade : std::uint8_t { allow, cancel_new };

struct SimOptions {
  LatencyModel feed, order, report;
  SimQueueModel queue{SimQueueModel::risk_averse};
  SimSelfTrade self_trade{SimSelfTrade::cancel_new};
  bool reject_when_halted{true};
  std::uint64_t seed{1};
};

SimOptions constant_latency(Nanoseconds order, std::uint64_t seed);

class SimGateway final : public Gateway {
 public:
  SimGateway(const std::vector<Instrument>& instruments, const SimOptions& options);

  // --- Gateway ---
  GatewayCapabilities capabilities() const override;
  bool ready() const override { return true; }
  void submit(const VenueOrder& order, Nanoseconds now) override;
  void replace(const ReplaceRequest& request, Nanoseconds now) override;
  void cancel(const CancelRequest& request, Nanoseconds now) override;
  void mass_cancel(const MassCancelRequest& request, Nanoseconds now) override;
  void request_state(std::uint64_t since_execution_id, Nanoseconds now) override;
  void poll(Nanoseconds now, ReportSink& sink) override;

  // --- the recorded market ---
  // Before the event is applied to its book.
  void before_market(const zm_event& event, const Book& book) {
    Market& market = markets_[event.instrument];
    market.book = &book;
    if (event.kind == ZM_EVENT_MARKET_STATE) market.state = event.u.state.state;
    if (market.working() != 0) [[unlikely]] observe(market, event, book);
  }
  // After the venue's whole update was applied.
  void after_update(InstrumentId instrument, const Book& book) {
    Market& market = markets_[instrument.value];
    market.book = &book;
    if (market.working() != 0 || !market.taken.empty() || !triggered_.empty()) [[unlikely]] settle(market, book);
  }

  // When something here happens next: a request reaches the venue, or a report reaches us.
  Nanoseconds next_due() const;
  // Lets requests that are due reach the book. `now` never falls.
  void advance(Nanoseconds now);

  std::uint64_t executions() const { return next_execution_ - 1; }
  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);  // books are told again by the engine: set_book
  void set_book(InstrumentId instrument, const Book& book) { markets_[instrument.value].book = &book; }

 private:
  enum class Action : std::uint8_t { submit, replace, cancel, mass_cancel, state };
  struct Request {
    std::int64_t due_ns;
    std::uint64_t number;
    Action action;
    VenueOrder order;          // submit
    Price price;               // replace
    Quantity quantity;
  };
  struct Resting {
    VenueOrder order;
    std::int64_t filled;
    std::int64_t hidden;       // of an iceberg: not shown yet
    std::int64_t shown;        // may trade now
    std::int64_t ahead;        // quantity that trades before us
    std::int64_t level;        // the recorded level's quantity when last looked at
    std::int64_t traded;       // at our price since then
    std::uint64_t arrival;     // exact: orders with a smaller number stood here first
    std::uint64_t number;      // order of joining, among our own
    std::int64_t credit;       // quantity that left the level before the trade that took it was told
    std::int64_t credit_ns;
    std::int64_t leaves() const { return shown + hidden; }
  };
  struct Taken {               // displayed quantity that we took and the recording still shows
    Price price;
    std::int64_t quantity;
    std::int64_t level;        // the level as it stood; when it changes, the recording has moved on
    Side side;
    std::uint8_t reserved[7]{};
  };
  struct Market {
    const Book* book{nullptr};
    std::uint32_t state{ZM_MARKET_UNKNOWN};
    std::vector<Resting> bids, asks;  // best price first, then the order of joining
    std::vector<VenueOrder> stops;
    std::vector<Taken> taken;
    std::size_t working() const { return bids.size() + asks.size() + stops.size(); }
  };

  void send(Request request, Nanoseconds now);
  void report(std::uint16_t kind, const VenueOrder& order, Price price, std::int64_t quantity, std::int64_t leaves, std::uint32_t code,
              bool maker = false, std::uint64_t execution = 0);
  void act(const Request& request);
  void enter(Market& market, VenueOrder order, std::int64_t filled, bool announce);
  void change(const Request& request);
  void withdraw(InstrumentId instrument, OrderId id, std::uint32_t code, bool tell_unknown);
  void rest(Market& market, const VenueOrder& order, std::int64_t filled);
  // Walks what stands against the order, best first. Returns the quantity that can trade; with `trade` it does.
  std::int64_t take(Market& market, const VenueOrder& order, std::int64_t filled, bool trade, bool& met_own);
  std::int64_t available(const Market& market, Side side, const PriceLevel& level) const;
  void remember_taken(Market& market, Side side, const PriceLevel& level, std::int64_t quantity);
  void fill(Market& market, Resting& resting, std::int64_t quantity);
  void join_queue(const Market& market, Resting& resting) const;
  void observe(Market& market, const zm_event& event, const Book& book);
  void on_trade(Market& market, Side passive, Price price, std::int64_t quantity);
  void on_order_event(Market& market, const zm_event& event, const Book& book);
  void on_gone(Market& market, Side side, Price price, std::uint64_t arrival, std::int64_t quantity, bool traded);
  void settle(Market& market, const Book& book);
  void settle_queue(Resting& resting, const Book& book);
  void settle_crossed(Market& market, std::vector<Resting>& side);
  void trigger_stops(Market& market, Price traded);
  void sweep(std::vector<Resting>& side);

  SimOptions options_;
  std::vector<Market> markets_;
  std::vector<Request> requests_;       // a min-heap by (due, number)
  std::vector<VenueReport> reports_;    // due ascending; those before reports_begin_ are delivered
  std::size_t reports_begin_ = 0;
  std::vector<VenueOrder> triggered_;
  Random random_;
  std::int64_t now_ns_ = 0, last_arrival_ns_ = 0, last_report_ns_ = 0;
  std::uint64_t next_number_ = 1, next_execution_ = 1;
};

}  // namespace zomma
