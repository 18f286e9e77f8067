// shell.h: where a strategy that trades options touches the host: prices in ticks and back, chains,
// lines of log.
#pragma once

#include <zomma/ext/draft/chain.hpp>
#include <zomma/ext/draft/options.hpp>
#include <zomma/zomma.hpp>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <vector>

#include "columns.h"

namespace options {

constexpr double money_unit = 1e-8;
constexpr std::int64_t second_ns = 1'000'000'000, day_ns = 86'400 * second_ns;

// An instrument's integers in currency and contracts (or shares).
struct Scale {
  double price = 0.01, quantity = 1;  // of one unit of each integer
  zm_price tick = 1;
  zm_quantity lot = 1;

  double money(zm_price p) const { return static_cast<double>(p) * price; }
  std::int64_t units(zm_quantity q) const {
    return std::llround(static_cast<double>(q) * quantity);
  }
  zm_quantity raw(std::int64_t units) const {
    return std::llround(static_cast<double>(units) / quantity);
  }
  // On the tick grid, rounded towards being filled.
  zm_price limit(double currency, bool sell) const {
    const double ticks = currency / price / static_cast<double>(tick);
    const double whole = sell ? std::floor(ticks + 1e-6) : std::ceil(ticks - 1e-6);
    return static_cast<zm_price>(std::clamp(whole, 0.0, 1e15)) * tick;
  }
};
inline bool scale_of(const zm::context& ctx, std::uint32_t id, Scale& out) {
  zm_instrument info{};
  if (!ctx.find_instrument(id, info) || info.price_digits > 12 || info.quantity_digits > 12)
    return false;
  constexpr double unit[] = {1,    1e-1, 1e-2, 1e-3,  1e-4,  1e-5, 1e-6,
                             1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12};
  out = {unit[info.price_digits], unit[info.quantity_digits], std::max<zm_price>(info.tick, 1),
         std::max<zm_quantity>(info.lot, 1)};
  return true;
}

// A chain with its strikes in currency; `strikes` is a room made once.
inline bool look(const zm::chains& chains, const zm::context& ctx, std::uint32_t underlying,
                 std::vector<double>& strikes, zm_chain& chain, Columns& out) {
  if (!chains.get(underlying, chain) || chain.count > strikes.size()) return false;
  Scale scale;
  for (std::uint32_t i = 0; i < chain.count; ++i) {
    if (!scale_of(ctx, chain.contracts[i].instrument, scale)) return false;
    strikes[i] = scale.money(chain.contracts[i].strike);
  }
  out = {&chain, {strikes.data(), chain.count}};
  return true;
}

constexpr std::uint32_t no_row = UINT32_MAX;
inline std::uint32_t row_of(const Columns& columns, std::int64_t instrument) {
  for (std::uint32_t i = 0; i < columns.chain->count; ++i) {
    if (columns.contract(i).instrument == instrument) return i;
  }
  return no_row;
}

// One line for the operator, built without allocating.
__attribute__((format(printf, 3, 4))) inline void tell(const zm::context& ctx, std::uint32_t level,
                                                       const char* format, ...) {
  char line[320];
  va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (length > 0)
    ctx.log(level, {line, std::min(static_cast<std::size_t>(length), sizeof line - 1)});
}

}  // namespace options
