// metadata.h: the head of a Databento DBN file (versions 1 to 3): what it holds and which numbers
// its symbols have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace zomma::dbn {

// Databento's numbers of the record schemas.
enum class Schema : std::uint16_t {
  mbo = 0,
  mbp_1 = 1,
  mbp_10 = 2,
  tbbo = 3,
  trades = 4,
  ohlcv_1s = 5,
  ohlcv_1m = 6,
  ohlcv_1h = 7,
  ohlcv_1d = 8,
  definition = 9,
  statistics = 10,
  status = 11,
  imbalance = 12,
  mixed = 0xFFFF
};
// "mbo"; "schema 17" for one that has no name here.
std::string name_of(Schema schema);

// A symbol as the customer asked for it, and what stood for it between two dates (yyyymmdd, the
// second excluded): the decimal instrument id, when that is what was asked for.
struct Mapping {
  std::string raw_symbol;
  std::uint32_t start_date{}, end_date{};
  std::string mapped_symbol;
};

struct Metadata {
  int version{};
  std::string dataset;  // "GLBX.MDP3"
  Schema schema{Schema::mixed};
  std::uint64_t start_ns{}, end_ns{};
  bool has_ts_out{};  // every record is followed by eight bytes more
  std::vector<Mapping> mappings;
};

// "DBN", the version, and the length of what follows: the least that can tell how long the head is.
constexpr std::size_t prefix_size = 8;
// How long the metadata behind the prefix are. Errc::corrupt if this is no DBN file, unsupported if
// its version is newer.
Result<std::size_t> metadata_size(std::span<const std::byte> prefix);
// `bytes`: the prefix and the metadata. Errc::corrupt if a length in it contradicts the whole.
Result<Metadata> parse_metadata(std::span<const std::byte> bytes);

}  // namespace zomma::dbn
