#include "runtime/sweep/space.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

#include "base/random.h"

namespace zomma {
namespace {

SweepValue number_value(const SweepParameter& parameter, double number) {
  if (parameter.whole) {
    const auto whole = static_cast<std::int64_t>(std::llround(number));
    return {std::to_string(whole), static_cast<double>(whole)};
  }
  char buffer[40];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return {text, number};
}

// `share` of the way from one end to the other; the ends come out exactly.
SweepValue in_range(const SweepParameter& parameter, double share) {
  if (share <= 0) return number_value(parameter, parameter.from);
  if (share >= 1) return number_value(parameter, parameter.to);
  if (parameter.scale == SweepScale::linear)
    return number_value(parameter, parameter.from + (parameter.to - parameter.from) * share);
  return number_value(parameter, parameter.from * std::pow(parameter.to / parameter.from, share));
}

std::uint64_t choices_of(const SweepParameter& parameter) {
  return parameter.values.empty() ? parameter.steps : parameter.values.size();
}

SweepValue choice_of(const SweepParameter& parameter, std::uint64_t index) {
  if (!parameter.values.empty()) return parameter.values[index];
  return in_range(parameter, parameter.steps < 2 ? 0.0 : static_cast<double>(index) / (parameter.steps - 1));
}

SweepValue draw(const SweepParameter& parameter, Random& random) {
  if (!parameter.values.empty()) return parameter.values[random.below(parameter.values.size())];
  const double share = static_cast<double>(random() >> 11) * 0x1p-53;
  // Whole numbers: each as likely as the others, the ends included.
  if (parameter.whole && parameter.scale == SweepScale::linear)
    return number_value(parameter, static_cast<double>(random.between(std::llround(parameter.from), std::llround(parameter.to))));
  return in_range(parameter, share);
}

std::string grouped(double count) {
  std::string digits = fmt::format("{:.0f}", count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

}  // namespace

Result<std::uint64_t> count_points(const SweepConfig& sweep, std::uint64_t runs_each) {
  double points = 1;  // may be beyond 64 bits
  std::string product;
  if (sweep.method == SweepMethod::random) {
    points = sweep.trials;
    product = std::to_string(sweep.trials);
  } else {
    for (const SweepParameter& parameter : sweep.parameters) {
      points *= static_cast<double>(choices_of(parameter));
      product += (product.empty() ? "" : " x ") + std::to_string(choices_of(parameter));
    }
  }
  if (runs_each > 1) product += fmt::format(" x {}", runs_each);
  const double runs = points * static_cast<double>(runs_each);
  if (runs > static_cast<double>(sweep.max_runs))
    return Error{Errc::exhausted, fmt::format("the search is {} = {} runs, sweep.max_runs allows {}: try fewer values, search at random, or "
                                              "raise max_runs", product, grouped(runs), grouped(static_cast<double>(sweep.max_runs)))};
  return static_cast<std::uint64_t>(points);
}

SweepPoint point_at(const SweepConfig& sweep, std::uint64_t index) {
  SweepPoint point(sweep.parameters.size());
  if (sweep.method == SweepMethod::random) {
    Random random(SplitMix64(sweep.seed)() ^ SplitMix64(index)());
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = draw(sweep.parameters[i], random);
    return point;
  }
  for (std::size_t i = point.size(); i-- > 0;) {
    const std::uint64_t choices = choices_of(sweep.parameters[i]);
    point[i] = choice_of(sweep.parameters[i], index % choices);
    index /= choices;
  }
  return point;
}

std::vector<SweepValue> values_to_check(const SweepParameter& parameter) {
  if (!parameter.values.empty()) return parameter.values;
  return {in_range(parameter, 0), in_range(parameter, 1)};
}

Assignments assignments_of(const SweepConfig& sweep, const SweepPoint& point, std::uint32_t path) {
  Assignments out;
  for (std::size_t i = 0; i < point.size(); ++i)
    for (const std::string& key : sweep.parameters[i].keys) out.emplace_back(key, point[i].toml);
  SplitMix64 mix(sweep.seed + std::uint64_t{path} * 0x632BE59BD9B4E019u);
  for (const std::string& key : sweep.paths.seeds) out.emplace_back(key, std::to_string(mix() >> 33));
  for (const SimulatedPaths::Pattern& pattern : sweep.paths.patterns) {
    std::string text = pattern.text;
    for (std::size_t at = 0; (at = text.find("{path}", at)) != std::string::npos;) text.replace(at, 6, std::to_string(path + 1));
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    quoted += '"';
    out.emplace_back(pattern.key, quoted);
  }
  return out;
}

}  // namespace zomma
