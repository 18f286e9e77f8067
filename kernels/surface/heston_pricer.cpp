// heston_pricer.cpp: quotes of any forward in the terms of heston_price: strikes over the forward,
// spot 1, no rates.
#include <zomma/kernels/surface/heston_pricer.h>

#include <zomma/kernels/heston.h>

#include <cmath>
#include <vector>

namespace zomma::kernels {
namespace {

// Prices and, where asked, gradients of the out-of-the-money options, over their forwards.
class ForwardPrices {
 public:
  explicit ForwardPrices(std::span<const SurfaceQuote> quotes) {
    for (std::size_t i = 0; i < quotes.size(); ++i) {
      strike_.push_back(quotes[i].strike / quotes[i].forward);
      sign_.push_back(quotes[i].strike >= quotes[i].forward ? 1 : -1);
      if (i == 0 || quotes[i].expiry != quotes[i - 1].expiry)
        expiries_.push_back({quotes[i].expiry, 0.0, 0.0, i, i});
      expiries_.back().end = i + 1;
    }
    status_.resize(quotes.size());
  }

  bool price(Backend& backend, const HestonParameters& model, const JumpParameters& jumps,
             std::span<double> price, std::span<HestonGradient> gradient) {
    const HestonQuotes quotes{1.0, expiries_, strike_, sign_};
    const HestonValues out{price, {}, {}, gradient, status_};
    if (heston_price(backend, model, jumps, quotes, out) != Status::ok) return false;
    for (const ElementStatus status : status_)
      if (status != ElementStatus::ok) return false;
    return true;
  }

 private:
  std::vector<double> strike_;
  std::vector<std::int8_t> sign_;
  std::vector<HestonExpiry> expiries_;
  std::vector<ElementStatus> status_;
};

template <std::size_t N>
HestonParameters model_of(const std::array<double, N>& point) {
  return {point[0], point[1], point[2], point[3], point[4]};
}

template <std::size_t N>
bool price_with_gradient(Backend& backend, ForwardPrices& prices,
                         const std::array<double, N>& point, const JumpParameters& jumps,
                         std::span<const SurfaceQuote> quotes, std::span<double> price,
                         std::span<std::array<double, N>> gradient) {
  std::vector<HestonGradient> slopes(quotes.size());
  if (!prices.price(backend, model_of(point), jumps, price, slopes)) return false;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const double f = quotes[i].forward;
    const HestonGradient& s = slopes[i];
    price[i] *= f;
    const double by[5] = {s.v0, s.kappa, s.theta, s.sigma, s.rho};
    for (std::size_t j = 0; j < 5; ++j) gradient[i][j] = f * by[j];
  }
  return true;
}

}  // namespace

SurfacePricer<5> heston_pricer(Backend& backend) {
  return [&backend](const HestonPoint& point, std::span<const SurfaceQuote> quotes,
                    std::span<double> price, std::span<HestonPoint> gradient) {
    ForwardPrices prices(quotes);
    return price_with_gradient<5>(backend, prices, point, {}, quotes, price, gradient);
  };
}

SurfacePricer<8> bates_pricer(Backend& backend) {
  return [&backend](const BatesPoint& point, std::span<const SurfaceQuote> quotes,
                    std::span<double> price, std::span<BatesPoint> gradient) {
    ForwardPrices prices(quotes);
    const JumpParameters jumps{point[5], point[6], point[7]};
    if (!price_with_gradient<8>(backend, prices, point, jumps, quotes, price, gradient))
      return false;
    std::vector<double> up(quotes.size()), down(quotes.size());
    for (std::size_t j = 5; j < 8; ++j) {
      const double h = 1e-5 * (j == 6 ? 0.1 + std::fabs(point[j]) : point[j]);
      const auto jumps_at = [&](double by) {
        BatesPoint moved = point;
        moved[j] += by;
        return JumpParameters{moved[5], moved[6], moved[7]};
      };
      if (!prices.price(backend, model_of(point), jumps_at(h), up, {}) ||
          !prices.price(backend, model_of(point), jumps_at(-h), down, {}))
        return false;
      for (std::size_t i = 0; i < quotes.size(); ++i)
        gradient[i][j] = quotes[i].forward * (up[i] - down[i]) / (2.0 * h);
    }
    return true;
  };
}

}  // namespace zomma::kernels
