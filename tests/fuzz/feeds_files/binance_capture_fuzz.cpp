// Any text as a capture of Binance's streams. The first byte chooses the options.
#include <cstdint>

#include "drain.h"
#include "market/feeds/binance/source.h"

using namespace zomma;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  Instrument instrument;
  instrument.id = {3};
  instrument.price_digits = choice & 7;
  instrument.quantity_digits = (choice >> 3) & 7;
  SymbolMap symbols;
  fuzz::require(static_cast<bool>(symbols.add("BTCUSDT", instrument)), "a symbol is taken");
  auto bytes = open_byte_source("fuzz", std::as_bytes(std::span(data + 1, size - 1)));
  if (!bytes) return 0;
  binance::CaptureSource source(LineReader("fuzz", std::move(*bytes), 2048), std::move(symbols),
                                {(choice & 64) != 0, (choice & 128) != 0 ? "BTCUSDT" : "", 0});
  fuzz::drain(source, 700, true);
  return 0;
}
