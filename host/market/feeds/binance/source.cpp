#include "market/feeds/binance/source.h"

namespace zomma::binance {

Result<std::unique_ptr<CaptureSource>> CaptureSource::open(const std::string& path,
                                                           SymbolMap symbols,
                                                           DecoderOptions options) {
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  return std::make_unique<CaptureSource>(LineReader(path, std::move(*bytes)), std::move(symbols),
                                         std::move(options));
}

CaptureSource::CaptureSource(LineReader lines, SymbolMap symbols, DecoderOptions options)
    : lines_(std::move(lines)), decoder_(std::move(symbols), std::move(options)) {}

Result<std::size_t> CaptureSource::fill(EventBuffer& out) {
  // A depth update of the venue's has some hundred levels at most times; a larger one makes the
  // buffer grow.
  constexpr std::size_t typical_message = 512;
  const std::uint64_t before = decoder_.counters().events;
  const auto appended = [&] { return decoder_.counters().events - before; };
  Line line;
  while (!ended_ &&
         (appended() == 0 || (out.room() >= typical_message && appended() < out.capacity()))) {
    if (!lines_.next(line)) {
      ended_ = true;
    } else if (!line.text.empty()) {
      const Fault fault = decoder_.decode_line(line.text, out);
      if (fault != Fault::none) [[unlikely]]
        note(fault, line);
    }
  }
  if (appended() == 0 && lines_.failure()) return *lines_.failure();
  return static_cast<std::size_t>(appended());
}

void CaptureSource::note(Fault fault, const Line& line) {
  if (first_problem_) return;
  first_problem_ =
      Error{Errc::corrupt, lines_.name() + ":" + std::to_string(line.number) + ":" +
                               std::to_string(decoder_.fault_offset() + 1) + ": " + name_of(fault)};
}

}  // namespace zomma::binance
