// american_pricer.cpp: American options, their Greeks and the exercise boundary.
#include <zomma/kernels/american_cash.h>

#include "cli/kernels/row_pricer.h"

namespace zomma::cli {
namespace {

class AmericanPricer final : public RowPricer {
 public:
  AmericanPricer(const PricingTask& task, const Origins& origins)
      : terms_(origins, wanted_), preset_(task.preset) {
    wanted_.push_back({Quantity::type});
    wanted_.push_back({Quantity::strike, Demand::positive});
    wanted_.push_back({Quantity::expiry, Demand::positive});
    wanted_.push_back({Quantity::vol, Demand::positive});
    names_ = {"price"};
    if (task.verb == Verb::greeks)
      names_ = {"price", "delta", "gamma", "vega", "theta", "rho", "boundary"};
  }

  kernels::Status run(kernels::Backend& backend, const OptionRows& rows) override {
    begin(rows.size());
    terms_.read(rows);
    kernels::AmericanValues out;
    std::span<double>* slots[] = {&out.price, &out.delta, &out.gamma,   &out.vega,
                                  &out.theta, &out.rho,   &out.boundary};
    for (std::size_t i = 0; i < names_.size(); ++i) *slots[i] = room(i, rows.size());
    out.status = status_;
    return american_price(backend, preset_,
                          {terms_.spot(), rows[Quantity::strike], rows[Quantity::expiry],
                           terms_.rate(), terms_.yield(), rows[Quantity::vol], rows.sign()},
                          out);
  }

 private:
  SpotTerms terms_;
  kernels::AmericanPreset preset_;
};

// On an asset that pays cash, which the integral method does not know.
class AmericanCashPricer final : public RowPricer {
 public:
  AmericanCashPricer(const PricingTask& task, const Origins& origins)
      : terms_(origins, wanted_), cash_(task.cash) {
    wanted_.push_back({Quantity::type});
    wanted_.push_back({Quantity::strike, Demand::positive});
    wanted_.push_back({Quantity::expiry, Demand::positive});
    wanted_.push_back({Quantity::vol, Demand::positive});
    names_ = {"price"};
    if (task.verb == Verb::greeks) names_ = {"price", "delta", "gamma", "vega"};
  }

  kernels::Status run(kernels::Backend& backend, const OptionRows& rows) override {
    begin(rows.size());
    terms_.read(rows);
    kernels::AmericanCashValues out;
    std::span<double>* slots[] = {&out.price, &out.delta, &out.gamma, &out.vega};
    for (std::size_t i = 0; i < names_.size(); ++i) *slots[i] = room(i, rows.size());
    out.status = status_;
    return american_cash_price(backend, {},
                               {terms_.spot(), rows[Quantity::strike], rows[Quantity::expiry],
                                terms_.rate(), terms_.yield(), rows[Quantity::vol], rows.sign()},
                               cash_.view(), out);
  }

 private:
  SpotTerms terms_;
  CashPayments cash_;
};

}  // namespace

std::unique_ptr<RowPricer> make_american_pricer(const PricingTask& task, const Origins& origins) {
  if (!task.cash.empty()) return std::make_unique<AmericanCashPricer>(task, origins);
  return std::make_unique<AmericanPricer>(task, origins);
}

}  // namespace zomma::cli
