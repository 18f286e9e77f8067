// sim_gateway.cpp: requests on their way to the venue, and reports on their way back. What happens at the venue is in
// sim_venue.cpp.
#include "orders/gateways/sim/sim_gateway.h"

#include <algorithm>

namespace zomma {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr auto later = [](const auto& a, const auto& b) {
  return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.number > b.number;
};

}  // namespace

SimOptions constant_latency(Nanoseconds order, std::uint64_t seed) {
  SimOptions options;
  options.order = LatencyModel::constant(order);
  options.seed = seed;
  return options;
}

SimGateway::SimGateway(const std::vector<Instrument>& instruments, const SimOptions& options)
    : options_(options), markets_(instruments.size()), random_(options.seed) {
  requests_.reserve(256);
  reports_.reserve(1024);
  for (Market& market : markets_) {
    market.bids.reserve(64);
    market.asks.reserve(64);
    market.taken.reserve(64);
  }
}

GatewayCapabilities SimGateway::capabilities() const {
  return {.replace = true, .mass_cancel = true, .iceberg = true, .stop = true, .post_only = true, .fok = true, .request_state = true};
}

// The book that the engine shows us is as old as the feed's delay: an order meets the market that we will see that much
// later. Requests of one session do not overtake each other.
void SimGateway::send(Request request, Nanoseconds now) {
  const std::int64_t travel = options_.order.sample(random_).value + options_.feed.sample(random_).value;
  last_arrival_ns_ = std::max(last_arrival_ns_, now.value + travel);
  request.due_ns = last_arrival_ns_;
  request.number = next_number_++;
  requests_.push_back(request);
  std::push_heap(requests_.begin(), requests_.end(), later);
}

void SimGateway::submit(const VenueOrder& order, Nanoseconds now) { send({0, 0, Action::submit, order, {}, {}}, now); }

void SimGateway::replace(const ReplaceRequest& request, Nanoseconds now) {
  VenueOrder order{};
  order.id = request.id;
  order.instrument = request.instrument;
  send({0, 0, Action::replace, order, request.price, request.quantity}, now);
}

void SimGateway::cancel(const CancelRequest& request, Nanoseconds now) {
  VenueOrder order{};
  order.id = request.id;
  order.instrument = request.instrument;
  send({0, 0, Action::cancel, order, {}, {}}, now);
}

void SimGateway::mass_cancel(const MassCancelRequest& request, Nanoseconds now) {
  VenueOrder order{};
  order.instrument = request.instrument;
  order.instance = request.instance;
  send({0, 0, Action::mass_cancel, order, {}, {}}, now);
}

void SimGateway::request_state(std::uint64_t, Nanoseconds now) { send({0, 0, Action::state, {}, {}, {}}, now); }

Nanoseconds SimGateway::next_due() const {
  std::int64_t due = requests_.empty() ? never : requests_.front().due_ns;
  if (reports_begin_ != reports_.size()) due = std::min(due, reports_[reports_begin_].due.value);
  return {due};
}

void SimGateway::advance(Nanoseconds now) {
  now_ns_ = std::max(now_ns_, now.value);
  while (!requests_.empty() && requests_.front().due_ns <= now.value) {
    std::pop_heap(requests_.begin(), requests_.end(), later);
    const Request request = requests_.back();
    requests_.pop_back();
    now_ns_ = std::max(now_ns_, request.due_ns);
    act(request);
  }
}

void SimGateway::poll(Nanoseconds now, ReportSink& sink) {
  now_ns_ = std::max(now_ns_, now.value);
  while (reports_begin_ != reports_.size() && reports_[reports_begin_].due <= now) {
    const VenueReport report = reports_[reports_begin_++];
    if (reports_begin_ == reports_.size()) {
      reports_.clear();
      reports_begin_ = 0;
    }
    sink.on_report(report);
  }
}

// What happens at the venue while we see its book as of now happened a feed delay ago; the report travels from then.
void SimGateway::report(std::uint16_t kind, const VenueOrder& order, Price price, std::int64_t quantity, std::int64_t leaves,
                        std::uint32_t code, bool maker, std::uint64_t execution) {
  const std::int64_t feed = options_.feed.sample(random_).value;
  const std::int64_t happened = now_ns_ - feed;
  const std::int64_t heard = std::max(now_ns_, happened + options_.report.sample(random_).value);
  last_report_ns_ = std::max(last_report_ns_, heard);
  VenueReport report;
  report.kind = kind;
  report.maker = maker;
  report.side = order.side;
  report.code = code;
  report.id = order.id;
  report.instance = order.instance;
  report.instrument = order.instrument;
  report.price = price;
  report.quantity = {quantity};
  report.leaves = {leaves};
  report.execution_id = execution;
  report.venue_time = {happened};
  report.due = {last_report_ns_};
  reports_.push_back(report);
}

void SimGateway::save(ArchiveWriter& out) const {
  out.put_vector(requests_);
  out.put_vector(std::vector<VenueReport>(reports_.begin() + static_cast<std::ptrdiff_t>(reports_begin_), reports_.end()));
  out.put_vector(triggered_);
  out.put(random_);
  out.put(now_ns_);
  out.put(last_arrival_ns_);
  out.put(last_report_ns_);
  out.put(next_number_);
  out.put(next_execution_);
  for (const Market& market : markets_) {
    out.put(market.state);
    out.put_vector(market.bids);
    out.put_vector(market.asks);
    out.put_vector(market.stops);
    out.put_vector(market.taken);
  }
}

void SimGateway::load(ArchiveReader& in) {
  requests_ = in.get_vector<Request>();
  reports_ = in.get_vector<VenueReport>();
  reports_begin_ = 0;
  triggered_ = in.get_vector<VenueOrder>();
  random_ = in.get<Random>();
  now_ns_ = in.get<std::int64_t>();
  last_arrival_ns_ = in.get<std::int64_t>();
  last_report_ns_ = in.get<std::int64_t>();
  next_number_ = in.get<std::uint64_t>();
  next_execution_ = in.get<std::uint64_t>();
  for (Market& market : markets_) {
    market.state = in.get<std::uint32_t>();
    market.bids = in.get_vector<Resting>();
    market.asks = in.get_vector<Resting>();
    market.stops = in.get_vector<VenueOrder>();
    market.taken = in.get_vector<Taken>();
  }
}

}  // namespace zomma
