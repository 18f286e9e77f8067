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
#include <zomma/kernels/monte_carlo/sobol.h>

#include "path_estimate.h"

namespace zomma::kernels {
namespace {

using detail::chunk_samples;
using detail::round_samples;
using lanes::Pack;
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
  const PathPlan plan = detail::path_plan(market, contract);
  const bool sobol = settings.sampler == Sampler::sobol;
  const std::uint32_t replicates = sobol ? settings.replicates : 1;
  const std::uint64_t each = settings.samples / replicates;
  const std::vector<BridgePoint> bridge =
      sobol ? brownian_bridge(contract.steps) : std::vector<BridgePoint>{};
  std::vector<Moments> all;
  Moments total;
  for (std::uint32_t r = 0; r < replicates; ++r) {
    const Run run{backend, plan, settings, each, r * each, r, bridge};
    all.push_back(detail::with_observer<lanes::Pack>(
        contract.payoff, settings.greeks == PathGreeks::pathwise,
        [&]<class Observer>(detail::Kind<Observer>) { return run_with<Observer>(run); }));
    total.merge(all.back());
  }
  estimate = detail::path_estimate(all, total, market, contract, settings, each * replicates);
  return Status::ok;
}

}  // namespace zomma::kernels
