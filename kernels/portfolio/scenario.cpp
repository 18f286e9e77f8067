// scenario.cpp: full revaluation, a pack of positions at a time, partial sums joined in the order
// of the positions.
#include <zomma/kernels/portfolio/scenario.h>

#include <algorithm>
#include <array>

#include "scenario_checks.h"

namespace zomma::kernels {
namespace {

using lanes::Pack;
constexpr std::size_t width = lanes::Traits<Pack>::width;
constexpr std::size_t interleaved = detail::interleaved_sums;
using detail::Chunk;

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
    const bool counts = at + k < end;
    const detail::PositionRow row = counts ? detail::position_row(b, i) : detail::PositionRow{};
    const std::array<double, 8> numbers{row.spot, row.strike,   row.expiry, row.volatility,
                                        row.rate, row.dividend, row.sign,   row.weight};
    for (std::size_t c = 0; c < 8; ++c) columns[c][k] = numbers[c];
  }
  const auto column = [&](std::size_t c) { return lanes::load<Pack>(columns[c].data()); };
  return {detail::option_lanes<Pack>(column(0), column(1), column(2), column(3), column(4),
                                     column(5), column(6)),
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

// One pack in all scenarios of the grid, added to sums[scenario * interleaved + slot ...].
void add_grid(const Loaded& held, const ScenarioGrid& grid, const GridLogs& spots, std::size_t slot,
              double* sums) {
  const Pack today = detail::value_today(held.option), sign = held.option.sign;
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
  const Pack today = detail::value_today(held.option), sign = held.option.sign;
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
  const std::vector<Chunk> chunks = detail::chunks_of(groups);
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
          partial[c * scenarios + s] = detail::joined(sums.data() + s * interleaved);
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
    const bool good = detail::usable_position(book, i);
    if (!status.empty()) status[i] = good ? ElementStatus::ok : ElementStatus::domain;
    if (!excluded.empty() && !good) ++excluded[groups.group[i]];
  }
}

}  // namespace

Status scenario_grid(Backend& backend, const OptionBook& book, const Grouping& groups,
                     const ScenarioGrid& grid, std::span<double> out,
                     std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  if (!detail::grid_good(grid)) return Status::invalid_setting;
  if (!detail::book_fits(book, groups) ||
      !detail::answers_fit(groups, grid.size(), out, excluded, status)) {
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
  if (shocks.size() % count != 0 || !detail::book_fits(book, groups) ||
      !detail::answers_fit(groups, scenarios, out, excluded, status)) {
    return Status::length_mismatch;
  }
  if (!detail::shocks_good(shocks)) return Status::invalid_setting;
  revalue_all(backend, book, groups, scenarios, out,
              [&](const Loaded& held, std::size_t group, std::size_t slot, double* sums) {
                add_shocks(held, shocks, group, count, slot, sums);
              });
  mark(book, groups, excluded, status);
  return Status::ok;
}

}  // namespace zomma::kernels
