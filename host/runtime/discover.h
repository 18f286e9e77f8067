// discover.h: feeds of option chains name folders, not contracts: this reads what is there before a
// run begins and writes every contract into the configuration, which from then on says all that a
// replay needs.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "market/feeds/chain_csv/source.h"
#include "market/feeds/lean/folder.h"
#include "market/feeds/modelled/source.h"
#include "runtime/config/config.h"

namespace zomma {

// Once for each feed: adds an instrument for every contract of the chain feeds that is not there
// yet, assigns them to their feeds, and reads the interest rates. `say` hears what was found and
// what was refused. Errors name the feed.
Result<void> discover_contracts(Config& config, const std::function<void(const std::string&)>& say);

// yyyymmdd, or `otherwise` where none is given.
std::uint32_t number_of(const CalendarDate& date, std::uint32_t otherwise);
chain_csv::Options chain_csv_options(const FeedConfig& feed);
lean::Options lean_options(const FeedConfig& feed);
modelled::Options modelled_options(const Config& config, const FeedConfig& feed);

}  // namespace zomma
