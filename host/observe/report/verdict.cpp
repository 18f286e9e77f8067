// verdict.cpp: the figures in sentences. The order is that of a reader's questions: did it earn
// money after fees, was that better than the baselines, could it be luck, do the signals know
// anything, can the data be trusted.
#include <fmt/core.h>

#include <cmath>

#include "observe/report/format.h"
#include "observe/report/report.h"

namespace zomma {
namespace {

constexpr std::uint64_t least_intervals = 30;  // fewer and a t statistic is not worth a sentence
constexpr double significant = 1.96;           // two-sided 5 % of the normal distribution

std::string subject(const RunResult& run) {
  if (run.strategies.size() == 1) return run.strategies[0].name;
  return fmt::format("The {} strategies together", run.strategies.size());
}

struct Amounts {
  int digits;
  std::string currency;
  std::string operator()(Money amount) const {
    return show::money(
               {amount.value < 0 && amount.value != INT64_MIN ? -amount.value : amount.value},
               digits) +
           (currency.empty() ? "" : " " + currency);
  }
};

std::string outcome(const StrategyResult& total, const std::string& who, const Amounts& amount) {
  if (total.orders.fills == 0 && total.turnover.value == 0)
    return who + " did not trade; its P&L is zero.";
  const ProfitAndLoss& pnl = total.pnl;
  const std::string fees = pnl.fees.value > 0 ? fmt::format("paid {} in fees", amount(pnl.fees))
                           : pnl.fees.value < 0
                               ? fmt::format("earned {} in rebates", amount(pnl.fees))
                               : "paid no fees";
  const std::string before =
      pnl.gross().value == 0
          ? "it broke even before fees"
          : fmt::format("it {} {} before fees", pnl.gross().value > 0 ? "made" : "lost",
                        amount(pnl.gross()));
  if (pnl.net().value == 0)
    return fmt::format("{} broke even after fees: {} and {}.", who, before, fees);
  return fmt::format("{} {} {} after fees: {} and {}.", who, pnl.net().value > 0 ? "made" : "lost",
                     amount(pnl.net()), before, fees);
}

std::string against(const Baseline& baseline, Money own, const Amounts& amount) {
  const Money theirs = baseline.run.total.pnl.net();
  const Money difference = own - theirs;
  if (baseline.run.total.turnover.value == 0) {
    if (own.value == 0) return "Doing nothing would have come to the same.";
    return own.value < 0 ? "Doing nothing would have been better."
                         : "That is better than doing nothing.";
  }
  const std::string result =
      theirs.value == 0 ? "broke even"
                        : fmt::format("{} {}", theirs.value > 0 ? "made" : "lost", amount(theirs));
  if (difference.value == 0)
    return fmt::format("The baseline {} {} after fees, exactly the same.", baseline.name, result);
  return fmt::format("The baseline {} {} after fees, {} {}.", baseline.name, result,
                     amount(difference), difference.value > 0 ? "worse" : "better");
}

// Of a run over many days: what is left of its ratio after its length, skew and kurtosis.
std::string luck_over_days(const AnnualFigures& annual) {
  constexpr double one_sided = 0.975;
  const bool above = annual.certainty >= 0.5;
  const double certainty = above ? annual.certainty : 1 - annual.certainty;
  return fmt::format("Over {} days the true Sharpe ratio is {} zero with a probability of {}{}",
                     show::count(annual.days), above ? "above" : "below",
                     show::percent(certainty, 1),
                     certainty < one_sided ? ": this may be luck."
                                           : "; one sample says nothing about other years.");
}

std::string luck(const StrategyResult& total) {
  if (total.annual.days >= least_intervals && has_value(total.annual.certainty))
    return luck_over_days(total.annual);
  const bool minutes = total.per_minute.count >= least_intervals;
  const IntervalStatistics& best = minutes ? total.per_minute : total.per_second;
  if (!has_value(best.t)) return "";
  const char* unit = minutes ? "minute" : "second";
  if (best.count < least_intervals) {
    return fmt::format("The sample is too short to tell skill from luck ({} full seconds).",
                       total.per_second.count);
  }
  if (std::fabs(best.t) < significant) {
    return fmt::format(
        "Over {} {}s the mean P&L per {} cannot be told from zero (t = {:.2f}): this may be luck.",
        show::count(best.count), unit, unit, best.t);
  }
  return fmt::format(
      "Over {} {}s the mean P&L per {} is {} zero (t = {:.2f}); one sample says nothing about "
      "other days.",
      show::count(best.count), unit, unit, best.t > 0 ? "above" : "below", best.t);
}

std::string signal_quality(const RunResult& run) {
  if (run.signals.empty()) return "";
  std::string parts;
  for (std::size_t h = 0; h < run.horizons.size(); ++h) {
    std::size_t clear = 0, judged = 0;
    for (const SignalResult& signal : run.signals) {
      const SignalHorizon& horizon = signal.horizons[h];
      if (!has_value(horizon.spearman) || !has_value(horizon.spearman_error)) continue;
      ++judged;
      clear += std::fabs(horizon.spearman) > 2 * horizon.spearman_error;
    }
    if (!parts.empty()) parts += h + 1 == run.horizons.size() ? " and " : ", ";
    parts += judged == 0
                 ? fmt::format("none can be judged at {}", show::duration(run.horizons[h]))
                 : fmt::format("{} of {} at {}", clear, judged, show::duration(run.horizons[h]));
  }
  return "Signals whose rank correlation with the coming return is more than two standard errors "
         "from zero: " +
         parts + ".";
}

std::string data(const Report& report) {
  const DataQuality& quality = report.run.quality;
  if (quality.gaps == 0 && quality.lost_messages == 0) return "";
  return fmt::format(
      "The market data has {} gaps with {} lost messages: books were rebuilt, figures around them "
      "are weaker.",
      show::count(quality.gaps), show::count(quality.lost_messages));
}

}  // namespace

std::vector<std::string> verdict(const Report& report) {
  const RunResult& run = report.run;
  const Amounts amount{show::money_digits_of(report), run.currency};
  std::vector<std::string> sentences;
  const auto say = [&](std::string sentence) {
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  };
  if (run.strategies.empty()) {
    say("No strategy ran.");
  } else {
    say(outcome(run.total, subject(run), amount));
    for (const Baseline& baseline : report.baselines)
      say(against(baseline, run.total.pnl.net(), amount));
    if (run.total.turnover.value != 0) say(luck(run.total));
  }
  say(signal_quality(run));
  if (run.currency.find('+') != std::string::npos) {
    say(fmt::format("Totals add {} at par: look at the single instruments.", run.currency));
  }
  say(data(report));
  return sentences;
}

}  // namespace zomma
