#include "observe/report/fill_study.h"

#include <algorithm>
#include <cmath>

namespace zomma {
namespace {

constexpr double bps = 1e4;

Money to_money(double amount) {
  return {static_cast<std::int64_t>(std::llround(std::clamp(amount * 1e8, -9.2e18, 9.2e18)))};
}

void add_up(auto& into, const auto& from) {
  into.fills += from.fills;
  into.edge += from.edge;
  into.slippage += from.slippage;
  into.slippage_cost += from.slippage_cost;
  into.edge_gain += from.edge_gain;
  for (std::size_t h = 0; h < into.moves.size(); ++h) into.moves[h] += from.moves[h];
}

}  // namespace

FillStudy::FillStudy(std::size_t instances, std::vector<Nanoseconds> horizons)
    : horizons_(std::move(horizons)), scores_(2 * instances), waiting_(horizons_.size()) {
  for (Score& score : scores_) score.moves.resize(horizons_.size());
}

void FillStudy::add(const FillFacts& fill) {
  const std::uint32_t index = 2 * fill.instance + (fill.maker ? 1 : 0);
  Score& score = scores_[index];
  const int direction = sign(fill.side);
  ++score.fills;
  if (fill.arrival_doubled_mid > 0) {
    const double arrival = static_cast<double>(fill.arrival_doubled_mid);
    const double relative = direction * (fill.doubled_price - arrival) / arrival;
    score.slippage.add(relative * bps, fill.value);
    score.slippage_cost += relative * arrival / fill.doubled_price * fill.value;
  }
  if (fill.doubled_mid <= 0) return;
  const double mid = static_cast<double>(fill.doubled_mid);
  const double edge = direction * (mid - fill.doubled_price) / mid;
  score.edge.add(edge * bps, fill.value);
  score.edge_gain += edge * mid / fill.doubled_price * fill.value;
  for (std::size_t h = 0; h < horizons_.size(); ++h) {
    if (waiting_[h].size() >= max_waiting) {
      ++dropped_;
      continue;
    }
    waiting_[h].push_back({fill.ts_ns + horizons_[h].value, index, fill.instrument,
                           fill.doubled_mid, fill.value, direction});
  }
}

void FillStudy::judge(const Waiting& fill, std::int64_t doubled_mid, WeightedMean& move) {
  const double before = static_cast<double>(fill.doubled_mid);
  move.add(fill.direction * (static_cast<double>(doubled_mid) - before) / before * bps, fill.value);
}

void FillStudy::resolve(std::int64_t now_ns, std::span<const std::int64_t> doubled_mids) {
  for (std::size_t h = 0; h < waiting_.size(); ++h) {
    auto& queue = waiting_[h];
    while (!queue.empty() && queue.front().due_ns < now_ns) {
      const Waiting& fill = queue.front();
      judge(fill, doubled_mids[fill.instrument], scores_[fill.score].moves[h]);
      queue.pop_front();
    }
  }
}

std::int64_t FillStudy::next_due() const {
  std::int64_t due = std::numeric_limits<std::int64_t>::max();
  for (const auto& queue : waiting_) {
    if (!queue.empty()) due = std::min(due, queue.front().due_ns);
  }
  return due;
}

std::vector<FillStudy::Score> FillStudy::scores_at(
    std::int64_t now_ns, std::span<const std::int64_t> doubled_mids) const {
  std::vector<Score> scores = scores_;
  for (std::size_t h = 0; h < waiting_.size(); ++h) {
    for (const Waiting& fill : waiting_[h]) {
      if (fill.due_ns > now_ns) break;
      judge(fill, doubled_mids[fill.instrument], scores[fill.score].moves[h]);
    }
  }
  return scores;
}

Markout FillStudy::markout(const Score& score) const {
  Markout result;
  result.fills = score.fills;
  result.edge_bps = score.edge.mean();
  result.edge = to_money(score.edge_gain);
  for (std::size_t h = 0; h < horizons_.size(); ++h) {
    const WeightedMean& move = score.moves[h];
    result.horizons.push_back({horizons_[h], move.count, move.mean(), move.error()});
  }
  return result;
}

Slippage FillStudy::slippage(const Score& score) {
  return {score.slippage.count, score.slippage.mean(), to_money(score.slippage_cost)};
}

FillStudy::Results FillStudy::results(std::uint32_t instance, std::int64_t now_ns,
                                      std::span<const std::int64_t> doubled_mids) const {
  const std::vector<Score> scores = scores_at(now_ns, doubled_mids);
  const Score& taker = scores[2 * instance];
  const Score& maker = scores[2 * instance + 1];
  return {markout(maker), markout(taker), slippage(maker), slippage(taker)};
}

FillStudy::Results FillStudy::results_of_all(std::int64_t now_ns,
                                             std::span<const std::int64_t> doubled_mids) const {
  Score taker, maker;
  taker.moves.resize(horizons_.size());
  maker.moves.resize(horizons_.size());
  const std::vector<Score> scores = scores_at(now_ns, doubled_mids);
  for (std::size_t i = 0; i < scores.size(); ++i) add_up(i % 2 == 0 ? taker : maker, scores[i]);
  return {markout(maker), markout(taker), slippage(maker), slippage(taker)};
}

}  // namespace zomma
