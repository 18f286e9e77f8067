#include "market/feeds/modelled/volatility.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace zomma::modelled {
namespace {

constexpr double days_per_year = 252, memory_days = 756, month = 30.0 / 365.0;
constexpr std::array<std::size_t, 4> windows{1, 5, 22, 66};
constexpr std::array<double, 4> weights{0.02, 0.15, 0.28, 0.25};
constexpr double long_run_weight = 0.30;  // all of them add up to one
// The variance now is what the month's mean and the reversion imply, but never less than this share
// of the month's.
constexpr double least_now = 0.25;

}  // namespace

Result<void> check(const VolatilityModel& model) {
  const auto wrong = [](const char* what) { return Error{Errc::invalid_argument, what}; };
  if (!(model.premium > 0)) return wrong("volatility_premium must be above 0");
  if (!(model.least > 0)) return wrong("least_volatility must be above 0");
  if (!(model.reversion > 0)) return wrong("reversion must be above 0");
  if (!kernels::valid(model.smile) || !kernels::arbitrage_free(model.smile))
    return wrong(
        "a smile free of arbitrage has smile_eta (1 + |smile_rho|) <= 2, |smile_rho| < 1 and "
        "0 < smile_gamma <= 0.5");
  return {};
}

double total_variance(const VarianceLevel& level, double reversion, double years) {
  return level.long_run * years +
         (level.now - level.long_run) * -std::expm1(-reversion * years) / reversion;
}

void VolatilityForecast::add(double log_return) {
  squares_.push_back(log_return * log_return);
  const double share = 1 / std::min(static_cast<double>(squares_.size()), memory_days);
  long_run_ += (squares_.back() - long_run_) * share;
}

double VolatilityForecast::mean_square(std::size_t days) const {
  double sum = 0;
  for (std::size_t i = squares_.size() - days; i < squares_.size(); ++i) sum += squares_[i];
  return sum / static_cast<double>(days);
}

VarianceLevel VolatilityForecast::level() const {
  double daily = long_run_weight * std::sqrt(long_run_);
  for (std::size_t i = 0; i < windows.size(); ++i)
    daily += weights[i] * std::sqrt(mean_square(windows[i]));
  const auto implied = [&](double per_day) {
    const double vol = std::max(model_.premium * per_day * std::sqrt(days_per_year), model_.least);
    return vol * vol;
  };
  const double of_month = implied(daily), far = implied(std::sqrt(long_run_));
  const double share = -std::expm1(-model_.reversion * month) / (model_.reversion * month);
  return {std::max(far + (of_month - far) / share, least_now * of_month), far};
}

}  // namespace zomma::modelled
