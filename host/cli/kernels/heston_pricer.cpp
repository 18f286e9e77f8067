// heston_pricer.cpp: Heston, Bates and Merton. The kernels price a surface under one set of
// parameters; rows of any order are brought into such surfaces.
#include <zomma/kernels/heston.h>
#include <zomma/kernels/merton.h>

#include <algorithm>
#include <numeric>

#include "cli/kernels/row_pricer.h"

namespace zomma::cli {
namespace {

using kernels::ElementStatus;
using kernels::Status;

// Rows sorted by the values of some columns, so that equal ones stand together.
class Groups {
 public:
  Groups(std::vector<std::span<const double>> keys, std::size_t rows)
      : keys_(std::move(keys)), order_(rows) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      for (const auto& key : keys_)
        if (key[a] != key[b]) return key[a] < key[b];
      return a < b;
    });
  }
  const std::vector<std::size_t>& order() const { return order_; }
  // The end of the run of places, from `begin`, whose first `depth` keys are equal.
  std::size_t end(std::size_t begin, std::size_t depth) const {
    std::size_t at = begin + 1;
    while (at < order_.size() && equal(order_[begin], order_[at], depth)) ++at;
    return at;
  }

 private:
  bool equal(std::size_t a, std::size_t b, std::size_t depth) const {
    for (std::size_t i = 0; i < depth; ++i)
      if (keys_[i][a] != keys_[i][b]) return false;
    return true;
  }
  std::vector<std::span<const double>> keys_;
  std::vector<std::size_t> order_;
};

std::vector<double> gathered(std::span<const double> values,
                             const std::vector<std::size_t>& order) {
  std::vector<double> out;
  for (const std::size_t row : order) out.push_back(values[row]);
  return out;
}

// What both share: terms of the option, parameters by column, and results put back into place.
class ModelPricer : public RowPricer {
 protected:
  ModelPricer(const Origins& origins, std::vector<Wanted> parameters) : terms_(origins, wanted_) {
    wanted_.push_back({Quantity::type});
    wanted_.push_back({Quantity::strike, Demand::positive});
    wanted_.push_back({Quantity::expiry, Demand::positive});
    for (const Wanted& parameter : parameters) {
      wanted_.push_back(parameter);
      parameters_.push_back(parameter.quantity);
    }
  }

  Groups grouped(const OptionRows& rows) {
    begin(rows.size());
    terms_.read(rows);
    std::vector<std::span<const double>> keys;
    for (const Quantity parameter : parameters_) keys.emplace_back(rows[parameter]);
    keys.push_back(terms_.spot());
    keys.emplace_back(rows[Quantity::expiry]);
    keys.push_back(terms_.rate());
    keys.push_back(terms_.yield());
    return Groups(std::move(keys), rows.size());
  }

  SpotTerms terms_;
  std::vector<Quantity> parameters_;
};

class HestonPricer final : public ModelPricer {
 public:
  HestonPricer(const PricingTask& task, const Origins& origins)
      : ModelPricer(origins, parameters(task.model == Model::bates)),
        jumps_(task.model == Model::bates),
        greeks_(task.verb == Verb::greeks) {
    names_ = {"price"};
    if (greeks_)
      names_ = {"price", "delta", "gamma", "d_v0", "d_kappa", "d_theta", "d_vol_of_vol", "d_rho"};
  }

  Status run(kernels::Backend& backend, const OptionRows& rows) override {
    const Groups groups = grouped(rows);
    for (std::size_t i = 0; i < names_.size(); ++i) room(i, rows.size());
    Status worst = Status::ok;
    for (std::size_t begin = 0; begin < rows.size();) {
      const std::size_t end = groups.end(begin, parameters_.size() + 1);
      const Status status = run_surface(backend, rows, groups, begin, end);
      if (status == Status::invalid_setting) {
        for (std::size_t i = begin; i < end; ++i)
          status_[groups.order()[i]] = ElementStatus::domain;
      } else if (status != Status::ok) {
        worst = status;
      }
      begin = end;
    }
    return worst;
  }

 private:
  static std::vector<Wanted> parameters(bool jumps) {
    std::vector<Wanted> all{{Quantity::v0, Demand::not_negative},
                            {Quantity::kappa, Demand::not_negative},
                            {Quantity::theta, Demand::not_negative},
                            {Quantity::vol_of_vol, Demand::positive},
                            {Quantity::rho}};
    if (jumps) {
      all.push_back({Quantity::intensity, Demand::not_negative});
      all.push_back({Quantity::jump_mean});
      all.push_back({Quantity::jump_deviation, Demand::not_negative});
    }
    return all;
  }

  Status run_surface(kernels::Backend& backend, const OptionRows& rows, const Groups& groups,
                     std::size_t begin, std::size_t end) {
    const std::vector<std::size_t> order(
        groups.order().begin() + static_cast<std::ptrdiff_t>(begin),
        groups.order().begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t first = order[0], count = order.size();
    std::vector<kernels::HestonExpiry> expiries;
    for (std::size_t at = begin; at < end;) {
      const std::size_t next = std::min(end, groups.end(at, parameters_.size() + 4));
      const std::size_t row = groups.order()[at];
      expiries.push_back({rows[Quantity::expiry][row], terms_.rate()[row], terms_.yield()[row],
                          at - begin, next - begin});
      at = next;
    }
    const std::vector<double> strike = gathered(rows[Quantity::strike], order);
    std::vector<std::int8_t> sign;
    for (const std::size_t row : order) sign.push_back(rows.sign()[row]);
    const auto value = [&](Quantity q) { return rows[q][first]; };
    const kernels::HestonParameters model{value(Quantity::v0), value(Quantity::kappa),
                                          value(Quantity::theta), value(Quantity::vol_of_vol),
                                          value(Quantity::rho)};
    kernels::JumpParameters jumps;
    if (jumps_)
      jumps = {value(Quantity::intensity), value(Quantity::jump_mean),
               value(Quantity::jump_deviation)};
    std::vector<double> price(count), delta(greeks_ ? count : 0), gamma(greeks_ ? count : 0);
    std::vector<kernels::HestonGradient> gradient(greeks_ ? count : 0);
    std::vector<ElementStatus> status(count);
    const Status answer =
        heston_price(backend, model, jumps, {terms_.spot()[first], expiries, strike, sign},
                     {price, delta, gamma, gradient, status});
    if (answer != Status::ok) return answer;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = order[i];
      status_[row] = status[i];
      put(0, row, price[i]);
      if (!greeks_) continue;
      const auto& g = gradient[i];
      const double greeks[] = {delta[i], gamma[i], g.v0, g.kappa, g.theta, g.sigma, g.rho};
      for (std::size_t k = 0; k < std::size(greeks); ++k) put(k + 1, row, greeks[k]);
    }
    return Status::ok;
  }

  void put(std::size_t column, std::size_t row, double number) {
    if (!columns_[column].empty()) columns_[column][row] = number;
  }

  bool jumps_, greeks_;
};

class MertonPricer final : public ModelPricer {
 public:
  MertonPricer(const PricingTask& task, const Origins& origins)
      : ModelPricer(origins, {{Quantity::vol, Demand::positive},
                              {Quantity::intensity, Demand::not_negative},
                              {Quantity::jump_mean},
                              {Quantity::jump_deviation, Demand::not_negative}}) {
    names_ = {"price"};
    if (task.verb == Verb::greeks)
      names_ = {"price", "delta", "gamma", "vega",        "theta",       "rho",
                "phi",   "vanna", "vomma", "d_intensity", "d_jump_mean", "d_jump_deviation"};
  }

  Status run(kernels::Backend& backend, const OptionRows& rows) override {
    const Groups groups = grouped(rows);
    std::vector<std::span<double>> out;
    for (std::size_t i = 0; i < names_.size(); ++i) out.push_back(room(i, rows.size()));
    for (std::size_t begin = 0; begin < rows.size();) {
      const std::size_t end = groups.end(begin, parameters_.size());
      const std::vector<std::size_t> order(
          groups.order().begin() + static_cast<std::ptrdiff_t>(begin),
          groups.order().begin() + static_cast<std::ptrdiff_t>(end));
      const std::vector<double> spot = gathered(terms_.spot(), order),
                                strike = gathered(rows[Quantity::strike], order),
                                expiry = gathered(rows[Quantity::expiry], order),
                                rate = gathered(terms_.rate(), order),
                                yield = gathered(terms_.yield(), order);
      std::vector<std::int8_t> sign;
      for (const std::size_t row : order) sign.push_back(rows.sign()[row]);
      std::vector<ElementStatus> status(order.size(), ElementStatus::domain);
      kernels::MertonValues values;
      std::span<double>* slots[] = {
          &values.price, &values.delta,        &values.gamma,        &values.vega,
          &values.theta, &values.rho,          &values.phi,          &values.vanna,
          &values.vomma, &values.by_intensity, &values.by_jump_mean, &values.by_jump_deviation};
      std::vector<std::vector<double>> results(out.size());
      for (std::size_t c = 0; c < out.size(); ++c) {
        results[c].resize(out[c].empty() ? 0 : order.size());
        *slots[c] = results[c];
      }
      values.status = status;
      const std::size_t first = order[0];
      const Status answer =
          merton_price(backend, rows[Quantity::vol][first],
                       {rows[Quantity::intensity][first], rows[Quantity::jump_mean][first],
                        rows[Quantity::jump_deviation][first]},
                       {spot, strike, expiry, rate, yield, sign}, values);
      if (answer != Status::ok && answer != Status::invalid_setting) return answer;
      for (std::size_t i = 0; i < order.size(); ++i) {
        status_[order[i]] = status[i];
        for (std::size_t c = 0; c < out.size(); ++c)
          if (!out[c].empty()) out[c][order[i]] = results[c][i];
      }
      begin = end;
    }
    return Status::ok;
  }
};

}  // namespace

std::unique_ptr<RowPricer> make_heston_pricer(const PricingTask& task, const Origins& origins) {
  return std::make_unique<HestonPricer>(task, origins);
}
std::unique_ptr<RowPricer> make_merton_pricer(const PricingTask& task, const Origins& origins) {
  return std::make_unique<MertonPricer>(task, origins);
}

}  // namespace zomma::cli
