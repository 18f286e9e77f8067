// fixings.cpp: see fixings.h.
#include "portfolio/options/fixings.h"

#include <algorithm>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

constexpr std::int64_t session_ns = 12 * 3'600'000'000'000;  // no session is longer

template <class Times>
auto place_of(Times& times, Nanoseconds at) {
  return std::lower_bound(times.begin(), times.end(), at,
                          [](const auto& fixing, Nanoseconds when) { return fixing.at < when; });
}

}  // namespace

void Fixings::expect(const Contract& contract) {
  std::uint32_t& number = line_of_[contract.underlying.value];
  if (number == none) {
    number = static_cast<std::uint32_t>(lines_.size());
    lines_.emplace_back();
  }
  auto& times =
      contract.settlement == Settlement::am ? lines_[number].openings : lines_[number].closes;
  const auto place = place_of(times, contract.expiry);
  if (place == times.end() || place->at != contract.expiry)
    times.insert(place, {contract.expiry, {}});
}

Fixings::Heard Fixings::close_of(const Line& line, Nanoseconds at) {
  const bool traded = line.trade.known() && line.trade.at.value > at.value - session_ns;
  return traded || !line.mid.known() ? line.trade : line.mid;
}

void Fixings::hear(Line& line, Heard& which, Nanoseconds at, Money price) {
  while (line.next_close < line.closes.size() &&
         line.closes[line.next_close].at + closing_grace < at) {
    Fixing& fixing = line.closes[line.next_close++];
    fixing.heard = close_of(line, fixing.at);
  }
  which = {price, at};
  while (line.next_opening < line.openings.size() && line.openings[line.next_opening].at <= at)
    line.openings[line.next_opening++].heard = which;
}

void Fixings::on_trade(InstrumentId underlying, Nanoseconds at, Money price) {
  Line& line = lines_[line_of_[underlying.value]];
  hear(line, line.trade, at, price);
}

void Fixings::on_mid(InstrumentId underlying, Nanoseconds at, Money price) {
  Line& line = lines_[line_of_[underlying.value]];
  hear(line, line.mid, at, price);
}

void Fixings::restate(InstrumentId underlying, std::int64_t new_units, std::int64_t old_units,
                      Money cash) {
  if (!follows(underlying)) return;
  Line& line = lines_[line_of_[underlying.value]];
  for (Heard* heard : {&line.trade, &line.mid}) {
    const Int128 scaled =
        divide_rounded(static_cast<Int128>(heard->price.value) * old_units, new_units);
    heard->price.value = std::max<std::int64_t>(saturate(scaled - cash.value), 0);
  }
}

Money Fixings::spot(InstrumentId underlying) const {
  if (!follows(underlying)) return {};
  const Line& line = lines_[line_of_[underlying.value]];
  return line.trade.at >= line.mid.at ? line.trade.price : line.mid.price;
}

Fixings::Value Fixings::value(const Contract& contract) const {
  if (!follows(contract.underlying)) return {};
  const Line& line = lines_[line_of_[contract.underlying.value]];
  const bool am = contract.settlement == Settlement::am;
  const auto& times = am ? line.openings : line.closes;
  const auto place = place_of(times, contract.expiry);
  if (place == times.end() || place->at != contract.expiry) return {};
  const bool final = static_cast<std::uint64_t>(place - times.begin()) <
                     (am ? line.next_opening : line.next_close);
  const Heard heard = final ? place->heard : am ? Heard{} : close_of(line, place->at);
  return {heard.price, heard.at, heard.known()};
}

void Fixings::save(ArchiveWriter& out) const {
  for (const Line& line : lines_) {
    out.put(line.trade);
    out.put(line.mid);
    out.put_vector(line.closes);
    out.put_vector(line.openings);
    out.put(line.next_close);
    out.put(line.next_opening);
  }
}

void Fixings::load(ArchiveReader& in) {
  for (Line& line : lines_) {
    const std::size_t closes = line.closes.size(), openings = line.openings.size();
    line.trade = in.get<Heard>();
    line.mid = in.get<Heard>();
    line.closes = in.get_vector<Fixing>();
    line.openings = in.get_vector<Fixing>();
    line.next_close = in.get<std::uint64_t>();
    line.next_opening = in.get<std::uint64_t>();
    if (line.closes.size() != closes || line.openings.size() != openings ||
        line.next_close > closes || line.next_opening > openings)
      return in.fail();
  }
}

}  // namespace zomma::options
