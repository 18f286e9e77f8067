// client_order_id.h: the name an order and each of its requests go by at a venue (FIX ClOrdID, 11):
// "ZM-<run>-<order>- <revision>", numbers in base 36. Unique over runs, and the numbers can be read
// back from a venue's report.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/types.h"
#include "orders/order_state.h"

namespace zomma {

struct ClientOrderId {
  char text[36]{};
  std::uint8_t length{};
  std::string_view view() const { return {text, length}; }
};

struct ClientOrderIdParts {
  std::uint32_t run{};
  OrderId order;
  Revision revision{};
};

// No allocation.
ClientOrderId make_client_order_id(std::uint32_t run, OrderId order, Revision revision);
// Nothing for any text that make_client_order_id does not write.
std::optional<ClientOrderIdParts> parse_client_order_id(std::string_view text);

}  // namespace zomma
