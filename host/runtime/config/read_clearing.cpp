// The part of the schema that says how option positions are cleared.
#include <cmath>

#include "runtime/config/read.h"

namespace zomma {
namespace {

constexpr double most_rate = 1.0;  // a year

// A share or a rate, kept in whole parts of 1 / `parts`.
template <class Whole>
void read_share(Section& section, std::string_view key, Whole& out, double parts, double least,
                double most) {
  double value = 0;
  if (section.real(key, value, least, most)) out = static_cast<Whole>(std::llround(value * parts));
}

void read_fees(Section& section, options::FeeSchedule& fees) {
  const auto money = [&](std::string_view key, Money& out) {
    section.decimal(key, out.value, money_digits, 0);
  };
  money("commission_per_contract", fees.commission_per_contract);
  money("clearing_per_contract", fees.clearing_per_contract);
  money("clearing_cap", fees.clearing_cap);
  money("regulatory_per_contract", fees.regulatory_per_contract);
  money("taf_per_contract", fees.taf_per_contract);
  money("taf_per_share", fees.taf_per_share);
  money("taf_share_cap", fees.taf_share_cap);
  money("sec_per_million", fees.sec_per_million);
  money("exercise_per_contract", fees.exercise_per_contract);
  money("assignment_per_contract", fees.assignment_per_contract);
  money("commission_per_share", fees.commission_per_share);
  section.finish();
}

}  // namespace

void read_clearing(Section& root, Config& config) {
  auto section = root.table("clearing");
  if (!section) return;
  options::ClearingSettings& clearing = config.clearing;
  section->boolean("enabled", clearing.enabled);
  section->word("assignment", clearing.allocation);
  section->integer("seed", clearing.seed);
  read_share(*section, "early_exercise", clearing.early_permille, 1000, 0, 1);
  section->decimal("pin_band", clearing.pin.band.value, money_digits, 0);
  read_share(*section, "pin_contrary", clearing.pin.contrary_permille, 1000, 0, 1);
  section->duration("delay", clearing.delay, Nanoseconds{options::shortest_delay});
  if (clearing.delay > options::longest_delay) {
    section->bad("delay", describe(*section->find("delay")), "at most 12 hours");
    clearing.delay = options::longest_delay;
  }
  read_share(*section, "cash_rate", clearing.credit_ppm, 1e6, -most_rate, most_rate);
  read_share(*section, "debit_rate", clearing.debit_ppm, 1e6, 0, most_rate);
  section->word("lots", clearing.lots);
  section->word("margin", clearing.margin);
  if (auto fees = section->table("fees")) read_fees(*fees, clearing.fees);
  section->finish();
}

}  // namespace zomma
