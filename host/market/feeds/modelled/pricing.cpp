#include "market/feeds/modelled/pricing.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <zomma/kernels/american.h>
#include <zomma/kernels/european.h>

namespace zomma::modelled {
namespace {

namespace k = zomma::kernels;

constexpr std::size_t premium_nodes =
    12;  // strikes whose early exercise is solved for: three packs of the kernel's four
constexpr double largest_rate = 1.0;  // of the American kernel

k::Backend& backend() {
  static const std::unique_ptr<k::Backend> one = k::make_cpu_backend(1);
  return *one;
}

double yield_of(const ExpiryTerms& terms) {
  return -std::log1p(-terms.dividends / terms.spot) / terms.years;
}

// One expiry's smile, ready to be asked.
class Smile {
 public:
  explicit Smile(const ExpiryTerms& terms)
      : slice_(k::to_raw(k::slice_at(terms.smile, terms.total_variance))),
        forward_((terms.spot - terms.dividends) * std::exp(terms.rate * terms.years)),
        years_(terms.years) {}
  double vol(double strike) const {
    return std::sqrt(k::total_variance(slice_, std::log(strike / forward_)).w / years_);
  }

 private:
  k::RawSvi slice_;
  double forward_, years_;
};

// Options of one right at some strikes, as columns.
struct Columns {
  Columns(const ExpiryTerms& terms, std::span<const double> strikes,
          std::span<const double> volatilities, bool put)
      : strike(strikes),
        volatility(volatilities),
        sign(strikes.size(), put ? -1 : 1),
        spot(strikes.size(), terms.spot),
        years(strikes.size(), terms.years),
        rate(strikes.size(), terms.rate),
        yield(strikes.size(), yield_of(terms)),
        status(strikes.size()) {}
  void european(const k::EuropeanResults<double>& results) {
    static_cast<void>(k::european_greeks(backend(), k::EuropeanModel::black_scholes,
                                         {sign, spot, strike, years, rate, yield, volatility},
                                         results, status));
  }
  void american(std::span<double> price) {
    k::AmericanValues values;
    values.price = price, values.status = status;
    static_cast<void>(k::american_price(backend(), k::AmericanPreset::fast,
                                        {spot, strike, years, rate, yield, volatility, sign},
                                        values));
  }
  std::span<const double> strike, volatility;
  std::vector<std::int8_t> sign;
  std::vector<double> spot, years, rate, yield;
  std::vector<k::ElementStatus> status;
};

// Catmull-Rom through evenly spaced values.
double cubic(std::span<const double> y, double at) {
  const auto last = static_cast<double>(y.size() - 1);
  const double clamped = std::clamp(at, 0.0, last);
  const auto i = std::min(static_cast<std::size_t>(clamped), y.size() - 2);
  const double t = clamped - static_cast<double>(i);
  const double y0 = y[i], y1 = y[i + 1];
  const double m0 = i == 0 ? y1 - y0 : 0.5 * (y1 - y[i - 1]);
  const double m1 = i + 2 == y.size() ? y1 - y0 : 0.5 * (y[i + 2] - y0);
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * y0 + (t3 - 2 * t2 + t) * m0 + (3 * t2 - 2 * t3) * y1 +
         (t3 - t2) * m1;
}

// Adds to `value` what early exercise is worth.
void add_early_exercise(const ExpiryTerms& terms, const Smile& smile,
                        std::span<const double> strikes, bool put, std::span<double> value) {
  const double yield = yield_of(terms);
  const bool ever = put ? terms.rate > 0 : yield > 0;
  if (ever && std::fabs(yield) < largest_rate && std::fabs(terms.rate) < largest_rate) {
    const double low = strikes.front();
    const double width = std::max(strikes.back() - low, 1e-9 * low) / (premium_nodes - 1);
    std::vector<double> nodes, vols, european(premium_nodes), american(premium_nodes);
    for (std::size_t n = 0; n < premium_nodes; ++n) {
      nodes.push_back(low + width * static_cast<double>(n));
      vols.push_back(smile.vol(nodes.back()));
    }
    Columns columns(terms, nodes, vols, put);
    k::EuropeanResults<double> results;
    results.value = european;
    columns.european(results);
    columns.american(american);
    for (std::size_t n = 0; n < premium_nodes; ++n)
      american[n] =
          columns.status[n] == k::ElementStatus::ok ? std::max(0.0, american[n] - european[n]) : 0;
    for (std::size_t i = 0; i < strikes.size(); ++i)
      value[i] += std::max(0.0, cubic(american, (strikes[i] - low) / width));
  }
  for (std::size_t i = 0; i < strikes.size(); ++i)
    value[i] = std::max({value[i], put ? strikes[i] - terms.spot : terms.spot - strikes[i], 0.0});
}

}  // namespace

double smile_vol(const ExpiryTerms& terms, double strike) { return Smile(terms).vol(strike); }

void price_expiry(const ExpiryTerms& terms, std::span<const double> strikes, ExpiryValues& out) {
  const std::size_t count = strikes.size();
  for (auto* column : {&out.call, &out.put, &out.call_delta, &out.vega}) column->resize(count);
  if (count == 0) return;
  const Smile smile(terms);
  std::vector<double> vols(count);
  for (std::size_t i = 0; i < count; ++i) vols[i] = smile.vol(strikes[i]);
  k::EuropeanResults<double> results;
  results.value = out.call, results.delta = out.call_delta, results.vega = out.vega;
  Columns(terms, strikes, vols, false).european(results);
  // Put-call parity: C - P = S - D - K e^-rT.
  const double discount = std::exp(-terms.rate * terms.years);
  for (std::size_t i = 0; i < count; ++i)
    out.put[i] =
        std::max(0.0, out.call[i] - (terms.spot - terms.dividends) + strikes[i] * discount);
  if (!terms.american) return;
  add_early_exercise(terms, smile, strikes, false, out.call);
  add_early_exercise(terms, smile, strikes, true, out.put);
}

}  // namespace zomma::modelled
