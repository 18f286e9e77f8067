// ssvi_fit.cpp: eSSVI expiry by expiry within calendar bounds, and the three numbers of SSVI over
// all expiries at once.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/butterfly.h>
#include <zomma/kernels/surface/dual.h>
#include <zomma/kernels/surface/least_squares.h>
#include <zomma/kernels/surface/ssvi.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {
namespace {

using D = Dual<3>;

// Total variances of one expiry, q = 1 / noise.
struct Column {
  std::vector<double> k, w, q;
};

Column gather(const SliceQuotes& quotes, double floor) {
  Column out;
  for (std::size_t i = 0; i < quotes.log_moneyness.size(); ++i) {
    const double bid = quotes.bid_vol[i], ask = quotes.ask_vol[i];
    if (judge_quote(quotes.log_moneyness[i], bid, ask) != QuoteUse::usable) continue;
    const double mid = 0.5 * (bid + ask);
    out.k.push_back(quotes.log_moneyness[i]);
    out.w.push_back(mid * mid * quotes.expiry);
    out.q.push_back(1.0 / (2.0 * mid * quotes.expiry * std::fmax(0.5 * (ask - bid), floor)));
  }
  return out;
}

D variance(const D& theta, const D& rho, const D& psi, double k) {
  const D y = psi * k / theta, shifted = y + rho;
  return 0.5 * theta * (1.0 + rho * y + sqrt(shifted * shifted + (1.0 - rho) * (1.0 + rho)));
}

void add_column(const Column& column, const D& theta, const D& rho, const D& psi,
                NormalEquations<3>* at) {
  for (std::size_t i = 0; i < column.k.size(); ++i) {
    const D residual = column.q[i] * (variance(theta, rho, psi, column.k[i]) - column.w[i]);
    at->add(residual.value, residual.gradient);
  }
}

D least(const D& a, const D& b) { return b < a ? b : a; }

// theta, rho and the share s of the way that psi lies between its lowest and highest allowed value.
struct SliceProblem {
  const Column& column;
  const EssviSlice* near;  // null for the first expiry

  bool shape(const Vector<3>& x, D* theta, D* rho, D* psi) const {
    *theta = D::variable(x[0], 0);
    *rho = D::variable(x[1], 1);
    const D s = D::variable(x[2], 2), side = 1.0 + fabs(*rho);
    D high = least(4.0 / side, 2.0 * sqrt(*theta / side)), low(0.0);
    if (near != nullptr) {
      high = least(high, near->psi * *theta / near->theta);
      const D up = near->psi * (1.0 + near->rho) / (1.0 + *rho);
      const D down = near->psi * (1.0 - near->rho) / (1.0 - *rho);
      low = up > down ? up : down;
    }
    *psi = low + s * (high - low);
    return !(high < low) && psi->value > 0;
  }

  double operator()(const Vector<3>& x, NormalEquations<3>* out) const {
    D theta, rho, psi;
    if (!shape(x, &theta, &rho, &psi)) return INFINITY;
    NormalEquations<3> at;
    add_column(column, theta, rho, psi, &at);
    if (out) *out = at;
    return at.cost;
  }
};

EssviSlice fit_one(const Column& column, const EssviSlice* near, Optimiser optimiser,
                   FitReport* report) {
  const SliceProblem problem{column, near};
  // The quote nearest the money says where theta starts.
  const auto closest =
      std::min_element(column.k.begin(), column.k.end(),
                       [](double a, double b) { return std::fabs(a) < std::fabs(b); }) -
      column.k.begin();
  const double theta = column.w[static_cast<std::size_t>(closest)];
  Bounds<3> bounds;
  bounds.low = {near ? near->theta * (1.0 + 1e-10) : 1e-3 * theta, -0.999, near ? 0.0 : 1e-4};
  bounds.high = {std::fmax(20.0 * theta, 2.0 * bounds.low[0]), 0.999, 1.0 - 1e-9};
  Vector<3> start{};
  double lowest = INFINITY;
  for (const double rho : {-0.8, -0.4, 0.0, 0.4, near ? near->rho : 0.8})
    for (const double share : {0.05, 0.3, 0.7}) {
      const Vector<3> x{std::fmax(theta, bounds.low[0]), rho, share};
      const double cost = problem(x, nullptr);
      ++report->evaluations;
      if (cost < lowest) lowest = cost, start = x;
    }
  const auto result = minimise<3>(optimiser, problem, start, bounds);
  report->evaluations += result.evaluations;
  report->condition = condition_number<3>(result.at, {true, true, true});
  if (result.end == LeastSquaresEnd::out_of_evaluations)
    report->verdict = FitVerdict::no_convergence;
  D t, r, p;
  problem.shape(result.x, &t, &r, &p);
  // On its bound psi may lie an ulp beyond it.
  const double side = 1.0 + std::fabs(r.value);
  const double highest = std::fmin(4.0 / side, 2.0 * std::sqrt(t.value / side)) * (1.0 - 1e-15);
  return {t.value, r.value, std::fmin(p.value, highest)};
}

void finish(const SliceQuotes& quotes, const EssviSlice& slice, double floor, FitReport* report) {
  const RawSvi raw = to_raw(slice);
  std::vector<double> vols(quotes.log_moneyness.size());
  for (std::size_t i = 0; i < vols.size(); ++i)
    vols[i] = std::sqrt(total_variance(raw, quotes.log_moneyness[i]).w / quotes.expiry);
  measure_residuals(quotes, vols, floor, report);
  const ButterflyCheck check = check_butterfly(raw);
  report->min_g_before = report->min_g_after = check.min_g;
  report->violations_before = report->violations_after = check.violations;
  if (report->verdict != FitVerdict::trusted) return;
  if (poor(*report)) report->verdict = FitVerdict::poor_fit;
}

bool ascending(std::span<const SliceQuotes> quotes) {
  for (std::size_t i = 0; i < quotes.size(); ++i)
    if (!(quotes[i].expiry > (i == 0 ? 0.0 : quotes[i - 1].expiry)) ||
        !std::isfinite(quotes[i].expiry))
      return false;
  return !quotes.empty();
}

}  // namespace

EssviFit fit_essvi(std::span<const SliceQuotes> quotes, double noise_floor_vol,
                   Optimiser optimiser) {
  EssviFit fit;
  if (!ascending(quotes) || !(noise_floor_vol > 0)) return fit;
  fit.reports.resize(quotes.size());
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    FitReport& report = fit.reports[i];
    report.verdict = count_quotes(quotes[i], 3, &report);
    if (report.verdict == FitVerdict::invalid_input)
      return {{}, fit.reports, FitVerdict::invalid_input};
    const EssviSlice* near = fit.slices.empty() ? nullptr : &fit.slices.back();
    if (report.quotes_used >= 3) {
      const EssviSlice slice =
          fit_one(gather(quotes[i], noise_floor_vol), near, optimiser, &report);
      fit.slices.push_back(slice);
    } else if (near != nullptr) {
      const double longer = quotes[i].expiry / quotes[i - 1].expiry;
      fit.slices.push_back({near->theta * longer, near->rho, near->psi});
    } else {
      return {{}, fit.reports, report.verdict};  // nothing to lean on
    }
    finish(quotes[i], fit.slices.back(), noise_floor_vol, &report);
  }
  fit.verdict = FitVerdict::trusted;
  for (const FitReport& report : fit.reports)
    if (report.verdict != FitVerdict::trusted && fit.verdict == FitVerdict::trusted)
      fit.verdict = report.verdict;
  return fit;
}

SsviFit fit_ssvi(std::span<const SliceQuotes> quotes, std::span<const double> theta,
                 double noise_floor_vol, Optimiser optimiser) {
  SsviFit fit;
  FitReport& report = fit.report;
  if (!ascending(quotes) || theta.size() != quotes.size() || !(noise_floor_vol > 0)) return fit;
  std::vector<Column> columns;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    if (!(theta[i] > (i == 0 ? 0.0 : theta[i - 1])) || !std::isfinite(theta[i])) return fit;
    if (count_quotes(quotes[i], 0, &report) == FitVerdict::invalid_input) return fit;
    columns.push_back(gather(quotes[i], noise_floor_vol));
  }
  report.verdict = report.quotes_used >= 3 ? FitVerdict::trusted : FitVerdict::too_few_quotes;
  if (report.quotes_used < 3) return fit;
  // rho, share of eta's bound 2 / (1 + |rho|), gamma.
  const auto problem = [&](const Vector<3>& x, NormalEquations<3>* out) {
    const D rho = D::variable(x[0], 0), gamma = D::variable(x[2], 2);
    const D eta = D::variable(x[1], 1) * 2.0 / (1.0 + fabs(rho));
    NormalEquations<3> at;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const D psi = eta * exp((1.0 - gamma) * log(theta[i] / (1.0 + theta[i])));
      add_column(columns[i], D(theta[i]), rho, psi, &at);
    }
    if (out) *out = at;
    return at.cost;
  };
  Bounds<3> bounds;
  bounds.low = {-0.999, 1e-4, 1e-3};
  bounds.high = {0.999, 1.0, 0.5};
  Vector<3> start{};
  double lowest = INFINITY;
  for (const double rho : {-0.7, -0.2, 0.3})
    for (const double share : {0.2, 0.7}) {
      const Vector<3> x{rho, share, 0.4};
      const double cost = problem(x, nullptr);
      if (cost < lowest) lowest = cost, start = x;
    }
  const auto result = minimise<3>(optimiser, problem, start, bounds);
  fit.ssvi = {result.x[0], result.x[1] * 2.0 / (1.0 + std::fabs(result.x[0])), result.x[2]};
  report.evaluations = result.evaluations + 6;
  report.condition = condition_number<3>(result.at, {true, true, true});
  if (result.end == LeastSquaresEnd::out_of_evaluations)
    report.verdict = FitVerdict::no_convergence;
  double squares = 0, units = 0, inside = 0;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    FitReport part;
    part.verdict = FitVerdict::trusted;
    count_quotes(quotes[i], 0, &part);
    finish(quotes[i], slice_at(fit.ssvi, theta[i]), noise_floor_vol, &part);
    squares += part.quotes_used * part.rms_vol * part.rms_vol;
    units += part.quotes_used * part.rms_spread * part.rms_spread;
    inside += part.quotes_used * part.inside_share;
    report.max_vol = std::fmax(report.max_vol, part.max_vol);
    report.max_spread = std::fmax(report.max_spread, part.max_spread);
    report.min_g_after =
        i == 0 ? part.min_g_after : std::fmin(report.min_g_after, part.min_g_after);
    report.violations_after += part.violations_after;
  }
  report.min_g_before = report.min_g_after, report.violations_before = report.violations_after;
  report.rms_vol = std::sqrt(squares / report.quotes_used);
  report.rms_spread = std::sqrt(units / report.quotes_used);
  report.inside_share = inside / report.quotes_used;
  if (poor(report)) report.verdict = FitVerdict::poor_fit;
  return fit;
}

}  // namespace zomma::kernels
