// chain.hpp: option chains for a C++ strategy. Thin inline calls into zomma.draft.chain/1. A draft:
// may change in any release.
#pragma once

#include <cstdint>
#include <span>

#include <zomma/ext/draft/chain.h>
#include <zomma/context.hpp>

namespace zm {

class chains {
 public:
  // False, and every later call answers that there is no chain, on a host without chains.
  bool attach(const context& ctx) {
    host_ = ctx.host();
    api_ = static_cast<const zm_chain_api*>(host_->get_ext(host_, ZM_EXT_CHAIN));
    return api_ != nullptr;
  }
  // The underlying's chain, valid until the current hook returns. False, and out.count is 0, where
  // it has no options.
  bool get(std::uint32_t underlying, zm_chain& out) const {
    out = {};
    out.size = sizeof out;
    const bool found = api_ != nullptr && api_->get(host_, underlying, &out) == ZM_OK;
    if (!found) out.count = out.expiry_count = 0;
    return found;
  }
  // Vols of the fitted surface at strikes (currency) and times (years); NaN where it does not
  // reach. False, and `out` is untouched, where there is no surface or the lengths differ.
  bool surface_vol(std::uint32_t underlying, std::span<const double> strike,
                   std::span<const double> years, std::span<double> out) const {
    if (api_ == nullptr || strike.size() != years.size() || strike.size() != out.size())
      return false;
    const auto count = static_cast<std::uint32_t>(strike.size());
    return api_->surface_vol(host_, underlying, count, strike.data(), years.data(), out.data()) ==
           ZM_OK;
  }

 private:
  const zm_host* host_ = nullptr;
  const zm_chain_api* api_ = nullptr;
};

}  // namespace zm
