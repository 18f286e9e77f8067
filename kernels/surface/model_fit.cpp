// model_fit.cpp: residuals in volatility from a pricer's prices, and the search in ln of what is
// positive.
#include <zomma/kernels/black_value.h>
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/model_fit.h>

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {
namespace {

// rho and the mean jump may be negative; all else is searched by its logarithm.
constexpr bool is_plain(std::size_t index) { return index == 4 || index == 6; }

template <std::size_t N>
std::array<double, N> to_search(const std::array<double, N>& point) {
  std::array<double, N> x;
  for (std::size_t i = 0; i < N; ++i) x[i] = is_plain(i) ? point[i] : log(point[i]);
  return x;
}

template <std::size_t N>
std::array<double, N> to_point(const std::array<double, N>& x) {
  std::array<double, N> point;
  for (std::size_t i = 0; i < N; ++i) point[i] = is_plain(i) ? x[i] : exp(x[i]);
  return point;
}

struct Prepared {
  double log_ratio, deviation, root, mid,
      weight;          // of the mid; root = sqrt(expiry); weight = 1 / noise of vol
  double price, vega;  // Black's, of the mid, vega by volatility
};

template <std::size_t N>
struct Problem {
  std::span<const SurfaceQuote> quotes;
  std::span<const Prepared> prepared;
  const SurfacePricer<N>& pricer;
  const ModelFitSettings<N>& settings;
  std::vector<double>& price;
  std::vector<std::array<double, N>>& gradient;

  // Volatility of a model price, and the slope that turns a price's gradient into the volatility's.
  // A price below what any volatility gives (rounding, far strikes) is read along the mid's
  // tangent.
  double volatility(std::size_t i, double* slope) const {
    const Prepared& q = prepared[i];
    const double forward = quotes[i].forward, strike = quotes[i].strike;
    const double s = black_deviation(price[i], forward, strike, q.log_ratio);
    const double d1 = q.log_ratio / s + 0.5 * s, vega = forward * norm_pdf(d1);
    if (s > 0 && vega * q.root > 1e-6 * q.vega) {
      *slope = 1.0 / (vega * q.root);
      return s / q.root;
    }
    *slope = 1.0 / q.vega;
    return q.mid + (price[i] - q.price) / q.vega;
  }

  double operator()(const std::array<double, N>& x,
                    NormalEquations<static_cast<int>(N)>* out) const {
    const auto point = to_point(x);
    if (!pricer(point, quotes, price, gradient)) return INFINITY;
    NormalEquations<static_cast<int>(N)> at;
    for (std::size_t i = 0; i < quotes.size(); ++i) {
      double slope;
      const double r = prepared[i].weight * (volatility(i, &slope) - prepared[i].mid);
      std::array<double, N> row;
      for (std::size_t j = 0; j < N; ++j)
        row[j] = prepared[i].weight * slope * gradient[i][j] * (is_plain(j) ? 1.0 : point[j]);
      at.add(r, row);
    }
    if (settings.prior_width > 0) {
      const auto prior = to_search(settings.prior);
      for (std::size_t j = 0; j < N; ++j) {
        std::array<double, N> row{};
        row[j] = 1.0 / settings.prior_width;
        at.add((x[j] - prior[j]) / settings.prior_width, row);
      }
    }
    if (out) *out = at;
    return at.cost;
  }
};

bool sound(const SurfaceQuote& q) {
  return q.expiry > 0 && std::isfinite(q.expiry) && q.forward > 0 && std::isfinite(q.forward) &&
         q.strike > 0 && std::isfinite(q.strike);
}

template <std::size_t N>
bool bad(const ModelFitSettings<N>& s) {
  if (!(s.noise_floor_vol > 0) || !(s.prior_width >= 0) || s.max_evaluations < 1) return true;
  for (std::size_t i = 0; i < N; ++i) {
    if (!(s.low[i] <= s.start[i]) || !(s.start[i] <= s.high[i])) return true;
    if (!is_plain(i) && (!(s.low[i] > 0) || (s.prior_width > 0 && !(s.prior[i] > 0)))) return true;
  }
  return false;
}

// Quotes as columns, so that they are judged, counted and measured like those of one slice.
struct Columns {
  std::vector<double> k, bid, ask;
  explicit Columns(std::span<const SurfaceQuote> quotes) {
    for (const SurfaceQuote& quote : quotes) {
      k.push_back(sound(quote) ? log(quote.strike / quote.forward) : NAN);
      bid.push_back(quote.bid_vol);
      ask.push_back(quote.ask_vol);
    }
  }
  SliceQuotes view() const { return {1.0, k, bid, ask}; }
};

template <std::size_t N>
ModelFit<N> fit_model(std::span<const SurfaceQuote> quotes, const SurfacePricer<N>& pricer,
                      const ModelFitSettings<N>& settings) {
  constexpr int n = static_cast<int>(N);
  ModelFit<N> fit;
  FitReport& report = fit.report;
  if (bad(settings) || !pricer) return fit;
  const Columns columns(quotes);
  const int needed = settings.prior_width > 0 ? 1 : n;
  report.verdict = count_quotes(columns.view(), needed, &report);
  if (report.quotes_used < needed) return fit;
  std::vector<SurfaceQuote> usable;
  std::vector<Prepared> prepared;
  std::vector<std::size_t> place;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    const SurfaceQuote& q = quotes[i];
    if (judge_quote(columns.k[i], q.bid_vol, q.ask_vol) != QuoteUse::usable) continue;
    Prepared p{};
    p.log_ratio = -columns.k[i], p.mid = 0.5 * (q.bid_vol + q.ask_vol),
    p.root = std::sqrt(q.expiry);
    p.deviation = p.mid * p.root;
    const double half = settings.equal_weights ? 0.0 : 0.5 * (q.ask_vol - q.bid_vol);
    p.weight = 1.0 / std::fmax(half, settings.noise_floor_vol);
    const auto black = black_out_of_the_money(q.forward, q.strike, p.log_ratio, p.deviation);
    p.price = black.price, p.vega = std::fmax(black.vega * p.root, 1e-12 * q.forward);
    usable.push_back(q), prepared.push_back(p), place.push_back(i);
  }
  std::vector<double> price(usable.size());
  std::vector<std::array<double, N>> gradient(usable.size());
  const Problem<N> problem{usable, prepared, pricer, settings, price, gradient};
  Bounds<n> bounds;
  bounds.low = to_search(settings.low), bounds.high = to_search(settings.high);
  LeastSquaresSettings lm;
  lm.max_evaluations = settings.max_evaluations;
  lm.relative_decrease = 1e-7;
  lm.relative_step = 1e-8;
  lm.initial_damping = 1e-3;
  const auto result =
      minimise<n>(settings.optimiser, problem, to_search(settings.start), bounds, lm);
  fit.point = to_point(result.x);
  report.evaluations = result.evaluations;
  std::array<bool, N> free;
  for (std::size_t i = 0; i < N; ++i)
    free[i] = result.x[i] > bounds.low[i] && result.x[i] < bounds.high[i];
  report.condition = condition_number<n>(result.at, free);
  fit.vol.assign(quotes.size(), 0.0);
  if (!pricer(fit.point, usable, price, gradient)) {
    report.verdict = FitVerdict::no_convergence;
    return fit;
  }
  double slope;
  for (std::size_t i = 0; i < usable.size(); ++i) fit.vol[place[i]] = problem.volatility(i, &slope);
  measure_residuals(columns.view(), fit.vol, settings.noise_floor_vol, &report);
  if (report.verdict != FitVerdict::trusted) return fit;
  if (poor(report)) report.verdict = FitVerdict::poor_fit;
  if (result.end != LeastSquaresEnd::converged) report.verdict = FitVerdict::no_convergence;
  if (!(report.condition < 1e7)) report.verdict = FitVerdict::singular;
  return fit;
}

// Variance of the quote nearest the money of the first or last expiry.
double variance_at_money(std::span<const SurfaceQuote> quotes, bool last) {
  double best = INFINITY, edge = last ? -INFINITY : INFINITY, variance = 0.04;
  for (const SurfaceQuote& q : quotes) {
    if (!sound(q) || judge_quote(0, q.bid_vol, q.ask_vol) != QuoteUse::usable) continue;
    const double distance = std::fabs(log(q.strike / q.forward));
    if (last ? q.expiry < edge : q.expiry > edge) continue;
    if (q.expiry == edge && distance >= best) continue;
    edge = q.expiry, best = distance;
    const double vol = 0.5 * (q.bid_vol + q.ask_vol);
    variance = vol * vol;
  }
  return std::fmin(std::fmax(variance, 1e-4), 4.0);
}

}  // namespace

ModelFitSettings<5> heston_settings(std::span<const SurfaceQuote> quotes) {
  ModelFitSettings<5> settings;
  settings.start = {variance_at_money(quotes, false), 1.5, variance_at_money(quotes, true), 0.5,
                    -0.5};
  settings.low = {1e-5, 1e-2, 1e-5, 1e-2, -0.999};
  settings.high = {5.0, 50.0, 5.0, 10.0, 0.999};
  return settings;
}

ModelFitSettings<8> bates_settings(std::span<const SurfaceQuote> quotes) {
  const ModelFitSettings<5> heston = heston_settings(quotes);
  ModelFitSettings<8> settings;
  std::copy(heston.start.begin(), heston.start.end(), settings.start.begin());
  std::copy(heston.low.begin(), heston.low.end(), settings.low.begin());
  std::copy(heston.high.begin(), heston.high.end(), settings.high.begin());
  const double start[3] = {0.3, -0.1, 0.15}, low[3] = {1e-3, -1.0, 1e-2},
               high[3] = {20.0, 1.0, 1.0};
  for (std::size_t i = 0; i < 3; ++i)
    settings.start[5 + i] = start[i], settings.low[5 + i] = low[i], settings.high[5 + i] = high[i];
  return settings;
}

ModelFit<5> fit_heston(std::span<const SurfaceQuote> quotes, const SurfacePricer<5>& pricer,
                       const ModelFitSettings<5>& settings) {
  return fit_model<5>(quotes, pricer, settings);
}

ModelFit<8> fit_bates(std::span<const SurfaceQuote> quotes, const SurfacePricer<8>& pricer,
                      const ModelFitSettings<8>& settings) {
  return fit_model<8>(quotes, pricer, settings);
}

}  // namespace zomma::kernels
