// european_pricer.cpp: Black-Scholes-Merton, Black-76 and Bachelier, all Greeks through third
// order.
#include <zomma/kernels/european.h>

#include "cli/kernels/row_pricer.h"

namespace zomma::cli {
namespace {

using kernels::EuropeanLevel;
using kernels::EuropeanModel;

class EuropeanPricer final : public RowPricer {
 public:
  EuropeanPricer(const PricingTask& task, const Origins& origins)
      : model_(task.model), greeks_(task.verb == Verb::greeks), cash_(task.cash) {
    wanted_ = {{Quantity::type}};
    const bool forward = model_ != Model::bsm;
    const auto demand = model_ == Model::bachelier ? Demand::any : Demand::positive;
    wanted_.push_back({forward ? Quantity::forward : Quantity::spot, demand});
    wanted_.push_back({Quantity::strike, demand});
    wanted_.push_back({Quantity::expiry, Demand::positive});
    wanted_.push_back({Quantity::rate});
    has_dividend_ = !forward && origins.known(Quantity::dividend);
    if (has_dividend_) wanted_.push_back({Quantity::dividend});
    wanted_.push_back({Quantity::vol, Demand::positive});
    names_ = {"price"};
    if (greeks_)
      names_ = {"price",  "delta",      "gamma",      "vega",  "theta", "rho",   "phi",
                "vanna",  "charm",      "veta",       "vomma", "speed", "zomma", "color",
                "ultima", "dual_delta", "dual_gamma", "v_tt",  "v_sr",  "v_vr",  "v_svv",
                "v_svt",  "v_stt",      "v_vvt",      "v_vtt", "v_ttt"};
    // With cash the kernel knows no further Greeks.
    if (greeks_ && !cash_.empty()) names_.resize(17);
  }

  kernels::Status run(kernels::Backend& backend, const OptionRows& rows) override {
    begin(rows.size());
    kernels::EuropeanResults<double> results;
    std::size_t index = 0;
    const auto take = [&](auto& slot, auto&) { slot = room(index++, rows.size()); };
    if (greeks_ && !cash_.empty())
      kernels::visit_tables<EuropeanLevel::standard>(results, results, take);
    else if (greeks_)
      kernels::visit_tables<EuropeanLevel::full>(results, results, take);
    else
      results.value = room(0, rows.size());
    const bool forward = model_ != Model::bsm;
    kernels::EuropeanOptions<double> options;
    options.sign = rows.sign();
    options.spot = rows[forward ? Quantity::forward : Quantity::spot];
    options.strike = rows[Quantity::strike];
    options.maturity = rows[Quantity::expiry];
    options.rate = rows[Quantity::rate];
    if (has_dividend_) options.yield = rows[Quantity::dividend];
    options.volatility = rows[Quantity::vol];
    const auto model = model_ == Model::bsm       ? EuropeanModel::black_scholes
                       : model_ == Model::black76 ? EuropeanModel::black76
                                                  : EuropeanModel::bachelier;
    return european_greeks(backend, model, options, results, status_, cash_.view());
  }

 private:
  Model model_;
  bool greeks_, has_dividend_;
  CashPayments cash_;
};

}  // namespace

std::unique_ptr<RowPricer> make_european_pricer(const PricingTask& task, const Origins& origins) {
  return std::make_unique<EuropeanPricer>(task, origins);
}

}  // namespace zomma::cli
