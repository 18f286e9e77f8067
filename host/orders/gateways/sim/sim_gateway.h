// sim_gateway.h: a simulated exchange beside a recorded market: our orders meet the recorded book
// after a delay, behind the orders that stood there first, and each other. What is modelled, and
// what is not: docs/explanation/simulated-exchange.md.
//
// Deterministic: driven by the engine's time alone, delays drawn from a seeded generator. Our own
// orders rest in a matching engine of their own (host/matching), whose rules they follow; recorded
// liquidity stands outside it. Hot path (before_market, after_update): no allocation; with no own
// order at work a few comparisons.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/archive.h"
#include "base/random.h"
#include "market/book/book.h"
#include "market/instrument.h"
#include "matching/engine.h"
#include "orders/gateway.h"
#include "orders/gateways/sim/fifo.h"
#include "orders/gateways/sim/latency.h"
#include "orders/gateways/sim/models.h"
#include "orders/gateways/sim/queue_place.h"

namespace zomma {

struct SimOptions {
  LatencyModel feed, order, report;
  SimQueueModel queue{SimQueueModel::risk_averse};
  int queue_power{3};  // n of the probability model, 1 to 8
  SimSelfTrade self_trade{SimSelfTrade::cancel_new};
  bool reject_when_halted{true};  // false: new orders wait until trading resumes
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
  // Answered by the fills since then that are still known (the last fills_kept), then ACCEPTED for
  // every open order.
  void request_state(std::uint64_t since_execution_id, Nanoseconds now) override;
  void poll(Nanoseconds now, ReportSink& sink) override;

  // --- the recorded market ---
  // Before the event is applied to its book.
  void before_market(const zm_event& event, const Book& book) {
    Market& market = markets_[event.instrument];
    market.book = &book;
    const bool always = event.kind == ZM_EVENT_TRADE || event.kind == ZM_EVENT_MARKET_STATE;
    if (market.busy || always) [[unlikely]]
      observe(market, event, book);
  }
  // After the venue's whole update was applied.
  void after_update(InstrumentId instrument, const Book& book) {
    Market& market = markets_[instrument.value];
    market.book = &book;
    if (market.dirty) [[unlikely]]
      settle(instrument, market);
  }

  // When something here happens next: a request reaches the venue, or a report reaches us.
  Nanoseconds next_due() const {
    const std::int64_t request = requests_.empty() ? never : requests_.front().due_ns;
    const std::int64_t report = reports_.empty() ? never : reports_.front().due.value;
    return {request < report ? request : report};
  }
  // Lets requests that are due reach the book. `now` never falls.
  void advance(Nanoseconds now);

  std::uint64_t executions() const { return next_execution_ - 1; }
  std::size_t open_orders() const { return orders_.size(); }
  // What is left of an order at the venue; 0 when it is not there.
  Quantity leaves(OrderId id) const;
  // Recorded quantity before an order that rests; negative: it does not rest.
  std::int64_t queue_ahead(OrderId id) const;
  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);  // books are told again by the engine: set_book
  void set_book(InstrumentId instrument, const Book& book) {
    markets_[instrument.value].book = &book;
  }

  static constexpr std::size_t fills_kept = 256;

 private:
  using Record = matching::Engine::Record;
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  enum class Action : std::uint8_t { submit, replace, cancel, mass_cancel, state };

  struct Request {
    std::int64_t due_ns;    // when it meets the book as the recording shows it
    std::int64_t venue_ns;  // when it reaches the venue
    Action action;
    VenueOrder order;     // submit; of the others: id, instrument, instance
    Price price;          // replace
    Quantity quantity;    // replace: the total
    std::uint64_t since;  // state
  };
  struct Taken {  // displayed quantity that we took and the recording still shows
    Price price;
    std::int64_t quantity;
    std::uint64_t arrival;  // l3: it belongs to orders that came before this number
    Side side;
    std::uint8_t reserved[7]{};
  };
  struct Own {
    Record record;
    Price price;
  };
  // The prices at which something of ours stands on one side; none: low > high.
  struct Watch {
    std::int64_t low{std::numeric_limits<std::int64_t>::max()};
    std::int64_t high{std::numeric_limits<std::int64_t>::min()};
    bool holds(std::int64_t price) const { return price >= low && price <= high; }
    void include(std::int64_t price) {
      low = price < low ? price : low;
      high = price > high ? price : high;
    }
  };
  struct Market {
    const Book* book{nullptr};
    std::uint32_t state{ZM_MARKET_UNKNOWN};
    bool busy{false};   // something of ours is here
    bool dirty{false};  // after_update has something to do
    bool state_changed{false};
    bool printed{false};  // low, high and last hold trades that stops have not seen
    bool has_last{false};
    Price low{}, high{}, last{};
    Watch resting[2], watched[2];  // by side: own orders; these and what we took
    std::vector<Own> own[2];       // by side, in priority
    std::vector<Taken> taken;
    std::vector<OrderId> held;  // waiting for trading to resume
  };
  // What is reported together: happened at the venue at one time, is heard at one time.
  struct Moment {
    std::int64_t seen_ns{};  // on the recording's clock
    std::int64_t venue_ns{};
    std::int64_t due_ns{};
    bool of_market{false};  // not of a request of ours: venue_ns is not known before it is drawn
    bool drawn{true};
  };
  class Recorded;  // the recorded market as the matching engine sees it
  class Reporter;  // what the matching engine says, as reports

  // --- requests and reports (sim_gateway.cpp) ---
  void send(Request request, Nanoseconds now);
  void report(const VenueReport& report);
  void report_order(std::uint16_t kind, const VenueOrder& order, std::int64_t quantity,
                    std::int64_t leaves, std::uint32_t code);
  void draw_moment();
  VenueOrder* find(OrderId id);

  // --- at the venue (sim_venue.cpp) ---
  void act(const Request& request);
  void enter(const VenueOrder& order);
  void match(const VenueOrder& order, bool announce);
  void change(const Request& request);
  void withdraw(InstrumentId instrument, OrderId id, bool tell_unknown);
  void withdraw_many(InstrumentId instrument, InstanceId instance);
  void tell_state(std::uint64_t since);
  void forget(OrderId id);
  bool held(const VenueOrder& order) const;
  void unhold(const VenueOrder& order);
  void on_match(const matching::MatchEvent& event);
  void on_fill(OrderId id, const matching::MatchEvent& event, Quantity leaves, bool maker);
  void refresh(InstrumentId instrument);
  void joined(Record record);
  static bool halted(const Market& market);

  // --- the recorded market moves (sim_market.cpp) ---
  void observe(Market& market, const zm_event& event, const Book& book);
  void on_trade_event(Market& market, const zm_event& event, const Book& book);
  void on_order_event(Market& market, const zm_event& event, const Book& book);
  void on_trade(Market& market, Side passive, Price price, std::int64_t quantity, bool hidden);
  void on_execution(Market& market, const QueuedOrder& order, std::int64_t quantity);
  void on_gone(Market& market, const QueuedOrder& order, std::int64_t quantity);
  void note_print(Market& market, Price price);
  void lose_places(Market& market);
  // Fills own orders of one side, in priority. reached(place, price) says how much of a trade came
  // as far as an order, our other orders left aside; negative: it and all behind it were not met.
  template <class Reached>
  void fill_own(Market& market, Side side, Reached&& reached);
  void settle(InstrumentId instrument, Market& market);
  void settle_state(InstrumentId instrument, Market& market);
  void settle_taken(Market& market);
  void settle_places(Market& market);
  void settle_crossed(InstrumentId instrument, Market& market, Side side);
  bool crosses(const Market& market, Side side, Price price) const;
  void begin_moment(std::int64_t seen_ns) {
    if (!moment_.of_market || moment_.seen_ns != seen_ns) moment_ = {seen_ns, 0, 0, true, false};
  }

  SimOptions options_;
  std::vector<Market> markets_;
  matching::Engine engine_;
  std::vector<QueuePlace> places_;  // by record
  std::vector<VenueOrder> orders_;  // that the venue has, by id
  std::vector<PriceLevel> scratch_;
  Fifo<Request> requests_;     // due ascending
  Fifo<VenueReport> reports_;  // due ascending
  Fifo<VenueReport> fills_;    // the last ones, for request_state
  Random random_;
  Moment moment_;
  bool announce_{true};  // false: the order's acceptance was reported before
  bool touched_{false};  // own orders came, went or moved
  std::int64_t now_ns_ = 0, last_sent_ns_ = 0, last_arrival_ns_ = 0;
  std::int64_t last_venue_ns_ = 0, last_report_ns_ = 0;
  std::uint64_t next_execution_ = 1;
};

}  // namespace zomma
