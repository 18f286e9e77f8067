// ssvi.cpp: the shape of SSVI and eSSVI, their no-arbitrage conditions and Dupire's local variance.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/ssvi.h>

#include <cmath>

namespace zomma::kernels {

RawSvi to_raw(const EssviSlice& s) {
  const double phi = s.psi / s.theta, q = (1.0 - s.rho) * (1.0 + s.rho);
  return {0.5 * s.theta * q, 0.5 * s.psi, s.rho, -s.rho / phi, std::sqrt(q) / phi};
}

bool butterfly_free(const EssviSlice& s) {
  const double side = 1.0 + std::fabs(s.rho);
  return s.theta > 0 && std::fabs(s.rho) < 1 && s.psi > 0 && s.psi * side <= 4.0 &&
         s.psi * s.psi * side <= 4.0 * s.theta && std::isfinite(s.theta);
}

bool calendar_free(const EssviSlice& near, const EssviSlice& far) {
  constexpr double rounding = 1e-12;  // the fit lies on these bounds at times
  const auto grows = [](double small, double large) { return large >= small * (1.0 - rounding); };
  return grows(near.theta, far.theta) &&
         grows(near.psi * (1 + near.rho), far.psi * (1 + far.rho)) &&
         grows(near.psi * (1 - near.rho), far.psi * (1 - far.rho)) &&
         grows(far.psi * near.theta, near.psi * far.theta);
}

bool valid(const PowerLawSsvi& s) {
  return std::fabs(s.rho) < 1 && s.eta > 0 && std::isfinite(s.eta) && s.gamma > 0 && s.gamma < 1;
}

EssviSlice slice_at(const PowerLawSsvi& s, double theta) {
  const double phi = s.eta * power(theta, -s.gamma) * power(1.0 + theta, s.gamma - 1.0);
  return {theta, s.rho, theta * phi};
}

bool arbitrage_free(const PowerLawSsvi& s) {
  return valid(s) && s.gamma <= 0.5 && s.eta * (1.0 + std::fabs(s.rho)) <= 2.0;
}

ElementStatus ssvi_local_variance(const PowerLawSsvi& s, double theta, double theta_slope, double k,
                                  SsviPoint* out) {
  *out = {};
  if (!valid(s) || !(theta > 0) || !(theta_slope >= 0) || !std::isfinite(theta) ||
      !std::isfinite(theta_slope) || !std::isfinite(k))
    return ElementStatus::domain;
  const double phi = slice_at(s, theta).psi / theta;
  const double y = phi * k, q = (1.0 - s.rho) * (1.0 + s.rho);
  const double root = std::sqrt((y + s.rho) * (y + s.rho) + q);
  // 1 + rho y + root loses digits where rho y is near -(1 + root); its conjugate does not.
  const double linear = 1.0 + s.rho * y;
  const double level = linear >= 0 ? linear + root : q * y * y / (root - linear);
  const double slope = s.rho + (y + s.rho) / root;
  out->jet = {0.5 * theta * level, 0.5 * theta * phi * slope,
              0.5 * theta * phi * phi * q / (root * root * root)};
  const double phi_log_slope =
      -(s.gamma / theta + (1.0 - s.gamma) / (1.0 + theta));  // d ln phi / d theta
  out->dw_dt = theta_slope * 0.5 * (level + theta * slope * y * phi_log_slope);
  out->g = durrleman(k, out->jet);
  if (!(out->g > 0) || !(out->jet.w > 0) || !(out->dw_dt >= 0)) {
    *out = {};
    return ElementStatus::domain;
  }
  out->local_variance = out->dw_dt / out->g;
  return ElementStatus::ok;
}

}  // namespace zomma::kernels
