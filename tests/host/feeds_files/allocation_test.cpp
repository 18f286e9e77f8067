// The hot paths take no memory: lines, and the decoding of each format once it has seen its first
// messages.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#include "market/feeds/binance/decoder.h"
#include "market/feeds/dbn/decoder.h"
#include "market/feeds/file/line_reader.h"
#include "market/feeds/lobster/decoder.h"
#include "recordings.h"
#include "support/shared_data.h"

namespace {
std::uint64_t allocations = 0;
}

// Kept out of line: inlined, they look to the compiler like new paired with free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace zomma;

namespace {

// Allocations made by `work`.
template <class Work>
std::uint64_t cost(Work&& work) {
  const std::uint64_t before = allocations;
  work();
  return allocations - before;
}

// All lines of a file, as text.
std::vector<std::string> lines_of(const std::string& path, std::size_t most) {
  auto bytes = open_byte_source(path);
  REQUIRE(bytes);
  LineReader reader(path, std::move(*bytes));
  std::vector<std::string> lines;
  Line line;
  while (lines.size() < most && reader.next(line)) lines.emplace_back(line.text);
  return lines;
}

}  // namespace

TEST_CASE("the counter counts") {
  CHECK(cost([] { ::operator delete(::operator new(8)); }) == 1);
}

TEST_CASE("finding lines allocates nothing") {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "a line of text\r\n";
  const test::Bytes bytes = test::bytes_of(text);
  auto source = open_byte_source("memory", bytes);
  LineReader reader("memory", std::move(*source), 4096);
  std::uint64_t lines = 0;
  CHECK(cost([&] {
          Line line;
          while (reader.next(line)) ++lines;
        }) == 0);
  CHECK(lines == 10'000);
}

TEST_CASE(
    "decoding Binance's streams allocates nothing after the first message, snapshot and damage "
    "included") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/usdm_btcusdt_20240808.gz");
  auto lines = lines_of(path, 20'000);
  lines[500] = lines[500].substr(0, lines[500].size() / 2);
  binance::Decoder decoder(test::symbols("BTCUSDT", 1, 3));
  EventBuffer out(8192);
  decoder.decode_line(lines[0], out);
  CHECK(cost([&] {
          for (std::size_t i = 1; i < lines.size(); ++i) {
            out.clear();
            decoder.decode_line(lines[i], out);
          }
        }) == 0);
  CHECK(decoder.streams().snapshots == 1);
  CHECK(decoder.counters().malformed == 1);
}

TEST_CASE("decoding LOBSTER allocates nothing while no more orders live than there is room for") {
  ZOMMA_SHARED_DATA(path,
                    "lobster/AAPL_2012-06-21_34200000_37800000_message_50.rows0-45999.csv.xz");
  const auto lines = lines_of(path, 46'000);
  const SymbolMap map = test::symbols("AAPL", 4, 0);
  lobster::Decoder decoder(*map.find("AAPL"), {});
  EventBuffer out(8192);
  decoder.seed({}, {}, out);
  CHECK(cost([&] {
          for (const std::string& line : lines) {
            out.clear();
            decoder.decode(line, out);
          }
        }) == 0);
}

TEST_CASE("decoding DBN allocates nothing") {
  ZOMMA_SHARED_DATA(path, "futures_mbo/esm4_mbo_20240508_2s.dbn.zst");
  auto bytes = open_byte_source(path);
  REQUIRE(bytes);
  test::Bytes file(1 << 20);
  file.resize(*(*bytes)->read(file));
  const auto size = dbn::metadata_size(file);
  REQUIRE(size);
  const auto metadata = dbn::parse_metadata(file);
  REQUIRE(metadata);
  dbn::Decoder decoder(*metadata, test::symbols("ESM4", 2, 0));
  EventBuffer out(16'384);
  const std::size_t begin = dbn::prefix_size + *size;
  std::size_t used = 0;
  CHECK(cost([&] { used = decoder.decode(std::span(file).subspan(begin), out); }) == 0);
  CHECK(used == file.size() - begin);
  CHECK(out.size() == 13'791);
}
