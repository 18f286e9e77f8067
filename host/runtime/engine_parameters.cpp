// engine_parameters.cpp: a plugin's own table of parameters decides what may be said to it.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "runtime/engine.h"

namespace zomma {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string unknown_parameter(const Instance& instance, std::string_view name) {
  const ParameterInfo* nearest = nullptr;
  for (const ParameterInfo& info : instance.parameters())
    if (nearest == nullptr || distance(name, info.name) < distance(name, nearest->name))
      nearest = &info;
  std::string text = fmt::format("strategy {} has no parameter \"{}\"", instance.name(), name);
  if (nearest != nullptr) text += fmt::format("; did you mean \"{}\"?", nearest->name);
  return text;
}

Result<void> check_value(const std::string& instance, const ParameterInfo& info, double value) {
  const auto refuse = [&](const std::string& expected) {
    return Error{Errc::invalid_argument,
                 fmt::format("strategy {}: parameter \"{}\" is {}, expected {}", instance,
                             info.name, value, expected)};
  };
  if (!std::isfinite(value)) return refuse("a finite number");
  if (info.type == ZM_PARAM_BOOLEAN)
    return value == 0 || value == 1 ? Result<void>() : refuse("true or false");
  if (info.type == ZM_PARAM_INTEGER && value != std::floor(value)) return refuse("a whole number");
  if (value < info.minimum || value > info.maximum)
    return refuse(fmt::format("{} to {} {}", info.minimum, info.maximum, info.unit));
  return {};
}

std::optional<double> Engine::parameter_value(InstanceId id, std::uint32_t index) const {
  for (const zm_event& event : parameters_[id.value]) {
    if (event.u.parameter.index != index) continue;
    return event.u.parameter.type == ZM_PARAM_REAL
               ? event.u.parameter.value.real
               : static_cast<double>(event.u.parameter.value.integer);
  }
  return std::nullopt;
}

Result<void> Engine::check_parameters(const Instance& instance, const InstanceSettings& settings) {
  for (const auto& [name, value] : settings.parameters) {
    const auto& all = instance.parameters();
    const auto found =
        std::find_if(all.begin(), all.end(),
                     [&, &name = name](const ParameterInfo& info) { return info.name == name; });
    if (found == all.end()) return Error{Errc::not_found, unknown_parameter(instance, name)};
    if (const auto fits = check_value(instance.name(), *found, value); !fits) return fits;
  }
  return {};
}

}  // namespace zomma
