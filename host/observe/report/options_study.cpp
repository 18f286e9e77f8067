#include "observe/report/options_study.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "portfolio/options/attribution.h"
#include "portfolio/valuation.h"

namespace zomma {
namespace {

constexpr double day_ns = 86'400e9;
constexpr double days_per_year = 365;

double known(double value) { return std::isfinite(value) ? value : 0; }

Money to_money(double amount) {
  const double units = amount * 1e8;
  if (!(std::fabs(units) < 9e18)) return {};  // left to the residual
  return {std::llround(units)};
}

// A book of a dozen positions: a search by hand is all it needs.
template <class Rows>
auto row_of(Rows& rows, std::uint32_t instrument) {
  return std::find_if(rows.begin(), rows.end(),
                      [&](const auto& row) { return row.instrument.value == instrument; });
}

// What the Greeks of the last look say of the move until this one. Costs and income are known by
// themselves, and the residual is what all of these leave of `change`.
Attributed explained(const options::HeldInstrument& row, double spot, double vol, double years) {
  const double units = row.units;
  const options::PositionGreeks greeks{known(row.delta) * units, known(row.gamma) * units,
                                       known(row.vega) * units, known(row.theta) * units};
  const options::Attribution parts =
      options::attribute(greeks, {known(spot - row.spot), known(vol - row.vol), years, 0, 0});
  Attributed out;
  out.delta = to_money(parts.delta);
  out.gamma = to_money(parts.gamma);
  out.vol = to_money(parts.vega);
  out.theta = to_money(parts.theta);
  return out;
}

}  // namespace

Attributed& Attributed::operator+=(const Attributed& other) {
  delta += other.delta;
  gamma += other.gamma;
  vol += other.vol;
  theta += other.theta;
  income += other.income;
  costs += other.costs;
  residual += other.residual;
  return *this;
}

void OptionsStudy::Curve::add(std::int64_t ts_ns, double value) {
  range.least = has_value(range.least) ? std::min(range.least, value) : value;
  range.greatest = has_value(range.greatest) ? std::max(range.greatest, value) : value;
  range.last = value;
  series.add(ts_ns, value);
}

OptionsStudy::OptionsStudy(const std::vector<Instrument>& instruments, std::size_t instances)
    : instruments_(&instruments) {
  std::map<std::string, std::uint32_t> by_symbol;
  for (std::uint32_t i = 0; i < instruments.size(); ++i)
    if (!instruments[i].option) by_symbol.emplace(instruments[i].symbol, i);
  for (std::uint32_t i = 0; i < instruments.size(); ++i) {
    underlying_.push_back(i);
    if (!instruments[i].option) continue;
    enabled_ = true;
    if (const auto found = by_symbol.find(instruments[i].option->underlying);
        found != by_symbol.end())
      underlying_.back() = found->second;
  }
  if (enabled_) accounts_.assign(instances, Account(instruments));
}

OptionsStudy::Group& OptionsStudy::group_of(Account& account, std::uint32_t instrument) {
  Group& group = account.groups[underlying_[instrument]];
  if (std::find(group.dealt.begin(), group.dealt.end(), instrument) == group.dealt.end())
    group.dealt.push_back(instrument);
  return group;
}

// A contract that the last look did not see has no Greeks until the next one; anything else moves
// with its price.
void OptionsStudy::change_units(Account& account, std::uint32_t instrument, double units,
                                double spot) {
  Group& group = group_of(account, instrument);
  const auto found = row_of(group.rows, instrument);
  if (found != group.rows.end()) {
    found->units += units;
  } else if (!(*instruments_)[instrument].option) {
    options::HeldInstrument row;
    row.instrument = row.underlying = {instrument};
    row.units = units;
    // Shares that a settlement brought were valued, before, as the contract was: from its look on.
    row.spot = group.rows.empty() ? spot : group.rows.front().spot;
    row.delta = 1;
    row.gamma = row.vega = row.theta = 0;
    group.rows.push_back(row);
  }
}

void OptionsStudy::fill(const Fill& fill) {
  Account& account = accounts_[fill.instance];
  const Instrument& instrument = (*instruments_)[fill.instrument];
  const double unit = static_cast<double>(power_of_ten(instrument.quantity_digits));
  const bool buy = fill.side == Side::buy;
  const double units = static_cast<double>(buy ? fill.quantity.value : -fill.quantity.value) /
                       unit * static_cast<double>(std::max<std::int64_t>(instrument.multiplier, 1));
  change_units(account, fill.instrument, units, fill.spot);
  const Money above_mid = buy ? fill.value - fill.mid_value : fill.mid_value - fill.value;
  group_of(account, fill.instrument).costs -= above_mid + fill.fee;
  if (!instrument.option) return account.ledger.pay(fill.fee);
  account.dealt = true;
  account.ledger.trade({fill.ts_ns, fill.instrument, underlying_[fill.instrument], fill.side,
                        fill.quantity, fill.position, fill.value, fill.fee, fill.price, fill.spot});
}

void OptionsStudy::settlement(const OrderRecord& record, std::int64_t ts_ns, double spot) {
  Account& account = accounts_[record.instance];
  const zm_settlement& told = record.event.u.settlement;
  const std::uint32_t instrument = record.event.instrument;
  if (record.event.kind != event_delivery) account.ledger.settlement(record, ts_ns, spot);
  if (instrument >= instruments_->size()) {
    account.interest += Money{told.cash};
    return;
  }
  Group& group = group_of(account, instrument);
  if (record.event.kind == ZM_EVENT_CASH) {
    group.income += Money{told.cash};
    return;
  }
  group.costs -= Money{record.fee};
  const bool adjusts = told.code == ZM_SETTLED_SPLIT || told.code == ZM_SETTLED_SPECIAL_DIVIDEND;
  if (adjusts) {  // split() has changed the units already; a position may go on under another name
    const auto found = row_of(group.rows, told.delivered);
    if (record.event.kind == event_delivery && found != group.rows.end())
      found->instrument = {instrument};
    return;
  }
  const Instrument& moved = (*instruments_)[instrument];
  change_units(account, instrument,
               static_cast<double>(told.quantity) /
                   static_cast<double>(power_of_ten(moved.quantity_digits)) *
                   static_cast<double>(std::max<std::int64_t>(moved.multiplier, 1)),
               spot);
}

// The same worth in new units.
void OptionsStudy::split(std::uint32_t underlying, double new_units, double old_units) {
  const double more = new_units / old_units;
  for (Account& account : accounts_) {
    const auto group = account.groups.find(underlying);
    if (group == account.groups.end()) continue;
    for (options::HeldInstrument& row : group->second.rows) {
      row.units *= more;
      row.spot /= more;
      row.gamma *= more;
      row.vega /= more;
      row.theta /= more;
    }
  }
}

Money OptionsStudy::profit_of(const Group& group, std::uint32_t instance, const Profit& profit) {
  Money sum{};
  for (const std::uint32_t instrument : group.dealt) sum += profit(instance, instrument);
  return sum;
}

void OptionsStudy::explain(Group& group, std::uint32_t underlying,
                           const options::BookSample& sample, double years, Money profit) const {
  double spot = no_value;
  std::vector<options::HeldInstrument> now;
  for (const options::HeldInstrument& row : sample.held) {
    if (underlying_[row.instrument.value] != underlying) continue;
    now.push_back(row);
    spot = row.spot;
  }
  Attributed step;
  for (const options::HeldInstrument& row : group.rows) {
    const auto later = row_of(now, row.instrument.value);
    step += explained(row, spot, later != now.end() ? later->vol : no_value, years);
  }
  step.income = group.income;
  step.costs = group.costs;
  step.residual = profit - group.profit - step.total();
  group.why += step;
  group.profit = profit;
  group.costs = group.income = {};
  group.rows = std::move(now);
}

void OptionsStudy::add_greeks(Account& account, const options::BookSample& sample) {
  double delta = 0, gamma = 0, vega = 0, theta = 0;
  for (const options::HeldInstrument& row : sample.held) {
    if (row.units == 0) continue;
    if (!has_value(row.delta)) {
      ++account.unknown;
      continue;
    }
    delta += row.units * row.delta * known(row.spot);
    gamma += row.units * known(row.gamma) * known(row.spot) * known(row.spot) / 100;
    vega += row.units * known(row.vega) / 100;
    theta += row.units * known(row.theta) / days_per_year;
  }
  const std::int64_t ts = sample.ts.value;
  account.delta.add(ts, delta);
  account.gamma.add(ts, gamma);
  account.vega.add(ts, vega);
  account.theta.add(ts, theta);
}

void OptionsStudy::look(const options::BookSample& sample, const Profit& profit) {
  if (!enabled_ || sample.instance.value >= accounts_.size()) return;
  Account& account = accounts_[sample.instance.value];
  account.dealt = true;
  const std::int64_t ts = sample.ts.value;
  const double days = account.looks == 0 ? 0 : static_cast<double>(ts - account.last_ns) / day_ns;
  for (const options::HeldInstrument& row : sample.held) group_of(account, row.instrument.value);
  Money own = account.interest;
  for (auto& [underlying, group] : account.groups) {
    const Money now = profit_of(group, sample.instance.value, profit);
    own += now;
    explain(group, underlying, sample, days / days_per_year, now);
  }
  const Money apart{magnitude(own.value - sample.profit.value)};
  account.books_differ = std::max(account.books_differ, apart);
  account.capital_days += account.last_capital * days;
  account.last_capital = to_double(sample.capital);
  account.last_ns = ts;
  ++account.looks;
  add_greeks(account, sample);
  account.capital.add(ts, account.last_capital);
  if (sample.margin_known) account.margin.add(ts, to_double(sample.margin));
  const Attributed sum = sum_of(account);
  account.direction.add(ts, to_double(sum.direction()));
  account.vol_pnl.add(ts, to_double(sum.vol));
  account.theta_pnl.add(ts, to_double(sum.theta));
  account.income.add(ts, to_double(sum.income));
  account.costs.add(ts, to_double(sum.costs));
  account.residual.add(ts, to_double(sum.residual));
}

Attributed OptionsStudy::sum_of(const Account& account) {
  Attributed sum;
  for (const auto& [underlying, group] : account.groups) sum += group.why;
  sum.income += account.interest;
  return sum;
}

OptionsResult OptionsStudy::result(std::uint32_t instance, const Profit& profit) const {
  Account account = accounts_[instance];
  const options::BookSample nothing;
  for (auto& [underlying, group] : account.groups)
    explain(group, underlying, nothing, 0, profit_of(group, instance, profit));
  OptionsResult out = account.ledger.result();
  out.looks = account.looks;
  out.unknown = account.unknown;
  out.books_differ = account.books_differ;
  out.delta = account.delta.range;
  out.gamma = account.gamma.range;
  out.vega = account.vega.range;
  out.theta = account.theta.range;
  out.capital = account.capital.range;
  out.margin = account.margin.range;
  out.delta_curve = account.delta.series.points();
  out.gamma_curve = account.gamma.series.points();
  out.vega_curve = account.vega.series.points();
  out.theta_curve = account.theta.series.points();
  out.capital_curve = account.capital.series.points();
  out.margin_curve = account.margin.series.points();
  out.direction_curve = account.direction.series.points();
  out.vol_curve = account.vol_pnl.series.points();
  out.theta_pnl_curve = account.theta_pnl.series.points();
  out.income_curve = account.income.series.points();
  out.costs_curve = account.costs.series.points();
  out.residual_curve = account.residual.series.points();
  for (const auto& [underlying, group] : account.groups)
    out.parts.push_back({underlying, group.why});
  out.why = sum_of(account);
  out.capital_days = account.capital_days;
  if (out.capital_days > 0) {
    out.income_per_year = to_double(out.income()) / out.capital_days * days_per_year;
    out.profit_per_year = to_double(out.why.total()) / out.capital_days * days_per_year;
  }
  return out;
}

std::vector<OptionsResult> OptionsStudy::results(std::span<const std::string> names,
                                                 const Profit& profit) const {
  std::vector<OptionsResult> out;
  for (std::uint32_t i = 0; i < accounts_.size(); ++i) {
    if (!accounts_[i].dealt) continue;
    out.push_back(result(i, profit));
    out.back().strategy = names[i];
  }
  return out;
}

}  // namespace zomma
