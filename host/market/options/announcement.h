// announcement.h: the host's own event for a day of a company that is known to come: u.corporate
// with what will take effect on ex_date. No strategy hears it: it is looked up
// (ext/draft/agenda.h).
#pragma once

#include <cstdint>

namespace zomma::options {

constexpr std::uint16_t event_announcement = 258;
// u.corporate.type of an announcement besides ZM_CORPORATE_DIVIDEND and _SPECIAL_DIVIDEND.
constexpr std::uint32_t announced_earnings = 100;
// Days before the ex-day. For data that say when a dividend was paid and not when it was declared:
// US companies declare two to six weeks ahead, so what is told then was known.
constexpr int assumed_notice_days = 14;

}  // namespace zomma::options
