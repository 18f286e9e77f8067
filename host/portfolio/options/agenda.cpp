// agenda.cpp: see agenda.h.
#include "portfolio/options/agenda.h"

#include <algorithm>

namespace zomma::options {

bool Agenda::announce(InstrumentId underlying, const zm_corporate_action& action, Nanoseconds now) {
  const bool earnings = action.type == announced_earnings;
  const bool dividend =
      action.type == ZM_CORPORATE_DIVIDEND || action.type == ZM_CORPORATE_SPECIAL_DIVIDEND;
  if (!(earnings || dividend) || !valid_date(action.ex_date) || action.cash < 0) return false;
  const zm_agenda_entry entry{
      earnings ? std::uint32_t{ZM_AGENDA_EARNINGS} : std::uint32_t{ZM_AGENDA_EX_DIVIDEND},
      action.ex_date, earnings ? 0 : action.cash, now.value};
  auto& all = entries_[underlying];
  const auto place = std::lower_bound(
      all.begin(), all.end(), entry, [](const zm_agenda_entry& a, const zm_agenda_entry& b) {
        return std::pair(a.date, a.type) < std::pair(b.date, b.type);
      });
  if (place != all.end() && place->date == entry.date && place->type == entry.type)
    *place = entry;
  else
    all.insert(place, entry);
  return true;
}

std::uint32_t Agenda::upcoming(InstrumentId underlying, Date today,
                               std::span<zm_agenda_entry> out) const {
  const auto found = entries_.find(underlying);
  if (found == entries_.end()) return 0;
  std::uint32_t count = 0;
  for (const zm_agenda_entry& entry : found->second) {
    if (entry.date < today) continue;
    if (count < out.size()) out[count] = entry;
    ++count;
  }
  return count;
}

Money Agenda::dividends(InstrumentId underlying, Date after, Date until) const {
  Money sum;
  const auto found = entries_.find(underlying);
  if (found == entries_.end()) return sum;
  for (const zm_agenda_entry& entry : found->second)
    if (entry.type == ZM_AGENDA_EX_DIVIDEND && entry.date > after && entry.date <= until)
      sum += {entry.cash};
  return sum;
}

void Agenda::save(ArchiveWriter& out) const {
  out.put<std::uint64_t>(entries_.size());
  for (const auto& [underlying, entries] : entries_) {
    out.put(underlying);
    out.put_vector(entries);
  }
}

void Agenda::load(ArchiveReader& in) {
  entries_.clear();
  const auto count = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const auto underlying = in.get<InstrumentId>();
    entries_[underlying] = in.get_vector<zm_agenda_entry>();
  }
}

}  // namespace zomma::options
