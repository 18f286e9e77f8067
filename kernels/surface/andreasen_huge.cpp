// andreasen_huge.cpp: the implicit step, its derivative in every knot's volatility by one sweep,
// and the fit.
#include <zomma/kernels/black_value.h>
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/andreasen_huge.h>

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {
namespace {

// Knots of one expiry's local volatility; more strikes than that share knots.
constexpr int max_knots = 20;
constexpr double low_vol = 0.005, high_vol = 10.0;
using Point = Vector<max_knots>;

// (I - z d2/dy2) c_new = c_old with z = half the step's variance: an M-matrix, so its inverse keeps
// order and convexity. The outermost nodes keep their price.
class ImplicitStep {
 public:
  ImplicitStep(std::span<const double> y, std::span<const double> vol, double length)
      : lower_(y.size()), upper_(y.size()), pivot_(y.size()), scale_(y.size()) {
    const std::size_t n = y.size();
    pivot_[0] = 1.0;
    for (std::size_t i = 1; i + 1 < n; ++i) {
      const double before = y[i] - y[i - 1], after = y[i + 1] - y[i],
                   z = 0.5 * length * vol[i] * vol[i] * y[i] * y[i];
      scale_[i] = z;
      const double low = 2.0 * z / (before * (before + after)),
                   high = 2.0 * z / (after * (before + after));
      // Eliminated row by row: pivot = 1 + low + high - low * (upper of the row above / its pivot).
      pivot_[i] = 1.0 / (1.0 + high + low * (1.0 - upper_[i - 1]));
      lower_[i] = low;
      upper_[i] = high * pivot_[i];
    }
    pivot_[n - 1] = 1.0;
  }

  void solve(std::span<double> c) const {
    const std::size_t n = c.size();
    for (std::size_t i = 1; i + 1 < n; ++i) c[i] = (c[i] + lower_[i] * c[i - 1]) * pivot_[i];
    for (std::size_t i = n - 1; i-- > 1;) c[i] += upper_[i] * c[i + 1];
  }

  // The same for max_knots right-hand sides at once.
  void solve(std::vector<Point>& c) const {
    const std::size_t n = c.size();
    for (std::size_t i = 1; i + 1 < n; ++i)
      for (std::size_t j = 0; j < max_knots; ++j)
        c[i][j] = (c[i][j] + lower_[i] * c[i - 1][j]) * pivot_[i];
    for (std::size_t i = n - 1; i-- > 1;)
      for (std::size_t j = 0; j < max_knots; ++j) c[i][j] += upper_[i] * c[i + 1][j];
  }

  double scale(std::size_t i) const { return scale_[i]; }

 private:
  std::vector<double> lower_, upper_, pivot_, scale_;
};

double curvature(std::span<const double> y, std::span<const double> c, std::size_t i) {
  const double before = y[i] - y[i - 1], after = y[i + 1] - y[i];
  return 2.0 * ((c[i + 1] - c[i]) / after - (c[i] - c[i - 1]) / before) / (before + after);
}

// ln of the local volatility is linear in k between knots and flat beyond: node i mixes knots first
// and first + 1.
struct Mixing {
  int first;
  double second_share;
};

std::vector<Mixing> mixing(std::span<const double> k, std::span<const double> knots) {
  std::vector<Mixing> out;
  out.reserve(k.size());
  for (const double at : k) {
    const auto after = std::upper_bound(knots.begin(), knots.end(), at) - knots.begin();
    if (after == 0 || knots.size() == 1)
      out.push_back({0, 0.0});
    else if (after == static_cast<std::ptrdiff_t>(knots.size()))
      out.push_back({static_cast<int>(after) - 2, 1.0});
    else {
      const auto i = static_cast<std::size_t>(after);
      out.push_back({static_cast<int>(after) - 1, (at - knots[i - 1]) / (knots[i] - knots[i - 1])});
    }
  }
  return out;
}

struct Target {
  std::size_t node;
  double k, price, weight, vol;  // call over forward; weight = 1 / (vega * noise)
};

struct StepProblem {
  std::span<const double> y, before;  // nodes and the call prices of the expiry before
  double length;
  std::span<const Mixing> mix;
  std::span<const Target> targets;
  std::size_t knots;
  double roughness;
  std::vector<double>&vol, &call;
  std::vector<Point>& slope;

  void volatilities(const Point& x) const {
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto j = static_cast<std::size_t>(mix[i].first);
      const double s = mix[i].second_share;
      vol[i] = exp(s == 0 ? x[j] : (1 - s) * x[j] + s * x[j + 1]);
    }
  }

  double operator()(const Point& x, NormalEquations<max_knots>* out) const {
    volatilities(x);
    const ImplicitStep step(y, vol, length);
    std::copy(before.begin(), before.end(), call.begin());
    step.solve(call);
    NormalEquations<max_knots> at;
    if (out) {
      for (std::size_t i = 0; i < y.size(); ++i) slope[i] = Point{};
      for (std::size_t i = 1; i + 1 < y.size(); ++i) {
        const double by = 2.0 * step.scale(i) * curvature(y, call, i), s = mix[i].second_share;
        const auto j = static_cast<std::size_t>(mix[i].first);
        slope[i][j] = (1 - s) * by;
        if (s > 0) slope[i][j + 1] = s * by;
      }
      step.solve(slope);
    }
    for (const Target& target : targets) {
      const double r = target.weight * (call[target.node] - target.price);
      if (!out) {
        at.cost += 0.5 * r * r;
        continue;
      }
      Point row = slope[target.node];
      for (double& entry : row) entry *= target.weight;
      at.add(r, row);
    }
    for (std::size_t j = 0; j + 1 < knots; ++j) {
      Point row{};
      row[j] = -1.0 / roughness, row[j + 1] = 1.0 / roughness;
      at.add((x[j + 1] - x[j]) / roughness, row);
    }
    if (out) *out = at;
    return at.cost;
  }
};

double intrinsic(double y) { return std::fmax(1.0 - y, 0.0); }

}  // namespace

struct LocalVolBuilder {
  std::span<const SliceQuotes> quotes;
  const LocalVolSettings& settings;
  LocalVolFit fit;

  static bool usable(const SliceQuotes& q, std::size_t i) {
    return judge_quote(q.log_moneyness[i], q.bid_vol[i], q.ask_vol[i]) == QuoteUse::usable;
  }

  // Uniform in k out to eight deviations of the widest quote, with a node at each usable quote and
  // at the money.
  void lay_nodes() {
    double widest = 0.05, farthest = 0.0;
    std::vector<double>& k = fit.grid.k_;
    k.push_back(0.0);
    for (const SliceQuotes& q : quotes)
      for (std::size_t i = 0; i < q.log_moneyness.size(); ++i) {
        if (!usable(q, i)) continue;
        k.push_back(q.log_moneyness[i]);
        farthest = std::fmax(farthest, std::fabs(q.log_moneyness[i]));
        if (std::fabs(q.log_moneyness[i]) < 0.25)
          widest = std::fmax(widest, 0.5 * (q.bid_vol[i] + q.ask_vol[i]) * std::sqrt(q.expiry));
      }
    const double reach = std::fmin(std::fmax(6.0 * widest, 1.5 * farthest), farthest + 8.0);
    // sinh-spaced: fine where prices curve.
    for (int i = 0; i < settings.nodes; ++i) {
      const double u = 2.0 * i / (settings.nodes - 1) - 1.0;
      k.push_back(reach * sinh(2.5 * u) / sinh(2.5));
    }
    std::sort(k.begin(), k.end());
    k.erase(std::unique(k.begin(), k.end(), [](double a, double b) { return b - a < 1e-7; }),
            k.end());
    for (const double at : k) fit.grid.y_.push_back(exp(at));
  }

  std::vector<Target> targets(const SliceQuotes& q) const {
    std::vector<Target> out;
    for (std::size_t i = 0; i < q.log_moneyness.size(); ++i) {
      if (!usable(q, i)) continue;
      const double vol = 0.5 * (q.bid_vol[i] + q.ask_vol[i]), root = std::sqrt(q.expiry),
                   k = q.log_moneyness[i];
      const auto node = std::lower_bound(fit.grid.k_.begin(), fit.grid.k_.end(), k - 1.1e-7) -
                        fit.grid.k_.begin();
      const double y = fit.grid.y_[static_cast<std::size_t>(node)];
      const auto black =
          black_out_of_the_money(1.0, y, -fit.grid.k_[static_cast<std::size_t>(node)], vol * root);
      const double noise = std::fmax(0.5 * (q.ask_vol[i] - q.bid_vol[i]), settings.noise_floor_vol);
      out.push_back({static_cast<std::size_t>(node), k,
                     k >= 0 ? black.price : black.price + 1.0 - y,
                     1.0 / (noise * std::fmax(black.vega * root, 1e-8)), vol});
    }
    std::sort(out.begin(), out.end(), [](const Target& a, const Target& b) { return a.k < b.k; });
    return out;
  }

  static std::vector<std::size_t> choose_knots(std::span<const Target> targets) {
    const std::size_t count = std::min<std::size_t>(targets.size(), max_knots);
    std::vector<std::size_t> chosen;
    for (std::size_t j = 0; j < count; ++j) {
      const std::size_t i = count == 1 ? 0 : j * (targets.size() - 1) / (count - 1);
      if (chosen.empty() || targets[i].k > targets[chosen.back()].k) chosen.push_back(i);
    }
    return chosen;
  }

  // A quote's forward variance since the expiry before over its variance: where the search for
  // local volatility starts.
  double forward_share(std::span<const double> before, double start, const Target& aim,
                       double expiry) const {
    const double y = fit.grid.y_[aim.node],
                 price = y >= 1 ? before[aim.node] : before[aim.node] - (1.0 - y);
    const double s = black_deviation(price, 1.0, y, -fit.grid.k_[aim.node]);
    const double w = aim.vol * aim.vol * expiry, near = s > 0 ? s * s : w * start / expiry;
    return std::fmax((w - near) / (w * (1.0 - start / expiry)), 0.05);
  }

  // One expiry from the prices of the one before.
  void add_expiry(std::size_t e) {
    LocalVolGrid& grid = fit.grid;
    FitReport& report = fit.reports[e];
    const std::size_t n = grid.k_.size();
    std::vector<double> before(n), vol(n), call(n);
    if (e == 0)
      std::transform(grid.y_.begin(), grid.y_.end(), before.begin(), intrinsic);
    else
      before = grid.call_.back();
    const double start = e == 0 ? 0.0 : quotes[e - 1].expiry, length = quotes[e].expiry - start;
    const auto aims = targets(quotes[e]);
    const auto chosen = choose_knots(aims);
    std::vector<double> knots;
    Point x{};
    for (std::size_t j = 0; j < chosen.size(); ++j) {
      const Target& aim = aims[chosen[j]];
      knots.push_back(aim.k);
      x[j] = log(aim.vol *
                 std::sqrt(e == 0 ? 1.0 : forward_share(before, start, aim, quotes[e].expiry)));
    }
    if (knots.empty()) {
      vol = grid.vol_.back();
    } else {
      const auto mix = mixing(grid.k_, knots);
      auto slope = std::vector<Point>(n);
      const StepProblem problem{
          grid.y_, before, length, mix, aims, knots.size(), settings.roughness, vol, call, slope};
      Bounds<max_knots> bounds;
      bounds.low.fill(log(low_vol)), bounds.high.fill(log(high_vol));
      LeastSquaresSettings lm;
      lm.max_evaluations = settings.max_evaluations;
      lm.relative_decrease = 1e-4;
      lm.relative_step = 1e-6;
      lm.initial_damping = 1e-6;
      const auto result = least_squares<max_knots>(problem, x, bounds, lm);
      std::array<bool, max_knots> free{};
      for (std::size_t j = 0; j < knots.size(); ++j) free[j] = true;
      report.condition = condition_number<max_knots>(result.at, free);
      report.evaluations = result.evaluations;
      if (result.end == LeastSquaresEnd::out_of_evaluations)
        report.verdict = FitVerdict::no_convergence;
      problem.volatilities(result.x);
    }
    call = before;
    ImplicitStep(grid.y_, vol, length).solve(call);
    grid.expiries_.push_back(quotes[e].expiry);
    grid.vol_.push_back(std::move(vol));
    grid.call_.push_back(std::move(call));
    finish(e, aims);
  }

  void finish(std::size_t e, std::span<const Target> aims) {
    const SliceQuotes& q = quotes[e];
    FitReport& report = fit.reports[e];
    const double root = std::sqrt(q.expiry);
    std::vector<double> vols(q.log_moneyness.size());
    for (std::size_t i = 0; i < vols.size(); ++i) {
      if (!usable(q, i)) continue;
      const auto aim = std::find_if(aims.begin(), aims.end(),
                                    [&](const Target& t) { return t.k == q.log_moneyness[i]; });
      const double y = fit.grid.y_[aim->node], call = fit.grid.call_[e][aim->node];
      const double s =
          black_deviation(y >= 1 ? call : call - (1 - y), 1.0, y, -fit.grid.k_[aim->node]);
      vols[i] = s > 0 ? s / root : 0.0;
    }
    measure_residuals(q, vols, settings.noise_floor_vol, &report);
    report.violations_after = fit.grid.check({&fit.grid.expiries_[e], 1}).butterfly_violations;
    if (report.verdict == FitVerdict::trusted && poor(report))
      report.verdict = FitVerdict::poor_fit;
  }

  bool prepare() {
    if (quotes.empty() || settings.nodes < 20 || settings.nodes > 4000 ||
        !(settings.noise_floor_vol > 0) || !(settings.roughness > 0) ||
        settings.max_evaluations < 1)
      return false;
    fit.reports.resize(quotes.size());
    for (std::size_t e = 0; e < quotes.size(); ++e) {
      FitReport& report = fit.reports[e];
      report.verdict = count_quotes(quotes[e], 1, &report);
      if (report.verdict == FitVerdict::invalid_input ||
          (e > 0 && !(quotes[e].expiry > quotes[e - 1].expiry)))
        return false;
    }
    return true;
  }
};

LocalVolFit fit_local_vol(std::span<const SliceQuotes> quotes, const LocalVolSettings& settings) {
  LocalVolBuilder builder{quotes, settings, {}};
  if (!builder.prepare()) return {};
  LocalVolFit& fit = builder.fit;
  if (fit.reports[0].quotes_used == 0) {
    fit.verdict = fit.reports[0].verdict;
    return fit;
  }
  builder.lay_nodes();
  for (std::size_t e = 0; e < quotes.size(); ++e) builder.add_expiry(e);
  fit.verdict = FitVerdict::trusted;
  for (const FitReport& report : fit.reports)
    if (fit.verdict == FitVerdict::trusted) fit.verdict = report.verdict;
  return std::move(fit);
}

Status LocalVolGrid::calls(double expiry, std::span<double> out) const {
  if (out.size() != k_.size()) return Status::length_mismatch;
  if (expiries_.empty() || !(expiry > 0) || !std::isfinite(expiry)) return Status::invalid_setting;
  const auto at = static_cast<std::size_t>(
      std::lower_bound(expiries_.begin(), expiries_.end(), expiry) - expiries_.begin());
  if (at < expiries_.size() && expiries_[at] == expiry) {
    std::copy(call_[at].begin(), call_[at].end(), out.begin());
    return Status::ok;
  }
  if (at == 0)
    std::transform(y_.begin(), y_.end(), out.begin(), intrinsic);
  else
    std::copy(call_[at - 1].begin(), call_[at - 1].end(), out.begin());
  const double start = at == 0 ? 0.0 : expiries_[at - 1];
  ImplicitStep(y_, vol_[std::min(at, expiries_.size() - 1)], expiry - start).solve(out);
  return Status::ok;
}

ElementStatus LocalVolGrid::smile(double expiry, SplineSlice* out) const {
  *out = {};
  std::vector<double> call(k_.size()), k, w;
  if (calls(expiry, call) != Status::ok) return ElementStatus::domain;
  const auto money =
      static_cast<std::size_t>(std::lower_bound(k_.begin(), k_.end(), 0.0) - k_.begin());
  // Outward from the money on both sides, to where a price no longer carries a volatility.
  const auto walk = [&](std::size_t from, std::ptrdiff_t step) {
    for (auto i = static_cast<std::ptrdiff_t>(from);
         i > 0 && i + 1 < static_cast<std::ptrdiff_t>(k_.size()); i += step) {
      const auto n = static_cast<std::size_t>(i);
      const double price = y_[n] >= 1 ? call[n] : call[n] - (1.0 - y_[n]);
      if (!(price > 1e-9)) break;
      const double s = black_deviation(price, 1.0, y_[n], -k_[n]);
      if (!(s > 0)) break;
      k.push_back(k_[n]);
      w.push_back(s * s);
    }
  };
  walk(money, -1);
  std::reverse(k.begin(), k.end());
  std::reverse(w.begin(), w.end());
  walk(money + 1, 1);
  return SplineSlice::make(k, w, out);
}

PriceCheck LocalVolGrid::check(std::span<const double> expiries) const {
  constexpr double rounding = 1e-14;
  PriceCheck check;
  std::vector<double> before(k_.size()), call(k_.size());
  for (std::size_t e = 0; e < expiries.size(); ++e) {
    if (calls(expiries[e], call) != Status::ok) continue;
    for (std::size_t i = 1; i + 1 < k_.size(); ++i) {
      const double share = (y_[i + 1] - y_[i]) / (y_[i + 1] - y_[i - 1]);
      check.butterfly_violations +=
          call[i] > share * call[i - 1] + (1.0 - share) * call[i + 1] + rounding;
      if (e > 0) check.calendar_violations += call[i] < before[i] - rounding;
    }
    before = call;
  }
  return check;
}

}  // namespace zomma::kernels
