// Any bytes as a file that may be packed: comes to an end or an error, in steps of any size. Lines
// are looked for in it.
#include <cstdint>

#include "drain.h"
#include "market/feeds/file/line_reader.h"

using namespace zomma;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t enough = 4 << 20;  // a few bytes can unpack to very many
  const auto packed = std::as_bytes(std::span(data, size));
  auto source = open_byte_source("fuzz", packed);
  if (!source) return 0;
  std::vector<std::byte> block(1 + size % 5000);
  std::uint64_t total = 0;
  bool damaged = false;
  while (total < enough) {
    const auto count = (*source)->read(block);
    damaged = !count;
    if (damaged || *count == 0) break;
    fuzz::require(*count <= block.size(), "read() stays inside the block");
    total += *count;
  }
  if (total >= enough) return 0;
  auto again = open_byte_source("fuzz", packed);
  if (!again) return 0;
  LineReader lines("fuzz", std::move(*again), 64);
  Line line;
  std::uint64_t in_lines = 0;
  while (lines.next(line)) {
    fuzz::require(line.offset >= in_lines && line.text.find('\n') == std::string_view::npos,
                  "lines follow each other");
    in_lines = line.offset + line.text.size();
  }
  // How much comes before the damage depends on the steps.
  fuzz::require(damaged || in_lines <= total, "lines lie inside the data");
  return 0;
}
