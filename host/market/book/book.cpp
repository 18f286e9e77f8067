#include "market/book/book.h"

namespace zomma {

const char* name_of(BookAnomaly anomaly) {
  static constexpr const char* names[book_anomaly_count] = {
      "none",      "unknown_order", "duplicate_order",    "over_execution", "bad_quantity",
      "bad_price", "wrong_kind",    "unknown_instrument", "capacity",       "crossed"};
  const auto index = static_cast<std::size_t>(anomaly);
  return index < book_anomaly_count ? names[index] : "unknown";
}

}  // namespace zomma
