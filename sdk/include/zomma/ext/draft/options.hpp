// options.hpp: exercise, margin and lots for a C++ strategy. Thin inline calls into
// zomma.draft.options/1. A draft: may change in any release.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <zomma/ext/draft/options.h>
#include <zomma/context.hpp>

namespace zm {

class option_account {
 public:
  // False, and every later call answers ZM_E_UNSUPPORTED or nothing, on a host without clearing.
  bool attach(const context& ctx) {
    host_ = ctx.host();
    api_ = static_cast<const zm_options_api*>(host_->get_ext(host_, ZM_EXT_OPTIONS));
    return api_ != nullptr;
  }
  zm_status exercise(std::uint32_t instrument, zm_quantity quantity) const {
    if (api_ == nullptr) return ZM_E_UNSUPPORTED;
    return api_->exercise(host_, instrument, quantity);
  }
  zm_status decline(std::uint32_t instrument, bool declined) const {
    if (api_ == nullptr) return ZM_E_UNSUPPORTED;
    return api_->decline(host_, instrument, declined ? 1u : 0u);
  }
  // Nothing where the host does not say.
  std::optional<zm_margin> margin() const {
    zm_margin out{};
    out.size = sizeof out;
    if (api_ == nullptr || api_->margin(host_, &out) != ZM_OK) return std::nullopt;
    return out;
  }
  // What margin would be with `quantity` more of `instrument`, traded at `price`.
  std::optional<zm_margin> margin_with(std::uint32_t instrument, zm_quantity quantity,
                                       zm_price price) const {
    zm_margin out{};
    out.size = sizeof out;
    if (api_ == nullptr || api_->margin_with(host_, instrument, quantity, price, &out) != ZM_OK)
      return std::nullopt;
    return out;
  }
  // How many lots are open; as many of them as fit are in `out`, the oldest first.
  std::uint32_t lots(std::uint32_t instrument, std::span<zm_tax_lot> out) const {
    return api_ == nullptr
               ? 0
               : api_->lots(host_, instrument, out.data(), static_cast<std::uint32_t>(out.size()));
  }

 private:
  const zm_host* host_ = nullptr;
  const zm_options_api* api_ = nullptr;
};

}  // namespace zm
