// How fast Databento market-by-order files become events, on one core: from memory, and from a zstd
// file, beside zstd unpacking the same file into nothing. The records are synthetic, with the
// spread of values that real ones have.
//
// Usage: dbn_decode_bench [--quick]
#include <zstd.h>

#include <cstring>
#include <string>
#include <string_view>

#include "base/random.h"
#include "bench/feeds_files/measure.h"
#include "market/feeds/dbn/source.h"

using namespace zomma;

namespace {

using Bytes = std::vector<std::byte>;

template <class T>
void put(Bytes& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}
void put_text(Bytes& bytes, std::string_view text, std::size_t size) {
  const std::size_t at = bytes.size();
  bytes.resize(at + size);
  std::memcpy(bytes.data() + at, text.data(), text.size());
}

// A head of version 1 that maps ESM4 to 5602.
Bytes make_head() {
  constexpr std::size_t symbol_size = 22;
  Bytes file;
  put_text(file, std::string_view("DBN\1", 4), 4);
  put<std::uint32_t>(file, 198);
  put_text(file, "GLBX.MDP3", 16);
  put_text(file, "", 2 + 8 * 4 + 3 + 47 + 4);
  put<std::uint32_t>(file, 1);
  put_text(file, "ESM4", symbol_size);
  put_text(file, "", 8);
  put<std::uint32_t>(file, 1);
  put_text(file, "ESM4", symbol_size);
  put<std::uint32_t>(file, 1);
  put<std::uint32_t>(file, 20'240'508);
  put<std::uint32_t>(file, 20'240'509);
  put_text(file, "5602", symbol_size);
  return file;
}

// Adds and the cancels that take them back, near one price, at microsecond distances.
Bytes make_file(std::size_t records) {
  Bytes file = make_head();
  file.reserve(file.size() + records * 56);
  SplitMix64 random(1);
  std::uint64_t order = 6'411'000'000'000, time = 1'715'000'000'000'000'000;
  std::uint32_t sequence = 1'000'000;
  for (std::size_t i = 0; i < records; ++i) {
    const bool cancel = random() % 2 == 0;
    time += random() % 60'000;
    if (!cancel) order += random() % 40;
    sequence += static_cast<std::uint32_t>(random() % 3);
    put<std::uint8_t>(file, 14);
    put<std::uint8_t>(file, 0xA0);
    put<std::uint16_t>(file, 1);
    put<std::uint32_t>(file, 5602);
    put<std::uint64_t>(file, time);
    put<std::uint64_t>(file, cancel ? order - random() % 200 : order);
    put<std::int64_t>(file,
                      5'214'000'000'000 + static_cast<std::int64_t>(random() % 64) * 250'000'000);
    put<std::uint32_t>(file, 1 + static_cast<std::uint32_t>(random() % 8));
    put<std::uint8_t>(file, random() % 3 == 0 ? 0 : 0x80);
    put<std::uint8_t>(file, 0);
    put<char>(file, cancel ? 'C' : 'A');
    put<char>(file, random() % 2 == 0 ? 'A' : 'B');
    put<std::uint64_t>(file, time + 100'000 + random() % 8'000);
    put<std::int32_t>(file, static_cast<std::int32_t>(random() % 20'000));
    put<std::uint32_t>(file, sequence);
  }
  return file;
}

SymbolMap symbols() {
  Instrument instrument;
  instrument.id = {0};
  instrument.price_digits = 2;
  SymbolMap map;
  if (!map.add("ESM4", instrument)) std::printf("the symbol was not taken\n");
  return map;
}

// Events of the whole source; 0 after an error.
std::uint64_t drain(FeedSource& source) {
  EventBuffer out(2048);
  std::uint64_t events = 0;
  for (;;) {
    out.clear();
    const auto count = source.read(out);
    if (!count) return 0;
    if (*count == 0) return events;
    events += *count;
  }
}

std::uint64_t from_memory(const Bytes& file) {
  const auto size = dbn::metadata_size(file);
  if (!size) return 0;
  const auto metadata = dbn::parse_metadata(file);
  if (!metadata) return 0;
  dbn::Decoder decoder(*metadata, symbols());
  EventBuffer out(2048);
  for (std::size_t at = dbn::prefix_size + *size; at < file.size();) {
    out.clear();
    const std::size_t used = decoder.decode(std::span(file).subspan(at), out);
    if (used == 0) return 0;
    at += used;
  }
  return decoder.counters().events;
}

Bytes pack(const Bytes& file) {
  Bytes packed(ZSTD_compressBound(file.size()));
  packed.resize(ZSTD_compress(packed.data(), packed.size(), file.data(), file.size(), 3));
  return packed;
}

// Unpacks with the same steps as a source does, and drops what comes out.
std::uint64_t unpack(const Bytes& packed) {
  auto source = open_byte_source("memory", packed);
  if (!source) return 0;
  Bytes block(256 << 10);
  std::uint64_t bytes = 0;
  for (;;) {
    const auto count = (*source)->read(block);
    if (!count || *count == 0) return bytes;
    bytes += *count;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  const std::size_t records = quick ? 300'000 : 2'000'000;
  const int repeats = quick ? 5 : 11;
  const Bytes file = make_file(records);
  const Bytes packed = pack(file);
  std::uint64_t in_memory = 0, from_zstd = 0;
  const double reference = bench::median_seconds(repeats, [&] { unpack(packed); });
  const double memory = bench::median_seconds(repeats, [&] { in_memory = from_memory(file); });
  const double whole = bench::median_seconds(repeats, [&] {
    auto bytes = open_byte_source("memory", packed);
    auto source = dbn::FileSource::read_from("memory", std::move(*bytes), symbols());
    from_zstd = source ? drain(**source) : 0;
  });
  if (in_memory != records || from_zstd != records) {
    std::printf("events are missing: %llu and %llu\n", static_cast<unsigned long long>(in_memory),
                static_cast<unsigned long long>(from_zstd));
    return 1;
  }
  const auto row = [&](const char* what, double seconds) {
    std::printf("  %-48s %7.1f M records/s %7.0f MB/s  %5.2fx\n", what,
                static_cast<double>(records) / seconds * 1e-6,
                static_cast<double>(file.size()) / seconds * 1e-6, reference / seconds);
  };
  std::printf(
      "DBN decode: %zu market-by-order records, %zu bytes, zstd %zu bytes (%.1f to 1), median of "
      "%d\n",
      records, file.size(), packed.size(),
      static_cast<double>(file.size()) / static_cast<double>(packed.size()), repeats);
  row("reference: zstd unpacks, nothing decoded", reference);
  row("records in memory -> events", memory);
  row("zstd file -> events", whole);
  return 0;
}
