// heston_pricer.cpp: quotes of any forward in the terms of heston_price: strikes over the forward,
// spot 1, no rates.
#include <zomma/kernels/surface/heston_pricer.h>

#include <zomma/kernels/heston.h>

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
             std::span<double> price, std::span<HestonGradient> gradient,
             std::span<JumpGradient> jump_gradient) {
    const HestonQuotes quotes{1.0, expiries_, strike_, sign_};
    const HestonValues out{price, {}, {}, gradient, status_, jump_gradient};
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
  std::vector<JumpGradient> jump_slopes(N > 5 ? quotes.size() : 0);
  if (!prices.price(backend, model_of(point), jumps, price, slopes, jump_slopes)) return false;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const double f = quotes[i].forward;
    const HestonGradient& s = slopes[i];
    price[i] *= f;
    const double by[5] = {s.v0, s.kappa, s.theta, s.sigma, s.rho};
    for (std::size_t j = 0; j < 5; ++j) gradient[i][j] = f * by[j];
    if constexpr (N > 5) {
      const JumpGradient& jump = jump_slopes[i];
      gradient[i][5] = f * jump.intensity, gradient[i][6] = f * jump.mean,
      gradient[i][7] = f * jump.deviation;
    }
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
    return price_with_gradient<8>(backend, prices, point, jumps, quotes, price, gradient);
  };
}

}  // namespace zomma::kernels
