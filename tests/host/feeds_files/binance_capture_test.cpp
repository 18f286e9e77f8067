// Recorded Binance streams: every count is known, the depth is without a hole, and the book that
// comes out has the best prices that the venue itself published.
#include <catch2/catch.hpp>

#include "base/random.h"
#include "market/book/l2_book.h"
#include "market/feeds/binance/source.h"
#include "recordings.h"
#include "support/shared_data.h"

using namespace zomma;

namespace {

struct Capture {
  std::vector<zm_event> events;
  FeedCounters counters;
  binance::StreamCounters streams;
};

std::unique_ptr<binance::CaptureSource> open(const std::string& path, std::string_view symbol,
                                             int price_digits, int quantity_digits,
                                             binance::DecoderOptions options = {}) {
  auto source = binance::CaptureSource::open(
      path, test::symbols(symbol, price_digits, quantity_digits), std::move(options));
  REQUIRE(source);
  return std::move(*source);
}

Capture read(const std::string& path, std::string_view symbol, int price_digits,
             int quantity_digits) {
  auto source = open(path, symbol, price_digits, quantity_digits);
  auto recording = test::read_all(*source);
  if (recording.error) FAIL(recording.error->message);
  return {std::move(recording.events), source->counters(), source->streams()};
}

void check_is_sound(const Capture& capture) {
  CHECK(capture.counters.malformed == 0);
  CHECK(capture.counters.unknown_type == 0);
  CHECK(capture.counters.unknown_symbol == 0);
  CHECK(capture.counters.gaps == 0);
  CHECK(capture.counters.lost == 0);
  CHECK(capture.counters.duplicates == 0);
  CHECK(capture.counters.out_of_order == 0);
  CHECK(capture.counters.clock_back == 0);
  CHECK(capture.counters.events == capture.events.size());
  CHECK(capture.streams.chain_breaks == 0);
  CHECK(capture.streams.snapshots == 1);
  CHECK(capture.streams.stale_snapshots == 0);
  std::int64_t now = 0;
  bool rises = true;
  for (const zm_event& event : capture.events) {
    rises = rises && event.ts_ns >= now;
    now = event.ts_ns;
  }
  CHECK(rises);
  CHECK((capture.events.back().flags & ZM_FLAG_LAST) != 0);
}

struct Agreement {
  std::uint64_t compared = 0, equal = 0;
};

class Line {
 public:
  explicit Line(std::string_view text) : text_(text) {}
  std::uint64_t number(std::string_view key) const {
    const auto at = text_.find(key);
    return at == std::string_view::npos
               ? 0
               : std::stoull(std::string(text_.substr(at + key.size(), 20)));
  }
  bool has(std::string_view part) const { return text_.find(part) != std::string_view::npos; }

 private:
  std::string_view text_;
};

// The depth alone builds a book; the quotes say what its top must be at their update id. Only pairs
// of equal id can be compared, and every one of them must agree.
Agreement depth_against_quotes(const std::string& path, std::string_view symbol, int price_digits,
                               int quantity_digits) {
  auto bytes = open_byte_source(path);
  REQUIRE(bytes);
  LineReader lines(path, std::move(*bytes));
  binance::Decoder depth(test::symbols(symbol, price_digits, quantity_digits));
  binance::Decoder quotes(test::symbols(symbol, price_digits, quantity_digits));
  EventBuffer out;
  test::PlainLevels book;
  std::map<std::uint64_t, test::Top> by_depth, by_quote;
  bool synced = false;
  zomma::Line line;
  while (lines.next(line)) {
    const Line text(line.text.substr(0, 300));
    out.clear();
    if (text.has("@bookTicker")) {
      REQUIRE(quotes.decode_line(line.text, out) == binance::Fault::none);
      REQUIRE(out.size() == 1);
      const zm_quote& quote = out.events()[0].u.quote;
      by_quote[text.number("\"u\":")] = {quote.bid_price, quote.bid_quantity, quote.ask_price,
                                         quote.ask_quantity};
      continue;
    }
    if (text.has("@trade")) continue;
    REQUIRE(depth.decode_line(line.text, out) == binance::Fault::none);
    for (const zm_event& event : out.events()) book.apply(event);
    synced = synced || depth.streams().snapshots != 0;
    if (synced && text.has("@depth")) by_depth[text.number("\"u\":")] = book.top();
  }
  Agreement agreement;
  for (const auto& [id, top] : by_quote) {
    const auto found = by_depth.find(id);
    if (found == by_depth.end()) continue;
    ++agreement.compared;
    agreement.equal += found->second == top;
  }
  return agreement;
}

template <class Side>
bool same_front(const Side& a, const Side& b, std::size_t levels) {
  auto at = a.begin();
  auto other = b.begin();
  for (; levels != 0 && at != a.end() && other != b.end(); --levels, ++at, ++other)
    if (*at != *other) return false;
  return levels == 0 || (at == a.end() && other == b.end());
}

// What quotes do to the book between two depth updates is gone once the depth has caught up with
// them.
Agreement with_quotes_against_depth(const std::string& path, std::string_view symbol,
                                    int price_digits, int quantity_digits) {
  constexpr std::size_t levels = 20;
  auto bytes = open_byte_source(path);
  REQUIRE(bytes);
  LineReader lines(path, std::move(*bytes));
  binance::Decoder depth(test::symbols(symbol, price_digits, quantity_digits));
  binance::Decoder all(test::symbols(symbol, price_digits, quantity_digits));
  EventBuffer out;
  test::PlainLevels by_depth, by_all;
  Agreement agreement;
  zomma::Line line;
  while (lines.next(line)) {
    const Line text(line.text.substr(0, 300));
    const auto repeated = all.streams().repeated_quotes;
    out.clear();
    all.decode_line(line.text, out);
    for (const zm_event& event : out.events()) by_all.apply(event);
    if (text.has("@bookTicker") || text.has("@trade")) continue;
    out.clear();
    depth.decode_line(line.text, out);
    for (const zm_event& event : out.events()) by_depth.apply(event);
    if (depth.streams().snapshots == 0 || all.streams().repeated_quotes != repeated) continue;
    ++agreement.compared;
    agreement.equal += same_front(by_depth.bids, by_all.bids, levels) &&
                       same_front(by_depth.asks, by_all.asks, levels);
  }
  return agreement;
}

// After every update the book shows the newest quote, or newer depth; never a crossed top.
void check_book_follows_quotes(const Capture& capture) {
  L2Book book({1});
  test::PlainLevels plain;
  std::uint64_t wrong_quote = 0, differs = 0, crossed = 0;
  for (const zm_event& event : capture.events) {
    const Applied applied = book.apply(event);
    plain.apply(event);
    crossed += applied.anomaly == BookAnomaly::crossed;
    if ((event.flags & ZM_FLAG_LAST) == 0) continue;
    const Bbo bbo = book.bbo();
    if (event.kind == ZM_EVENT_QUOTE)
      wrong_quote += bbo.bid.value != event.u.quote.bid_price ||
                     bbo.ask.value != event.u.quote.ask_price ||
                     bbo.bid_quantity.value != event.u.quote.bid_quantity ||
                     bbo.ask_quantity.value != event.u.quote.ask_quantity;
    const test::Top top = plain.top();
    const bool whole = top.bid != 0 && top.ask != 0;
    differs += whole && !(top == test::Top{bbo.bid.value, bbo.bid_quantity.value, bbo.ask.value,
                                           bbo.ask_quantity.value});
  }
  CHECK(wrong_quote == 0);
  CHECK(differs == 0);
  CHECK(crossed == 0);
  CHECK(book.counters().total() == 0);
}

}  // namespace

TEST_CASE("spot ETHUSDT: every published count, and a chain without a hole") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/ethusdt_spot_20240808.gz");
  const Capture capture = read(path, "ETHUSDT", 2, 4);
  check_is_sound(capture);
  CHECK(capture.streams.book_tickers == 24'077);
  CHECK(capture.streams.depth_updates == 3'434);
  CHECK(capture.streams.trades == 6'106);
  CHECK(capture.streams.chain_links == 3'433);
  CHECK(capture.counters.packets == 33'618);
  std::int64_t traded = 0;
  for (const zm_event& event : capture.events)
    if (event.kind == ZM_EVENT_TRADE) traded += event.u.trade.quantity;
  CHECK(traded == 22'613'149);  // 2,261.3149
  CHECK(capture.counters.inexact ==
        2);  // "47.50196000": some resting quantities are finer than the lot
  CHECK(test::count(capture.events, ZM_EVENT_TRADE) == 6'106);
  check_book_follows_quotes(capture);
}

TEST_CASE("spot BTCUSDT: a late snapshot joins the chain") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/spot_btcusdt_20240808.gz");
  const Capture capture = read(path, "BTCUSDT", 2, 5);
  check_is_sound(capture);
  CHECK(capture.counters.packets == 41'249);
  CHECK(capture.streams.depth_updates == 3'451);
  CHECK(capture.streams.chain_links == 3'450);
  CHECK(capture.counters.inexact == 3);
  CHECK(capture.streams.book_tickers == 28'040);
  CHECK(capture.streams.replayed_updates != 0);
  check_book_follows_quotes(capture);
}

TEST_CASE("perpetual BTCUSDT: every published count, and a chain without a hole") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/usdm_btcusdt_20240808.gz");
  const Capture capture = read(path, "BTCUSDT", 1, 3);
  check_is_sound(capture);
  CHECK(capture.counters.packets == 93'954);
  CHECK(capture.streams.book_tickers == 66'089);
  CHECK(capture.streams.trades == 21'313);
  CHECK(capture.streams.depth_updates == 6'551);
  CHECK(capture.streams.chain_links == 6'550);
  CHECK(capture.counters.inexact == 0);
  CHECK(capture.streams.replayed_updates != 0);
  check_book_follows_quotes(capture);
}

TEST_CASE("perpetual ETHUSDT: a chain without a hole") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/usdm_ethusdt_20240808.gz");
  const Capture capture = read(path, "ETHUSDT", 2, 3);
  check_is_sound(capture);
  CHECK(capture.counters.packets == 74'655);
  CHECK(capture.streams.chain_links + 1 == capture.streams.depth_updates);
  check_book_follows_quotes(capture);
}

TEST_CASE("the depth's best prices are the published ones wherever both carry the same update id") {
  struct {
    const char *file, *symbol;
    int price_digits, quantity_digits;
    std::uint64_t at_least;
  } const captures[] = {{"crypto_l2/ethusdt_spot_20240808.gz", "ETHUSDT", 2, 4, 100},
                        {"crypto_l2/spot_btcusdt_20240808.gz", "BTCUSDT", 2, 5, 100},
                        {"crypto_l2/usdm_btcusdt_20240808.gz", "BTCUSDT", 1, 3, 100},
                        {"crypto_l2/usdm_ethusdt_20240808.gz", "ETHUSDT", 2, 3, 100}};
  for (const auto& capture : captures) {
    INFO(capture.file);
    ZOMMA_SHARED_DATA(path, capture.file);
    const Agreement agreement =
        depth_against_quotes(path, capture.symbol, capture.price_digits, capture.quantity_digits);
    CHECK(agreement.compared >= capture.at_least);
    CHECK(agreement.equal == agreement.compared);
    const Agreement deep = with_quotes_against_depth(path, capture.symbol, capture.price_digits,
                                                     capture.quantity_digits);
    CHECK(deep.compared > 3'000);
    CHECK(deep.equal == deep.compared);
  }
}

TEST_CASE("the recordings that come with the project are whole and sound") {
  struct {
    const char *file, *symbol;
    int price_digits, quantity_digits;
    std::uint64_t lines, book_tickers, depth_updates, trades;
  } const files[] = {{"spot_btcusdt", "BTCUSDT", 2, 5, 16'744, 12'203, 1'556, 2'984},
                     {"usdm_btcusdt", "BTCUSDT", 1, 3, 35'234, 26'913, 2'953, 5'367},
                     {"spot_ethusdt", "ETHUSDT", 2, 4, 15'753, 11'695, 1'553, 2'504},
                     {"usdm_ethusdt", "ETHUSDT", 2, 3, 32'883, 24'809, 2'968, 5'105}};
  for (const auto& file : files) {
    INFO(file.file);
    const std::string path =
        std::string(ZOMMA_SOURCE_DIR "/examples/data/binance_20240808/") + file.file + ".zst";
    const Capture capture = read(path, file.symbol, file.price_digits, file.quantity_digits);
    check_is_sound(capture);
    CHECK(capture.counters.packets == file.lines);
    CHECK(capture.streams.book_tickers == file.book_tickers);
    CHECK(capture.streams.depth_updates == file.depth_updates);
    CHECK(capture.streams.trades == file.trades);
    CHECK(capture.events.front().ts_ns < 1'723'161'256'000'000'000);
    CHECK(capture.events.back().ts_ns > 1'723'161'409'000'000'000);
    check_book_follows_quotes(capture);
  }
}

TEST_CASE("a run can go on in the middle of a capture") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/spot_btcusdt_20240808.gz");
  const Capture whole = read(path, "BTCUSDT", 2, 5);
  for (const std::uint64_t position :
       {std::uint64_t{1}, std::uint64_t{1'500}, std::uint64_t{60'001}}) {
    auto source = open(path, "BTCUSDT", 2, 5);
    REQUIRE(source->skip(position));
    const auto rest = test::read_all(*source, 700);
    CHECK_FALSE(rest.error);
    CHECK(test::same(rest.events, {whole.events.begin() + static_cast<std::ptrdiff_t>(position),
                                   whole.events.end()}));
  }
}

TEST_CASE("the size of the reader's blocks changes nothing") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/ethusdt_spot_20240808.gz");
  const Capture whole = read(path, "ETHUSDT", 2, 4);
  for (const std::size_t capacity : {std::size_t{1}, std::size_t{600}, std::size_t{100'000}}) {
    auto source = open(path, "ETHUSDT", 2, 4);
    CHECK(test::same(test::read_all(*source, capacity).events, whole.events));
  }
}

TEST_CASE("a damaged capture is read on behind the damage, which is counted") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/ethusdt_spot_20240808.gz");
  auto unpacked = open_byte_source(path);
  REQUIRE(unpacked);
  test::Bytes text(1u << 20);
  REQUIRE((*unpacked)->read(text));
  SplitMix64 random(3);
  std::uint64_t malformed = 0;
  for (int round = 0; round < 10; ++round) {
    test::Bytes damaged = text;
    for (int flip = 0; flip < 200; ++flip)
      damaged[random() % damaged.size()] ^= std::byte{1} << static_cast<int>(random() % 8);
    auto source = open_byte_source("damaged", damaged);
    REQUIRE(source);
    binance::CaptureSource capture(LineReader("damaged", std::move(*source)),
                                   test::symbols("ETHUSDT", 2, 4), {});
    const auto recording = test::read_all(capture);
    CHECK_FALSE(recording.error);
    CHECK(recording.events.size() > 5'000);
    malformed += capture.counters().malformed;
    CHECK(capture.first_problem());
    std::int64_t now = 0;
    for (const zm_event& event : recording.events) {
      REQUIRE(event.ts_ns >= now);
      now = event.ts_ns;
    }
  }
  CHECK(malformed > 500);
}

TEST_CASE("a truncated capture gives everything up to the cut and then its error") {
  ZOMMA_SHARED_DATA(path, "crypto_l2/ethusdt_spot_20240808.gz");
  test::Bytes packed = test::file_bytes(path);
  packed.resize(packed.size() / 2);
  const test::TemporaryFile file(packed);
  auto source = open(file.path(), "ETHUSDT", 2, 4);
  const auto recording = test::read_all(*source);
  REQUIRE(recording.error);
  CHECK(recording.error->code == Errc::truncated);
  CHECK(recording.events.size() > 10'000);
  CHECK(source->counters().malformed == 0);
  EventBuffer out;
  const auto again = source->read(out);
  REQUIRE_FALSE(again);
  CHECK(again.error().message == recording.error->message);
}
