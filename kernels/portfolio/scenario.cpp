// scenario.cpp: full revaluation, a pack of positions at a time, partial sums joined in the order
// of the positions.
#include <zomma/kernels/portfolio/scenario.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <zomma/kernels/portfolio/revalue.h>

namespace zomma::kernels {
namespace {

using lanes::Pack;
constexpr std::size_t width = lanes::Traits<Pack>::width;
constexpr std::size_t interleaved =
    4;  // sums a scenario, position k of a chunk in sum k % 4, on any vector unit
constexpr std::size_t chunk_positions = 2048;

struct Chunk {
  std::size_t group;
  std::uint32_t begin, end;  // in Grouping::order
};

std::vector<Chunk> chunks_of(const Grouping& groups) {
  std::vector<Chunk> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::uint32_t at = groups.first[g]; at < groups.first[g + 1]; at += chunk_positions) {
      out.push_back(
          {g, at, std::min(at + static_cast<std::uint32_t>(chunk_positions), groups.first[g + 1])});
    }
  }
  return out;
}

bool book_fits(const OptionBook& b, const Grouping& groups) {
  const std::size_t n = groups.order.size();
  return b.spot.size() == n && b.strike.size() == n && b.expiry.size() == n &&
         b.volatility.size() == n && b.rate.size() == n && b.dividend.size() == n &&
         b.weight.size() == n && b.call.size() == n;
}

bool usable(const OptionBook& b, std::size_t i) {
  constexpr double most = 1e30, least = 1e-30;
  const auto priced = [](double x) { return x >= least && x <= most; };
  const double years = std::max(b.expiry[i], 0.0);
  return priced(b.spot[i]) && priced(b.strike[i]) && b.volatility[i] >= 0 &&
         b.volatility[i] < most && std::abs(b.expiry[i]) < most &&
         std::abs(b.rate[i]) * years < 100 && std::abs(b.dividend[i]) * years < 100 &&
         std::abs(b.rate[i]) < most && std::abs(b.dividend[i]) < most &&
         std::abs(b.weight[i]) < most && b.call[i] <= 1;
}

// The positions order[at .. at + width) as lanes; lanes beyond `end` or of unusable positions weigh
// nothing.
struct Loaded {
  OptionLanes<Pack> option;
  Pack weight;
};

Loaded load(const OptionBook& b, const Grouping& groups, std::uint32_t at, std::uint32_t end) {
  std::array<std::array<double, width>, 8> columns;
  for (std::uint32_t k = 0; k < width; ++k) {
    const std::size_t i = groups.order[std::min(at + k, end - 1)];
    const bool counts = at + k < end && usable(b, i);
    const std::array<double, 8> idle{1, 1, 0, 0, 0, 0, 1, 0};
    const std::array<double, 8> held{b.spot[i],
                                     b.strike[i],
                                     b.expiry[i],
                                     b.volatility[i],
                                     b.rate[i],
                                     b.dividend[i],
                                     b.call[i] ? 1.0 : -1.0,
                                     b.weight[i]};
    for (std::size_t c = 0; c < 8; ++c) columns[c][k] = counts ? held[c] : idle[c];
  }
  const auto column = [&](std::size_t c) { return lanes::load<Pack>(columns[c].data()); };
  const Pack spot = column(0), strike = column(1);
  return {{spot, strike, lanes::log(spot / strike), column(2), column(3), column(4), column(5),
           column(6)},
          column(7)};
}

struct GridLogs {
  std::vector<double> factors, logs;
};

GridLogs logs_of(std::span<const double> spot_moves) {
  GridLogs out;
  for (const double move : spot_moves) {
    out.factors.push_back(1.0 + move);
    out.logs.push_back(lanes::log(1.0 + move));
  }
  return out;
}

Pack value_today(const OptionLanes<Pack>& o) {
  const auto maturity = maturity_after<Pack>(o, 0, 0);
  return revalue<Pack>(o.sign, maturity, width_after<Pack>(o, maturity, 0), 1.0, 0.0);
}

// One pack in all scenarios of the grid, added to sums[scenario * interleaved + slot ...].
void add_grid(const Loaded& held, const ScenarioGrid& grid, const GridLogs& spots, std::size_t slot,
              double* sums) {
  const Pack today = value_today(held.option), sign = held.option.sign;
  for (const double rate : grid.rate_moves) {
    for (const double time : grid.times) {
      const auto maturity = maturity_after<Pack>(held.option, time, rate);
      for (const double volatility : grid.volatility_moves) {
        const auto wide = width_after<Pack>(held.option, maturity, volatility);
        for (std::size_t s = 0; s < spots.factors.size(); ++s, sums += interleaved) {
          const Pack value = revalue<Pack>(sign, maturity, wide, spots.factors[s], spots.logs[s]);
          lanes::add_to(sums + slot, held.weight * (value - today));
        }
      }
    }
  }
}

void add_shocks(const Loaded& held, std::span<const Shock> shocks, std::size_t group,
                std::size_t groups, std::size_t slot, double* sums) {
  const Pack today = value_today(held.option), sign = held.option.sign;
  for (std::size_t at = group; at < shocks.size(); at += groups, sums += interleaved) {
    const Shock& shock = shocks[at];
    const auto maturity = maturity_after<Pack>(held.option, shock.time, shock.rate_move);
    const auto wide = width_after<Pack>(held.option, maturity, shock.volatility_move);
    const Pack value = revalue<Pack>(sign, maturity, wide, 1.0 + shock.spot_move,
                                     lanes::log(1.0 + shock.spot_move));
    lanes::add_to(sums + slot, held.weight * (value - today));
  }
}

// Runs add(loaded pack, group, slot, sums) over the book and joins the chunks' sums.
template <class Add>
void revalue_all(Backend& backend, const OptionBook& book, const Grouping& groups,
                 std::size_t scenarios, std::span<double> out, Add&& add) {
  const std::vector<Chunk> chunks = chunks_of(groups);
  std::fill(out.begin(), out.end(), 0.0);
  const std::size_t at_once =
      std::max<std::size_t>(64, (std::size_t{1} << 22) / std::max<std::size_t>(scenarios, 1));
  std::vector<double> partial(std::min(at_once, chunks.size()) * scenarios);
  for (std::size_t done = 0; done < chunks.size(); done += at_once) {
    const std::size_t here = std::min(at_once, chunks.size() - done);
    backend.for_chunks(here, 1, [&](std::size_t begin, std::size_t end) {
      std::vector<double> sums(scenarios * interleaved);
      for (std::size_t c = begin; c < end; ++c) {
        const Chunk& chunk = chunks[done + c];
        std::fill(sums.begin(), sums.end(), 0.0);
        for (std::uint32_t at = chunk.begin; at < chunk.end; at += width) {
          add(load(book, groups, at, chunk.end), chunk.group, (at - chunk.begin) % interleaved,
              sums.data());
        }
        for (std::size_t s = 0; s < scenarios; ++s) {
          const double* four = sums.data() + s * interleaved;
          partial[c * scenarios + s] = (four[0] + four[1]) + (four[2] + four[3]);
        }
      }
    });
    for (std::size_t c = 0; c < here; ++c) {
      double* row = out.data() + chunks[done + c].group * scenarios;
      for (std::size_t s = 0; s < scenarios; ++s) row[s] += partial[c * scenarios + s];
    }
  }
}

void mark(const OptionBook& book, const Grouping& groups, std::span<std::uint32_t> excluded,
          std::span<ElementStatus> status) {
  std::fill(excluded.begin(), excluded.end(), 0u);
  if (excluded.empty() && status.empty()) return;
  for (std::size_t i = 0; i < groups.order.size(); ++i) {
    const bool good = usable(book, i);
    if (!status.empty()) status[i] = good ? ElementStatus::ok : ElementStatus::domain;
    if (!excluded.empty() && !good) ++excluded[groups.group[i]];
  }
}

bool move_good(double spot, double volatility, double time, double rate) {
  return spot > -1 && spot < 1e6 && std::abs(volatility) < 1e6 && time >= 0 && time < 1e6 &&
         std::abs(rate) < 1e3;
}

bool grid_good(const ScenarioGrid& grid) {
  const auto all = [](std::span<const double> list, auto&& good) {
    return std::all_of(list.begin(), list.end(), good);
  };
  return grid.size() > 0 && all(grid.spot_moves, [](double x) { return move_good(x, 0, 0, 0); }) &&
         all(grid.volatility_moves, [](double x) { return move_good(0, x, 0, 0); }) &&
         all(grid.times, [](double x) { return move_good(0, 0, x, 0); }) &&
         all(grid.rate_moves, [](double x) { return move_good(0, 0, 0, x); });
}

bool answers_fit(const Grouping& groups, std::size_t scenarios, std::span<double> out,
                 std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  return out.size() == groups.size() * scenarios &&
         (excluded.empty() || excluded.size() == groups.size()) &&
         (status.empty() || status.size() == groups.order.size());
}

}  // namespace

Status scenario_grid(Backend& backend, const OptionBook& book, const Grouping& groups,
                     const ScenarioGrid& grid, std::span<double> out,
                     std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  if (!grid_good(grid)) return Status::invalid_setting;
  if (!book_fits(book, groups) || !answers_fit(groups, grid.size(), out, excluded, status)) {
    return Status::length_mismatch;
  }
  const GridLogs spots = logs_of(grid.spot_moves);
  revalue_all(backend, book, groups, grid.size(), out,
              [&](const Loaded& held, std::size_t, std::size_t slot, double* sums) {
                add_grid(held, grid, spots, slot, sums);
              });
  mark(book, groups, excluded, status);
  return Status::ok;
}

Status stress(Backend& backend, const OptionBook& book, const Grouping& groups,
              std::span<const Shock> shocks, std::span<double> out,
              std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  const std::size_t count = groups.size();
  if (count == 0) return shocks.empty() && out.empty() ? Status::ok : Status::length_mismatch;
  const std::size_t scenarios = shocks.size() / count;
  if (shocks.size() % count != 0 || !book_fits(book, groups) ||
      !answers_fit(groups, scenarios, out, excluded, status)) {
    return Status::length_mismatch;
  }
  for (const Shock& s : shocks) {
    if (!move_good(s.spot_move, s.volatility_move, s.time, s.rate_move))
      return Status::invalid_setting;
  }
  revalue_all(backend, book, groups, scenarios, out,
              [&](const Loaded& held, std::size_t group, std::size_t slot, double* sums) {
                add_shocks(held, shocks, group, count, slot, sums);
              });
  mark(book, groups, excluded, status);
  return Status::ok;
}

}  // namespace zomma::kernels
