// row_pricer.h: from rows of options to columns of results, one class a family of models. The
// mathematics is the kernels'.
#pragma once

#include <zomma/kernels/american.h>
#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/kernels/cash_dividends.h"
#include "cli/kernels/option_rows.h"

namespace zomma::cli {

enum class Model : std::uint8_t { bsm, black76, bachelier, american, heston, merton, bates };
enum class Verb : std::uint8_t { price, greeks, implied };

std::string_view name(Model model);
std::optional<Model> parse_model(std::string_view text);

struct PricingTask {
  Verb verb = Verb::price;
  Model model = Model::bsm;
  kernels::AmericanPreset preset = kernels::AmericanPreset::accurate;
  CashPayments cash;
  bool undiscounted = false;  // implied: prices are of today's forward, not discounted
};

class RowPricer {
 public:
  virtual ~RowPricer() = default;

  const std::vector<Wanted>& wanted() const { return wanted_; }
  const std::vector<std::string_view>& names() const { return names_; }
  // Leaves out what was not asked for; all are asked for to begin with.
  void ask_only(const std::vector<bool>& asked) { asked_ = asked; }

  // Prices every row; bad rows get what they get.
  virtual kernels::Status run(kernels::Backend& backend, const OptionRows& rows) = 0;

  std::span<const double> column(std::size_t index) const { return columns_[index]; }
  kernels::ElementStatus status(std::size_t row) const { return status_[row]; }
  // Why a row has no result, as a sentence that shows its numbers.
  std::string explain(const OptionRows& rows, std::size_t row) const;

 protected:
  // Room for a result, or an empty span where nobody asked and the kernel can do without.
  std::span<double> room(std::size_t index, std::size_t rows, bool needed = false);
  void begin(std::size_t rows) { status_.assign(rows, kernels::ElementStatus::ok); }

  std::vector<Wanted> wanted_;
  std::vector<std::string_view> names_;
  std::vector<bool> asked_;
  std::vector<std::vector<double>> columns_;
  std::vector<kernels::ElementStatus> status_;
};

// The pricer of a task for a file whose quantities come from `origins`; an error where the model
// has no such results.
Result<std::unique_ptr<RowPricer>> make_pricer(const PricingTask& task, const Origins& origins);

// The families.
std::unique_ptr<RowPricer> make_european_pricer(const PricingTask& task, const Origins& origins);
std::unique_ptr<RowPricer> make_american_pricer(const PricingTask& task, const Origins& origins);
std::unique_ptr<RowPricer> make_heston_pricer(const PricingTask& task, const Origins& origins);
std::unique_ptr<RowPricer> make_merton_pricer(const PricingTask& task, const Origins& origins);
std::unique_ptr<RowPricer> make_implied_pricer(const PricingTask& task, const Origins& origins);

// The underlying, the rate and the dividend of a model written on the spot. A file that only has
// forwards gives spot = forward and dividend = rate, which is the same option.
class SpotTerms {
 public:
  SpotTerms(const Origins& origins, std::vector<Wanted>& wanted);
  void read(const OptionRows& rows);
  std::span<const double> spot() const { return spot_; }
  std::span<const double> rate() const { return rate_; }
  std::span<const double> yield() const { return yield_; }

 private:
  bool on_forward_, has_dividend_;
  std::span<const double> spot_, rate_, yield_;
  std::vector<double> zeros_;
};

}  // namespace zomma::cli
