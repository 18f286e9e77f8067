// european.cu: european_greeks on a stream. Launches only: the formulas are those of the CPU.
#include <zomma/kernels/cuda.h>
#include <zomma/kernels/european_element.h>

#include "european/columns.h"
#include "launch.h"

namespace zomma::kernels::cuda {
namespace {

template <class T>
struct Columns {
  const std::int8_t* sign;
  const T *spot, *strike, *maturity, *rate, *yield, *volatility;  // yield may be null
  EuropeanTable<T*> results;                                      // null where not wanted
  ElementStatus* status;                                          // may be null
  detail::DividendColumn<T> dividends;
  std::size_t count;
};

template <EuropeanLevel level, EuropeanModel model, class T>
__global__ void __launch_bounds__(threads_per_block) run(Columns<T> c) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < c.count;
       i += stride) {
    const EuropeanInput<T> in{T(c.sign[i]),   c.spot[i], c.strike[i],
                              c.maturity[i],  c.rate[i], c.yield != nullptr ? c.yield[i] : T(0),
                              c.volatility[i]};
    bool ok;
    const EuropeanTable<T> out = detail::european_element<level, model>(in, c.dividends, ok);
    visit_tables<level>(out, c.results, [i](const T& value, T* to) {
      if (to != nullptr) to[i] = value;
    });
    if (c.status != nullptr) c.status[i] = ok ? ElementStatus::ok : detail::refusal(c.maturity[i]);
  }
}

template <EuropeanModel model, class T>
void launch(Stream stream, EuropeanLevel level, const Columns<T>& c) {
  const unsigned blocks = blocks_for(c.count);
  switch (level) {
    case EuropeanLevel::value:
      run<EuropeanLevel::value, model><<<blocks, threads_per_block, 0, stream>>>(c);
      break;
    case EuropeanLevel::first:
      run<EuropeanLevel::first, model><<<blocks, threads_per_block, 0, stream>>>(c);
      break;
    case EuropeanLevel::standard:
      run<EuropeanLevel::standard, model><<<blocks, threads_per_block, 0, stream>>>(c);
      break;
    case EuropeanLevel::full:
      run<EuropeanLevel::full, model><<<blocks, threads_per_block, 0, stream>>>(c);
      break;
  }
}

template <class T>
Status run_batch(Stream stream, EuropeanModel model, const EuropeanOptions<T>& o,
                 const EuropeanResults<T>& results, std::span<ElementStatus> status,
                 const CashDividends<T>& dividends) {
  const EuropeanLevel level = detail::level_of(results);
  if (!detail::lengths_agree(o, results, status.size()) ||
      dividends.time.size() != dividends.amount.size())
    return Status::length_mismatch;
  if (!detail::dividends_fit(model, level, dividends)) return Status::invalid_setting;
  Columns<T> c{
      o.sign.data(),
      o.spot.data(),
      o.strike.data(),
      o.maturity.data(),
      o.rate.data(),
      o.yield.data(),
      o.volatility.data(),
      {},
      status.data(),
      {dividends.time.data(), dividends.amount.data(), static_cast<int>(dividends.time.size())},
      o.spot.size()};
  visit_tables<EuropeanLevel::full>(c.results, results,
                                    [](T*& to, std::span<T> column) { to = column.data(); });
  if (c.count == 0) return Status::ok;
  switch (model) {
    case EuropeanModel::black_scholes:
      launch<EuropeanModel::black_scholes>(stream, level, c);
      break;
    case EuropeanModel::black76:
      launch<EuropeanModel::black76>(stream, level, c);
      break;
    case EuropeanModel::bachelier:
      launch<EuropeanModel::bachelier>(stream, level, c);
      break;
    default:
      return Status::invalid_setting;
  }
  return launched();
}

}  // namespace

Status european_greeks(Stream stream, EuropeanModel model, const EuropeanOptions<double>& options,
                       const EuropeanResults<double>& results, std::span<ElementStatus> status,
                       const CashDividends<double>& dividends) {
  return run_batch(stream, model, options, results, status, dividends);
}

Status european_greeks(Stream stream, EuropeanModel model, const EuropeanOptions<float>& options,
                       const EuropeanResults<float>& results, std::span<ElementStatus> status,
                       const CashDividends<float>& dividends) {
  return run_batch(stream, model, options, results, status, dividends);
}

}  // namespace zomma::kernels::cuda
