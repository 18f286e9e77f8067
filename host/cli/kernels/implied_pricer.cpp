// implied_pricer.cpp: from prices to volatilities: Black, Bachelier, American.
#include <zomma/kernels/american_cash.h>
#include <zomma/kernels/implied.h>

#include <cmath>

#include "cli/kernels/row_pricer.h"

namespace zomma::cli {
namespace {

using kernels::Status;

// Black and Bachelier know the forward and prices that are not discounted.
class ImpliedPricer final : public RowPricer {
 public:
  ImpliedPricer(const PricingTask& task, const Origins& origins)
      : bachelier_(task.model == Model::bachelier),
        undiscounted_(task.undiscounted),
        cash_(task.cash) {
    const auto demand = bachelier_ ? Demand::any : Demand::positive;
    from_spot_ = task.model == Model::bsm ||
                 (!origins.known(Quantity::forward) && origins.known(Quantity::spot));
    has_dividend_ = from_spot_ && origins.known(Quantity::dividend);
    wanted_ = {{Quantity::type}, {Quantity::price}};
    wanted_.push_back({from_spot_ ? Quantity::spot : Quantity::forward, demand});
    wanted_.push_back({Quantity::strike, demand});
    wanted_.push_back({Quantity::expiry, Demand::positive});
    if (from_spot_ || !undiscounted_) wanted_.push_back({Quantity::rate});
    if (has_dividend_) wanted_.push_back({Quantity::dividend});
    names_ = {"vol"};
  }

  Status run(kernels::Backend& backend, const OptionRows& rows) override {
    begin(rows.size());
    std::span<const double> price = rows[Quantity::price], forward = rows[Quantity::forward];
    const auto& expiry = rows[Quantity::expiry];
    if (!undiscounted_) {
      price_.resize(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i)
        price_[i] = price[i] * std::exp(rows[Quantity::rate][i] * expiry[i]);
      price = price_;
    }
    if (from_spot_) {
      forward_.resize(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double yield = has_dividend_ ? rows[Quantity::dividend][i] : 0.0;
        const double rate = rows[Quantity::rate][i],
                     spot = rows[Quantity::spot][i] - cash_.present_value(rate, expiry[i]);
        forward_[i] = spot * std::exp((rate - yield) * expiry[i]);
      }
      forward = forward_;
    }
    return implied_volatility(
        backend, bachelier_ ? kernels::ImpliedModel::bachelier : kernels::ImpliedModel::black,
        {rows.sign(), price, forward, rows[Quantity::strike], expiry}, room(0, rows.size(), true),
        status_);
  }

 private:
  bool bachelier_, undiscounted_, from_spot_, has_dividend_;
  CashPayments cash_;
  std::vector<double> price_, forward_;
};

class AmericanImpliedPricer final : public RowPricer {
 public:
  AmericanImpliedPricer(const PricingTask& task, const Origins& origins)
      : terms_(origins, wanted_), preset_(task.preset), cash_(task.cash) {
    wanted_.insert(wanted_.end(), {{Quantity::type}, {Quantity::price}});
    wanted_.push_back({Quantity::strike, Demand::positive});
    wanted_.push_back({Quantity::expiry, Demand::positive});
    names_ = {"vol"};
  }

  Status run(kernels::Backend& backend, const OptionRows& rows) override {
    begin(rows.size());
    terms_.read(rows);
    const kernels::AmericanTermsBatch terms{
        terms_.spot(), rows[Quantity::strike], rows[Quantity::expiry],
        terms_.rate(), terms_.yield(),         {},
        rows.sign()};
    const auto vol = room(0, rows.size(), true);
    if (!cash_.empty())
      return american_cash_implied_volatility(backend, {}, terms, cash_.view(),
                                              rows[Quantity::price], vol, status_);
    return american_implied_volatility(backend, preset_, terms, rows[Quantity::price], vol,
                                       status_);
  }

 private:
  SpotTerms terms_;
  kernels::AmericanPreset preset_;
  CashPayments cash_;
};

}  // namespace

std::unique_ptr<RowPricer> make_implied_pricer(const PricingTask& task, const Origins& origins) {
  if (task.model == Model::american) return std::make_unique<AmericanImpliedPricer>(task, origins);
  return std::make_unique<ImpliedPricer>(task, origins);
}

}  // namespace zomma::cli
