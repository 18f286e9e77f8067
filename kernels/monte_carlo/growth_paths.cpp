// growth_paths.cpp: the worlds in which policies are tried.
#include <zomma/kernels/monte_carlo/growth_paths.h>

#include <cmath>

#include <zomma/kernels/monte_carlo/inverse_normal.h>
#include <zomma/kernels/monte_carlo/philox.h>

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 256;  // paths

bool fits(std::span<double> growth, std::uint32_t cycles, std::uint64_t paths) {
  return paths > 0 && cycles > 0 && growth.size() / cycles == paths && growth.size() % cycles == 0;
}

// One step of the quadratic-exponential scheme.
class HestonStep {
 public:
  HestonStep(const HestonWorld& world, double dt) : v_(world.variance), jumps_(world.jumps) {
    const double k = v_.kappa, sigma = v_.sigma, rho = v_.rho;
    decay_ = lanes::exp(-k * dt);
    spread_v_ = sigma * sigma * decay_ / k * (1 - decay_);
    spread_theta_ = v_.theta * sigma * sigma / (2 * k) * (1 - decay_) * (1 - decay_);
    k1_ = 0.5 * dt * (k * rho / sigma - 0.5) - rho / sigma;
    k2_ = 0.5 * dt * (k * rho / sigma - 0.5) + rho / sigma;
    k34_ = 0.5 * dt * (1 - rho * rho);
    uncorrected_ = -rho * k * v_.theta * dt / sigma;
    jump_rate_ = jumps_.intensity * dt;
    no_jump_ = lanes::exp(-jump_rate_);
    const double jump_growth =
        lanes::exp(jumps_.mean + 0.5 * jumps_.deviation * jumps_.deviation) - 1;
    drift_ = (world.drift - jumps_.intensity * jump_growth) * dt;
  }

  // Moves the variance; gives ln(S'/S).
  double operator()(double& variance, const PhiloxBlock<std::uint64_t>& words) const {
    const double u = uniform<double>(words.word[0]),
                 z = inverse_normal(uniform<double>(words.word[1]));
    const double mean = v_.theta + (variance - v_.theta) * decay_;
    const double psi = (variance * spread_v_ + spread_theta_) / (mean * mean);
    const double a = k2_ + 0.5 * k34_;  // of E[exp(a v')], for the correction
    double next = 0, correction = uncorrected_ + (k1_ + 0.5 * k34_) *
                                                     variance;  // K0 + (K1 + K3/2) v, if it exists
    if (psi <= 1.5) {
      const double b2 = 2 / psi - 1 + kernels::sqrt(2 / psi) * kernels::sqrt(2 / psi - 1),
                   scale = mean / (1 + b2);
      const double root = kernels::sqrt(b2) + inverse_normal(u);
      next = scale * root * root;
      if (2 * a * scale < 1)
        correction = -a * b2 * scale / (1 - 2 * a * scale) + 0.5 * lanes::log(1 - 2 * a * scale);
    } else {
      const double p = (psi - 1) / (psi + 1), beta = (1 - p) / mean;
      next = u <= p ? 0.0 : lanes::log((1 - p) / (1 - u)) / beta;
      if (a < beta) correction = -lanes::log(p + beta * (1 - p) / (beta - a));
    }
    const double own = correction - (k1_ + 0.5 * k34_) * variance + k1_ * variance + k2_ * next;
    const double moved = drift_ + own + kernels::sqrt(k34_ * (variance + next)) * z + jump(words);
    variance = next;
    return moved;
  }

 private:
  // The sum of a Poisson number of normal jumps.
  double jump(const PhiloxBlock<std::uint64_t>& words) const {
    if (!(jump_rate_ > 0)) return 0;
    double left = uniform<double>(words.word[2]), chance = no_jump_;
    int count = 0;
    for (; left > chance && count < 1000; left -= chance, chance *= jump_rate_ / ++count) {
    }
    if (count == 0) return 0;
    return count * jumps_.mean + kernels::sqrt(static_cast<double>(count)) * jumps_.deviation *
                                     inverse_normal(uniform<double>(words.word[3]));
  }

  HestonParameters v_;
  JumpParameters jumps_;
  double decay_, spread_v_, spread_theta_, k1_, k2_, k34_, uncorrected_, jump_rate_, no_jump_,
      drift_;
};

bool usable(const HestonWorld& world, double cycle) {
  const HestonParameters& v = world.variance;
  const JumpParameters& j = world.jumps;
  const auto all_finite = std::isfinite(v.v0) && std::isfinite(v.kappa) && std::isfinite(v.theta) &&
                          std::isfinite(v.sigma) && std::isfinite(j.intensity) &&
                          std::isfinite(j.mean) && std::isfinite(j.deviation) &&
                          std::isfinite(world.drift);
  // Beyond these a cycle's growth is no number, or its law is lost in rounding.
  constexpr double most = 1e4, shortest = 1e-9;
  const bool moderate = v.v0 <= most && v.theta <= most && v.sigma <= most && v.kappa <= most &&
                        (v.v0 + v.theta) * cycle < 100 && std::abs(world.drift) * cycle < 100 &&
                        v.kappa * cycle >= 1e-12 && v.theta >= 1e-12;
  return all_finite && moderate && v.v0 >= 0 && v.kappa > 0 && v.theta > 0 && v.sigma >= 1e-8 &&
         v.rho > -1 && v.rho < 1 && j.intensity >= 0 && j.intensity * cycle < 100 &&
         j.deviation >= 0 && std::abs(j.mean) < 10 && j.deviation < 10 && cycle >= shortest &&
         cycle < 100;
}

}  // namespace

Status gbm_growth(Backend& backend, const CycleLaw& law, std::uint32_t cycles, std::uint64_t paths,
                  std::uint64_t seed, std::span<double> growth) {
  if (!fits(growth, cycles, paths)) return Status::length_mismatch;
  // Ten deviations, farther than any drawn, stay a number.
  if (!(std::abs(law.mean) + 10 * law.deviation < 700) || !(law.deviation >= 0))
    return Status::invalid_setting;
  backend.for_chunks(paths, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t path = begin; path < end; ++path)
      for (std::uint32_t cycle = 0; cycle < cycles; cycle += 4) {
        const FourNormals<double> normals =
            four_normals<double>(seed, path, cycle / 4, policy_stream);
        for (std::uint32_t i = 0; i < 4 && cycle + i < cycles; ++i)
          growth[(cycle + i) * paths + path] =
              lanes::exp(lanes::fused(normals.z[i], law.deviation, law.mean));
      }
  });
  return Status::ok;
}

Status heston_growth(Backend& backend, const HestonWorld& world, double cycle, std::uint32_t steps,
                     std::uint32_t cycles, std::uint64_t paths, std::uint64_t seed,
                     std::span<double> growth) {
  if (!fits(growth, cycles, paths)) return Status::length_mismatch;
  if (!usable(world, cycle) || steps == 0) return Status::invalid_setting;
  const HestonStep step(world, cycle / steps);
  backend.for_chunks(paths, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t path = begin; path < end; ++path) {
      double variance = world.variance.v0;
      std::uint32_t block = 0;
      for (std::uint32_t turn = 0; turn < cycles; ++turn) {
        double moved = 0;
        for (std::uint32_t i = 0; i < steps; ++i)
          moved += step(variance, philox_words<double>(seed, path, block++, heston_stream));
        growth[turn * paths + path] = lanes::exp(moved);
      }
    }
  });
  return Status::ok;
}

Status bootstrap_growth(Backend& backend, std::span<const double> log_returns, double block,
                        std::uint32_t days, std::uint32_t cycles, std::uint64_t paths,
                        std::uint64_t seed, std::span<double> growth) {
  if (!fits(growth, cycles, paths)) return Status::length_mismatch;
  if (log_returns.empty() || !(block >= 1) || days == 0) return Status::invalid_setting;
  for (const double x : log_returns)
    if (!(std::abs(x) * days < 700)) return Status::invalid_setting;
  const double renew = 1 / block;
  const auto size = static_cast<double>(log_returns.size());
  backend.for_chunks(paths, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t path = begin; path < end; ++path) {
      std::size_t at = 0;
      std::uint32_t number = 0;
      for (std::uint32_t turn = 0; turn < cycles; ++turn) {
        double moved = 0;
        for (std::uint32_t day = 0; day < days; ++day, ++number) {
          const auto words = philox_words<double>(seed, path, number, bootstrap_stream);
          if (number == 0 || uniform<double>(words.word[0]) < renew)
            at = static_cast<std::size_t>(uniform<double>(words.word[1]) * size);
          else
            at = at + 1 < log_returns.size() ? at + 1 : 0;
          moved += log_returns[at];
        }
        growth[turn * paths + path] = lanes::exp(moved);
      }
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
