// agenda.h: days of companies that are known to come: ex-dividend days and earnings, each since
// when it is known. Told by feeds, so that nobody sees a date before the market did.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <zomma/ext/draft/agenda.h>

#include "base/archive.h"
#include "base/types.h"
#include "market/options/calendar.h"

namespace zomma::options {

// The host's own event for an announcement: u.corporate with what will take effect on ex_date. No
// strategy hears it: it is looked up.
constexpr std::uint16_t event_announcement = 258;
// u.corporate.type of an announcement besides ZM_CORPORATE_DIVIDEND and _SPECIAL_DIVIDEND.
constexpr std::uint32_t announced_earnings = 100;

class Agenda {
 public:
  // False for what has no place in an agenda. An entry of the same day and type is replaced.
  bool announce(InstrumentId underlying, const zm_corporate_action& action, Nanoseconds now);
  // From `today` on, the nearest first. Returns how many there are; fills what `out` takes.
  std::uint32_t upcoming(InstrumentId underlying, Date today, std::span<zm_agenda_entry> out) const;
  // Cash per unit of dividends whose ex-day is after `after` and not after `until`.
  Money dividends(InstrumentId underlying, Date after, Date until) const;

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  std::map<InstrumentId, std::vector<zm_agenda_entry>> entries_;  // by date
};

}  // namespace zomma::options
