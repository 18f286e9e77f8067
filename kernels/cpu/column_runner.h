// column_runner.h: runs a formula over columns in packs: the loop that the smaller batches share.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/implied_element.h>
#include <zomma/kernels/pack.h>
#include <zomma/kernels/status.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace zomma::kernels::detail {

// Runs formula(sign, inputs) on `width` rows from the given pointers. A value is zero where its
// status is not ok.
template <class T, int parts, std::size_t inputs, class Formula>
ZM_INLINE void run_pack(const std::int8_t* sign, const std::array<const T*, inputs>& in, T* out,
                        ElementStatus* status, const Formula& formula) {
  using Real = Pack<T, parts>;
  std::array<Real, inputs> values;
  for (std::size_t i = 0; i < inputs; ++i) values[i] = Real::load(in[i]);
  const Answer<Real> answer = formula(load_signs<Real>(sign), values);
  const auto refused = answer.status > Real(0);
  std::memset(status, 0, Real::width);
  if (!any(refused)) return answer.value.store(out);
  select(refused, Real(0), answer.value).store(out);
  for (int lane = 0; lane < Real::width; ++lane)
    status[lane] = static_cast<ElementStatus>(static_cast<int>(answer.status[lane]));
}

// Runs formula(sign, inputs) on every row, in packs of `parts` registers: two hide the latency of a
// long chain of operations, one leaves more registers to a wide formula. All columns have the
// length of `out`; `status` may be empty.
template <class T, int parts, std::size_t inputs, class Formula>
void run_columns(Backend& backend, std::span<const std::int8_t> sign,
                 const std::array<std::span<const T>, inputs>& in, std::span<T> out,
                 std::span<ElementStatus> status, const Formula& formula) {
  constexpr std::size_t width = Pack<T, parts>::width, grain = 1024;
  backend.for_chunks(out.size(), grain, [&](std::size_t begin, std::size_t end) {
    std::array<ElementStatus, width> statuses;
    std::array<const T*, inputs> from;
    std::size_t at = begin;
    for (; at + width <= end; at += width) {
      for (std::size_t i = 0; i < inputs; ++i) from[i] = in[i].data() + at;
      run_pack<T, parts>(sign.data() + at, from, out.data() + at,
                         status.empty() ? statuses.data() : status.data() + at, formula);
    }
    if (at == end) return;
    // The last, incomplete pack goes through a copy filled up with its own first row.
    std::array<std::array<T, width>, inputs> copies;
    std::array<std::int8_t, width> signs;
    std::array<T, width> results;
    for (std::size_t lane = 0; lane < width; ++lane) {
      const std::size_t row = at + lane < end ? at + lane : at;
      signs[lane] = sign[row];
      for (std::size_t i = 0; i < inputs; ++i) copies[i][lane] = in[i][row];
    }
    for (std::size_t i = 0; i < inputs; ++i) from[i] = copies[i].data();
    run_pack<T, parts>(signs.data(), from, results.data(), statuses.data(), formula);
    std::copy_n(results.data(), end - at, out.data() + at);
    if (!status.empty()) std::copy_n(statuses.data(), end - at, status.data() + at);
  });
}

}  // namespace zomma::kernels::detail
