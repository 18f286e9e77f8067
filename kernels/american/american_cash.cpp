// american_cash.cpp: pde_price element by element, and its inverse by volatility.
#include <zomma/kernels/american_cash.h>

#include <cmath>

namespace zomma::kernels {
namespace {

constexpr double least_volatility = 1e-6;  // a grid's width is some deviations

struct Solved {
  double price = 0, delta = 0, gamma = 0;
  Status call = Status::ok;
  ElementStatus status = ElementStatus::domain;
};

// One element at any volatility. Everything about a solve is the element's own.
class Element {
 public:
  Element(PdeResolution resolution, const AmericanTermsBatch& terms,
          const CashDividends<double>& dividends, std::size_t i)
      : resolution_(resolution),
        market_{terms.spot[i], terms.rate[i], terms.yield[i]},
        strike_(terms.strike[i]),
        expiry_(terms.expiry[i]),
        sign_(terms.sign[i]),
        dividends_(dividends) {}

  // pde_price refuses a bad market as a setting of the call; here it is one element's.
  bool sound() const {
    return std::isfinite(market_.spot) && market_.spot > 0 && std::isfinite(market_.rate) &&
           std::isfinite(market_.yield);
  }

  Solved at(double volatility) const {
    Solved out;
    if (!sound() || !(volatility >= least_volatility) || !(volatility < 1e3)) return out;
    const double time = 0, moneyness = 0, variance = volatility * volatility;
    const auto here = make_cpu_backend(1);
    out.call = pde_price(*here, {{&time, 1}, {&moneyness, 1}, {&variance, 1}}, market_, resolution_,
                         {{&strike_, 1}, {&expiry_, 1}, {&sign_, 1}, true, dividends_},
                         {&out.price, 1}, {&out.delta, 1}, {&out.gamma, 1}, {&out.status, 1});
    return out;
  }

  double scale() const { return market_.spot + strike_; }

 private:
  PdeResolution resolution_;
  SpotMarket market_;
  double strike_, expiry_;
  std::int8_t sign_;
  const CashDividends<double>& dividends_;
};

bool same_lengths(const AmericanTermsBatch& terms, bool volatility) {
  const std::size_t n = terms.spot.size();
  for (const std::size_t size : {terms.strike.size(), terms.expiry.size(), terms.rate.size(),
                                 terms.yield.size(), terms.sign.size()})
    if (size != n) return false;
  return terms.volatility.size() == n || (!volatility && terms.volatility.empty());
}

// What is wrong with the settings of the call, by a solve of a plain option.
Status judge(PdeResolution resolution, const CashDividends<double>& dividends) {
  const double one = 1, none = 0, expiry = 1e-6;
  const std::int8_t put = -1;
  if (dividends.time.size() != dividends.amount.size()) return Status::length_mismatch;
  const AmericanTermsBatch plain{{&one, 1},  {&one, 1}, {&expiry, 1}, {&none, 1},
                                 {&none, 1}, {},        {&put, 1}};
  return Element(resolution, plain, dividends, 0).at(0.2).call;
}

double vega(const Element& element, double volatility) {
  const double step = 1e-3 * volatility;
  const double lower = std::fmax(volatility - step, least_volatility), upper = volatility + step;
  const Solved up = element.at(upper), down = element.at(lower);
  return (up.price - down.price) / (upper - lower);
}

// The Illinois form of false position: the end that stays twice counts half.
ElementStatus implied(const Element& element, double price, double* volatility) {
  constexpr double lowest = 1e-3, highest = 5;
  constexpr int most = 60;
  *volatility = 0;
  if (!std::isfinite(price)) return ElementStatus::domain;
  double low = lowest, high = highest;
  const Solved bottom = element.at(low), top = element.at(high);
  if (bottom.status != ElementStatus::ok) return bottom.status;
  if (top.status != ElementStatus::ok) return top.status;
  const double tolerance = 1e-9 * element.scale();
  double below = bottom.price - price, above = top.price - price;
  if (below >= 0) return ElementStatus::below_intrinsic;
  if (above < 0) return ElementStatus::above_bound;
  int side = 0;
  for (int i = 0; i < most; ++i) {
    const double middle = (low * above - high * below) / (above - below);
    const Solved solved = element.at(middle);
    if (solved.status != ElementStatus::ok) return solved.status;
    const double miss = solved.price - price;
    if (std::fabs(miss) <= tolerance) {
      *volatility = middle;
      return ElementStatus::ok;
    }
    if (miss < 0) {
      low = middle, below = miss;
      if (side < 0) above *= 0.5;
      side = -1;
    } else {
      high = middle, above = miss;
      if (side > 0) below *= 0.5;
      side = 1;
    }
  }
  return ElementStatus::no_convergence;
}

}  // namespace

Status american_cash_price(Backend& backend, PdeResolution resolution,
                           const AmericanTermsBatch& terms, const CashDividends<double>& dividends,
                           const AmericanCashValues& out) {
  const std::size_t n = terms.spot.size();
  if (!same_lengths(terms, true)) return Status::length_mismatch;
  for (const std::size_t size :
       {out.price.size(), out.delta.size(), out.gamma.size(), out.vega.size(), out.status.size()})
    if (size != n && size != 0) return Status::length_mismatch;
  if (const Status judged = judge(resolution, dividends); judged != Status::ok) return judged;
  backend.for_chunks(n, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Element element(resolution, terms, dividends, i);
      const Solved solved = element.at(terms.volatility[i]);
      const bool ok = solved.status == ElementStatus::ok;
      const double slope = ok && !out.vega.empty() ? vega(element, terms.volatility[i]) : 0.0;
      const bool finite = std::isfinite(slope);
      const auto put = [&](std::span<double> to, double x) {
        if (!to.empty()) to[i] = finite ? x : 0.0;
      };
      put(out.price, solved.price), put(out.delta, solved.delta), put(out.gamma, solved.gamma);
      put(out.vega, slope);
      if (!out.status.empty())
        out.status[i] = finite ? solved.status : ElementStatus::no_convergence;
    }
  });
  return Status::ok;
}

Status american_cash_implied_volatility(Backend& backend, PdeResolution resolution,
                                        const AmericanTermsBatch& terms,
                                        const CashDividends<double>& dividends,
                                        std::span<const double> price, std::span<double> volatility,
                                        std::span<ElementStatus> status) {
  const std::size_t n = terms.spot.size();
  if (!same_lengths(terms, false) || price.size() != n || volatility.size() != n ||
      (status.size() != n && !status.empty()))
    return Status::length_mismatch;
  if (const Status judged = judge(resolution, dividends); judged != Status::ok) return judged;
  backend.for_chunks(n, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const ElementStatus how =
          implied(Element(resolution, terms, dividends, i), price[i], &volatility[i]);
      if (!status.empty()) status[i] = how;
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
