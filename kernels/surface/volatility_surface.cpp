// volatility_surface.cpp: the surface of slices and the arbitrage search.
#include <zomma/kernels/surface/volatility_surface.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {
namespace {

bool usable(const Slice& slice) {
  if (const auto* svi = std::get_if<RawSvi>(&slice)) return valid(*svi) && least_variance(*svi) > 0;
  return !std::get<SplineSlice>(slice).empty();
}

VarianceJet mix(const VarianceJet& a, double by_a, const VarianceJet& b, double by_b) {
  return {by_a * a.w + by_b * b.w, by_a * a.dw + by_b * b.dw, by_a * a.d2w + by_b * b.d2w};
}

}  // namespace

double VarianceSurface::volatility(double k, double expiry) const {
  const double w = at(k, expiry).jet.w;
  return w > 0 && expiry > 0 ? std::sqrt(w / expiry) : 0.0;
}

double VarianceSurface::local_variance(double k, double expiry) const {
  const SurfaceValue value = at(k, expiry);
  if (!(value.jet.w > 0) || !(value.dw_dt >= 0)) return 0.0;
  const double g = durrleman(k, value.jet);
  return g > 0 ? value.dw_dt / g : 0.0;
}

Status surface_volatility(Backend& backend, const VarianceSurface& surface, std::span<const double> k,
                          std::span<const double> expiry, std::span<double> volatility,
                          std::span<ElementStatus> status) {
  if (expiry.size() != k.size() || volatility.size() != k.size() || (!status.empty() && status.size() != k.size()))
    return Status::length_mismatch;
  backend.for_chunks(k.size(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const bool asked = std::isfinite(k[i]) && expiry[i] > 0 && std::isfinite(expiry[i]);
      const double vol = asked ? surface.volatility(k[i], expiry[i]) : 0.0;
      const bool ok = vol > 0 && std::isfinite(vol);
      volatility[i] = ok ? vol : 0.0;
      if (!status.empty()) status[i] = ok ? ElementStatus::ok : ElementStatus::domain;
    }
  });
  return Status::ok;
}

VarianceJet total_variance(const Slice& slice, double k) {
  if (const auto* svi = std::get_if<RawSvi>(&slice)) return total_variance(*svi, k);
  return std::get<SplineSlice>(slice)(k);
}

ElementStatus SliceSurface::assign(std::span<const double> expiries, std::span<const Slice> slices) {
  if (expiries.empty() || expiries.size() != slices.size()) return ElementStatus::domain;
  for (std::size_t i = 0; i < expiries.size(); ++i)
    if (!(expiries[i] > (i == 0 ? 0.0 : expiries[i - 1])) || !std::isfinite(expiries[i]) || !usable(slices[i]))
      return ElementStatus::domain;
  expiries_.assign(expiries.begin(), expiries.end());
  slices_.assign(slices.begin(), slices.end());
  const std::size_t n = expiries_.size();
  const double last = total_variance(slices_[n - 1], 0.0).w;
  last_growth_ = n == 1 ? last / expiries_[0]
                        : std::fmax(0.0, (last - total_variance(slices_[n - 2], 0.0).w) /
                                             (expiries_[n - 1] - expiries_[n - 2]));
  return ElementStatus::ok;
}

SurfaceValue SliceSurface::at(double k, double expiry) const {
  if (expiries_.empty()) return {};
  const auto after = static_cast<std::size_t>(
      std::lower_bound(expiries_.begin(), expiries_.end(), expiry) - expiries_.begin());
  if (after == 0) {
    const VarianceJet first = total_variance(slices_[0], k);
    return {mix(first, expiry / expiries_[0], {}, 0.0), first.w / expiries_[0]};
  }
  const VarianceJet near = total_variance(slices_[after - 1], k);
  if (after == expiries_.size()) {
    const double growth = last_growth_ * (expiry - expiries_.back());
    return {{near.w + growth, near.dw, near.d2w}, last_growth_};
  }
  const VarianceJet far = total_variance(slices_[after], k);
  const double length = expiries_[after] - expiries_[after - 1], share = (expiry - expiries_[after - 1]) / length;
  return {mix(near, 1.0 - share, far, share), (far.w - near.w) / length};
}

ArbitrageReport check_surface(const VarianceSurface& surface, std::span<const double> expiries, double low, double high,
                              int samples) {
  ArbitrageReport report;
  report.min_g = report.min_step = INFINITY;
  for (std::size_t e = 0; e < expiries.size(); ++e) {
    for (int i = 0; i < samples; ++i) {
      const double k = low + (high - low) * i / std::max(samples - 1, 1);
      const VarianceJet jet = surface.at(k, expiries[e]).jet;
      const double g = jet.w > 0 ? durrleman(k, jet) : -INFINITY;
      report.butterfly_violations += !(g >= -1e-12);
      if (!(g >= report.min_g)) report.min_g = g, report.min_g_k = k, report.min_g_expiry = expiries[e];
      if ((i == 0 || i == samples - 1) && !(std::fabs(jet.dw) < 2.0)) report.wings = false;
      if (e + 1 == expiries.size()) continue;
      const double step = surface.at(k, expiries[e + 1]).jet.w - jet.w;
      const double rate = step / (expiries[e + 1] - expiries[e]);
      report.calendar_violations += !(step >= -1e-12 * jet.w);
      if (!(rate >= report.min_step))
        report.min_step = rate, report.min_step_k = k, report.min_step_expiry = expiries[e];
    }
  }
  return report;
}

}  // namespace zomma::kernels
