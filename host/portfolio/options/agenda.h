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
#include "market/options/announcement.h"
#include "market/options/calendar.h"

namespace zomma::options {

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
