#include "plugin/worker/chain_wire.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace zomma::worker {
namespace {

using Doubles = const double* zm_chain::*;
constexpr std::array<Doubles, 14> doubles{
    &zm_chain::bid,          &zm_chain::ask,         &zm_chain::bid_quantity,
    &zm_chain::ask_quantity, &zm_chain::volume,      &zm_chain::open_interest,
    &zm_chain::implied_vol,  &zm_chain::surface_vol, &zm_chain::model_price,
    &zm_chain::delta,        &zm_chain::gamma,       &zm_chain::vega,
    &zm_chain::theta,        &zm_chain::rho};

// Calls with(pointer member) for every column in their order on the wire: those of eight bytes
// first, so that each is aligned.
template <class Chain, class With>
void for_columns(Chain& chain, const With& with) {
  with(chain.contracts, chain.count);
  with(chain.expiries, chain.expiry_count);
  with(chain.quoted_ns, chain.count);
  for (const Doubles column : doubles) with(chain.*column, chain.count);
  with(chain.status, chain.count);
}

}  // namespace

void pack(const zm_chain& chain, std::vector<std::byte>& out) {
  std::size_t size = sizeof chain;
  for_columns(chain, [&](const auto* column, std::uint32_t count) {
    size += std::size_t{count} * sizeof *column;
  });
  out.resize(size);
  std::byte* to = out.data();
  const auto append = [&](const void* from, std::size_t length) {
    if (length != 0) std::memcpy(to, from, length);
    to += length;
  };
  append(&chain, sizeof chain);
  for_columns(chain, [&](const auto* column, std::uint32_t count) {
    append(column, std::size_t{count} * sizeof *column);
  });
}

bool unpack(std::span<const std::byte> bytes, zm_chain& out) {
  zm_chain chain;
  if (bytes.size() < sizeof chain) return false;
  std::memcpy(&chain, bytes.data(), sizeof chain);
  std::size_t at = sizeof chain;
  bool good = chain.size == sizeof chain;
  for_columns(chain, [&](auto*& column, std::uint32_t count) {
    const std::size_t size = std::size_t{count} * sizeof *column;
    good = good && size <= bytes.size() - at;
    if (!good) return;
    column = reinterpret_cast<std::remove_reference_t<decltype(column)>>(bytes.data() + at);
    at += size;
  });
  if (!good || at != bytes.size()) return false;
  out = chain;
  return true;
}

}  // namespace zomma::worker
