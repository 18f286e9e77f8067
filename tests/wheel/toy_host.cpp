// toy_host.cpp: the world of toy_host.h: chains, time, settlement. Its tables for the plugin are in
// toy_tables.cpp.
#include "toy_host.h"

#include <dlfcn.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "../../plugins/options/columns.h"
#include "toy_tables.h"

namespace toy {
namespace {

double density(double x) { return 0.3989422804014327 * std::exp(-0.5 * x * x); }

double processor_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

zm_event event_of(std::uint16_t kind, std::uint32_t instrument) {
  zm_event event{};
  event.kind = kind;
  event.instrument = instrument;
  event.flags = ZM_FLAG_LAST;
  return event;
}

}  // namespace

std::int64_t time_of(std::uint32_t date) {
  return options::day_of_date(date) * day + 20 * 3600 * second;
}
std::uint32_t date_after(std::uint32_t date, int days) {
  return options::date_of_day(options::day_of_date(date) + days);
}

Host::Host(const std::string& library) {
  library_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) throw std::runtime_error(dlerror());
}
Host::~Host() {
  destroy();
  dlclose(library_);
}

std::uint32_t Host::add_stock(const std::string& symbol, double price, double vol) {
  const auto id = static_cast<std::uint32_t>(instruments_.size());
  instruments_.push_back({symbol, ZM_KIND_EQUITY, ZM_NO_INSTRUMENT, price - 0.01, price + 0.01});
  chains_[id].underlying = id;
  chains_[id].spot = price;
  chains_[id].vol = vol;
  return id;
}
void Host::add_expiry(std::uint32_t underlying, std::uint32_t date, double from, double to,
                      double step) {
  Chain& chain = chains_.at(underlying);
  zm_chain_expiry expiry{};
  expiry.date = date;
  expiry.first = static_cast<std::uint32_t>(chain.contracts.size());
  for (double strike = from; strike <= to + 1e-9; strike += step) {
    for (const std::uint32_t put : {0u, 1u}) {
      zm_contract contract{};
      contract.instrument = static_cast<std::uint32_t>(instruments_.size());
      contract.underlying = underlying;
      contract.flags = ZM_CONTRACT_AMERICAN | (put != 0 ? std::uint32_t{ZM_CONTRACT_PUT} : 0u);
      contract.expiry_date = date;
      contract.last_trade_ns = contract.expiry_ns = time_of(date);
      contract.strike = std::llround(strike * 100);
      contract.multiplier = contract.deliverable = 100;
      instruments_.push_back(
          {instruments_[underlying].symbol + " " + std::to_string(date) + (put != 0 ? " P" : " C"),
           ZM_KIND_OPTION, underlying});
      chain.contracts.push_back(contract);
    }
  }
  expiry.count = static_cast<std::uint32_t>(chain.contracts.size()) - expiry.first;
  chain.expiries.push_back(expiry);
}

void Host::refresh(Chain& chain) {
  const std::size_t n = chain.contracts.size();
  for (auto* column :
       {&chain.strike, &chain.bid, &chain.ask, &chain.bid_quantity, &chain.ask_quantity,
        &chain.volume, &chain.open_interest, &chain.implied_vol, &chain.surface_vol,
        &chain.model_price, &chain.delta, &chain.gamma, &chain.vega, &chain.theta, &chain.rho}) {
    column->assign(n, 0.0);
  }
  chain.status.assign(n, ZM_CHAIN_OK);
  chain.quoted.assign(n, now_);
  chain.ts_ns = now_;
  for (zm_chain_expiry& e : chain.expiries) {
    e.years = std::max(
        static_cast<double>(time_of(e.date) - now_) / (365.0 * static_cast<double>(day)), 1e-6);
    e.rate = chain.rate;
    e.carry = chain.rate - chain.dividend;
    e.forward = chain.spot * std::exp(e.carry * e.years);
    e.pairs = e.count / 2;
    e.fit_inside = 1;
    const double grow = std::exp(-chain.rate * e.years), root = std::sqrt(e.years);
    for (std::uint32_t i = e.first; i < e.first + e.count; ++i) {
      const bool put = (chain.contracts[i].flags & ZM_CONTRACT_PUT) != 0;
      const double k = chain.strike[i] = static_cast<double>(chain.contracts[i].strike) / 100;
      const double vol = std::max(chain.vol + chain.skew * std::log(chain.spot / k), 0.02),
                   deviation = vol * root;
      const double d1 = std::log(e.forward / k) / deviation + 0.5 * deviation,
                   carry = std::exp((e.carry - chain.rate) * e.years);
      const double fair = grow * options::black(e.forward, k, vol, e.years, put);
      chain.bid[i] = std::max(std::floor((fair - chain.half_spread) * 100 + 1e-6) / 100, 0.0);
      chain.ask[i] = std::ceil((fair + chain.half_spread) * 100 - 1e-6) / 100;
      chain.bid_quantity[i] = chain.ask_quantity[i] = 50;
      chain.volume[i] = 100;
      chain.open_interest[i] = 1000;
      chain.implied_vol[i] = vol;
      chain.surface_vol[i] = vol + chain.surface_shift;
      chain.model_price[i] =
          grow * options::black(e.forward, k, vol + chain.surface_shift, e.years, put);
      chain.delta[i] = carry * (options::normal_cdf(d1) - (put ? 1 : 0));
      chain.gamma[i] = carry * density(d1) / (chain.spot * deviation);
      chain.vega[i] = chain.spot * carry * density(d1) * root;
      chain.theta[i] = -0.5 * chain.spot * carry * density(d1) * vol / root;
      const auto spoilt = chain.spoilt.find(chain.contracts[i].instrument);
      if (spoilt != chain.spoilt.end()) {
        chain.status[i] = spoilt->second;
        chain.implied_vol[i] = std::nan("");
      }
      instruments_[chain.contracts[i].instrument].bid = chain.bid[i];
      instruments_[chain.contracts[i].instrument].ask = chain.ask[i];
    }
  }
}

void Host::set_spot(std::uint32_t underlying, double price) {
  chains_.at(underlying).spot = price;
  instruments_[underlying].bid = price - 0.01;
  instruments_[underlying].ask = price + 0.01;
  refresh(chains_.at(underlying));
}

void Host::start(std::uint32_t date, double money,
                 const std::map<std::string, double>& parameters) {
  now_ = time_of(date) - 3600 * second;
  cash = money;
  parameters_ = parameters;
  for (auto& [id, chain] : chains_) refresh(chain);
  create();
}
void Host::create() {
  using Entry = const zm_entry* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library_, "zm_plugin_entry"));
  const auto* factory =
      static_cast<const zm_strategy_factory*>(entry()->get_factory(ZM_STRATEGY_FACTORY));
  host_ = host_table(this);
  strategy_ = factory->create(&host_);
  const auto must = [this](zm_status status) {
    if (status != ZM_OK)
      throw std::runtime_error("status " + std::to_string(status) + ": " + error_);
  };
  must(strategy_->init(strategy_, &host_));
  std::vector<std::uint32_t> given;
  for (const auto& [id, chain] : chains_) given.push_back(id);
  const zm_activation activation{sizeof activation, static_cast<std::uint32_t>(given.size()),
                                 given.data(), now_};
  must(strategy_->activate(strategy_, &activation));
  must(strategy_->start(strategy_));
  const auto* api = static_cast<const zm_params_api*>(strategy_->get_ext(strategy_, ZM_EXT_PARAMS));
  std::vector<zm_event> events;
  std::size_t used = 0;
  for (std::uint32_t i = 0; i < api->count; ++i) {
    zm_param_info info{};
    info.size = sizeof info;
    must(api->info(strategy_, i, &info));
    const auto given_value = parameters_.find(info.name);
    used += given_value != parameters_.end() ? 1 : 0;
    const double value =
        given_value != parameters_.end() ? given_value->second : info.default_value;
    zm_event event = event_of(ZM_EVENT_PARAMETER, ZM_NO_INSTRUMENT);
    event.u.parameter.index = i;
    event.u.parameter.type = info.type;
    if (info.type == ZM_PARAM_REAL)
      event.u.parameter.value.real = value;
    else
      event.u.parameter.value.integer = static_cast<std::int64_t>(value);
    events.push_back(event);
  }
  if (used != parameters_.size())
    throw std::runtime_error("a parameter that the plugin does not have");
  hear(events);
}
void Host::destroy() {
  if (strategy_ == nullptr) return;
  strategy_->deactivate(strategy_);
  strategy_->destroy(strategy_);
  strategy_ = nullptr;
}
bool Host::reload() {
  const std::string bytes = save();
  destroy();
  create();
  return load(bytes);
}

void Host::hear(std::vector<zm_event> events) {
  for (zm_event& event : events) {
    event.seq = ++seq_;
    event.ts_ns = now_;
  }
  const zm_batch batch{sizeof batch, static_cast<std::uint32_t>(events.size()), events.data()};
  const double before = processor_s();
  const zm_status status = strategy_->on_events(strategy_, &batch);
  busy_s += processor_s() - before;
  if (status != ZM_OK)
    throw std::runtime_error("on_events: " + std::to_string(status) + ": " + error_);
}
void Host::say(zm_event event) {
  hear({event});
  drain();
}
void Host::drain() {
  while (!queue_.empty()) {
    const zm_event event = queue_.front();
    queue_.pop_front();
    hear({event});
  }
}
void Host::fire_timers() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    zm_event event = event_of(ZM_EVENT_TIMER, ZM_NO_INSTRUMENT);
    event.u.timer.cookie = timers_.begin()->second;
    timers_.erase(timers_.begin());
    say(event);
  }
}
void Host::pass(std::int64_t ns) {
  const std::int64_t until = now_ + ns;
  while (!timers_.empty() && timers_.begin()->first <= until) {
    now_ = std::max(now_, timers_.begin()->first);
    fire_timers();
  }
  now_ = until;
}
void Host::send_chains() {
  for (auto& [id, chain] : chains_) {
    if (chain.missing) continue;
    refresh(chain);
    zm_event event = event_of(ZM_EVENT_CHAIN, id);
    event.u.chain.contracts = static_cast<std::uint32_t>(chain.contracts.size());
    event.u.chain.flags = chain.flags;
    say(event);
  }
}
void Host::open_day(std::uint32_t date) {
  settle(date);
  now_ = std::max(now_, time_of(date) - 3600 * second);
  send_chains();
  pass(60 * second);
}
std::uint32_t Host::today() const { return options::date_of_day(options::day_of_time(now_)); }

// Short contracts in the money at the spot of the moment are assigned, long ones exercised, the
// rest lapse.
void Host::settle(std::uint32_t date) {
  for (auto& [id, chain] : chains_) {
    std::vector<zm_contract> kept;
    std::vector<zm_chain_expiry> expiries;
    for (const zm_chain_expiry& e : chain.expiries) {
      const bool over = e.date < date;
      const auto first = static_cast<std::uint32_t>(kept.size());
      for (std::uint32_t i = e.first; i < e.first + e.count; ++i) {
        const zm_contract c = chain.contracts[i];
        if (!over) {
          kept.push_back(c);
          continue;
        }
        gone_[c.instrument] = c;
        const std::int64_t quantity = held(c.instrument);
        if (quantity == 0) continue;
        const bool put = (c.flags & ZM_CONTRACT_PUT) != 0;
        const double strike = static_cast<double>(c.strike) / 100;
        const bool unwanted = quantity > 0 && declined[c.instrument];
        const bool in = unwanted ? false : put ? chain.spot < strike : chain.spot > strike;
        zm_event event = event_of(!in            ? ZM_EVENT_LAPSED
                                  : quantity < 0 ? ZM_EVENT_ASSIGNED
                                                 : ZM_EVENT_EXERCISED,
                                  c.instrument);
        event.u.settlement = {-quantity, c.strike, 0, ZM_NO_INSTRUMENT, ZM_SETTLED_EXPIRY};
        positions_.erase(c.instrument);
        if (in) {
          const std::int64_t shares = (put ? -quantity : quantity) * c.deliverable;
          trade(id, shares, strike, 1);
          event.u.settlement.cash = std::llround(-static_cast<double>(shares) * strike * 1e8);
          event.u.settlement.delivered = id;
        }
        queue_.push_back(event);
      }
      if (!over) {
        expiries.push_back(e);
        expiries.back().first = first;
      }
    }
    chain.contracts = kept;
    chain.expiries = expiries;
    refresh(chain);
  }
  drain();
}

// The way an adjustment of a whole split arrives: more shares, more contracts, lower strikes, the
// same instruments.
void Host::split(std::uint32_t underlying, std::uint32_t new_units, std::uint32_t old_units) {
  const double factor = static_cast<double>(new_units) / old_units;
  Chain& chain = chains_.at(underlying);
  const auto adjust = [&](std::uint32_t id) {
    const std::int64_t before = held(id);
    if (before == 0) return;
    positions_[id].quantity = std::llround(static_cast<double>(before) * factor);
    zm_event event = event_of(ZM_EVENT_ADJUSTED, id);
    event.u.settlement = {positions_[id].quantity - before, 0, 0, ZM_NO_INSTRUMENT,
                          ZM_SETTLED_SPLIT};
    queue_.push_back(event);
  };
  adjust(underlying);
  for (zm_contract& c : chain.contracts) {
    c.strike = std::llround(static_cast<double>(c.strike) / factor);
    adjust(c.instrument);
  }
  set_spot(underlying, chain.spot / factor);
  zm_event event = event_of(ZM_EVENT_CORPORATE, underlying);
  event.u.corporate.type = ZM_CORPORATE_SPLIT;
  event.u.corporate.new_units = new_units;
  event.u.corporate.old_units = old_units;
  queue_.push_front(event);
  drain();
}

void Host::assign(std::uint32_t instrument, std::int64_t contracts) {
  const zm_contract c = contract(instrument);
  const std::int64_t quantity = std::min(contracts, -held(instrument)),
                     shares =
                         ((c.flags & ZM_CONTRACT_PUT) != 0 ? quantity : -quantity) * c.deliverable;
  if (quantity <= 0) return;
  const double price = static_cast<double>(c.strike) / 100;
  positions_[instrument].cost *=
      1 + static_cast<double>(quantity) / static_cast<double>(held(instrument));
  positions_[instrument].quantity += quantity;
  if (held(instrument) == 0) positions_.erase(instrument);
  trade(c.underlying, shares, price, 1);
  zm_event event = event_of(ZM_EVENT_ASSIGNED, instrument);
  event.u.settlement = {quantity, c.strike,
                        std::llround(-static_cast<double>(shares) * price * 1e8), c.underlying,
                        ZM_SETTLED_EARLY};
  say(event);
}
void Host::give(std::uint32_t instrument, std::int64_t quantity) {
  positions_[instrument] = {quantity, 0};
}
void Host::trade(std::uint32_t instrument, std::int64_t quantity, double price, double multiplier) {
  cash -= static_cast<double>(quantity) * price * multiplier;
  Position& position = positions_[instrument];
  const bool grows = position.quantity == 0 || (position.quantity > 0) == (quantity > 0);
  if (grows)
    position.cost += static_cast<double>(quantity) * price;
  else
    position.cost *= 1 + static_cast<double>(quantity) / static_cast<double>(position.quantity);
  position.quantity += quantity;
  if (position.quantity == 0) positions_.erase(instrument);
}
void Host::match(Order& order, zm_event& news) {
  const Instrument& i = instruments_[order.instrument];
  const double limit = static_cast<double>(order.price) / 100;
  const bool buys = order.side == ZM_SIDE_BUY,
             marketable = buys ? limit >= i.ask - 1e-9 : limit <= i.bid + 1e-9;
  news = event_of(order.instrument == reject_instrument ? ZM_EVENT_REJECTED : ZM_EVENT_ACCEPTED,
                  order.instrument);
  news.u.order_update = {order.id, order.price, order.quantity, 0, 0};
  if (order.instrument == reject_instrument) {
    news.u.order_update = {order.id, order.price, 0, ZM_REASON_VENUE, 0};
    return;
  }
  if (!fills || !marketable) return;
  const std::int64_t quantity = fill_cap < 0 ? order.quantity : std::min(fill_cap, order.quantity);
  if (quantity == 0) return;
  const double multiplier = i.kind == ZM_KIND_OPTION ? 100 : 1;
  trade(order.instrument, buys ? quantity : -quantity, buys ? i.ask : i.bid, multiplier);
  if (i.kind == ZM_KIND_OPTION) cash -= fee * static_cast<double>(quantity);
  order.filled += quantity;
  news.kind = ZM_EVENT_FILL;
  news.u.fill = {order.id, std::llround((buys ? i.ask : i.bid) * 100), quantity,
                 order.quantity - order.filled};
}

std::uint32_t Host::option(std::uint32_t underlying, std::uint32_t date, double strike,
                           bool put) const {
  for (const zm_contract& c : chains_.at(underlying).contracts) {
    if (c.expiry_date == date && c.strike == std::llround(strike * 100) &&
        ((c.flags & ZM_CONTRACT_PUT) != 0) == put)
      return c.instrument;
  }
  throw std::out_of_range("no such contract");
}
std::int64_t Host::held(std::uint32_t instrument) const {
  const auto found = positions_.find(instrument);
  return found == positions_.end() ? 0 : found->second.quantity;
}
std::vector<std::uint32_t> Host::held_options(std::uint32_t underlying) const {
  std::vector<std::uint32_t> out;
  for (const auto& [id, position] : positions_) {
    if (instruments_[id].kind == ZM_KIND_OPTION && instruments_[id].underlying == underlying)
      out.push_back(id);
  }
  return out;
}
const zm_contract& Host::contract(std::uint32_t instrument) const {
  for (const auto& [id, chain] : chains_) {
    for (const zm_contract& c : chain.contracts) {
      if (c.instrument == instrument) return c;
    }
  }
  return gone_.at(instrument);
}
double Host::equity() const {
  double sum = cash;
  for (const auto& [id, position] : positions_) {
    const Instrument& i = instruments_[id];
    sum += static_cast<double>(position.quantity) * 0.5 * (i.bid + i.ask) *
           (i.kind == ZM_KIND_OPTION ? 100 : 1);
  }
  return sum;
}
double Host::metric(const std::string& name) const {
  const auto found = metrics.find(name);
  return found == metrics.end() ? 0 : found->second;
}
bool Host::logged(const std::string& part) const {
  return std::any_of(log.begin(), log.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace toy
