// The books against a recording: after every message of AAPL's first hour the best prices are those
// that LOBSTER gives.
#include <catch2/catch.hpp>

#include <lzma.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "market/book/itch_source.h"
#include "market/book/l3_market.h"
#include "support/shared_data.h"

using namespace zomma;

namespace {

std::string read_xz(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string packed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string out(16u << 20, '\0');
  std::uint64_t memory_limit = UINT64_MAX;
  std::size_t in_at = 0;
  std::size_t out_at = 0;
  REQUIRE(lzma_stream_buffer_decode(&memory_limit, 0, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(packed.data()), &in_at,
                                    packed.size(), reinterpret_cast<std::uint8_t*>(out.data()),
                                    &out_at, out.size()) == LZMA_OK);
  out.resize(out_at);
  return out;
}

// Rows "ask price,ask size,bid price,bid size".
std::vector<Bbo> read_bbos(const std::string& text) {
  std::vector<Bbo> rows;
  std::istringstream in(text);
  Bbo row;
  char comma = 0;
  while (in >> row.ask.value >> comma >> row.ask_quantity.value >> comma >> row.bid.value >>
         comma >> row.bid_quantity.value) {
    rows.push_back(row);
  }
  return rows;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

constexpr InstrumentId apple{1};
constexpr std::size_t seed_orders = 89;  // what rested before the first row
// Rows about orders that the recording never showed: no message was made of them.
constexpr std::size_t rows_skipped[] = {5613,  6536,  8576,  8600,  10274, 13178, 22617,
                                        24037, 27472, 29782, 30245, 30496, 35893, 35911,
                                        37937, 41788, 42311, 42314, 42330, 42484, 42759};

}  // namespace

TEST_CASE("the best prices are right after every message of a recorded hour") {
  ZOMMA_SHARED_DATA(flow_path, "itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  ZOMMA_SHARED_DATA(
      truth_path,
      "lobster/AAPL_2012-06-21_34200000_37800000_bbo_after_each_message.rows0-45999.csv.xz");
  const std::string image = read_xz(flow_path);
  const std::vector<Bbo> truth = read_bbos(read_xz(truth_path));
  REQUIRE(truth.size() == 46'000);

  L3Market market;
  REQUIRE(market.add_instrument(apple, {100}));
  NoVisitor nobody;
  std::size_t orders = 0;
  std::size_t row = 0;
  std::size_t equal = 0;
  const auto bytes = bytes_of(image);
  for (std::size_t at = 0; at + 2 < bytes.size();) {
    const std::size_t size = 2 + load_be16(&bytes[at]);
    const char type = static_cast<char>(bytes[at + 2]);
    ItchSource one(bytes.subspan(at, size));
    market.drain(one, nobody);
    at += size;
    if (std::string_view("AEXDP").find(type) == std::string_view::npos || ++orders <= seed_orders)
      continue;
    while (std::binary_search(std::begin(rows_skipped), std::end(rows_skipped), row)) ++row;
    REQUIRE(row < truth.size());
    equal += market.bbo(apple) == truth[row++];
  }
  CHECK(equal == 45'979);
  const Book& book = market.book(apple);
  CHECK(book.bbo() == Bbo{{5'857'200}, {5'858'600}, {12}, {100}});
  CHECK(book.orders()->order_count() == 365);
  CHECK(book.depth(Side::buy) == 126);
  CHECK(book.depth(Side::sell) == 114);
  CHECK(book.counters().total() == 0);

  SECTION("in one batch it ends the same") {
    L3Market batched;
    REQUIRE(batched.add_instrument(apple, {100}));
    ItchSource all(bytes);
    batched.drain(all, nobody);
    CHECK(all.messages() == 46'074);
    CHECK(all.malformed() == 0);
    CHECK(all.rest().empty());
    ArchiveWriter one;
    ArchiveWriter other;
    market.save(one);
    batched.save(other);
    CHECK(std::equal(one.bytes().begin(), one.bytes().end(), other.bytes().begin(),
                     other.bytes().end()));
  }
}

TEST_CASE("messages of a wrong length are counted and passed over") {
  std::vector<std::byte> frames(2 + 19);
  store_be16(frames.data(), 19);
  frames[2] = std::byte{'A'};  // an add has 36 bytes
  L3Market market;
  REQUIRE(market.add_instrument({0}, {100}));
  NoVisitor nobody;
  ItchSource source(frames);
  market.drain(source, nobody);
  CHECK(source.malformed() == 1);
  CHECK(market.order_count() == 0);
  ItchSource torn(std::span<const std::byte>(frames).first(10));
  market.drain(torn, nobody);
  CHECK(torn.rest().size() == 10);
}
