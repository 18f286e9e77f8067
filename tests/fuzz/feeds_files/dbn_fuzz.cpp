// Any bytes as a Databento file.
#include <cstdint>

#include "drain.h"
#include "market/feeds/dbn/source.h"

using namespace zomma;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Instrument instrument;
  instrument.id = {3};
  instrument.price_digits = 2;
  SymbolMap symbols;
  fuzz::require(static_cast<bool>(symbols.add("ESM4", instrument)), "a symbol is taken");
  instrument.price_digits = 9;
  fuzz::require(static_cast<bool>(symbols.add("6155", instrument)), "a symbol is taken");
  auto bytes = open_byte_source("fuzz", std::as_bytes(std::span(data, size)));
  if (!bytes) return 0;
  auto source = dbn::FileSource::read_from("fuzz", std::move(*bytes), symbols);
  if (!source) return 0;
  fuzz::drain(**source, 16, false);
  return 0;
}
