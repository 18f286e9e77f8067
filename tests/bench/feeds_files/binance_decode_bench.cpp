// How fast Binance's JSON becomes events, on one core, beside Boost.JSON parsing the same lines
// into values (and doing nothing with them), over the recordings that come with the project.
//
// Usage: binance_decode_bench [--quick]
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <cstring>
#include <string>
#include <string_view>

#include "bench/feeds_files/measure.h"
#include "market/feeds/binance/decoder.h"
#include "market/feeds/file/byte_source.h"
#include "market/feeds/file/line_reader.h"

using namespace zomma;

namespace {

struct Recording {
  const char* file;
  const char* symbol;
  int price_digits, quantity_digits;
};
constexpr Recording recordings[] = {{"spot_btcusdt", "BTCUSDT", 2, 5},
                                    {"usdm_btcusdt", "BTCUSDT", 1, 3}};

struct Tape {
  std::string text;
  std::vector<std::string_view> lines;
};

bool load(const Recording& recording, Tape& tape) {
  const std::string path =
      std::string(ZOMMA_SOURCE_DIR "/examples/data/binance_20240808/") + recording.file + ".zst";
  auto source = open_byte_source(path);
  if (!source) {
    std::printf("%s\n", source.error().message.c_str());
    return false;
  }
  tape.text.resize(64 << 20);
  const auto size = (*source)->read(std::as_writable_bytes(std::span(tape.text)));
  if (!size) {
    std::printf("%s\n", size.error().message.c_str());
    return false;
  }
  tape.text.resize(*size);
  for (std::size_t at = 0; at < tape.text.size();) {
    const std::size_t end = std::min(tape.text.find('\n', at), tape.text.size());
    tape.lines.push_back(std::string_view(tape.text).substr(at, end - at));
    at = end + 1;
  }
  return true;
}

void discard(void* total, std::span<const zm_event> events) {
  *static_cast<std::uint64_t*>(total) += events.size();
}

std::uint64_t decode(const Tape& tape, const Recording& recording) {
  Instrument instrument;
  instrument.id = {0};
  instrument.price_digits = recording.price_digits;
  instrument.quantity_digits = recording.quantity_digits;
  SymbolMap symbols;
  if (!symbols.add(recording.symbol, instrument)) return 0;
  binance::Decoder decoder(std::move(symbols));
  std::uint64_t events = 0;
  EventBuffer out(1024, discard, &events);
  for (const std::string_view line : tape.lines) decoder.decode_line(line, out);
  out.flush();
  return decoder.counters().malformed == 0 ? events : 0;
}

// The values' memory is taken from one block and given back at once, which is the fastest way
// Boost.JSON offers.
std::uint64_t parse_values(const Tape& tape) {
  static unsigned char block[1 << 20];
  std::uint64_t members = 0;
  for (const std::string_view line : tape.lines) {
    boost::json::monotonic_resource memory(block, sizeof block);
    const auto value = boost::json::parse(line.substr(line.find(' ') + 1), &memory);
    members += value.as_object().size();
  }
  return members;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  const int repeats = quick ? 5 : 21;
  for (const Recording& recording : recordings) {
    Tape tape;
    if (!load(recording, tape)) return 1;
    std::uint64_t events = 0;
    const double reference = bench::median_seconds(repeats, [&] { parse_values(tape); });
    const double ours = bench::median_seconds(repeats, [&] { events = decode(tape, recording); });
    if (events == 0) {
      std::printf("the recording is damaged\n");
      return 1;
    }
    const auto row = [&](const char* what, double seconds) {
      std::printf("  %-48s %7.0f MB/s %6.2f M lines/s  %5.2fx\n", what,
                  static_cast<double>(tape.text.size()) / seconds * 1e-6,
                  static_cast<double>(tape.lines.size()) / seconds * 1e-6, reference / seconds);
    };
    std::printf("Binance JSON decode: %s, %zu lines, %zu bytes, %llu events, median of %d\n",
                recording.file, tape.lines.size(), tape.text.size(),
                static_cast<unsigned long long>(events), repeats);
    row("reference: Boost.JSON into values, monotonic memory", reference);
    row("lines -> events, book rules applied", ours);
    std::printf("  %.1f M events/s\n", static_cast<double>(events) / ours * 1e-6);
  }
  return 0;
}
