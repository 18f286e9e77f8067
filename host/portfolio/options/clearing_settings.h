// clearing_settings.h: how option positions are cleared, as plain data.
#pragma once

#include "portfolio/options/allocate.h"
#include "portfolio/options/exercise.h"
#include "portfolio/options/fees.h"
#include "portfolio/options/tax_lots.h"

namespace zomma::options {

// Which rules say what positions require. `none`: nothing is refused for it.
enum class MarginRule : std::uint8_t { none, cash, reg_t, portfolio };

// After the closing print is in, and before the next session opens.
constexpr Nanoseconds shortest_delay{60'000'000'000};
constexpr Nanoseconds longest_delay{12 * 3'600'000'000'000};

struct ClearingSettings {
  bool enabled{true};
  FeeSchedule fees;
  Allocation allocation{Allocation::random};
  std::uint64_t seed{1};
  PinModel pin;
  // Of the holders outside for whom early exercise pays on an evening, who does it.
  std::uint32_t early_permille{1000};
  Nanoseconds delay{90 * 60'000'000'000};  // after the close: 17:30 New York
  std::int64_t credit_ppm{}, debit_ppm{};  // interest on cash, a year
  LotMethod lots{LotMethod::fifo};
  MarginRule margin{MarginRule::none};

  bool operator==(const ClearingSettings&) const = default;
};

}  // namespace zomma::options
