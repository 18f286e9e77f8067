#include "orders/client_order_id.h"

#include <limits>

namespace zomma {
namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view prefix = "ZM-";

void append(ClientOrderId& id, std::string_view text) {
  for (const char c : text) id.text[id.length++] = c;
}

void append(ClientOrderId& id, std::uint64_t number) {
  char reversed[13];  // 36^13 > 2^64
  std::size_t count = 0;
  do {
    reversed[count++] = digits[number % digits.size()];
    number /= digits.size();
  } while (number != 0);
  while (count != 0) id.text[id.length++] = reversed[--count];
}

// Takes one number and the separator behind it (or the end) off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, bool last) {
  std::size_t end = text.find('-');
  if (last != (end == std::string_view::npos)) return std::nullopt;
  if (last) end = text.size();
  const std::string_view number = text.substr(0, end);
  if (number.empty() || (number.size() > 1 && number[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : number) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    if (__builtin_mul_overflow(value, digits.size(), &value) ||
        __builtin_add_overflow(value, digit, &value))
      return std::nullopt;
  }
  text.remove_prefix(last ? end : end + 1);
  return value;
}

}  // namespace

ClientOrderId make_client_order_id(std::uint32_t run, OrderId order, Revision revision) {
  ClientOrderId id;
  append(id, prefix);
  append(id, run);
  append(id, "-");
  append(id, order.value);
  append(id, "-");
  append(id, revision);
  return id;
}

std::optional<ClientOrderIdParts> parse_client_order_id(std::string_view text) {
  if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
  text.remove_prefix(prefix.size());
  const auto run = take_number(text, false);
  const auto order = run ? take_number(text, false) : std::nullopt;
  const auto revision = order ? take_number(text, true) : std::nullopt;
  if (!revision || *run > std::numeric_limits<std::uint32_t>::max() ||
      *revision > std::numeric_limits<Revision>::max())
    return std::nullopt;
  return ClientOrderIdParts{static_cast<std::uint32_t>(*run), OrderId{*order},
                            static_cast<Revision>(*revision)};
}

}  // namespace zomma
