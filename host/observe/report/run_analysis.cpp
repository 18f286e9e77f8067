// run_analysis.cpp: hands each record to the studies that want it, keeps their common clock, and
// collects their results.
#include "observe/report/run_analysis.h"

#include <algorithm>

#include "observe/report/account.h"
#include "observe/report/daily_curve.h"
#include "observe/report/fill_study.h"
#include "observe/report/latency_histogram.h"
#include "observe/report/market_track.h"
#include "observe/report/options_study.h"
#include "observe/report/order_study.h"
#include "observe/report/signal_study.h"

namespace zomma {
namespace {

constexpr std::int64_t pause_ns = 600'000'000'000;
constexpr std::size_t max_horizons = 8;
constexpr std::uint32_t max_signal_index = 65'535;

// One strategy's (or everybody's) dealings in one instrument.
struct Cell {
  Holding holding;
  std::uint64_t fills = 0, maker_fills = 0;
  Money maker_turnover{};
  ThinnedSeries position;
  ThinnedFills buys, sells;
};

struct FillValues {
  std::int64_t ts_ns;
  Side side;
  Quantity quantity;
  Money value, fee;
  bool maker;
  double price, units;  // for plots
};

void book(Cell& cell, const FillValues& fill, double quantity_unit) {
  if (!cell.holding.ever_traded()) cell.position.add(fill.ts_ns, 0.0);
  cell.holding.fill(fill.side, fill.value, fill.quantity, fill.fee, fill.ts_ns);
  ++cell.fills;
  if (fill.maker) {
    ++cell.maker_fills;
    cell.maker_turnover = add_saturated(cell.maker_turnover, {magnitude(fill.value.value)});
  }
  cell.position.add(fill.ts_ns, static_cast<double>(cell.holding.quantity().value) / quantity_unit);
  (fill.side == Side::buy ? cell.buys : cell.sells).add(fill.ts_ns, fill.price, fill.units);
}

ProfitAndLoss operator+(const ProfitAndLoss& a, const ProfitAndLoss& b) {
  return {add_saturated(a.realised, b.realised), add_saturated(a.unrealised, b.unrealised),
          add_saturated(a.fees, b.fees)};
}

AnalysisOptions with_bounds(AnalysisOptions options) {
  std::sort(options.horizons.begin(), options.horizons.end());
  if (options.horizons.size() > max_horizons) options.horizons.resize(max_horizons);
  options.signal_interval = std::max(options.signal_interval, Nanoseconds{1});
  return options;
}

}  // namespace

struct RunAnalysis::Parts {
  explicit Parts(AnalysisOptions given)
      : options(with_bounds(std::move(given))),
        instruments(options.instruments.size()),
        instances(options.instances.size()),
        markets(instruments),
        doubled_mids(instruments),
        cells((instances + 1) * instruments),
        curves(instances + 1),
        days(instances + 1),
        interest(instances + 1),
        orders(instances),
        fills(instances, options.horizons),
        signals(options.horizons, options.signal_interval),
        option_study(options.instruments, instances),
        apart(instruments) {
    for (const Instrument& instrument : options.instruments) {
      valuations.emplace_back(instrument);
      price_unit.push_back(static_cast<double>(power_of_ten(instrument.price_digits)));
      quantity_unit.push_back(static_cast<double>(power_of_ten(instrument.quantity_digits)));
      markets[instrument.id.value].keep_curve(!instrument.option);
    }
  }

  struct Worth {
    Money equity, exposure;
  };

  bool knows(std::uint32_t instance, std::uint32_t instrument) {
    if (instance < instances && instrument < instruments) return true;
    ++quality.ignored_records;
    return false;
  }
  // Row `instances` is everybody together.
  Cell& cell(std::size_t row, std::uint32_t instrument) {
    return cells[row * instruments + instrument];
  }
  const Cell& cell(std::size_t row, std::uint32_t instrument) const {
    return cells[row * instruments + instrument];
  }
  Money value(std::size_t row, std::uint32_t instrument) const {
    return valuations[instrument].value_at_half(markets[instrument].doubled_mark(),
                                                cell(row, instrument).holding.quantity());
  }
  ProfitAndLoss pnl(std::size_t row, std::uint32_t instrument) const {
    return cell(row, instrument).holding.pnl(value(row, instrument));
  }
  Worth worth(std::size_t instance) const {
    Worth sum{interest[instance], {}};
    for (const std::uint32_t i : dealt) {
      if (!cell(instance, i).holding.ever_traded()) continue;
      sum.equity = add_saturated(sum.equity, pnl(instance, i).net());
      sum.exposure = add_saturated(sum.exposure, {magnitude(value(instance, i).value)});
    }
    return sum;
  }

  void note_dealt(std::uint32_t instrument) {
    const auto at = std::lower_bound(dealt.begin(), dealt.end(), instrument);
    if (at == dealt.end() || *at != instrument) dealt.insert(at, instrument);
  }
  // Of one strategy, or of all together.
  Money capital(std::size_t row) const {
    if (row < options.capitals.size()) return options.capitals[row];
    Money sum{};
    if (row == instances)
      for (const Money one : options.capitals) sum = add_saturated(sum, one);
    return sum;
  }

  // Brings the clock to `ts_ns`: whatever fell due before it is settled with what was known until
  // then.
  void advance(std::int64_t ts_ns) {
    if (ts_ns <= 0) return;
    if (now == 0) begin(ts_ns);
    if (DailyCurve::day_of(ts_ns) > DailyCurve::day_of(now))
      at_every_curve([&](std::size_t row, const Worth& one) { days[row].close(one.equity); });
    if (ts_ns > due) settle(ts_ns);
    if (ts_ns < now) ++quality.clock_back;
    now = std::max(now, ts_ns);
  }
  void begin(std::int64_t ts_ns) {
    first = now = ts_ns;
    next_sample = ts_ns + EquityCurve::sample_ns;
    for (EquityCurve& curve : curves) curve.begin(ts_ns);
    update_due();
  }
  void settle(std::int64_t ts_ns);
  // `each` is called with every curve and what it is worth now.
  template <class Each>
  void at_every_curve(Each each) const;
  void update_due() { due = std::min({next_sample, fills.next_due(), signals.next_due()}); }

  void on_bbo(std::int64_t ts_ns, std::uint32_t instrument, Price bid, Price ask);
  void on_fill(const OrderRecord& record, std::int64_t arrival_doubled_mid);
  void on_settlement(const OrderRecord& record);
  void on_corporate(const zm_event& event);
  void study_fill(const FillValues& fill, std::uint32_t instance, std::uint32_t instrument);
  double spot_of(std::uint32_t instrument) const;
  std::int64_t money_unit(std::uint32_t instrument) const {
    return power_of_ten(std::max(money_digits - options.instruments[instrument].price_digits, 0));
  }
  OptionsStudy::Profit profits() const {
    return [this](std::uint32_t instance, std::uint32_t instrument) {
      return pnl(instance, instrument).net();
    };
  }
  StrategyResult strategy(std::size_t row) const;
  InstrumentResult dealings(std::size_t row, std::uint32_t instrument) const;
  std::string currency() const;

  AnalysisOptions options;
  std::size_t instruments, instances;
  std::vector<Valuation> valuations;
  std::vector<double> price_unit, quantity_unit;
  std::vector<MarketTrack> markets;
  std::vector<std::int64_t> doubled_mids;
  std::vector<Cell> cells;
  std::vector<EquityCurve> curves;
  std::vector<DailyCurve> days;
  std::vector<std::uint32_t> dealt;  // instruments that any strategy has ever had to do with
  std::vector<Money> interest;       // by row: income that belongs to no instrument
  OrderStudy orders;
  FillStudy fills;
  SignalStudy signals;
  OptionsStudy option_study;
  std::vector<bool> apart;  // by contract: what is quoted under its symbol is another one by now
  LatencyHistogram decision;
  DataQuality quality;
  std::int64_t first = 0, now = 0, next_sample = 0;
  std::int64_t due = std::numeric_limits<std::int64_t>::max();
};

template <class Each>
void RunAnalysis::Parts::at_every_curve(Each each) const {
  Worth sum{};
  for (std::size_t instance = 0; instance < instances; ++instance) {
    const Worth one = worth(instance);
    sum.equity = add_saturated(sum.equity, one.equity);
    sum.exposure = add_saturated(sum.exposure, one.exposure);
    each(instance, one);
  }
  each(instances, sum);
}

void RunAnalysis::Parts::settle(std::int64_t ts_ns) {
  fills.resolve(ts_ns, doubled_mids);
  signals.resolve(ts_ns, doubled_mids);
  while (next_sample < ts_ns) {
    at_every_curve([&](std::size_t row, const Worth& worth) {
      curves[row].sample(next_sample, worth.equity, worth.exposure);
    });
    next_sample += EquityCurve::sample_ns;
    if (ts_ns - next_sample > pause_ns) {
      ++quality.pauses;
      next_sample += (ts_ns - next_sample) / EquityCurve::sample_ns * EquityCurve::sample_ns;
    }
  }
  update_due();
}

void RunAnalysis::Parts::on_bbo(std::int64_t ts_ns, std::uint32_t instrument, Price bid,
                                Price ask) {
  if (apart[instrument]) return;
  MarketTrack& market = markets[instrument];
  if (!market.on_bbo(std::max(ts_ns, now), bid, ask, price_unit[instrument])) ++quality.crossed_bbo;
  doubled_mids[instrument] = market.doubled_mid();
}

void RunAnalysis::Parts::on_fill(const OrderRecord& record, std::int64_t arrival_doubled_mid) {
  const zm_fill& fill = record.event.u.fill;
  const std::uint32_t instrument = record.event.instrument;
  if (fill.quantity <= 0) {
    ++quality.ignored_records;
    return;
  }
  const Money value = valuations[instrument].value({fill.price}, {fill.quantity});
  const bool maker = (record.event.flags & ZM_FLAG_MAKER) != 0;
  const FillValues values{now,
                          record.side == ZM_SIDE_BUY ? Side::buy : Side::sell,
                          {fill.quantity},
                          value,
                          {record.fee},
                          maker,
                          static_cast<double>(fill.price) / price_unit[instrument],
                          static_cast<double>(fill.quantity) / quantity_unit[instrument]};
  markets[instrument].keep_curve(true);
  note_dealt(instrument);
  markets[instrument].mark_without_book({fill.price});
  if (option_study.enabled()) study_fill(values, record.instance, instrument);
  for (const std::size_t row : {std::size_t{record.instance}, instances}) {
    book(cell(row, instrument), values, quantity_unit[instrument]);
  }
  at_every_curve(
      [&](std::size_t row, const Worth& worth) { curves[row].note_exposure(worth.exposure); });
  if (value.value > 0) {
    fills.add({record.instance, instrument, now, values.side, maker,
               2.0 * static_cast<double>(fill.price), doubled_mids[instrument], arrival_doubled_mid,
               to_double(value)});
    update_due();
  }
}

// Before the fill is booked.
void RunAnalysis::Parts::study_fill(const FillValues& fill, std::uint32_t instance,
                                    std::uint32_t instrument) {
  const Money at_mid =
      valuations[instrument].value_at_half(markets[instrument].doubled_mark(), fill.quantity);
  option_study.fill({fill.ts_ns, instance, instrument, fill.side, fill.quantity,
                     cell(instance, instrument).holding.quantity(), fill.value, fill.fee, at_mid,
                     fill.price, spot_of(instrument)});
}

double RunAnalysis::Parts::spot_of(std::uint32_t instrument) const {
  const std::uint32_t underlying = option_study.underlying_of(instrument);
  const std::int64_t mark = markets[underlying].doubled_mark();
  return mark == 0 ? no_value : static_cast<double>(mark) / 2 / price_unit[underlying];
}

// What came of positions without a trade. A record of a settlement closes the contract; the one of
// its delivery, which follows, books what it brought.
void RunAnalysis::Parts::on_settlement(const OrderRecord& record) {
  const zm_settlement& told = record.event.u.settlement;
  const std::uint32_t instrument = record.event.instrument;
  note_dealt(instrument);
  const bool adjusts = told.code == ZM_SETTLED_SPLIT || told.code == ZM_SETTLED_SPECIAL_DIVIDEND;
  const bool delivers = told.delivered < instruments;
  if (option_study.enabled()) option_study.settlement(record, now, spot_of(instrument));
  if (record.event.kind == ZM_EVENT_ADJUSTED && !delivers && options.instruments[instrument].option)
    apart[instrument] = true;
  if (record.event.kind == event_delivery && adjusts && delivers)
    markets[instrument].take_mark(markets[told.delivered]);
  // A split may make more contracts of those that go on under another name.
  const Quantity more{delivers ? told.quantity -
                                     cell(record.instance, told.delivered).holding.quantity().value
                               : 0};
  for (const std::size_t row : {std::size_t{record.instance}, instances}) {
    Holding& holding = cell(row, instrument).holding;
    if (record.event.kind == event_delivery && adjusts && delivers) {
      holding.take_over(cell(row, told.delivered).holding, now);
      holding.income(more, {}, now);
    } else if (record.event.kind == event_delivery)
      holding.settle({told.quantity}, {told.cash}, {}, now);
    else if (record.event.kind == ZM_EVENT_CASH)
      holding.income({}, {told.cash}, now);
    else if (record.event.kind == ZM_EVENT_ADJUSTED && !delivers)
      holding.income({told.quantity}, {told.cash}, now);
    else if (record.event.kind != ZM_EVENT_ADJUSTED)
      holding.settle({told.quantity}, {delivers ? 0 : told.cash + record.fee}, {record.fee}, now);
    Cell& moved = cell(row, instrument);
    moved.position.add(
        now, static_cast<double>(moved.holding.quantity().value) / quantity_unit[instrument]);
  }
  at_every_curve(
      [&](std::size_t row, const Worth& worth) { curves[row].note_exposure(worth.exposure); });
}

// Until the next quote, what is held is worth what it was before.
void RunAnalysis::Parts::on_corporate(const zm_event& event) {
  const zm_corporate_action& action = event.u.corporate;
  if (action.type == ZM_CORPORATE_DIVIDEND || action.type == ZM_CORPORATE_SPECIAL_DIVIDEND)
    markets[event.instrument].go_ex({action.cash}, money_unit(event.instrument));
  if (action.type != ZM_CORPORATE_SPLIT || action.new_units == 0 || action.old_units == 0) return;
  if (option_study.enabled())
    option_study.split(event.instrument, action.new_units, action.old_units);
  markets[event.instrument].restate(action.new_units, action.old_units,
                                    money_unit(event.instrument));
  if (action.new_units % action.old_units != 0) return;  // contracts keep their worth
  const std::string& symbol = options.instruments[event.instrument].symbol;
  for (std::size_t i = 0; i < instruments; ++i)
    if (options.instruments[i].option && options.instruments[i].option->underlying == symbol)
      markets[i].divide(action.new_units / action.old_units);
}

InstrumentResult RunAnalysis::Parts::dealings(std::size_t row, std::uint32_t instrument) const {
  const Cell& dealt = cell(row, instrument);
  InstrumentResult result;
  result.instrument = instrument;
  if (row < instances) {
    result.pnl = pnl(row, instrument);
  } else {  // the sum, so that the parts add up; netting between strategies would split it
            // otherwise
    for (std::size_t instance = 0; instance < instances; ++instance)
      result.pnl = result.pnl + pnl(instance, instrument);
  }
  result.turnover = dealt.holding.turnover();
  result.fills = dealt.fills;
  result.maker_fills = dealt.maker_fills;
  Holding holding = dealt.holding;
  holding.elapse(now);
  result.inventory = holding.inventory(now - first, quantity_unit[instrument]);
  const Quantity volume = markets[instrument].volume();
  if (volume.value > 0) {
    result.share_of_volume =
        static_cast<double>(dealt.holding.traded().value) / static_cast<double>(volume.value);
  }
  result.position = dealt.position.points();
  if (!result.position.empty() && result.position.front().ts_ns > first)
    result.position.insert(result.position.begin(), {first, 0.0});
  if (!result.position.empty() && result.position.back().ts_ns < now) {
    result.position.push_back({now, result.position.back().value});
  }
  dealt.buys.append_to(result.marks, Side::buy);
  dealt.sells.append_to(result.marks, Side::sell);
  std::stable_sort(result.marks.begin(), result.marks.end(),
                   [](const FillMark& a, const FillMark& b) { return a.ts_ns < b.ts_ns; });
  return result;
}

StrategyResult RunAnalysis::Parts::strategy(std::size_t row) const {
  StrategyResult result;
  const bool all = row == instances;
  result.name = all ? "total" : options.instances[row];
  result.pnl.realised = interest[row];
  for (const std::uint32_t i : dealt) {
    if (!cell(row, i).holding.ever_traded()) continue;
    InstrumentResult dealt = dealings(row, i);
    result.pnl = result.pnl + dealt.pnl;
    result.turnover = add_saturated(result.turnover, dealt.turnover);
    result.maker_turnover = add_saturated(result.maker_turnover, cell(row, i).maker_turnover);
    result.instruments.push_back(std::move(dealt));
  }
  const auto id = static_cast<std::uint32_t>(row);
  OrderStudy::Results sent = all ? orders.results_of_all() : orders.results(id);
  result.orders = sent.counts;
  result.refusals = std::move(sent.refusals);
  result.breaches = std::move(sent.breaches);
  result.rejections = std::move(sent.rejections);
  result.acknowledge = std::move(sent.acknowledge);
  result.cancel = std::move(sent.cancel);
  FillStudy::Results filled =
      all ? fills.results_of_all(now, doubled_mids) : fills.results(id, now, doubled_mids);
  result.maker = std::move(filled.maker);
  result.taker = std::move(filled.taker);
  result.maker_slippage = filled.maker_slippage;
  result.taker_slippage = filled.taker_slippage;
  return result;
}

// Of what was traded; of everything if nothing was.
std::string RunAnalysis::Parts::currency() const {
  std::vector<std::string> names;
  const auto collect = [&](bool traded_only) {
    for (std::uint32_t i = 0; i < instruments; ++i) {
      const std::string& name = options.instruments[i].currency;
      if (traded_only && !cell(instances, i).holding.ever_traded()) continue;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  };
  collect(true);
  if (names.empty()) collect(false);
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : "+") + name;
  return joined;
}

RunAnalysis::RunAnalysis(AnalysisOptions options)
    : parts_(std::make_unique<Parts>(std::move(options))) {}
RunAnalysis::RunAnalysis(RunAnalysis&&) noexcept = default;
RunAnalysis& RunAnalysis::operator=(RunAnalysis&&) noexcept = default;
RunAnalysis::~RunAnalysis() = default;

void RunAnalysis::name_signal(std::uint32_t signal, std::string name) {
  if (signal > max_signal_index) return;
  auto& names = parts_->options.signals;
  if (names.size() <= signal) names.resize(signal + 1);
  names[signal] = std::move(name);
}

void RunAnalysis::on_bbo(Nanoseconds ts, InstrumentId instrument, Price bid, Price ask) {
  parts_->advance(ts.value);
  if (instrument.value < parts_->instruments)
    parts_->on_bbo(ts.value, instrument.value, bid, ask);
  else
    ++parts_->quality.ignored_records;
}

void RunAnalysis::add_input(const zm_event& event) {
  Parts& p = *parts_;
  p.advance(event.ts_ns);
  ++p.quality.inputs;
  if (event.kind >= ZM_EVENT_ACCEPTED) return;
  ++p.quality.market_data;
  if (event.flags & ZM_FLAG_SUSPECT) ++p.quality.suspect;
  if (event.kind == ZM_EVENT_GAP) {
    ++p.quality.gaps;
    if (event.u.gap.last >= event.u.gap.first)
      p.quality.lost_messages += event.u.gap.last - event.u.gap.first + 1;
  }
  if (event.kind == ZM_EVENT_BOOK_CLEAR) ++p.quality.clears;
  if (event.instrument >= p.instruments) return;
  if (event.kind == ZM_EVENT_CORPORATE) p.on_corporate(event);
  const bool prints = (event.flags & ZM_FLAG_NO_PRINT) == 0;
  if (event.kind == ZM_EVENT_QUOTE) {
    p.on_bbo(event.ts_ns, event.instrument, {event.u.quote.bid_price}, {event.u.quote.ask_price});
  } else if ((event.kind == ZM_EVENT_TRADE || event.kind == ZM_EVENT_ORDER_EXECUTE) && prints) {
    const std::int64_t quantity =
        event.kind == ZM_EVENT_TRADE ? event.u.trade.quantity : event.u.execute.quantity;
    ++p.quality.trades;
    if (quantity > 0) p.markets[event.instrument].on_trade({quantity});
  }
}

void RunAnalysis::add_intent(const IntentRecord& record) {
  Parts& p = *parts_;
  p.advance(record.ts_ns);
  if (!p.knows(record.instance, 0)) return;
  const std::uint32_t instrument = record.intent.kind == ZM_INTENT_NEW
                                       ? record.intent.instrument
                                       : p.orders.instrument_of(record.intent.order_id);
  p.orders.intent(record, instrument < p.instruments ? p.doubled_mids[instrument] : 0);
}

void RunAnalysis::add_order(const OrderRecord& record) {
  Parts& p = *parts_;
  p.advance(record.event.ts_ns);
  if (record.event.instrument == ZM_NO_INSTRUMENT && record.event.kind == ZM_EVENT_CASH &&
      record.instance < p.instances) {
    p.interest[record.instance] += Money{record.event.u.settlement.cash};
    p.interest[p.instances] += Money{record.event.u.settlement.cash};
    if (p.option_study.enabled()) p.option_study.settlement(record, p.now, no_value);
    return;
  }
  if (!p.knows(record.instance, record.event.instrument)) return;
  if (record.event.kind == event_delivery ||
      (record.event.kind >= ZM_EVENT_ASSIGNED && record.event.kind <= ZM_EVENT_CASH))
    return p.on_settlement(record);
  const std::int64_t arrival = p.orders.update(record);
  if (record.event.kind == ZM_EVENT_FILL) p.on_fill(record, arrival);
}

void RunAnalysis::add_book(const options::BookSample& sample) {
  Parts& p = *parts_;
  p.advance(sample.ts.value);
  p.option_study.look(sample, p.profits());
}

bool RunAnalysis::wants_books() const { return parts_->option_study.enabled(); }

void RunAnalysis::add_signal(const SignalRecord& record) {
  Parts& p = *parts_;
  p.advance(record.ts_ns);
  if (!p.knows(record.instance, record.instrument)) return;
  if (record.ts_ns < p.first + p.options.warm_up.value) return;
  p.signals.publish(record, p.doubled_mids[record.instrument]);
  p.due = std::min(p.due, p.signals.next_due());
}

void RunAnalysis::add_decision_latency(std::int64_t nanoseconds) {
  parts_->decision.add(nanoseconds);
}

RunResult RunAnalysis::result() const {
  const Parts& p = *parts_;
  RunResult result;
  result.first = {p.first};
  result.last = {p.now};
  result.currency = p.currency();
  result.instruments = p.options.instruments;
  result.horizons = p.options.horizons;
  result.warm_up = p.options.warm_up;
  result.capital = p.capital(p.instances);
  for (std::size_t row = 0; row < p.instances; ++row) result.strategies.push_back(p.strategy(row));
  result.total = p.strategy(p.instances);
  p.at_every_curve([&](std::size_t row, const Parts::Worth& worth) {
    EquityCurve curve = p.curves[row];
    if (p.now != 0 && p.now == p.next_sample)
      curve.sample(p.now, worth.equity, worth.exposure);
    else if (p.now != 0)
      curve.point(p.now, worth.equity, worth.exposure);
    StrategyResult& strategy = row == p.instances ? result.total : result.strategies[row];
    strategy.drawdown = curve.drawdown(p.capital(row));
    strategy.annual = p.days[row].figures(p.capital(row), worth.equity, p.now - p.first);
    strategy.per_second = curve.per_second();
    strategy.per_minute = curve.per_minute();
    strategy.equity = curve.equity();
    strategy.drawdown_curve = curve.drawdown_curve();
  });
  for (std::uint32_t i = 0; i < p.instruments; ++i) {
    // Of options there are tens of thousands; those that were dealt in are worth a line.
    const bool shown =
        !p.options.instruments[i].option || std::binary_search(p.dealt.begin(), p.dealt.end(), i);
    if (shown && p.markets[i].ever_seen()) result.markets.push_back(p.markets[i].result(i, p.now));
  }
  result.options = p.option_study.results(p.options.instances, p.profits());
  result.signals = p.signals.results(p.now, p.doubled_mids);
  for (SignalResult& signal : result.signals) {
    const auto& names = p.options.signals;
    const bool named = signal.signal < names.size() && !names[signal.signal].empty();
    signal.name = named ? names[signal.signal] : "signal " + std::to_string(signal.signal);
    signal.strategy = p.options.instances[signal.instance];
  }
  result.decision = p.decision.figures();
  result.quality = p.quality;
  result.quality.ignored_records += p.orders.unknown_orders();
  result.quality.not_finite_signals = p.signals.not_finite();
  result.quality.dropped_signals = p.signals.dropped();
  result.quality.dropped_markouts = p.fills.dropped();
  return result;
}

RunResult do_nothing_baseline(const RunResult& like) {
  RunResult result;
  result.first = like.first;
  result.last = like.last;
  result.currency = like.currency;
  result.instruments = like.instruments;
  result.horizons = like.horizons;
  result.capital = like.capital;
  StrategyResult& nothing = result.total;
  nothing.name = "do_nothing";
  nothing.per_second.interval = like.total.per_second.interval;
  nothing.per_minute.interval = like.total.per_minute.interval;
  if (like.last.value != 0)
    nothing.equity = nothing.drawdown_curve = {{like.first.value, 0.0}, {like.last.value, 0.0}};
  result.strategies.push_back(nothing);
  return result;
}

}  // namespace zomma
