// sim_gateway.cpp: requests on their way to the venue, and reports on their way back. What happens
// at the venue is in sim_venue.cpp, what the recorded market does to us in sim_market.cpp.
#include "orders/gateways/sim/sim_gateway.h"

#include <algorithm>

#include "orders/gateways/sim/recorded.h"

namespace zomma {
namespace {

constexpr std::uint32_t mark = 0x53494D47;
constexpr std::size_t usual_depth = 64;  // levels that an order is expected to eat at most
constexpr int greatest_power = 8;

}  // namespace

SimOptions constant_latency(Nanoseconds order, std::uint64_t seed) {
  SimOptions options;
  options.order = LatencyModel::constant(order);
  options.seed = seed;
  return options;
}

SimGateway::SimGateway(const std::vector<Instrument>& instruments, const SimOptions& options)
    : options_(options),
      markets_(instruments.size()),
      engine_(256),
      places_(256),
      scratch_(usual_depth),
      random_(options.seed) {
  options_.queue_power = std::clamp(options_.queue_power, 1, greatest_power);
  orders_.reserve(256);
  for (std::uint32_t id = 0; id < markets_.size(); ++id) {
    // Prices as the recording has them, on any grid; that an order is on its grid was checked
    // above.
    static_cast<void>(engine_.add_instrument({id}, {Price{1}, Quantity{1}, 64}));
    for (auto& own : markets_[id].own) own.reserve(64);
    markets_[id].taken.reserve(64);
  }
}

GatewayCapabilities SimGateway::capabilities() const {
  return {.replace = true,
          .mass_cancel = true,
          .iceberg = true,
          .stop = true,
          .post_only = true,
          .fok = true,
          .request_state = true};
}

// The book that the engine shows us is as old as the feed's delay: an order meets the market that
// we will see that much later. Requests of one session do not overtake each other.
void SimGateway::send(Request request, Nanoseconds now) {
  const std::int64_t order = options_.order.sample(random_).value;
  const std::int64_t feed = options_.feed.sample(random_).value;
  last_sent_ns_ = std::max(last_sent_ns_, now.value + order);
  last_arrival_ns_ = std::max(last_arrival_ns_, last_sent_ns_ + feed);
  request.venue_ns = last_sent_ns_;
  request.due_ns = last_arrival_ns_;
  requests_.push(request);
}

void SimGateway::submit(const VenueOrder& order, Nanoseconds now) {
  Request request{};
  request.action = Action::submit;
  request.order = order;
  send(request, now);
}

void SimGateway::replace(const ReplaceRequest& wanted, Nanoseconds now) {
  Request request{};
  request.action = Action::replace;
  request.order.id = wanted.id;
  request.order.instrument = wanted.instrument;
  request.price = wanted.price;
  request.quantity = wanted.quantity;
  send(request, now);
}

void SimGateway::cancel(const CancelRequest& wanted, Nanoseconds now) {
  Request request{};
  request.action = Action::cancel;
  request.order.id = wanted.id;
  request.order.instrument = wanted.instrument;
  send(request, now);
}

void SimGateway::mass_cancel(const MassCancelRequest& wanted, Nanoseconds now) {
  Request request{};
  request.action = Action::mass_cancel;
  request.order.instrument = wanted.instrument;
  request.order.instance = wanted.instance;
  send(request, now);
}

void SimGateway::request_state(std::uint64_t since_execution_id, Nanoseconds now) {
  Request request{};
  request.action = Action::state;
  request.since = since_execution_id;
  send(request, now);
}

void SimGateway::advance(Nanoseconds now) {
  now_ns_ = std::max(now_ns_, now.value);
  while (!requests_.empty() && requests_.front().due_ns <= now.value) {
    const Request request = requests_.front();
    requests_.pop();
    now_ns_ = std::max(now_ns_, request.due_ns);
    moment_ = {request.due_ns, request.venue_ns, 0, false, false};
    act(request);
  }
}

void SimGateway::poll(Nanoseconds now, ReportSink& sink) {
  now_ns_ = std::max(now_ns_, now.value);
  while (!reports_.empty() && reports_.front().due <= now) {
    const VenueReport report = reports_.front();
    reports_.pop();
    sink.on_report(report);
  }
}

// What happens while we see the book as of now happened a feed delay ago at the venue; the report
// travels from then, but is not heard before the recording's receiver could have known.
void SimGateway::draw_moment() {
  if (moment_.drawn) return;
  if (moment_.of_market) moment_.venue_ns = moment_.seen_ns - options_.feed.sample(random_).value;
  moment_.venue_ns = last_venue_ns_ = std::max(last_venue_ns_, moment_.venue_ns);
  const std::int64_t heard = moment_.venue_ns + options_.report.sample(random_).value;
  moment_.due_ns = last_report_ns_ = std::max({last_report_ns_, moment_.seen_ns, heard});
  moment_.drawn = true;
}

void SimGateway::report(const VenueReport& what) {
  draw_moment();
  VenueReport report = what;
  report.venue_time = {moment_.venue_ns};
  report.due = {moment_.due_ns};
  reports_.push(report);
  if (report.kind != ZM_EVENT_FILL) return;
  if (fills_.size() == fills_kept) fills_.pop();
  fills_.push(report);
}

void SimGateway::report_order(std::uint16_t kind, const VenueOrder& order, std::int64_t quantity,
                              std::int64_t leaves, std::uint32_t code) {
  VenueReport out;
  out.kind = kind;
  out.side = order.side;
  out.code = code;
  out.id = order.id;
  out.instance = order.instance;
  out.instrument = order.instrument;
  out.price = order.price;
  out.quantity = {quantity};
  out.leaves = {leaves};
  report(out);
}

std::int64_t SimGateway::queue_ahead(OrderId id) const {
  const Record record = engine_.record(id);
  if (record == 0 || engine_.view(record).type != OrderType::limit) return -1;
  return places_[record].ahead;
}

Quantity SimGateway::leaves(OrderId id) const {
  const Record record = engine_.record(id);
  return record == 0 ? Quantity{} : engine_.view(record).leaves();
}

void SimGateway::save(ArchiveWriter& out) const {
  out.put(mark);
  engine_.save(out);
  out.put_vector(orders_);
  out.put_vector(requests_.content());
  out.put_vector(reports_.content());
  out.put_vector(fills_.content());
  out.put(random_);
  for (const std::int64_t time :
       {now_ns_, last_sent_ns_, last_arrival_ns_, last_venue_ns_, last_report_ns_})
    out.put(time);
  out.put(moment_.seen_ns);
  out.put(moment_.venue_ns);
  out.put(moment_.due_ns);
  out.put(moment_.of_market);
  out.put(moment_.drawn);
  out.put(next_execution_);
  for (std::uint32_t id = 0; id < markets_.size(); ++id) {
    const Market& market = markets_[id];
    out.put(market.state);
    for (const bool flag : {market.dirty, market.state_changed, market.printed, market.has_last})
      out.put(flag);
    for (const Price price : {market.low, market.high, market.last}) out.put(price);
    out.put_vector(market.taken);
    out.put_vector(market.held);
    std::vector<QueuePlace> places;
    for (const auto& own : market.own)
      for (const Own& one : own) places.push_back(places_[one.record]);
    out.put_vector(places);
  }
}

void SimGateway::load(ArchiveReader& in) {
  in.expect_mark(mark);
  engine_.load(in);
  orders_ = in.get_vector<VenueOrder>();
  const auto refill = [](auto& fifo, auto values) {
    fifo.clear();
    for (const auto& value : values) fifo.push(value);
  };
  refill(requests_, in.get_vector<Request>());
  refill(reports_, in.get_vector<VenueReport>());
  refill(fills_, in.get_vector<VenueReport>());
  random_ = in.get<Random>();
  for (std::int64_t* time :
       {&now_ns_, &last_sent_ns_, &last_arrival_ns_, &last_venue_ns_, &last_report_ns_})
    *time = in.get<std::int64_t>();
  moment_.seen_ns = in.get<std::int64_t>();
  moment_.venue_ns = in.get<std::int64_t>();
  moment_.due_ns = in.get<std::int64_t>();
  moment_.of_market = in.get<bool>();
  moment_.drawn = in.get<bool>();
  next_execution_ = in.get<std::uint64_t>();
  for (std::uint32_t id = 0; id < markets_.size(); ++id) {
    Market& market = markets_[id];
    market.state = in.get<std::uint32_t>();
    for (bool* flag : {&market.dirty, &market.state_changed, &market.printed, &market.has_last})
      *flag = in.get<bool>();
    for (Price* price : {&market.low, &market.high, &market.last}) *price = in.get<Price>();
    market.taken = in.get_vector<Taken>();
    market.held = in.get_vector<OrderId>();
    const auto places = in.get_vector<QueuePlace>();
    refresh({id});
    std::size_t next = 0;
    if (places.size() != market.own[0].size() + market.own[1].size()) return in.fail();
    for (const auto& own : market.own) {
      for (const Own& one : own) {
        if (places_.size() <= one.record) places_.resize(one.record * 2);
        places_[one.record] = places[next++];
      }
    }
  }
}

}  // namespace zomma
