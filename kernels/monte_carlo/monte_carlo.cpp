// monte_carlo.cpp: cuts the samples into chunks, walks each chunk a pack at a time, joins the
// chunks in order.
#include <zomma/kernels/monte_carlo/monte_carlo.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <zomma/kernels/monte_carlo/brownian_bridge.h>
#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/monte_carlo/inverse_normal.h>
#include <zomma/kernels/monte_carlo/moments.h>
#include <zomma/kernels/monte_carlo/path_walk.h>
#include <zomma/kernels/monte_carlo/sobol.h>

namespace zomma::kernels {
namespace {

using lanes::Pack;
constexpr std::size_t chunk_samples = 1024;
constexpr std::size_t round_samples = std::size_t{1}
                                      << 22;  // bounds the memory of the chunks' moments
constexpr std::size_t width = lanes::Traits<Pack>::width;
using Buffer = SampleBuffer<chunk_samples>;

struct Run {
  Backend& backend;
  const PathPlan& plan;
  const PathSettings& settings;
  std::uint64_t samples;     // of this replicate
  std::uint64_t first_path;  // counter of its first sample
  std::uint32_t replicate;
  const std::vector<BridgePoint>& bridge;
};

void store(Buffer& buffer, std::size_t at, std::size_t end, const PathValue<Pack>& value) {
  for (std::size_t i = 0; i < width && at + i < end; ++i) {
    buffer.payoff[at + i] = lanes::lane(value.payoff, i);
    buffer.spot_slope[at + i] = lanes::lane(value.spot_slope, i);
    buffer.volatility_slope[at + i] = lanes::lane(value.volatility_slope, i);
    buffer.control[at + i] = lanes::lane(value.control, i);
  }
}

// The normals of consecutive Sobol points, one point a lane, as the steps of a bridged path.
class SobolPaths {
 public:
  SobolPaths(const Run& run, std::uint64_t first)
      : run_(run), index_(static_cast<std::uint32_t>(first)), dimensions_(run.plan.contract.steps) {
    words_.resize(dimensions_);
    for (std::uint32_t d = 0; d < dimensions_; ++d) {
      words_[d] =
          sobol_word(directions(d), index_) ^ digital_shift(run.settings.seed, d, run.replicate);
    }
    normals_ = std::make_unique<Pack[]>(dimensions_);
    path_ = std::make_unique<Pack[]>(dimensions_);
    steps_ = std::make_unique<Pack[]>((dimensions_ + 3) / 4 * 4);
  }

  const Pack* next() {
    std::array<unsigned, width> changes;
    for (std::uint32_t i = 0; i < width; ++i) changes[i] = sobol_change(index_ + i) % sobol_bits;
    for (std::uint32_t d = 0; d < dimensions_; ++d) {
      normals_[d] = inverse_normal<Pack, false>(points(d, changes));
    }
    index_ += static_cast<std::uint32_t>(width);
    fill_bridge(run_.bridge.data(), dimensions_, normals_.get(), path_.get());
    steps_[0] = path_[0];
    for (std::uint32_t d = 1; d < dimensions_; ++d) steps_[d] = path_[d] - path_[d - 1];
    return steps_.get();
  }

 private:
  static const std::uint32_t* directions(std::uint32_t d) {
    return sobol_directions() + std::size_t{d} * sobol_bits;
  }

  // Coordinates d of the next points; `changes` as sobol_change() gives them.
  Pack points(std::uint32_t d, const std::array<unsigned, width>& changes) {
    const std::uint32_t* v = directions(d);
    std::array<std::uint64_t, width> word;
    for (std::size_t i = 0; i < width; ++i) {
      word[i] = words_[d];
      words_[d] ^= v[changes[i]];
    }
    return uniform<Pack>(lanes::load_bits<Pack>(word.data()));
  }

  const Run& run_;
  std::uint32_t index_, dimensions_;
  std::vector<std::uint32_t> words_;
  std::unique_ptr<Pack[]> normals_, path_, steps_;
};

template <class Observer, bool scored, bool antithetic>
Moments walk_chunk(const Run& run, std::uint64_t first, std::size_t count) {
  Buffer buffer;
  if (run.settings.sampler == Sampler::sobol) {
    SobolPaths paths(run, first);
    for (std::size_t i = 0; i < count; i += width) {
      const StoredSource<Pack> source{run.settings.seed,
                                      path_lanes<Pack>(run.first_path + first + i), paths.next()};
      store(buffer, i, count, walk<Pack, Observer, scored, antithetic>(run.plan, source));
    }
  } else {
    for (std::size_t i = 0; i < count; i += width) {
      const PhiloxSource<Pack> source{run.settings.seed,
                                      path_lanes<Pack>(run.first_path + first + i)};
      store(buffer, i, count, walk<Pack, Observer, scored, antithetic>(run.plan, source));
    }
  }
  return moments_of(buffer, count);
}

template <class Observer, bool scored, bool antithetic>
Moments run_all(const Run& run) {
  Moments total;
  std::vector<Moments> chunks;
  for (std::uint64_t done = 0; done < run.samples; done += round_samples) {
    const std::size_t here =
        static_cast<std::size_t>(std::min<std::uint64_t>(round_samples, run.samples - done));
    chunks.assign((here + chunk_samples - 1) / chunk_samples, Moments{});
    run.backend.for_chunks(here, chunk_samples, [&](std::size_t begin, std::size_t end) {
      for (; begin < end; begin += chunk_samples) {
        const std::size_t count = std::min(chunk_samples, end - begin);
        chunks[begin / chunk_samples] =
            walk_chunk<Observer, scored, antithetic>(run, done + begin, count);
      }
    });
    for (const Moments& chunk : chunks) total.merge(chunk);
  }
  return total;
}

template <class Observer>
Moments run_with(const Run& run) {
  const bool scored = run.settings.greeks == PathGreeks::likelihood_ratio;
  if (run.settings.antithetic)
    return scored ? run_all<Observer, true, true>(run) : run_all<Observer, false, true>(run);
  return scored ? run_all<Observer, true, false>(run) : run_all<Observer, false, false>(run);
}

Moments run_contract(const Run& run) {
  const bool slopes = run.settings.greeks == PathGreeks::pathwise;
  switch (run.plan.contract.payoff) {
    case PathPayoff::european:
      return run_with<EuropeanObserver<Pack>>(run);
    case PathPayoff::digital:
      return run_with<DigitalObserver<Pack>>(run);
    case PathPayoff::asian_arithmetic:
      return slopes ? run_with<AsianObserver<Pack, true, true>>(run)
                    : run_with<AsianObserver<Pack, true, false>>(run);
    case PathPayoff::asian_geometric:
      return slopes ? run_with<AsianObserver<Pack, false, true>>(run)
                    : run_with<AsianObserver<Pack, false, false>>(run);
    case PathPayoff::barrier:
      return run_with<BarrierObserver<Pack>>(run);
    case PathPayoff::lookback_fixed:
      return run_with<LookbackObserver<Pack, false>>(run);
    case PathPayoff::lookback_floating:
      return run_with<LookbackObserver<Pack, true>>(run);
  }
  return {};
}

PathPlan make_plan(const GbmMarket& market, const PathContract& contract) {
  PathPlan plan;
  const double v = market.volatility, carry = market.rate - market.dividend;
  plan.contract = contract;
  plan.spot = market.spot;
  plan.strike = contract.strike;
  plan.sign = contract.call ? 1.0 : -1.0;
  plan.dt = contract.expiry / contract.steps;
  plan.root_dt = kernels::sqrt(plan.dt);
  plan.volatility = v;
  plan.drift_step = (carry - 0.5 * v * v) * plan.dt;
  plan.volatility_step = v * plan.root_dt;
  plan.vega_drift = carry + 0.5 * v * v;
  if (contract.payoff == PathPayoff::barrier) {
    plan.log_barrier = lanes::log(contract.barrier_level / market.spot);
    plan.barrier_side = plan.log_barrier > 0 ? 1.0 : -1.0;
    plan.knock_in = contract.barrier == Barrier::up_in || contract.barrier == Barrier::down_in;
  }
  plan.bridge_scale = 2.0 / (v * v * plan.dt);
  return plan;
}

struct Means {
  double price, delta, vega;
};

Means means_of(const Moments& m, double beta, double control) {
  return {m.payoff - beta * (m.control - control), m.spot_slope, m.volatility_slope};
}

// From the spread of the samples.
void from_samples(const Moments& m, double beta, double control, double discount,
                  PathEstimate& out) {
  const auto [price, delta, vega] = means_of(m, beta, control);
  const double freedom = m.count * std::max(m.count - 1, 1.0);
  const auto error = [&](double m2) {
    return discount * kernels::sqrt(std::max(m2, 0.0) / freedom);
  };
  out.price = {discount * price, error(m.payoff_m2 - 2 * beta * m.co + beta * beta * m.control_m2)};
  out.delta = {discount * delta, error(m.spot_slope_m2)};
  out.vega = {discount * vega, error(m.volatility_slope_m2)};
}

// From the spread of the replicates' means.
void from_replicates(const std::vector<Moments>& all, double beta, double control, double discount,
                     PathEstimate& out) {
  const auto n = static_cast<double>(all.size());
  const auto estimate = [&](auto&& member) {
    double mean = 0, m2 = 0;
    for (const Moments& m : all) mean += member(means_of(m, beta, control)) / n;
    for (const Moments& m : all) {
      const double gap = member(means_of(m, beta, control)) - mean;
      m2 += gap * gap;
    }
    return Estimate{discount * mean, discount * kernels::sqrt(m2 / (n * (n - 1)))};
  };
  out.price = estimate([](const Means& m) { return m.price; });
  out.delta = estimate([](const Means& m) { return m.delta; });
  out.vega = estimate([](const Means& m) { return m.vega; });
}

}  // namespace

double control_mean(const GbmMarket& m, const PathContract& c) {
  const double grow = kernels::exp(m.rate * c.expiry);
  switch (c.payoff) {
    case PathPayoff::asian_arithmetic:
      return grow * geometric_asian_value(m, c.strike, c.expiry, c.steps, c.call);
    case PathPayoff::asian_geometric: {
      const LogLaw law = geometric_average_law(m, c.expiry, c.steps);
      return kernels::exp(law.mean + 0.5 * law.deviation * law.deviation);
    }
    case PathPayoff::barrier:
    case PathPayoff::lookback_fixed:
      return grow * european_value(m, c.strike, c.expiry, c.call);
    default:
      return m.spot * kernels::exp((m.rate - m.dividend) * c.expiry);
  }
}

Status simulate(Backend& backend, const GbmMarket& market, const PathContract& contract,
                const PathSettings& settings, PathEstimate& estimate) {
  if (path_refusal(market, contract, settings) != nullptr) return Status::invalid_setting;
  const PathPlan plan = make_plan(market, contract);
  const bool sobol = settings.sampler == Sampler::sobol;
  const std::uint32_t replicates = sobol ? settings.replicates : 1;
  const std::uint64_t each = settings.samples / replicates;
  const std::vector<BridgePoint> bridge =
      sobol ? brownian_bridge(contract.steps) : std::vector<BridgePoint>{};
  std::vector<Moments> all;
  Moments total;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    all.push_back(run_contract({backend, plan, settings, each, r * each, r, bridge}));
    total.merge(all.back());
  }
  const bool controlled = settings.control && total.control_m2 > 0;
  const double beta = controlled ? total.co / total.control_m2 : 0.0;
  const double control = controlled ? control_mean(market, contract) : 0.0;
  const double discount = kernels::exp(-market.rate * contract.expiry);
  PathEstimate out;
  if (sobol) {
    from_replicates(all, beta, control, discount, out);
  } else {
    from_samples(total, beta, control, discount, out);
  }
  if (settings.greeks == PathGreeks::none) out.delta = out.vega = {};
  out.control_coefficient = beta;
  out.path_steps = each * replicates * contract.steps * (settings.antithetic ? 2 : 1);
  estimate = out;
  return Status::ok;
}

}  // namespace zomma::kernels
