// implied.cu: implied_volatility on a stream. Launches only: the formulas are those of the CPU.
#include <zomma/kernels/cuda.h>
#include <zomma/kernels/implied_element.h>

#include "launch.h"

namespace zomma::kernels::cuda {
namespace {

template <ImpliedModel model, class T>
__global__ void __launch_bounds__(threads_per_block)
    run(const std::int8_t* sign, const T* price, const T* forward, const T* strike,
        const T* maturity, T* volatility, ElementStatus* status, std::size_t count) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride) {
    const auto answer =
        detail::implied_element<model, T>(T(sign[i]), price[i], forward[i], strike[i], maturity[i]);
    const auto code = static_cast<ElementStatus>(static_cast<int>(answer.status));
    volatility[i] = code == ElementStatus::ok ? answer.value : T(0);
    if (status != nullptr) status[i] = code;
  }
}

template <class T>
Status run_batch(Stream stream, ImpliedModel model, const ImpliedQuotes<T>& q,
                 std::span<T> volatility, std::span<ElementStatus> status) {
  const std::size_t count = volatility.size();
  for (const std::size_t size :
       {q.sign.size(), q.price.size(), q.forward.size(), q.strike.size(), q.maturity.size()})
    if (size != count) return Status::length_mismatch;
  if (!status.empty() && status.size() != count) return Status::length_mismatch;
  if (model != ImpliedModel::black && model != ImpliedModel::bachelier)
    return Status::invalid_setting;
  if (count == 0) return Status::ok;
  const auto kernel =
      model == ImpliedModel::black ? run<ImpliedModel::black, T> : run<ImpliedModel::bachelier, T>;
  kernel<<<blocks_for(count), threads_per_block, 0, stream>>>(
      q.sign.data(), q.price.data(), q.forward.data(), q.strike.data(), q.maturity.data(),
      volatility.data(), status.data(), count);
  return launched();
}

}  // namespace

Status implied_volatility(Stream stream, ImpliedModel model, const ImpliedQuotes<double>& quotes,
                          std::span<double> volatility, std::span<ElementStatus> status) {
  return run_batch(stream, model, quotes, volatility, status);
}

Status implied_volatility(Stream stream, ImpliedModel model, const ImpliedQuotes<float>& quotes,
                          std::span<float> volatility, std::span<ElementStatus> status) {
  return run_batch(stream, model, quotes, volatility, status);
}

}  // namespace zomma::kernels::cuda
