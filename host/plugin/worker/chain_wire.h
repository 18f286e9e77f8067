// chain_wire.h: an option chain as bytes on their way to a worker, and the same chain there, its
// columns pointing into the bytes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <zomma/ext/draft/chain.h>

namespace zomma::worker {

void pack(const zm_chain& chain, std::vector<std::byte>& out);
// False, and `out` as it was, for bytes that no pack() wrote. `bytes` must be aligned to eight.
bool unpack(std::span<const std::byte> bytes, zm_chain& out);

}  // namespace zomma::worker
