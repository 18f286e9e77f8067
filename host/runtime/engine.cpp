// engine.cpp: sequencing, time, the venue's packets and what strategies hear of them. Orders are in
// engine_orders.cpp.
#include "runtime/engine.h"

#include <algorithm>

#include "market/options/open_interest.h"
#include "runtime/merger.h"

namespace zomma {
namespace {

constexpr std::size_t packet_capacity = 65536;

// Which subscription brings this kind; 0 = never sent to strategies as it is.
std::uint64_t subscription_of(std::uint16_t kind) {
  switch (kind) {
    case ZM_EVENT_TRADE:
      return ZM_SUBSCRIBE_TRADES;
    case ZM_EVENT_QUOTE:
      return ZM_SUBSCRIBE_QUOTES;
    case ZM_EVENT_LEVEL:
    case ZM_EVENT_ORDER_ADD:
    case ZM_EVENT_ORDER_REDUCE:
    case ZM_EVENT_ORDER_DELETE:
    case ZM_EVENT_ORDER_EXECUTE:
    case ZM_EVENT_ORDER_REPLACE:
    case ZM_EVENT_ORDER_MODIFY:
      return ZM_SUBSCRIBE_BOOK;
    case ZM_EVENT_BOOK_CLEAR:
    case ZM_EVENT_MARKET_STATE:
    case ZM_EVENT_GAP:
    case ZM_EVENT_CHAIN:
    case ZM_EVENT_CORPORATE:
      return ZM_SUBSCRIBE_STATE;
    default:
      return 0;
  }
}

zm_event trade_of(const zm_event& execution, const Applied& applied) {
  zm_event trade = execution;
  trade.kind = ZM_EVENT_TRADE;
  // The aggressor stood on the other side than the order that rested.
  trade.flags = static_cast<std::uint16_t>((execution.flags & ~ZM_FLAG_SELL) | ZM_FLAG_AGGRESSOR |
                                           (applied.side == Side::buy ? ZM_FLAG_SELL : 0));
  const bool own_price = execution.u.execute.price != ZM_NO_PRICE;
  trade.u.trade = {own_price ? execution.u.execute.price : applied.price.value,
                   execution.u.execute.quantity, execution.u.execute.trade_id,
                   execution.u.execute.ref};
  return trade;
}

}  // namespace

Money Engine::money_of(InstrumentId id, Price price) const {
  const int digits = settings_.instruments[id.value].price_digits;
  return {price.value * power_of_ten(std::max(money_digits - digits, 0))};
}

Engine::Engine(EngineSettings settings, EngineLog& log, EngineObserver* observer)
    : settings_(std::move(settings)),
      log_(log),
      observer_(observer),
      venue_books_(settings_.instruments, settings_.books),
      gateway_(std::make_unique<SimGateway>(settings_.instruments, settings_.sim)),
      oms_(settings_.instruments, {.run_id = settings_.run_id}),
      risk_(settings_.instruments, settings_.limits),
      portfolio_(settings_.instruments),
      clearing_(settings_.instruments, listed_contracts(settings_.instruments), settings_.clearing,
                portfolio_) {
  markets_.resize(settings_.instruments.size());
  build_chains();
  packet_.reserve(packet_capacity);
  batch_.reserve(packet_capacity);
  consumed_.assign(no_feed + 1, 0);
}

Engine::~Engine() = default;

Result<InstanceId> Engine::add_instance(InstanceSettings settings,
                                        const zm_strategy_factory& factory,
                                        std::shared_ptr<PluginImage> image) {
  const InstanceId id{static_cast<std::uint32_t>(instances_.size())};
  if (id.value >= max_instances)
    return Error{Errc::exhausted,
                 "strategy " + settings.name + ": one engine runs at most 64 strategies"};
  Candidate first;
  first.services = std::make_unique<ClosedServices>(settings_.instruments, settings_.max_metrics);
  auto instance = Instance::create(id, settings.name, factory, std::move(image), *first.services);
  if (!instance) return instance.error();
  if (const auto known = check_parameters(**instance, settings); !known) return known.error();
  const auto added = add_absent(std::move(settings));
  if (!added) return added;
  first.instance = std::move(*instance);
  first.instance->buffers().set_limit(instance_settings_[id.value].memory_limit);
  first.instance->lend_gpu(settings_.gpu);
  adopt(first);
  instances_[id.value] = std::move(first.instance);
  listen(id);
  return id;
}

Result<InstanceId> Engine::add_absent(InstanceSettings settings) {
  const InstanceId id{static_cast<std::uint32_t>(instances_.size())};
  if (id.value >= max_instances)
    return Error{Errc::exhausted,
                 "strategy " + settings.name + ": one engine runs at most 64 strategies"};
  for (const std::uint32_t instrument : settings.instruments)
    if (instrument >= markets_.size())
      return Error{Errc::not_found, "strategy " + settings.name + ": no such instrument"};
  for (const std::uint32_t instrument : settings.instruments)
    markets_[instrument].listeners |= std::uint64_t{1} << id.value;
  portfolio_.add_instance(id);
  portfolio_.deposit(id, settings.cash);
  risk_.add_instance(id, settings.name, settings.account);
  oms_.add_instance(id);
  instances_.push_back(Instance::absent(id, settings.name, *this));
  instance_settings_.push_back(std::move(settings));
  instance_stats_.emplace_back();
  parameters_.emplace_back();
  probation_.emplace_back();
  parked_.emplace_back();
  checkpoints_.emplace_back();
  return id;
}

Result<void> Engine::activate(Nanoseconds now) {
  now_ = now;
  for (auto& instance : instances_) {
    if (instance->phase() == InstancePhase::ended) continue;
    if (const auto active =
            instance->activate(instance_settings_[instance->id().value].instruments, now);
        !active)
      return active;
  }
  for (auto& instance : instances_) {
    if (instance->phase() == InstancePhase::ended) continue;
    if (const auto started = instance->start(); !started) return started;
  }
  return {};
}

Result<void> Engine::start(Nanoseconds now) {
  if (const auto active = activate(now); !active) return active;
  std::vector<zm_event> beginning{session_event(session_begin, 0, now)};
  for (const auto& instance : instances_) {
    const auto& wanted = instance_settings_[instance->id().value].parameters;
    for (const ParameterInfo& info : instance->parameters()) {
      const auto found = std::find_if(wanted.begin(), wanted.end(),
                                      [&](const auto& entry) { return entry.first == info.name; });
      const auto event =
          parameter_event(instance->id(), info.name,
                          found == wanted.end() ? info.default_value : found->second, now);
      if (!event) return event.error();
      beginning.push_back(*event);
    }
  }
  if (!process(beginning))
    return Error{Errc::io, "the journal does not take the session's beginning"};
  return {};
}

bool Engine::process(std::span<zm_event> inputs) {
  if (halted_) return false;
  std::int64_t ts = now_.value;
  std::uint64_t seq = last_seq_;
  for (zm_event& event : inputs) {
    event.seq = ++seq;
    if (event.ts_ns < ts) {
      ++stats_.clock_back;
      event.ts_ns = ts;
    }
    ts = event.ts_ns;
  }
  if (!log_.inputs(inputs)) {
    stop_trading();
    return false;
  }
  for (const zm_event& event : inputs) act(event);
  if (!crashes_.empty()) [[unlikely]]
    report_crashes();
  return !halted_;
}

bool Engine::replay(std::span<const zm_event> inputs) {
  for (const zm_event& event : inputs) {
    if (event.seq != last_seq_ + 1 || event.ts_ns < now_.value) return false;
    act(event);
    if (!trouble_.empty()) [[unlikely]]
      return false;
  }
  return true;
}

void Engine::act(const zm_event& event) {
  last_seq_ = event.seq;
  ++stats_.inputs;
  ++consumed_[feed_of(event)];
  if (event.ts_ns >= next_due_.value) run_due(Nanoseconds{event.ts_ns});
  now_ = Nanoseconds{event.ts_ns};
  portfolio_.on_time(now_);
  if (event.ts_ns >= next_review_ns_) [[unlikely]]
    review_all();
  if (observer_ != nullptr) observer_->on_input(event);
  if (event.kind < ZM_EVENT_ACCEPTED || event.kind == event_open_interest ||
      event.kind == options::event_announcement) {
    open_packet_ = (event.flags & ZM_FLAG_LAST) != 0 ? -1 : static_cast<int>(feed_of(event));
    on_market(event);
    return;
  }
  switch (event.kind) {
    case ZM_EVENT_PARAMETER:
      on_parameter(event);
      break;
    case ZM_EVENT_RISK:
      on_risk(event);
      break;
    case ZM_EVENT_SESSION:
      on_session(event);
      break;
    case event_generation:
      on_generation(event);
      break;
    default:
      break;  // ZM_EVENT_CLOCK: time has passed, that is all
  }
}

void Engine::on_market(const zm_event& event) {
  if (event.instrument >= markets_.size()) {
    if (event.kind == ZM_EVENT_GAP ||
        event.kind == ZM_EVENT_MARKET_STATE) {  // concerns every instrument of its feed
      for (std::uint32_t id = 0; id < markets_.size(); ++id) {
        if (!settings_.feeds.empty() && settings_.feeds[id] != feed_of(event)) continue;
        zm_event one = event;
        one.instrument = id;
        one.flags &= static_cast<std::uint16_t>(~ZM_FLAG_LAST);
        on_market(one);
      }
      if ((event.flags & ZM_FLAG_LAST) != 0) finish_packet(event);
      return;
    }
    ++stats_.unknown_instrument;
    if ((event.flags & ZM_FLAG_LAST) != 0) finish_packet(event);
    return;
  }
  const InstrumentId id{event.instrument};
  Market& market = markets_[id.value];
  if (market.apart || event.kind >= ZM_EVENT_CORPORATE) [[unlikely]] {
    if (on_host_fact(event)) {
      if ((event.flags & ZM_FLAG_LAST) != 0) finish_packet(event);
      return;
    }
  }
  if (market.chain != UINT32_MAX) tell_chain(event);
  Book& book = venue_books_.book(id);
  gateway_->before_market(event, book);
  const Applied applied = book.apply(event);
  if (applied.anomaly != BookAnomaly::none) [[unlikely]]
    ++stats_.book_anomalies;
  market.top_changed |= applied.top_changed;
  if (event.kind == ZM_EVENT_MARKET_STATE) market.state = event.u.state.state;
  if (market.settles && event.kind == ZM_EVENT_TRADE)
    clearing_.prices().on_trade(id, now_, money_of(id, Price{event.u.trade.price}));
  if (market.listeners != 0) {
    if ((market.subscriptions & subscription_of(event.kind)) != 0 && event.kind != ZM_EVENT_QUOTE)
      packet_.push_back(event);
    if (event.kind == ZM_EVENT_ORDER_EXECUTE && applied.changed &&
        (market.subscriptions & ZM_SUBSCRIBE_TRADES) != 0)
      packet_.push_back(trade_of(event, applied));
  }
  if (!market.touched) {
    market.touched = true;
    touched_.push_back(id);
  }
  if ((event.flags & ZM_FLAG_LAST) != 0) finish_packet(event);
}

// The venue's update is whole: tell the simulated exchange, the portfolio, the watchers and the
// strategies.
void Engine::finish_packet(const zm_event& last) {
  for (const InstrumentId id : touched_) {
    Market& market = markets_[id.value];
    market.touched = false;
    market.updated_at = now_;
    gateway_->after_update(id, venue_books_.book(id));
    if (market.top_changed) publish_quote(id, last);
  }
  touched_.clear();
  if (!settled_.empty()) tell_settlements();
  if (!touched_chains_.empty()) refresh_chains(last);
  refresh_next_due();
  if (packet_.empty()) return;
  for (auto& instance : instances_) {
    if (!instance->may_trade()) continue;
    batch_.clear();
    for (const zm_event& event : packet_) {
      const bool listens = (markets_[event.instrument].listeners >> instance->id().value & 1) != 0;
      if (listens && (instance->subscribe() & subscription_of(event.kind)) != 0)
        batch_.push_back(event);
    }
    if (!batch_.empty()) deliver(*instance, batch_);
  }
  packet_.clear();
  // Orders made just now may be due at once.
  refresh_next_due();
  if (next_due_ <= now_) run_due(now_);
}

void Engine::publish_quote(InstrumentId id, const zm_event& cause) {
  Market& market = markets_[id.value];
  market.top_changed = false;
  const Bbo bbo = venue_books_.book(id).bbo();
  if (bbo == market.told) return;
  market.told = bbo;
  portfolio_.mark(id, bbo.bid, bbo.ask);
  if (market.settles && bbo.bid != no_price && bbo.ask != no_price)
    clearing_.prices().on_mid(id, now_, money_of(id, Price{(bbo.bid.value + bbo.ask.value) / 2}));
  if (observer_ != nullptr) observer_->on_bbo(now_, id, bbo);
  if ((market.subscriptions & ZM_SUBSCRIBE_QUOTES) == 0) return;
  zm_event quote{};
  quote.ts_ns = cause.ts_ns;
  quote.exchange_ns = cause.exchange_ns;
  quote.instrument = id.value;
  quote.kind = ZM_EVENT_QUOTE;
  quote.flags = static_cast<std::uint16_t>(ZM_FLAG_LAST | (cause.flags & ZM_FLAG_SUSPECT));
  quote.u.quote = {bbo.bid.value, bbo.ask.value, bbo.bid_quantity.value, bbo.ask_quantity.value};
  packet_.push_back(quote);
}

// Simulated exchange, clearing and timers, in the order of their times; at equal times the exchange
// first, because its reports were on their way before the timer rang.
void Engine::run_due(Nanoseconds until) {
  for (;;) {
    const Nanoseconds exchange = gateway_->next_due();
    const Nanoseconds evening = clearing_.next_due();
    const Nanoseconds timer = timers_.next_due();
    const Nanoseconds due = std::min({exchange, evening, timer});
    if (due > until) break;
    if (due > now_) now_ = due;
    if (exchange == due) {
      gateway_->advance(now_);
      gateway_->poll(now_, *this);
    } else if (evening == due) {
      on_evening();
    } else {
      const Timer fired = timers_.pop();
      zm_event event{};
      event.kind = ZM_EVENT_TIMER;
      event.instrument = ZM_NO_INSTRUMENT;
      event.u.timer = {fired.id, fired.cookie, fired.due_ns, 0};
      deliver_private(fired.instance, event);
    }
  }
  refresh_next_due();
}

void Engine::refresh_next_due() {
  next_due_ = std::min({gateway_->next_due(), clearing_.next_due(), timers_.next_due()});
}

void Engine::advance(Nanoseconds now) {
  run_due(now);
  now_ = std::max(now_, now);
}

void Engine::drain() {
  while (gateway_->next_due() != TimerQueue::never) {
    timers_ = TimerQueue(settings_.max_timers);  // nobody will hear them
    run_due(gateway_->next_due());
  }
}

void Engine::deliver(Instance& instance, std::span<zm_event> events) {
  ++stats_.batches;
  stats_.delivered += events.size();
  if (!crashes_ahead_.empty() && crashes_here(instance, events)) [[unlikely]]
    return fault(instance);
  const std::uint32_t id = instance.id().value;
  const InstanceStats before = instance_stats_[id];
  mark_->enter(instance.id(), instance.last_seq() + events.size(), before.outputs);
  const bool heard = instance.deliver(events);
  mark_->leave();
  if (!heard && instance.died()) [[unlikely]] {
    ++stats_.crashes;
    crashes_.push_back({GenerationChange::crashed,
                        instance.id(),
                        {},
                        instance.last_seq(),
                        before.outputs,
                        static_cast<std::uint32_t>(instance_stats_[id].outputs - before.outputs),
                        static_cast<std::uint32_t>(instance_stats_[id].timers - before.timers)});
  }
  if (probations_ != 0) [[unlikely]]
    note_heard(instance, events);
  if (!heard) return fault(instance);
  if (instance_settings_[id].checkpoint_every.value != 0) [[unlikely]]
    remember(instance, events);
}

void Engine::deliver_private(InstanceId id, zm_event event) {
  Instance& instance = *instances_[id.value];
  event.ts_ns = now_.value;
  event.flags |= ZM_FLAG_LAST;
  if (!instance.may_trade()) {
    instance.set_last_seq(instance.last_seq() + 1);  // the stream goes on, though nobody listens
    return;
  }
  deliver(instance, {&event, 1});
}

void Engine::fault(Instance& instance) {
  ++stats_.faults;
  const InstanceId id = instance.id();
  if (probation_[id.value].old && roll_back(instance)) return;
  fail(*instances_[id.value]);
}

// What it leaves behind is treated as the operator said.
void Engine::fail(Instance& instance) {
  timers_.drop(instance.id());
  log(instance.id(), ZM_LOG_ERROR, "faulted: " + instance.error());
  switch (instance_settings_[instance.id().value].on_fault) {
    case OnFault::hold:
      break;
    case OnFault::cancel:
      withdraw_all(instance.id(), InstrumentId{});
      break;
    case OnFault::flatten:
      withdraw_all(instance.id(), InstrumentId{});
      flatten(instance.id());
      break;
  }
}

void Engine::on_parameter(const zm_event& event) {
  const auto id = static_cast<std::uint32_t>(event.u.parameter.reserved[0]);
  if (id >= instances_.size()) return;
  zm_event own = event;
  own.u.parameter.reserved[0] = 0;
  const bool first = remember_parameter(InstanceId{id}, own);
  const auto& table = instances_[id]->parameters();
  const std::uint32_t index = own.u.parameter.index;
  const bool live = index >= table.size() || (table[index].flags & ZM_PARAM_LIVE) != 0;
  if (first || live) deliver_private(InstanceId{id}, own);  // else the next generation is told
}

// True if nothing was known of it before.
bool Engine::remember_parameter(InstanceId id, const zm_event& event) {
  for (zm_event& known : parameters_[id.value]) {
    if (known.u.parameter.index != event.u.parameter.index) continue;
    known = event;
    return false;
  }
  parameters_[id.value].push_back(event);
  return true;
}

void Engine::on_risk(const zm_event& event) {
  const zm_risk_change& change = event.u.risk;
  risk_.set_kill(static_cast<KillLevel>(change.level),
                 static_cast<std::uint32_t>(change.reserved[0]), change.code != 0);
  for (auto& instance : instances_) deliver_private(instance->id(), event);
}

void Engine::on_session(const zm_event& event) {
  if (event.u.session.phase != session_end) return;
  keep(clearing_.close_books(now_, rate_ppm()));
  tell_settlements();
  for (auto& instance : instances_) withdraw_all(instance->id(), InstrumentId{});
  for (auto& instance : instances_) deliver_private(instance->id(), event);
  for (auto& instance : instances_)
    withdraw_all(instance->id(), InstrumentId{});  // what was sent as the last word
  ending_ = true;
  refresh_next_due();
}

// The log is gone, so nothing new may leave; cancels only lower the risk and go out even
// unrecorded.
void Engine::stop_trading() {
  if (halted_) return;
  halted_ = true;
  risk_.set_kill(KillLevel::firm, 0, true);
  for (auto& instance : instances_) withdraw_all(instance->id(), InstrumentId{});
}

zm_event Engine::session_event(std::uint32_t phase, std::uint32_t reason, Nanoseconds now) {
  zm_event event{};
  event.ts_ns = now.value;
  event.instrument = ZM_NO_INSTRUMENT;
  event.kind = ZM_EVENT_SESSION;
  event.flags = static_cast<std::uint16_t>(ZM_FLAG_LAST | (no_feed << feed_shift));
  event.u.session = {phase, reason, {}};
  return event;
}

zm_event Engine::kill_event(std::uint32_t level, std::uint64_t id, bool set, Nanoseconds now) {
  zm_event event = session_event(0, 0, now);
  event.kind = ZM_EVENT_RISK;
  event.u.risk = {level, set ? 1u : 0u, {id, 0, 0}};
  return event;
}

zm_event Engine::clock_event(Nanoseconds now) {
  zm_event event = session_event(0, 0, now);
  event.kind = ZM_EVENT_CLOCK;
  return event;
}

Result<zm_event> Engine::parameter_event(InstanceId id, std::string_view name, double value,
                                         Nanoseconds now) const {
  const Instance& instance = *instances_[id.value];
  const auto& all = instance.parameters();
  for (std::uint32_t index = 0; index < all.size(); ++index) {
    if (all[index].name != name) continue;
    if (const auto fits = check_value(instance.name(), all[index], value); !fits)
      return fits.error();
    zm_event event = session_event(0, 0, now);
    event.kind = ZM_EVENT_PARAMETER;
    event.u.parameter.index = index;
    event.u.parameter.type = all[index].type;
    if (all[index].type == ZM_PARAM_REAL)
      event.u.parameter.value.real = value;
    else
      event.u.parameter.value.integer = static_cast<std::int64_t>(value);
    event.u.parameter.reserved[0] = id.value;
    return event;
  }
  return Error{Errc::not_found, unknown_parameter(instance, name)};
}

}  // namespace zomma
