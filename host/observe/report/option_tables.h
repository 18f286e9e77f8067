// option_tables.h: the tables of a run that held options, for text and HTML alike, and its events
// as CSV. All are empty where no options were held.
#pragma once

#include <string>

#include "observe/report/report.h"
#include "observe/report/tables.h"

namespace zomma {

// "SPY 2015-01-23 P 202.50" of a contract, the symbol of anything else; "-" for none.
std::string contract_name(const RunResult& run, std::uint32_t instrument);

Table option_greeks_table(const Report& report);
Table option_income_table(const Report& report);
// By underlying, the largest P&L first; at most `most` of them, the rest summed.
Table attribution_table(const Report& report, const OptionsResult& options, std::size_t most = 30);
// The last `most` events.
Table option_events_table(const Report& report, const OptionsResult& options, std::size_t most);

// One line per event, a header first: time_utc,strategy,event,contract,other,quantity,price,cash,
// fee,underlying_price. Money with eight decimals; what is not known is empty.
std::string option_events_csv(const RunResult& run);

}  // namespace zomma
