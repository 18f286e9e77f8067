// risk_state.cpp: kill switches and what goes into a snapshot.
#include "risk/question.h"

namespace zomma {
namespace {
constexpr std::uint32_t archive_mark = 0x5249534B;  // "RISK"
}

bool RiskEngine::set_kill(KillLevel level, std::uint32_t id, bool killed) {
  const auto change = [killed](auto& flag) {
    const bool changed = (flag != 0) != killed;
    flag = killed;
    return changed;
  };
  switch (level) {
    case KillLevel::firm:
      return change(firm_killed_);
    case KillLevel::account:
      return id < account_killed_.size() && change(account_killed_[id]);
    case KillLevel::instance:
      return id < instances_.size() && change(instances_[id].killed);
    case KillLevel::instrument:
      return id < instruments_.size() && change(instruments_[id].killed);
  }
  return false;
}

bool RiskEngine::killed(KillLevel level, std::uint32_t id) const {
  switch (level) {
    case KillLevel::firm:
      return firm_killed_;
    case KillLevel::account:
      return id < account_killed_.size() && account_killed_[id] != 0;
    case KillLevel::instance:
      return id < instances_.size() && instances_[id].killed;
    case KillLevel::instrument:
      return id < instruments_.size() && instruments_[id].killed;
  }
  return false;
}

bool RiskEngine::may_send(InstanceId instance) const {
  if (firm_killed_ || instance.value >= instances_.size()) return false;
  const InstanceState& state = instances_[instance.value];
  return !state.killed && account_killed_[state.account] == 0;
}

void RiskEngine::set_reducing(InstanceId instance, bool reducing) {
  if (instance.value < instances_.size()) instances_[instance.value].reducing = reducing;
}

KillChange RiskEngine::review(InstanceId instance, const RiskSums& own, const RiskSums& firm) {
  if (!tree_.kill_on_loss) return {};
  const auto judge = [&](const RiskSums& sums, const EffectiveSums& limits, KillLevel level,
                         std::uint32_t id) -> KillChange {
    const bool loss = daily_loss_breached(sums, limits);
    if (!loss && !drawdown_breached(sums, limits)) return {};
    if (!set_kill(level, id, true)) return {};
    return {true, level, id, loss ? ZM_REASON_DAILY_LOSS : ZM_REASON_DRAWDOWN};
  };
  if (instance.value < instances_.size()) {
    const KillChange change =
        judge(own, instances_[instance.value].sums, KillLevel::instance, instance.value);
    if (change.changed) return change;
  }
  return judge(firm, firm_sums_, KillLevel::firm, 0);
}

std::uint64_t RiskEngine::forgotten_duplicates() const {
  std::uint64_t total = 0;
  for (const InstanceState& instance : instances_) total += instance.duplicates.lost();
  return total;
}

void RiskEngine::save(ArchiveWriter& out) const {
  out.put(archive_mark);
  out.put<std::uint64_t>(instances_.size());
  out.put<std::uint64_t>(instruments_.size());
  out.put<std::uint8_t>(firm_killed_);
  out.put_vector(account_killed_);
  out.put(firm_bucket_.save());
  for (const InstanceState& instance : instances_) {
    out.put<std::uint8_t>(instance.killed);
    out.put<std::uint8_t>(instance.reducing);
    out.put(instance.cancels);
    out.put(instance.bucket.save());
    instance.duplicates.save(out);
  }
  for (const InstrumentState& instrument : instruments_) out.put<std::uint8_t>(instrument.killed);
  out.put(refused_);
  out.put(passed_);
}

void RiskEngine::load(ArchiveReader& in) {
  in.expect_mark(archive_mark);
  if (in.get<std::uint64_t>() != instances_.size() ||
      in.get<std::uint64_t>() != instruments_.size())
    in.fail();
  if (!in.ok()) return;
  firm_killed_ = in.get<std::uint8_t>() != 0;
  auto accounts = in.get_vector<std::uint8_t>();
  if (accounts.size() != account_killed_.size()) in.fail();
  if (!in.ok()) return;
  account_killed_ = std::move(accounts);
  firm_bucket_.load(in.get<TokenBucket::Saved>());
  for (InstanceState& instance : instances_) {
    instance.killed = in.get<std::uint8_t>() != 0;
    instance.reducing = in.get<std::uint8_t>() != 0;
    instance.cancels = in.get<std::uint64_t>();
    instance.bucket.load(in.get<TokenBucket::Saved>());
    instance.duplicates.load(in);
  }
  for (InstrumentState& instrument : instruments_) instrument.killed = in.get<std::uint8_t>() != 0;
  refused_ = in.get<decltype(refused_)>();
  passed_ = in.get<std::uint64_t>();
}

}  // namespace zomma
