#include "cli/kernels/row_pricer.h"

#include <fmt/format.h>

namespace zomma::cli {
namespace {

constexpr std::array<std::string_view, 7> model_names{"bsm",    "black76", "bachelier", "american",
                                                      "heston", "merton",  "bates"};

}  // namespace

std::string_view name(Model model) { return model_names[static_cast<std::size_t>(model)]; }

std::optional<Model> parse_model(std::string_view text) {
  for (std::size_t i = 0; i < model_names.size(); ++i)
    if (model_names[i] == text) return static_cast<Model>(i);
  return std::nullopt;
}

std::span<double> RowPricer::room(std::size_t index, std::size_t rows, bool needed) {
  if (columns_.size() < names_.size()) columns_.resize(names_.size());
  columns_[index].resize(needed || asked_.empty() || asked_[index] ? rows : 0);
  return columns_[index];
}

std::string RowPricer::explain(const OptionRows& rows, std::size_t row) const {
  std::string numbers;
  for (const Wanted& want : wanted_) {
    if (want.quantity == Quantity::type) {
      numbers += rows.sign()[row] > 0 ? " call" : " put";
    } else {
      numbers += fmt::format(" {} {:.10g}", info(want.quantity).name, rows[want.quantity][row]);
    }
  }
  return fmt::format("{}: {}:{}", rows.place(row), kernels::name(status_[row]), numbers);
}

SpotTerms::SpotTerms(const Origins& origins, std::vector<Wanted>& wanted)
    : on_forward_(!origins.known(Quantity::spot) && origins.known(Quantity::forward)),
      has_dividend_(!on_forward_ && origins.known(Quantity::dividend)) {
  wanted.push_back({on_forward_ ? Quantity::forward : Quantity::spot, Demand::positive});
  wanted.push_back({Quantity::rate});
  if (has_dividend_) wanted.push_back({Quantity::dividend});
}

void SpotTerms::read(const OptionRows& rows) {
  spot_ = rows[on_forward_ ? Quantity::forward : Quantity::spot];
  rate_ = rows[Quantity::rate];
  zeros_.resize(rows.size());
  yield_ = on_forward_     ? rate_
           : has_dividend_ ? rows[Quantity::dividend]
                           : std::span<const double>(zeros_);
}

Result<std::unique_ptr<RowPricer>> make_pricer(const PricingTask& task, const Origins& origins) {
  const Model model = task.model;
  if (!task.cash.empty() && model != Model::bsm && model != Model::american)
    return Error{Errc::invalid_argument,
                 fmt::format("--cash: found --model {}, expected bsm or american", name(model))};
  if (!task.cash.empty() && !origins.known(Quantity::spot))
    return Error{Errc::invalid_argument,
                 "--cash: payments are taken out of a spot, and there is none"};
  if (task.verb == Verb::implied) {
    if (model == Model::heston || model == Model::merton || model == Model::bates)
      return Error{
          Errc::invalid_argument,
          fmt::format("--model {} has no implied volatility; expected bsm, black76, bachelier "
                      "or american",
                      name(model))};
    return make_implied_pricer(task, origins);
  }
  switch (model) {
    case Model::bsm:
    case Model::black76:
    case Model::bachelier:
      return make_european_pricer(task, origins);
    case Model::american:
      return make_american_pricer(task, origins);
    case Model::heston:
    case Model::bates:
      return make_heston_pricer(task, origins);
    case Model::merton:
      break;
  }
  return make_merton_pricer(task, origins);
}

}  // namespace zomma::cli
