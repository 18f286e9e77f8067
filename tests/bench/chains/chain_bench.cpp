// Chains of real sessions, in CPU time of one core. Minutes: every quote of GOOG's minute bars
// told, the chain refreshed each minute. Days: AAPL's end-of-day chain told and refreshed as on 252
// days, the surface fitted each time. The references are the telling alone and naive_chain.h.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "bench/chains/naive_chain.h"
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

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Session {
  std::vector<options::ChainBook::Member> members;
  EventBuffer events{1 << 19};
  double reading = 0;
};

bool load(const lean::Options& options, Session& session) {
  const auto found = lean::discover(options);
  if (!found) return std::printf("skipped: %s\n", found.error().message.c_str()), false;
  std::vector<Instrument> instruments(1);
  instruments[0].id = {0};
  instruments[0].symbol = options.underlyings[0];
  instruments[0].price_digits = 4;
  for (const auto& contract : found->contracts) {
    Instrument option = instruments[0];
    option.id = {static_cast<std::uint32_t>(instruments.size())};
    option.symbol = *lean::occ_symbol(contract.key);
    option.option = OptionTerms{
        contract.underlying, contract.key.expiry, {contract.key.strike}, contract.key.put};
    zm_contract terms{};
    terms.instrument = option.id.value;
    terms.flags = ZM_CONTRACT_AMERICAN | (contract.key.put ? std::uint32_t{ZM_CONTRACT_PUT} : 0u);
    terms.expiry_date = contract.key.expiry;
    terms.strike = contract.key.strike;
    terms.expiry_ns = options::new_york(contract.key.expiry, 16, 0).value;
    session.members.push_back({terms, 4});
    instruments.push_back(std::move(option));
  }
  const auto source = lean::Source::open(options, instruments);
  if (!source) return std::printf("skipped: %s\n", source.error().message.c_str()), false;
  const double before = cpu_seconds();
  for (;;) {
    const auto count = (*source)->read(session.events);
    if (!count || *count == 0) break;
  }
  session.reading = cpu_seconds() - before;
  return true;
}

options::ChainSettings settings() {
  options::ChainSettings out;
  out.rates = {{0, 0.0075}};
  return out;
}

void minutes(lean::Options options, int rounds) {
  options.underlyings = {"GOOG"};
  options.resolution = lean::Resolution::minute;
  Session session;
  if (!load(options, session)) return;
  std::vector<double> told, refreshed, naive;
  std::size_t batches = 0;
  double sum = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const int what : {0, 1, 2}) {
      options::ChainBook chain(0, 4, session.members, settings());
      batches = 0;
      double other = 0;
      const double start = cpu_seconds();
      for (const zm_event& event : session.events.events()) {
        chain.on_event(event);
        if ((event.flags & ZM_FLAG_LAST) == 0) continue;
        ++batches;
        if (what == 0) continue;
        chain.refresh(event.ts_ns);
        if (what == 1) continue;
        const double before = cpu_seconds();
        sum += bench::naive_chain(chain.view(), 1e-4);
        other += cpu_seconds() - before;
      }
      (what == 0   ? told
       : what == 1 ? refreshed
                   : naive)
          .push_back(what == 2 ? other : cpu_seconds() - start);
    }
  }
  const double tell = median(told), all = median(refreshed), reference = median(naive);
  std::printf(
      "minutes: GOOG 2015-12-24, %zu contracts, %zu events, %zu minutes: reading %.2f s, telling "
      "%.3f s, with analytics %.2f s (%.2f s for 390 minutes); Newton on std::erfc %.2f s (ratio "
      "%.2f); %g\n",
      session.members.size(), session.events.size(), batches, session.reading, tell, all,
      all * 390 / static_cast<double>(batches), reference, all / reference, sum);
}

// The same session again and again, as if each were a new day.
void days(lean::Options options, int rounds) {
  constexpr int year = 252;
  options.underlyings = {"AAPL"};
  options.resolution = lean::Resolution::universe;
  options.from = options.to = 20140603;
  Session session;
  if (!load(options, session)) return;
  options::ChainSettings rules = settings();
  rules.refit_ns = 1;
  std::vector<double> taken;
  double naive = 0, sum = 0;
  for (int round = 0; round < rounds; ++round) {
    options::ChainBook chain(0, 4, session.members, rules);
    const double start = cpu_seconds();
    for (int day = 0; day < year; ++day) {
      for (zm_event event : session.events.events()) {
        event.ts_ns += day;
        chain.on_event(event);
      }
      chain.refresh(session.events.events().back().ts_ns + day);
    }
    taken.push_back(cpu_seconds() - start);
    const double before = cpu_seconds();
    for (int day = 0; day < year; ++day) sum += bench::naive_chain(chain.view(), 1e-4);
    naive = cpu_seconds() - before;
  }
  const double all = median(taken);
  std::printf(
      "days: AAPL 2014-06-03, %zu contracts, %d days, the surface fitted each day: %.2f s; Newton "
      "on std::erfc %.2f s (ratio %.2f); %g\n",
      session.members.size(), year, all, naive, all / naive, sum);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[argc - 1], "--quick") == 0;
  lean::Options options;
  options.options_dir = argc > 1 && !(quick && argc == 2) ? argv[1] : "../shared/data/options/lean";
  minutes(options, quick ? 1 : 5);
  days(options, quick ? 1 : 3);
}
