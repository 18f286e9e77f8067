// svi.cpp: conversions between the forms of an SVI slice, and its batch evaluation.
#include <zomma/kernels/surface/svi.h>

#include <cmath>

namespace zomma::kernels {
namespace {

bool finite(double a, double b, double c, double d, double e) {
  return std::isfinite(a) && std::isfinite(b) && std::isfinite(c) && std::isfinite(d) &&
         std::isfinite(e);
}

double complement(double rho) { return std::sqrt((1.0 - rho) * (1.0 + rho)); }

}  // namespace

double least_variance(const RawSvi& svi) { return svi.a + svi.b * svi.sigma * complement(svi.rho); }

bool valid(const RawSvi& svi) {
  return finite(svi.a, svi.b, svi.rho, svi.m, svi.sigma) && svi.b >= 0 && std::fabs(svi.rho) < 1 &&
         svi.sigma > 0 && least_variance(svi) >= 0;
}

ElementStatus to_natural(const RawSvi& svi, NaturalSvi* out) {
  *out = {};
  if (!valid(svi)) return ElementStatus::domain;
  const double q = complement(svi.rho);
  out->omega = 2.0 * svi.b * svi.sigma / q;
  out->delta = svi.a - 0.5 * out->omega * q * q;
  out->mu = svi.m + svi.rho * svi.sigma / q;
  out->rho = svi.rho;
  out->zeta = q / svi.sigma;
  return ElementStatus::ok;
}

ElementStatus to_raw(const NaturalSvi& svi, RawSvi* out) {
  *out = {};
  if (!finite(svi.delta, svi.mu, svi.rho, svi.omega, svi.zeta) || std::fabs(svi.rho) >= 1 ||
      !(svi.zeta > 0) || !(svi.omega >= 0))
    return ElementStatus::domain;
  const double q = complement(svi.rho);
  const RawSvi raw{svi.delta + 0.5 * svi.omega * q * q, 0.5 * svi.omega * svi.zeta, svi.rho,
                   svi.mu - svi.rho / svi.zeta, q / svi.zeta};
  if (!valid(raw)) return ElementStatus::domain;
  *out = raw;
  return ElementStatus::ok;
}

ElementStatus to_jump_wing(const RawSvi& svi, double expiry, JumpWingSvi* out) {
  *out = {};
  if (!valid(svi) || !(expiry > 0) || !std::isfinite(expiry)) return ElementStatus::domain;
  const VarianceJet at_money = total_variance(svi, 0.0);
  if (!(at_money.w > 0)) return ElementStatus::domain;
  const double root = std::sqrt(at_money.w);
  out->v = at_money.w / expiry;
  out->psi = 0.5 * at_money.dw / root;
  out->p = svi.b * (1.0 - svi.rho) / root;
  out->c = svi.b * (1.0 + svi.rho) / root;
  out->v_tilde = least_variance(svi) / expiry;
  return ElementStatus::ok;
}

// With beta = m / R and R = sqrt(m^2 + sigma^2), w(0) - least = b R (1 - rho beta - sqrt(..) sqrt(..)), which is
// b R (1 - cos) of the angle between rho and beta; the branch at m = 0 of the paper is not needed in this form.
ElementStatus to_raw(const JumpWingSvi& svi, double expiry, RawSvi* out) {
  *out = {};
  if (!finite(svi.v, svi.psi, svi.p, svi.c, svi.v_tilde) || !(expiry > 0) || !(svi.v > 0) ||
      !(svi.p >= 0) || !(svi.c >= 0) || !(svi.p + svi.c > 0) || !(svi.v_tilde <= svi.v))
    return ElementStatus::domain;
  const double root = std::sqrt(svi.v * expiry);
  RawSvi raw;
  raw.b = 0.5 * root * (svi.p + svi.c);
  raw.rho = (svi.c - svi.p) / (svi.c + svi.p);
  const double beta = raw.rho - 2.0 * svi.psi * root / raw.b;
  if (!(std::fabs(beta) < 1) || !(std::fabs(raw.rho) < 1)) return ElementStatus::domain;
  const double q = complement(raw.rho), p = complement(beta);
  const double cosine = raw.rho * beta + p * q, sine = raw.rho * p - beta * q;
  const double versine = cosine > 0 ? sine * sine / (1.0 + cosine) : 1.0 - cosine;
  if (!(versine > 0)) return ElementStatus::domain;
  const double radius = (svi.v - svi.v_tilde) * expiry / (raw.b * versine);
  raw.m = radius * beta;
  raw.sigma = radius * p;
  raw.a = svi.v_tilde * expiry - raw.b * raw.sigma * q;
  if (!valid(raw)) return ElementStatus::domain;
  *out = raw;
  return ElementStatus::ok;
}

Status svi_variance(Backend& backend, const RawSvi& svi, std::span<const double> k, std::span<double> w,
                    std::span<double> dw, std::span<double> d2w, std::span<double> g,
                    std::span<ElementStatus> status) {
  const auto fits = [&](std::size_t size) { return size == 0 || size == k.size(); };
  if (!fits(w.size()) || !fits(dw.size()) || !fits(d2w.size()) || !fits(g.size()) ||
      !fits(status.size()))
    return Status::length_mismatch;
  if (!valid(svi)) return Status::invalid_setting;
  backend.for_chunks(k.size(), 4096, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      VarianceJet jet = total_variance(svi, k[i]);
      const bool ok = std::isfinite(k[i]) && jet.w > 0 && std::isfinite(jet.w);
      if (!ok) jet = {};
      if (!w.empty()) w[i] = jet.w;
      if (!dw.empty()) dw[i] = jet.dw;
      if (!d2w.empty()) d2w[i] = jet.d2w;
      if (!g.empty()) g[i] = ok ? durrleman(k[i], jet) : 0.0;
      if (!status.empty()) status[i] = ok ? ElementStatus::ok : ElementStatus::domain;
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
