// Any text as a LOBSTER recording: the first line is the row of the order book, the others are
// messages.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "drain.h"
#include "market/feeds/lobster/source.h"

using namespace zomma;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::vector<lobster::BookRowLevel> row(64);
  std::size_t count = 0, offset = 0;
  if (parse_book_row(text.substr(0, end), row, count, offset) != lobster::Fault::none) count = 0;
  fuzz::require(offset <= end, "a fault lies inside the line");
  row.resize(count);
  const auto messages = std::as_bytes(std::span(text.substr(end)));
  auto bytes = open_byte_source("fuzz", messages);
  if (!bytes) return 0;
  FeedInstrument instrument{{3}, 2, 0};
  lobster::FileSource source(LineReader("fuzz", std::move(*bytes), 256), instrument,
                             {1'340'251'200'000'000'000}, std::move(row));
  fuzz::drain(source, 64, true);
  return 0;
}
