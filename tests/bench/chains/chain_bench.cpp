// A session of GOOG's minute quotes through a chain: every quote told, the chain refreshed each
// minute. The reference is the telling alone.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "market/feeds/lean/source.h"
#include "market/options/calendar.h"
#include "market/options/chain.h"

using namespace zomma;

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[argc - 1], "--quick") == 0;
  lean::Options options;
  options.options_dir = argc > 1 && !(quick && argc == 2) ? argv[1] : "../shared/data/options/lean";
  options.underlyings = {"GOOG"};
  options.resolution = lean::Resolution::minute;
  const auto found = lean::discover(options);
  if (!found) return std::printf("skipped: %s\n", found.error().message.c_str()), 0;
  std::vector<Instrument> instruments(1);
  instruments[0].id = {0};
  instruments[0].symbol = "GOOG";
  instruments[0].price_digits = 4;
  std::vector<options::ChainBook::Member> members;
  for (const auto& contract : found->contracts) {
    Instrument option = instruments[0];
    option.id = {static_cast<std::uint32_t>(instruments.size())};
    option.symbol = *lean::occ_symbol(contract.key);
    option.option =
        OptionTerms{"GOOG", contract.key.expiry, {contract.key.strike}, contract.key.put};
    zm_contract terms{};
    terms.instrument = option.id.value;
    terms.flags = ZM_CONTRACT_AMERICAN | (contract.key.put ? std::uint32_t{ZM_CONTRACT_PUT} : 0u);
    terms.expiry_date = contract.key.expiry;
    terms.strike = contract.key.strike;
    terms.expiry_ns = options::new_york(contract.key.expiry, 16, 0).value;
    members.push_back({terms, 4});
    instruments.push_back(std::move(option));
  }
  const auto source = lean::Source::open(options, instruments);
  if (!source) return std::printf("skipped: %s\n", source.error().message.c_str()), 0;
  EventBuffer events(1 << 19);
  const double before = cpu_seconds();
  for (;;) {
    const auto count = (*source)->read(events);
    if (!count || *count == 0) break;
  }
  const double reading = cpu_seconds() - before;
  options::ChainSettings settings;
  settings.rates = {{0, 0.0075}};
  std::vector<double> told, refreshed;
  std::size_t minutes = 0;
  for (int round = 0; round < (quick ? 1 : 5); ++round) {
    for (const bool refresh : {false, true}) {
      options::ChainBook chain(0, 4, members, settings);
      minutes = 0;
      const double start = cpu_seconds();
      for (const zm_event& event : events.events()) {
        chain.on_event(event);
        if ((event.flags & ZM_FLAG_LAST) == 0) continue;
        ++minutes;
        if (refresh) chain.refresh(event.ts_ns);
      }
      (refresh ? refreshed : told).push_back(cpu_seconds() - start);
    }
  }
  std::sort(told.begin(), told.end());
  std::sort(refreshed.begin(), refreshed.end());
  const double tell = told[told.size() / 2], all = refreshed[refreshed.size() / 2];
  std::printf(
      "GOOG 2015-12-24: %zu contracts, %zu quotes, %zu batches: reading %.2f s, telling %.3f s, "
      "with analytics %.2f s (ratio %.0f)\n",
      members.size(), events.size(), minutes, reading, tell, all, all / tell);
}
