// cuda.h: the batches of the kernels on a CUDA stream: the same formulas, compiled without
// contraction, so the results are those of the CPU bit for bit. Nothing is allocated: memory, work
// space too, is the caller's. Present where the library zomma_kernels_cuda was built.
#pragma once

#include <zomma/kernels/american.h>
#include <zomma/kernels/european.h>
#include <zomma/kernels/heston.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/monte_carlo/monte_carlo.h>
#include <zomma/kernels/monte_carlo/wheel.h>
#include <zomma/kernels/portfolio/scenario.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <cstddef>

struct CUstream_st;

namespace zomma::kernels::cuda {

// A cudaStream_t of the current device; null is its default stream.
using Stream = CUstream_st*;

// As zomma::kernels::european_greeks, but every span is memory of the current device, the dividends
// too, and the call returns when the work is queued: results are there when the stream has got so
// far. `unavailable` where the launch was refused (no device, no image for it).
Status european_greeks(Stream stream, EuropeanModel model, const EuropeanOptions<double>& options,
                       const EuropeanResults<double>& results, std::span<ElementStatus> status = {},
                       const CashDividends<double>& dividends = {});
Status european_greeks(Stream stream, EuropeanModel model, const EuropeanOptions<float>& options,
                       const EuropeanResults<float>& results, std::span<ElementStatus> status = {},
                       const CashDividends<float>& dividends = {});

// As zomma::kernels::implied_volatility, on device memory and a stream.
Status implied_volatility(Stream stream, ImpliedModel model, const ImpliedQuotes<double>& quotes,
                          std::span<double> volatility, std::span<ElementStatus> status = {});
Status implied_volatility(Stream stream, ImpliedModel model, const ImpliedQuotes<float>& quotes,
                          std::span<float> volatility, std::span<ElementStatus> status = {});

// The constant tables of a preset: how many doubles they are, and their copy into device memory,
// once for any number of batches.
std::size_t american_tables_size(AmericanPreset preset);
Status american_tables(Stream stream, AmericanPreset preset, std::span<double> tables);

// As zomma::kernels::american_price and american_implied_volatility, on device memory and a stream.
Status american_price(Stream stream, AmericanPreset preset, std::span<const double> tables,
                      const AmericanTermsBatch& terms, const AmericanValues& out);
Status american_implied_volatility(Stream stream, AmericanPreset preset,
                                   std::span<const double> tables, const AmericanTermsBatch& terms,
                                   std::span<const double> price, std::span<double> volatility,
                                   std::span<ElementStatus> status);

// As zomma::kernels::scenario_grid and stress: the book, the answers and `work` are device memory,
// the groups, the grid and the shocks the host's. `work` has at least the bytes that
// scenario_work_bytes() gives (`shocks`: how many, for stress), else length_mismatch.
std::size_t scenario_work_bytes(const Grouping& groups, std::size_t scenarios,
                                std::size_t shocks = 0);
Status scenario_grid(Stream stream, const OptionBook& book, const Grouping& groups,
                     const ScenarioGrid& grid, std::span<double> out, std::span<std::byte> work,
                     std::span<std::uint32_t> excluded = {}, std::span<ElementStatus> status = {});
Status stress(Stream stream, const OptionBook& book, const Grouping& groups,
              std::span<const Shock> shocks, std::span<double> out, std::span<std::byte> work,
              std::span<std::uint32_t> excluded = {}, std::span<ElementStatus> status = {});

// As zomma::kernels::simulate and simulate_wheel. `work` is device memory of at least
// path_work_bytes(), all else the host's; the calls wait for the stream. Sobol points are the CPU's
// alone: `unavailable`.
std::size_t path_work_bytes(std::uint64_t samples);
Status simulate(Stream stream, const GbmMarket& market, const PathContract& contract,
                const PathSettings& settings, std::span<std::byte> work, PathEstimate& estimate);
Status simulate_wheel(Stream stream, std::span<const WheelSettings> settings, std::uint64_t paths,
                      std::uint64_t seed, std::span<std::byte> work, std::span<WheelOutcome> out,
                      std::span<ElementStatus> status = {});

// As zomma::kernels::search_svi_batch, on device memory and a stream; that `first` ascends within
// the columns is the caller's word.
Status search_svi_batch(Stream stream, const SviPoints& points, int max_evaluations,
                        std::span<RawSvi> svi, std::span<double> cost,
                        std::span<ElementStatus> status);

// As zomma::kernels::heston_price, on device memory, the expiries too, and a stream. The nodes of
// the integrals stand in `work`, shared evenly among the expiries; one that needs more than its
// share answers no_convergence. heston_work_bytes() is what `nodes` an expiry take, for what `out`
// asks: 1024 do for all but expiries of a few days.
std::size_t heston_work_bytes(std::size_t expiries, const HestonValues& out,
                              std::size_t nodes = 1024);
Status heston_price(Stream stream, const HestonParameters& model, const JumpParameters& jumps,
                    const HestonQuotes& quotes, const HestonValues& out, std::span<std::byte> work);

}  // namespace zomma::kernels::cuda
