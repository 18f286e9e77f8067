// Databento files become events, and the books that come out are the published ones.
#include <catch2/catch.hpp>

#include <cstring>

#include "base/bytes.h"
#include "base/random.h"
#include "market/book/l3_market.h"
#include "market/feeds/dbn/source.h"
#include "recordings.h"
#include "support/shared_data.h"

using namespace zomma;
using test::Bytes;

namespace {

const char* const two_seconds = "futures_mbo/esm4_mbo_20240508_2s.dbn.zst";
const char* const christmas = "futures_mbo/esh4-glbx-mdp3-20231224.mbo.dbn.zst";

std::unique_ptr<dbn::FileSource> open(const std::string& path, std::string_view symbol,
                                      int price_digits = 2) {
  auto source = dbn::FileSource::open(path, test::symbols(symbol, price_digits, 0));
  if (!source) FAIL(source.error().message);
  return std::move(*source);
}

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

// A head of version 3 that maps one symbol to the number 5602.
Bytes head(dbn::Schema schema, std::string_view symbol = "ESM4", std::string_view number = "5602") {
  constexpr std::size_t symbol_size = 71;
  Bytes body;
  put_text(body, "GLBX.MDP3", 16);
  put(body, static_cast<std::uint16_t>(schema));
  put<std::uint64_t>(body, 0);
  put<std::uint64_t>(body, 0);
  put<std::uint64_t>(body, 0);
  put_text(body, std::string_view("\1\0\0", 3), 3);
  put<std::uint16_t>(body, symbol_size);
  put_text(body, "", 53);
  put<std::uint32_t>(body, 0);
  put<std::uint32_t>(body, 1);
  put_text(body, symbol, symbol_size);
  put<std::uint32_t>(body, 0);
  put<std::uint32_t>(body, 0);
  put<std::uint32_t>(body, 1);
  put_text(body, symbol, symbol_size);
  put<std::uint32_t>(body, 1);
  put<std::uint32_t>(body, 20'240'508);
  put<std::uint32_t>(body, 20'240'509);
  put_text(body, number, symbol_size);
  Bytes file = test::bytes_of(std::string_view("DBN\3", 4));
  put(file, static_cast<std::uint32_t>(body.size()));
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

struct Mbo {
  std::uint64_t order_id = 1;
  std::int64_t price = 5'214'000'000'000;
  std::uint32_t size = 3;
  std::uint8_t flags = 0x80;
  char action = 'A', side = 'B';
  std::uint64_t received = 1'715'000'000'000'000'500;
  std::uint32_t instrument = 5602;
};

void put_mbo(Bytes& file, const Mbo& order) {
  put<std::uint8_t>(file, 14);
  put<std::uint8_t>(file, 0xA0);
  put<std::uint16_t>(file, 1);
  put(file, order.instrument);
  put<std::uint64_t>(file, 1'715'000'000'000'000'000);
  put(file, order.order_id);
  put(file, order.price);
  put(file, order.size);
  put(file, order.flags);
  put<std::uint8_t>(file, 0);
  put(file, order.action);
  put(file, order.side);
  put(file, order.received);
  put<std::int32_t>(file, 0);
  put<std::uint32_t>(file, 42);
}

struct Decoded {
  test::Recording recording;
  FeedCounters counters;
};

Decoded decode(const Bytes& file, std::string_view symbol = "ESM4", int price_digits = 2) {
  auto bytes = open_byte_source("memory", file);
  REQUIRE(bytes);
  auto source = dbn::FileSource::read_from("memory", std::move(*bytes),
                                           test::symbols(symbol, price_digits, 0));
  if (!source) return {{{}, source.error()}, {}};
  auto recording = test::read_all(**source);
  return {std::move(recording), (*source)->counters()};
}

Decoded decode_orders(const std::vector<Mbo>& orders) {
  Bytes file = head(dbn::Schema::mbo);
  for (const Mbo& order : orders) put_mbo(file, order);
  return decode(file);
}

}  // namespace

TEST_CASE("two seconds of ESM4: every record, the published best prices, every order") {
  ZOMMA_SHARED_DATA(path, two_seconds);
  auto source = open(path, "ESM4");
  CHECK(source->metadata().version == 1);
  CHECK(source->metadata().dataset == "GLBX.MDP3");
  CHECK(source->metadata().schema == dbn::Schema::mbo);
  REQUIRE(source->metadata().mappings.size() == 1);
  CHECK(source->metadata().mappings[0].mapped_symbol == "5602");
  CHECK(source->metadata().mappings[0].start_date == 20'240'508);

  const auto recording = test::read_all(*source);
  CHECK_FALSE(recording.error);
  CHECK(source->counters().messages == 13'796);
  CHECK(test::count(recording.events, ZM_EVENT_BOOK_CLEAR) == 1);
  CHECK(test::count(recording.events, ZM_EVENT_ORDER_ADD) == 13'678);
  CHECK(test::count(recording.events, ZM_EVENT_ORDER_REDUCE) == 80);
  CHECK(test::count(recording.events, ZM_EVENT_ORDER_MODIFY) == 27);
  CHECK(test::count(recording.events, ZM_EVENT_TRADE) == 5);
  CHECK(source->counters().ignored == 5);  // F
  CHECK(source->counters().inexact == 0);
  CHECK(source->counters().malformed == 0);

  test::PlainOrders book;
  for (const zm_event& event : recording.events) book.apply(event);
  CHECK(book.top() == test::Top{521'400, 28, 521'425, 17});
  CHECK(book.orders.size() == 13'598);
  CHECK(book.unknown == 0);

  L3Market market;
  REQUIRE(market.add_instrument({7}, {25}));
  for (const zm_event& event : recording.events) market.apply(event);
  CHECK(market.bbo({7}) == Bbo{{521'400}, {521'425}, {28}, {17}});
  CHECK(market.order_count() == 13'598);
}

TEST_CASE("the snapshot of ESH4 at Christmas: 8,725 orders and the published best prices") {
  ZOMMA_SHARED_DATA(path, christmas);
  auto source = open(path, "ESH4");
  const auto recording = test::read_all(*source);
  CHECK_FALSE(recording.error);
  test::PlainOrders book;
  for (const zm_event& event : recording.events) book.apply(event);
  CHECK(test::count(recording.events, ZM_EVENT_ORDER_ADD) == 8'725);
  CHECK(book.orders.size() == 8'725);
  CHECK(book.top() == test::Top{479'900, 16, 479'950, 23});
}

TEST_CASE("instruments are found by their number as well") {
  ZOMMA_SHARED_DATA(path, two_seconds);
  CHECK(test::read_all(*open(path, "5602")).events.size() == 13'791);
}

TEST_CASE("the schemas that hold orders, trades or best prices are read, in version 3 too") {
  struct {
    const char *file, *symbol;
    int digits;
    std::size_t events, trades, quotes, orders;
  } const samples[] = {
      {"GLBX.MDP3/mbo", "ESH1", 2, 4, 0, 0, 4},    {"XNAS.ITCH/mbo", "NVDA", 9, 4, 0, 0, 4},
      {"GLBX.MDP3/trades", "ESH1", 2, 4, 4, 0, 0}, {"XNAS.ITCH/trades", "NVDA", 9, 4, 4, 0, 0},
      {"GLBX.MDP3/tbbo", "ESH1", 2, 8, 4, 4, 0},   {"XNAS.ITCH/mbp-1", "NVDA", 9, 4, 0, 4, 0}};
  for (const auto& sample : samples) {
    INFO(sample.file);
    ZOMMA_SHARED_DATA(path,
                      std::string("futures_mbo/databento_python/") + sample.file + ".dbn.zst");
    auto source = open(path, sample.symbol, sample.digits);
    CHECK(source->metadata().version == 3);
    const auto recording = test::read_all(*source);
    CHECK_FALSE(recording.error);
    CHECK(recording.events.size() == sample.events);
    CHECK(test::count(recording.events, ZM_EVENT_TRADE) == sample.trades);
    CHECK(test::count(recording.events, ZM_EVENT_QUOTE) == sample.quotes);
    CHECK(test::count(recording.events, ZM_EVENT_ORDER_ADD) +
              test::count(recording.events, ZM_EVENT_ORDER_REDUCE) +
              test::count(recording.events, ZM_EVENT_ORDER_MODIFY) ==
          sample.orders);
    if (sample.orders == 0) CHECK((recording.events.back().flags & ZM_FLAG_LAST) != 0);
  }
}

TEST_CASE("a schema that cannot be read is named") {
  for (const char* file : {"definition", "mbp-10", "ohlcv-1m"}) {
    ZOMMA_SHARED_DATA(path,
                      std::string("futures_mbo/databento_python/GLBX.MDP3/") + file + ".dbn.zst");
    const auto source = dbn::FileSource::open(path, test::symbols("ESH1", 2, 0));
    REQUIRE_FALSE(source);
    CHECK(source.error().code == Errc::unsupported);
    CHECK(source.error().message.find("schema '" + std::string(file) + "'") != std::string::npos);
  }
}

TEST_CASE("each market-by-order action is its event") {
  const Decoded decoded =
      decode_orders({{},
                     {.size = 1, .flags = 0, .action = 'C'},
                     {.price = 5'214'250'000'000, .size = 9, .action = 'M', .side = 'A'},
                     {.order_id = 0, .action = 'T', .side = 'A'},
                     {.action = 'T', .side = 'N'},
                     {.action = 'F'},
                     {.price = INT64_MAX, .flags = 0xA0, .action = 'R', .side = 'N'},
                     {.flags = 0x24}});
  CHECK_FALSE(decoded.recording.error);
  const auto& events = decoded.recording.events;
  REQUIRE(events.size() == 7);
  CHECK(events[0].kind == ZM_EVENT_ORDER_ADD);
  CHECK(events[0].flags == ZM_FLAG_LAST);
  CHECK(events[0].ts_ns == 1'715'000'000'000'000'500);
  CHECK(events[0].exchange_ns == 1'715'000'000'000'000'000);
  CHECK(events[0].u.order.price == 521'400);
  CHECK(events[0].u.order.quantity == 3);
  CHECK(events[1].kind == ZM_EVENT_ORDER_REDUCE);
  CHECK(events[1].flags == 0);
  CHECK(events[1].u.order.quantity == 1);
  CHECK(events[2].kind == ZM_EVENT_ORDER_MODIFY);
  CHECK(events[2].flags == (ZM_FLAG_LAST | ZM_FLAG_SELL));
  CHECK(events[2].u.order.price == 521'425);
  CHECK(events[3].kind == ZM_EVENT_TRADE);
  CHECK(events[3].flags == (ZM_FLAG_LAST | ZM_FLAG_SELL | ZM_FLAG_AGGRESSOR));
  CHECK(events[3].u.trade.trade_id == 42);
  CHECK(events[4].flags == ZM_FLAG_LAST);
  CHECK(events[5].kind == ZM_EVENT_BOOK_CLEAR);
  CHECK(events[5].flags == (ZM_FLAG_LAST | ZM_FLAG_SNAPSHOT));
  CHECK(events[6].flags == (ZM_FLAG_SNAPSHOT | ZM_FLAG_SUSPECT));
  CHECK(decoded.counters.ignored == 1);
}

TEST_CASE("a record that contradicts itself is counted and gives no event") {
  const Decoded decoded =
      decode_orders({{.price = INT64_MAX}, {.side = 'N'}, {.action = 'Z'}, {.instrument = 99}, {}});
  CHECK_FALSE(decoded.recording.error);
  CHECK(decoded.recording.events.size() == 1);
  CHECK(decoded.counters.malformed == 3);
  CHECK(decoded.counters.unknown_symbol == 1);
}

TEST_CASE("a DBN price beyond the instrument's decimals is cut, counted and suspect") {
  const Decoded decoded = decode_orders({{.price = 5'214'001'000'000}});
  REQUIRE(decoded.recording.events.size() == 1);
  CHECK(decoded.recording.events[0].u.order.price == 521'400);
  CHECK((decoded.recording.events[0].flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(decoded.counters.inexact == 1);
}

TEST_CASE("a receive time that falls, or is none, is held back") {
  const Decoded decoded =
      decode_orders({{}, {.received = 1'715'000'000'000'000'400}, {.received = UINT64_MAX}});
  for (const zm_event& event : decoded.recording.events)
    CHECK(event.ts_ns == 1'715'000'000'000'000'500);
  CHECK(decoded.counters.clock_back == 2);
}

TEST_CASE("records of unknown types are passed over by their length") {
  Bytes file = head(dbn::Schema::mbo);
  put_mbo(file, {});
  file.push_back(std::byte{5});
  file.push_back(std::byte{0x77});
  file.resize(file.size() + 18);
  put_mbo(file, {});
  const Decoded decoded = decode(file);
  CHECK(decoded.recording.events.size() == 2);
  CHECK(decoded.counters.unknown_type == 1);
}

TEST_CASE(
    "a record shorter than its type is counted; one without a length ends the file with an error") {
  Bytes file = head(dbn::Schema::mbo);
  const std::size_t first = file.size();
  put_mbo(file, {});
  put_mbo(file, {});
  put_mbo(file, {});
  file[first] = std::byte{7};  // half of it; the other half begins with the price's bytes
  Bytes without_length = head(dbn::Schema::mbo);
  put_mbo(without_length, {});
  const std::size_t second = without_length.size();
  put_mbo(without_length, {});
  without_length[second] = std::byte{2};
  const Decoded decoded = decode(without_length);
  CHECK(decoded.recording.events.size() == 1);
  REQUIRE(decoded.recording.error);
  CHECK(decoded.recording.error->code == Errc::corrupt);
  CHECK(decoded.recording.error->message.find("at byte " + std::to_string(second)) !=
        std::string::npos);
  CHECK(decode(file).counters.truncated >= 1);
}

TEST_CASE("a file that ends inside a record gives all before it and then says so") {
  Bytes file = head(dbn::Schema::mbo);
  put_mbo(file, {});
  put_mbo(file, {});
  file.resize(file.size() - 1);
  const Decoded decoded = decode(file);
  CHECK(decoded.recording.events.size() == 1);
  REQUIRE(decoded.recording.error);
  CHECK(decoded.recording.error->code == Errc::truncated);
}

TEST_CASE("what keeps a DBN file from being opened is said") {
  const auto error = [](const Bytes& file, std::string_view symbol = "ESM4") {
    const Decoded decoded = decode(file, symbol);
    REQUIRE(decoded.recording.error);
    return *decoded.recording.error;
  };
  const Bytes good = head(dbn::Schema::mbo);
  CHECK(error({}).code == Errc::truncated);
  CHECK(error(test::bytes_of("DBX\1 and so on, no Databento file")).code == Errc::corrupt);
  CHECK(error(test::bytes_of("DBN\7 and so on")).code == Errc::unsupported);
  CHECK(error(good, "NQM4").code == Errc::not_found);
  CHECK(error(good, "NQM4").message.find("'ESM4'") != std::string::npos);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(error(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))).code ==
          Errc::truncated);
  Bytes long_list = good;
  store_le<std::uint32_t>(long_list.data() + 8 + 104, 1'000'000);
  CHECK(error(long_list).code == Errc::corrupt);
}

TEST_CASE("a DBN run can go on in the middle") {
  ZOMMA_SHARED_DATA(path, two_seconds);
  const auto whole = test::read_all(*open(path, "ESM4"));
  for (const std::uint64_t position :
       {std::uint64_t{1}, std::uint64_t{5'000}, std::uint64_t{13'791}}) {
    auto source = open(path, "ESM4");
    REQUIRE(source->skip(position));
    const auto rest = test::read_all(*source, 333);
    CHECK(test::same(rest.events, {whole.events.begin() + static_cast<std::ptrdiff_t>(position),
                                   whole.events.end()}));
  }
  auto source = open(path, "ESM4");
  const auto beyond = source->skip(13'792);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().code == Errc::truncated);
}

TEST_CASE("flipped bits in a DBN file never crash, and time never falls") {
  ZOMMA_SHARED_DATA(path, two_seconds);
  auto unpacked = open_byte_source(path);
  REQUIRE(unpacked);
  Bytes file(1 << 20);
  file.resize(*(*unpacked)->read(file));
  SplitMix64 random(9);
  for (int round = 0; round < 50; ++round) {
    Bytes damaged = file;
    for (int flip = 0; flip < 100; ++flip)
      damaged[random() % damaged.size()] ^= std::byte{1} << static_cast<int>(random() % 8);
    std::int64_t now = 0;
    for (const zm_event& event : decode(damaged).recording.events) {
      REQUIRE(event.ts_ns >= now);
      now = event.ts_ns;
    }
  }
}
