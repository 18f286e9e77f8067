// svi_surface.cpp: all slices of a surface. An eSSVI surface is free of arbitrage by its form and
// stands where the slices alone would cross; from there each slice goes as near to its quotes as
// its neighbours let it, so that at every moment the whole is free.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/calendar.h>
#include <zomma/kernels/surface/ssvi.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <array>
#include <vector>

#include "svi_data.h"
#include "svi_repair.h"

namespace zomma::kernels {
namespace {

constexpr int evaluations_a_move = 20;
// Not worth a move: a tenth of a quote's noise each above the fit that stands alone.
constexpr double little = 0.5 * 0.1 * 0.1;

struct Place {
  svi_data::Data data;
  const SliceQuotes* quotes;
  SviFit* fit;
  RawSvi svi;  // free of arbitrage, by itself and among its neighbours
};

RawSvi blend(const RawSvi& from, const RawSvi& to, double share) {
  const auto between = [&](double x, double y) { return (1.0 - share) * x + share * y; };
  return {between(from.a, to.a), between(from.b, to.b), between(from.rho, to.rho),
          between(from.m, to.m), exp(between(log(from.sigma), log(to.sigma)))};
}

bool fits_in(const RawSvi& svi, const Neighbours& neighbours) {
  return valid(svi) && least_variance(svi) > 0 && check_butterfly(svi).free() &&
         check_calendar(neighbours.before, svi).free() &&
         (!(neighbours.after.b > 0) || check_calendar(svi, neighbours.after).free());
}

// As far toward a better place as it stays free.
void move(const SviFitSettings& settings, std::vector<Place>& places, std::size_t i) {
  Place& place = places[i];
  Neighbours neighbours;
  if (i > 0) neighbours.before = places[i - 1].svi;
  if (i + 1 < places.size()) neighbours.after = places[i + 1].svi;
  const auto points = place.data.points();
  const double cost = misfit(points, place.svi);
  if (cost <= misfit(points, place.fit->svi) + little * static_cast<double>(points.k.size()))
    return;
  const RawSvi target = relax(points, place.svi, neighbours, place.data.floor, settings.min_g,
                              evaluations_a_move, &place.fit->report.evaluations);
  constexpr std::array<double, 6> shares{1.0, 0.9, 0.75, 0.5, 0.25, 0.1};
  for (const double share : shares) {
    const RawSvi one = blend(place.svi, target, share);
    if (!(misfit(points, one) < cost) || !fits_in(one, neighbours)) continue;
    place.svi = one;
    return;
  }
}

bool crossed(const std::vector<Place>& places) {
  for (std::size_t i = 1; i < places.size(); ++i)
    if (!check_calendar(places[i - 1].fit->svi, places[i].fit->svi).free()) return true;
  return false;
}

void settle(const SviFitSettings& settings, std::vector<Place>& places) {
  std::vector<SliceQuotes> quotes;
  for (const Place& place : places) quotes.push_back(*place.quotes);
  const EssviFit safe = fit_essvi(quotes, settings.noise_floor_vol);
  for (std::size_t i = 0; i < places.size(); ++i) places[i].svi = to_raw(safe.slices[i]);
  for (std::size_t i = places.size(); i-- > 0;) move(settings, places, i);
  for (std::size_t i = 0; i < places.size(); ++i) move(settings, places, i);
}

}  // namespace

Status fit_svi_surface(std::span<const SliceQuotes> quotes, const SviFitSettings& settings,
                       std::span<SviFit> results) {
  if (quotes.size() != results.size()) return Status::length_mismatch;
  if (svi_data::bad(settings) || settings.prior_weight > 0) return Status::invalid_setting;
  for (std::size_t i = 1; i < quotes.size(); ++i)
    if (!(quotes[i].expiry > quotes[i - 1].expiry)) return Status::invalid_setting;
  std::vector<Place> places;
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    results[i] = fit_svi(quotes[i], settings);
    const FitReport& report = results[i].report;
    if (report.verdict != FitVerdict::invalid_input && report.quotes_used >= 5)
      places.push_back({svi_data::gather(quotes[i], settings), &quotes[i], &results[i], {}});
  }
  if (!crossed(places)) return Status::ok;
  settle(settings, places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    SviFit& fit = *places[i].fit;
    fit.svi = places[i].svi;
    const ButterflyCheck butterfly = check_butterfly(fit.svi);
    fit.report.min_g_after = butterfly.min_g;
    fit.report.violations_after = butterfly.violations + !butterfly.wings;
    if (i + 1 < places.size())
      fit.report.violations_after += !check_calendar(fit.svi, places[i + 1].svi).free();
    svi_data::finish_report(*places[i].quotes, places[i].data, settings, &fit);
  }
  return Status::ok;
}

}  // namespace zomma::kernels
