// implied.cpp: the batches of implied.h on the CPU.
#include <zomma/kernels/implied.h>
#include <zomma/kernels/implied_element.h>

#include "cpu/column_runner.h"

namespace zomma::kernels {
namespace {

template <ImpliedModel model, int parts, class T>
void run_model(Backend& backend, const ImpliedQuotes<T>& q, std::span<T> volatility,
               std::span<ElementStatus> status) {
  const std::array<std::span<const T>, 4> in{q.price, q.forward, q.strike, q.maturity};
  detail::run_columns<T, parts>(
      backend, q.sign, in, volatility, status, [](auto sign, const auto& row) {
        return detail::implied_element<model>(sign, row[0], row[1], row[2], row[3]);
      });
}

template <class T>
Status run(Backend& backend, ImpliedModel model, const ImpliedQuotes<T>& q, std::span<T> volatility,
           std::span<ElementStatus> status) {
  const std::size_t count = volatility.size();
  for (const std::size_t size :
       {q.sign.size(), q.price.size(), q.forward.size(), q.strike.size(), q.maturity.size()})
    if (size != count) return Status::length_mismatch;
  if (!status.empty() && status.size() != count) return Status::length_mismatch;
  switch (model) {
    case ImpliedModel::black:
      run_model<ImpliedModel::black, 2>(backend, q, volatility, status);
      break;
    case ImpliedModel::bachelier:
      run_model<ImpliedModel::bachelier, 3>(backend, q, volatility, status);
      break;
    default:
      return Status::invalid_setting;
  }
  return Status::ok;
}

}  // namespace

Status implied_volatility(Backend& backend, ImpliedModel model, const ImpliedQuotes<double>& quotes,
                          std::span<double> volatility, std::span<ElementStatus> status) {
  return run(backend, model, quotes, volatility, status);
}

Status implied_volatility(Backend& backend, ImpliedModel model, const ImpliedQuotes<float>& quotes,
                          std::span<float> volatility, std::span<ElementStatus> status) {
  return run(backend, model, quotes, volatility, status);
}

}  // namespace zomma::kernels
