// cos.h: European options under Heston or Bates by cosine series (Fang and Oosterlee 2008). A
// second opinion on heston.h, which is faster and exact in the tails.
#pragma once

#include <zomma/kernels/heston.h>

namespace zomma::kernels {

// As heston_price, prices only (out.price and out.status are written, the rest must be empty, else
// invalid_setting). The range is not a multiple of cumulants, which fails for heavy tails (Junike
// and Pankrashkin 2022), but the Chernoff bound that heston.h uses; `terms` cosines, between 16 and
// 65536, are summed for each expiry. Accuracy is absolute, about 1e-9 of the spot; `no_convergence`
// where the last terms say that more are needed.
Status cos_price(Backend& backend, int terms, const HestonParameters& model,
                 const JumpParameters& jumps, const HestonQuotes& quotes, const HestonValues& out);

}  // namespace zomma::kernels
