// svi_repair.cpp: the nearest slice without butterfly arbitrage: a penalised least squares over all
// five parameters, and then a mix with a flat slice for whatever the penalty left over.
#include "svi_repair.h"

#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/least_squares.h>
#include <zomma/kernels/surface/ssvi.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace zomma::kernels {
namespace {

using svi_inner::Points;

// What a penalty for crossing aims for, later over earlier variance, and its weight by the others':
// a firmer one makes slices shy away from each other before their quotes are heard.
constexpr double roomy_ratio = 1.01, softness = 0.1;

// Parameters a, b, rho, m, ln sigma.
RawSvi slice_of(const Vector<5>& x) { return {x[0], x[1], x[2], x[3], exp(x[4])}; }

// Gradients of w, w', w'' in (a, b, rho, m, ln sigma).
struct JetGradient {
  VarianceJet jet;
  Vector<5> w, dw, d2w;
};

JetGradient jet_gradient(const RawSvi& s, double k) {
  JetGradient out;
  const double x = k - s.m, root = std::sqrt(x * x + s.sigma * s.sigma), inverse = 1.0 / root;
  const double u = x * inverse, v = s.sigma * inverse, bend = v * v * inverse;
  out.jet = {s.a + s.b * (s.rho * x + root), s.b * (s.rho + u), s.b * bend};
  const double third = -3.0 * s.b * bend * u * inverse;
  out.w = {1.0, s.rho * x + root, s.b * x, -out.jet.dw, s.b * v * s.sigma};
  out.dw = {0.0, s.rho + u, s.b, -out.jet.d2w, -s.b * u * v * v};
  out.d2w = {0.0, bend, 0.0, -third, s.b * bend * (2.0 - 3.0 * v * v)};
  return out;
}

void add_g_penalty(const RawSvi& svi, double k, double target, double weight,
                   NormalEquations<5>* at) {
  const JetGradient d = jet_gradient(svi, k);
  const double w = d.jet.w, p = d.jet.dw, u = 1.0 - 0.5 * k * p / w;
  const double g_w = u * k * p / (w * w) + 0.25 * p * p / (w * w);
  const double g_p = -u * k / w - 0.5 * p * (1.0 / w + 0.25);
  const double shortfall = target - durrleman(k, d.jet);
  if (!(shortfall > 0)) return;
  Vector<5> row;
  for (int i = 0; i < 5; ++i) row[i] = -weight * (g_w * d.w[i] + g_p * d.dw[i] + 0.5 * d.d2w[i]);
  at->add(weight * shortfall, row);
}

bool any(const RawSvi& svi) { return svi.b > 0 || svi.a > 0; }

// Total variance, or with k infinite the slope of that wing, with its gradient.
double variance_at(const RawSvi& svi, double k, Vector<5>* row) {
  if (std::isfinite(k)) {
    const JetGradient d = jet_gradient(svi, k);
    *row = d.w;
    return d.jet.w;
  }
  const double side = k < 0 ? -1.0 : 1.0;
  *row = {0.0, 1.0 + side * svi.rho, side * svi.b, 0.0, 0.0};
  return svi.b * (1.0 + side * svi.rho);
}

// Two slices pay the same where they cross, each by its own parameters: for the earlier over the
// later variance less a share that leaves room between them.
void add_crossing(const RawSvi& svi, const RawSvi& other, bool other_is_later, double k,
                  double weight, NormalEquations<5>* at) {
  Vector<5> row, ignored;
  const double own = variance_at(svi, k, &row), its = variance_at(other, k, &ignored);
  const double early = other_is_later ? own : its, late = other_is_later ? its : own;
  if (!(late > 0)) return;
  const double excess = early / late - 1.0 / roomy_ratio;
  if (!(excess > 0)) return;
  const double slope = other_is_later ? 1.0 / late : -early / (late * late);
  for (double& entry : row) entry *= weight * slope;
  at->add(weight * excess, row);
}

void add_crossings(const RawSvi& svi, const RawSvi& other, bool other_is_later, double weight,
                   NormalEquations<5>* at) {
  if (!any(other)) return;
  std::array<double, 16> dips;
  const int count = calendar_dips(other_is_later ? svi : other, other_is_later ? other : svi,
                                  roomy_ratio, dips.data(), static_cast<int>(dips.size()));
  for (int i = 0; i < count; ++i)
    add_crossing(svi, other, other_is_later, dips[static_cast<std::size_t>(i)], weight, at);
  for (const double wing : {-INFINITY, INFINITY})
    add_crossing(svi, other, other_is_later, wing, weight, at);
}

struct Penalised {
  const Points& points;
  double target, weight, floor;
  Neighbours neighbours{};

  double operator()(const Vector<5>& x, NormalEquations<5>* out) const {
    NormalEquations<5> at;
    const RawSvi svi = slice_of(x);
    const double q = std::sqrt((1.0 - svi.rho) * (1.0 + svi.rho)),
                 least = svi.a + svi.b * svi.sigma * q;
    if (!(least > 0)) return INFINITY;
    for (std::size_t i = 0; i < points.k.size(); ++i) {
      const double y = points.k[i] - svi.m, root = std::sqrt(y * y + svi.sigma * svi.sigma),
                   s = points.q[i];
      at.add(s * (svi.a + svi.b * (svi.rho * y + root) - points.w[i]),
             {s, s * (svi.rho * y + root), s * svi.b * y, -s * svi.b * (svi.rho + y / root),
              s * svi.b * svi.sigma * svi.sigma / root});
    }
    std::array<double, 8> dips;
    const int count = butterfly_dips(svi, target, dips.data(), static_cast<int>(dips.size()));
    for (int i = 0; i < count; ++i)
      add_g_penalty(svi, dips[static_cast<std::size_t>(i)], target, weight, &at);
    const double side = svi.rho < 0 ? -1.0 : 1.0,
                 steep = svi.b * (1.0 + side * svi.rho) - svi_inner::slope_max;
    if (steep > 0)
      at.add(weight * steep,
             {0.0, weight * (1.0 + side * svi.rho), weight * side * svi.b, 0.0, 0.0});
    if (least < floor) {
      const double s = weight / floor;
      at.add(s * (floor - least), {-s, -s * svi.sigma * q, s * svi.b * svi.sigma * svi.rho / q, 0.0,
                                   -s * svi.b * svi.sigma * q});
    }
    add_crossings(svi, neighbours.after, true, softness * weight, &at);
    add_crossings(svi, neighbours.before, false, softness * weight, &at);
    if (out) *out = at;
    return at.cost;
  }
};

// (1 - share) flat + share svi stays in the family; some share > 0 is free because flat is.
RawSvi mix(const RawSvi& svi, double flat, double share) {
  RawSvi out = svi;
  out.a = (1.0 - share) * flat + share * svi.a;
  out.b = share * svi.b;
  return out;
}

// Free with room to spare, so that no way of looking for the least g finds it negative. Writes what
// it looked at where there is variance everywhere.
bool sound(const RawSvi& svi, double min_g, ButterflyCheck* check) {
  *check = {.min_g = -1.0, .violations = 1};
  if (!valid(svi) || !(least_variance(svi) > 0)) return false;
  *check = check_butterfly(svi);
  return check->wings && check->min_g >= 0.1 * min_g;
}

// A mix near the border of what is free, by the coarse search: good enough to start from.
RawSvi roughly_free(const RawSvi& svi, double flat) {
  double good = 0.0, bad = 1.0;
  for (int i = 0; i < 6; ++i) {
    const double middle = 0.5 * (good + bad);
    const RawSvi mixed = mix(svi, flat, middle);
    double dip;
    const bool free = least_variance(mixed) > 0 && butterfly_dips(mixed, 0.0, &dip, 1) == 0;
    (free ? good : bad) = middle;
  }
  return mix(svi, flat, good);
}

// The largest share of `svi`, to 2^-24, in a mix with the flat slice of total variance `flat` > 0
// whose least g keeps a tenth of min_g.
RawSvi mix_until_free(const RawSvi& svi, double flat, double min_g) {
  ButterflyCheck check;
  if (sound(svi, min_g, &check)) return svi;
  double good = 0.0, bad = 1.0;
  for (int i = 0; i < 24; ++i) {
    const double middle = 0.5 * (good + bad);
    (sound(mix(svi, flat, middle), min_g, &check) ? good : bad) = middle;
  }
  return mix(svi, flat, good);
}

// Where a descent may look: about the points, on every scale that they can show.
Bounds<5> bounds_of(const Points& points, double flat) {
  Bounds<5> bounds;
  const auto [low, high] = std::minmax_element(points.k.begin(), points.k.end());
  const double range = std::fmax(*high - *low, 0.05);
  bounds.low = {-10.0 * flat - 1.0, 0.0, -svi_inner::rho_max, *low - 2.0 * range,
                log(1e-3 * range)};
  bounds.high = {10.0 * flat + 1.0, 2.0, svi_inner::rho_max, *high + 2.0 * range,
                 log(20.0 * range)};
  return bounds;
}

LeastSquaresSettings descent(int max_evaluations) {
  LeastSquaresSettings settings;
  settings.max_evaluations = max_evaluations;
  settings.relative_decrease = 1e-4;
  settings.relative_step = 1e-5;
  settings.initial_damping = 1e-3;
  return settings;
}

Vector<5> parameters(const RawSvi& svi) { return {svi.a, svi.b, svi.rho, svi.m, log(svi.sigma)}; }

double stiffness(const Points& points) {
  return 100.0 * std::sqrt(static_cast<double>(points.k.size()));
}

// Total variance on average.
double level(const Points& points) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < points.k.size(); ++i) {
    sum += points.q[i] * points.q[i] * points.w[i];
    total += points.q[i] * points.q[i];
  }
  return sum / total;
}

// Descends from a slice that is free to the nearest one to the points that is.
RawSvi descend(const Points& points, const RawSvi& safe, double flat, double floor, double min_g,
               int max_evaluations, int* evaluations, ButterflyCheck* check) {
  const Bounds<5> bounds = bounds_of(points, flat);
  LeastSquaresSettings settings = descent(max_evaluations);
  Vector<5> x = parameters(safe);
  RawSvi best = safe;
  // Method of multipliers with one multiplier: what the penalty leaves short is added to what it
  // aims for, so that the penalty need not be stiff; from the second round on by the rate at which
  // the round before it gained.
  const double weight = stiffness(points);
  double aim = min_g, before_aim = 0, before_g = 0;
  for (int round = 0; round < 8; ++round) {
    const auto result =
        least_squares<5>(Penalised{points, aim, weight, floor}, x, bounds, settings);
    *evaluations += result.evaluations;
    x = result.x;
    best = slice_of(x);
    if (sound(best, min_g, check)) return best;
    const double gained = round == 0 ? 1.0 : (check->min_g - before_g) / (aim - before_aim);
    before_g = check->min_g, before_aim = aim;
    aim += std::fmax(min_g - check->min_g, 0.0) / std::fmin(std::fmax(gained, 0.25), 1.0);
    settings.initial_damping = 1e-6;
  }
  best = mix_until_free(best, flat, min_g);
  *check = check_butterfly(best);
  return best;
}

// Whether a slice has arbitrage further from the points than half their range.
bool dips_far_outside(const Points& points, const RawSvi& svi) {
  if (!(least_variance(svi) > 0)) return true;
  const auto [low, high] = std::minmax_element(points.k.begin(), points.k.end());
  const double beside = 0.5 * (*high - *low);
  std::array<double, 8> dips;
  const int count = butterfly_dips(svi, 0.0, dips.data(), static_cast<int>(dips.size()));
  return std::any_of(
      dips.begin(), dips.begin() + count,
      [low = *low - beside, high = *high + beside](double k) { return k < low || k > high; });
}

// The slice of SSVI's form with the level and, as far as it may, the slope of another at the money:
// free by Gatheral and Jacquier's bounds.
RawSvi of_ssvi_form(const RawSvi& svi, double flat) {
  const VarianceJet money = total_variance(svi, 0.0);
  EssviSlice slice;
  slice.theta = money.w > 0 ? money.w : flat;
  const auto largest = [&](double side) {
    return std::fmin(4.0 / side, 2.0 * std::sqrt(slice.theta / side));
  };
  constexpr double steepest = 0.9;  // of rho
  slice.rho = std::clamp(money.dw / largest(2.0), -steepest, steepest);
  slice.psi = 0.99 * largest(1.0 + std::fabs(slice.rho));
  return to_raw(slice);
}

}  // namespace

double misfit(const Points& points, const RawSvi& svi) {
  double sum = 0;
  for (std::size_t i = 0; i < points.k.size(); ++i) {
    const double r = points.q[i] * (total_variance(svi, points.k[i]).w - points.w[i]);
    sum += 0.5 * r * r;
  }
  return sum;
}

RawSvi relax(const Points& points, const RawSvi& start, const Neighbours& neighbours, double floor,
             double min_g, int max_evaluations, int* evaluations) {
  const auto result = least_squares<5>(
      Penalised{points, min_g, stiffness(points), floor, neighbours}, parameters(start),
      bounds_of(points, level(points)), descent(max_evaluations));
  *evaluations += result.evaluations;
  return slice_of(result.x);
}

RawSvi repair(const Points& points, const RawSvi& start, double floor, double min_g,
              int max_evaluations, int* evaluations, ButterflyCheck* check) {
  const double flat = level(points);
  const RawSvi first = descend(points, roughly_free(start, flat), flat, floor, min_g,
                               max_evaluations, evaluations, check);
  // A slice whose arbitrage lies far outside of the quotes may be mixed until little is left of it,
  // and the descent ends in a valley of flat slices. Where it lay so and the repair has cost more
  // than half a quote's noise each, another start is tried.
  const double cost = misfit(points, first);
  const double allowed = 0.125 * static_cast<double>(points.k.size());
  if (cost <= misfit(points, start) + allowed || !dips_far_outside(points, start)) return first;
  ButterflyCheck second_check;
  const RawSvi second = descend(points, of_ssvi_form(start, flat), flat, floor, min_g,
                                max_evaluations, evaluations, &second_check);
  if (misfit(points, second) >= cost) return first;
  *check = second_check;
  return second;
}

}  // namespace zomma::kernels
