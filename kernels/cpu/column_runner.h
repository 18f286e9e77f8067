// column_runner.h: runs a formula over columns in packs: the loop that the smaller batches share.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/implied_element.h>
#include <zomma/kernels/pack.h>
#include <zomma/kernels/status.h>

#include <array>
#include <cstdint>
#include <span>

namespace zomma::kernels::detail {

// Calls formula(sign, inputs) for every row; the sign column holds +1 and -1, an empty one counts
// as ones. A value is written as zero where the status is not ok.
template <class T, std::size_t inputs, class Formula>
void run_columns(Backend& backend, std::span<const std::int8_t> sign,
                 const std::array<std::span<const T>, inputs>& in, std::span<T> out,
                 std::span<ElementStatus> status, const Formula& formula) {
  using Real = Pack<T, 1>;
  constexpr std::size_t width = Real::width, grain = 1024;
  backend.for_chunks(out.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; at += width) {
      const std::size_t lanes = end - at < width ? end - at : width;
      std::array<Real, inputs> values;
      Real signs(1);
      for (std::size_t lane = 0; lane < width; ++lane) {
        const std::size_t row = at + (lane < lanes ? lane : 0);
        if (!sign.empty()) signs.set(static_cast<int>(lane), static_cast<T>(sign[row]));
        if (lanes < width)
          for (std::size_t i = 0; i < inputs; ++i)
            values[i].set(static_cast<int>(lane), in[i][row]);
      }
      if (lanes == width)
        for (std::size_t i = 0; i < inputs; ++i) values[i] = Real::load(in[i].data() + at);
      const Answer<Real> answer = formula(signs, values);
      const Real value = select(answer.status == Real(0), answer.value, Real(0));
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        out[at + lane] = value[static_cast<int>(lane)];
        if (!status.empty())
          status[at + lane] =
              static_cast<ElementStatus>(static_cast<int>(answer.status[static_cast<int>(lane)]));
      }
    }
  });
}

}  // namespace zomma::kernels::detail
