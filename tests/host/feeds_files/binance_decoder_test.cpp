// Binance's messages become events, and the book's rules hold: chain, snapshot, and who knows the
// top.
#include <catch2/catch.hpp>

#include "market/feeds/binance/decoder.h"
#include "market/feeds/binance/source.h"
#include "recordings.h"

using namespace zomma;
using binance::Fault;

namespace {

std::string quote(std::uint64_t id, const char* bid, const char* ask) {
  return R"({"stream":"btcusdt@bookTicker","data":{"u":)" + std::to_string(id) +
         R"(,"s":"BTCUSDT","b":")" + bid + R"(","B":"1.50000000","a":")" + ask +
         R"(","A":"2.00000000"}})";
}
std::string depth(std::uint64_t first, std::uint64_t last, const std::string& bids,
                  const std::string& asks) {
  return R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000123,)"
         R"("s":"BTCUSDT","U":)" +
         std::to_string(first) + R"(,"u":)" + std::to_string(last) + R"(,"b":[)" + bids +
         R"(],"a":[)" + asks + "]}}";
}
std::string futures_depth(std::uint64_t first, std::uint64_t last, std::uint64_t previous,
                          const std::string& bids) {
  return R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1700000000124,)"
         R"("T":1700000000123,"s":"BTCUSDT","U":)" +
         std::to_string(first) + R"(,"u":)" + std::to_string(last) + R"(,"pu":)" +
         std::to_string(previous) + R"(,"b":[)" + bids + R"(],"a":[]}})";
}
std::string snapshot(std::uint64_t last, const std::string& bids, const std::string& asks) {
  return R"({"lastUpdateId":)" + std::to_string(last) + R"(,"bids":[)" + bids + R"(],"asks":[)" +
         asks + "]}";
}
std::string trade(std::uint64_t id, const char* price, const char* quantity, bool buyer_is_maker) {
  return R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1700000000343,"s":"BTCUSDT","t":)" +
         std::to_string(id) + R"(,"p":")" + price + R"(","q":")" + quantity +
         R"(","T":1700000000342,"m":)" + (buyer_is_maker ? "true" : "false") + R"(,"M":true}})";
}

class Feed {
 public:
  explicit Feed(binance::DecoderOptions options = {})
      : decoder(test::symbols("BTCUSDT", 2, 5), std::move(options)) {}
  // The events of one message.
  std::vector<zm_event> hear(const std::string& json) {
    out.clear();
    fault = decoder.decode(std::as_bytes(std::span(json)), {now += 1000}, out);
    for (const zm_event& event : out.events()) book.apply(event);
    return {out.events().begin(), out.events().end()};
  }
  binance::Decoder decoder;
  EventBuffer out;
  test::PlainLevels book;
  std::int64_t now = 1'600'000'000'000'000'000;
  Fault fault = Fault::none;
};

bool is_last(const zm_event& event) { return (event.flags & ZM_FLAG_LAST) != 0; }
bool only_the_last_is_last(const std::vector<zm_event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i)
    if (is_last(events[i]) != (i + 1 == events.size())) return false;
  return !events.empty();
}

}  // namespace

TEST_CASE("a bookTicker is a quote, in the instrument's own units") {
  Feed feed;
  const auto events = feed.hear(quote(5, "61837.63000000", "61837.64000000"));
  REQUIRE(events.size() == 1);
  const zm_event& event = events[0];
  CHECK(event.kind == ZM_EVENT_QUOTE);
  CHECK(event.flags == ZM_FLAG_LAST);
  CHECK(event.instrument == 7);
  CHECK(event.ts_ns == feed.now);
  CHECK(event.exchange_ns == 0);
  CHECK(event.u.quote.bid_price == 6'183'763);
  CHECK(event.u.quote.ask_price == 6'183'764);
  CHECK(event.u.quote.bid_quantity == 150'000);
  CHECK(event.u.quote.ask_quantity == 200'000);
}

TEST_CASE("an empty side of a quote has no price") {
  Feed feed;
  const auto events = feed.hear(quote(5, "0.00000000", "61837.64000000"));
  REQUIRE(events.size() == 1);
  CHECK(events[0].u.quote.bid_price == ZM_NO_PRICE);
  CHECK(events[0].u.quote.bid_quantity == 0);
  CHECK(events[0].u.quote.ask_price == 6'183'764);
}

TEST_CASE("a futures bookTicker tells when the venue made it") {
  Feed feed;
  const auto events =
      feed.hear(R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":9,"s":"BTCUSDT",)"
                R"("b":"61800.20","B":"2.507",)"
                R"("a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256999}})");
  REQUIRE(events.size() == 1);
  CHECK(events[0].exchange_ns == 1'723'161'256'313'000'000);
  CHECK(events[0].exchange_ns > events[0].ts_ns);  // the receiver's clock may be behind
}

TEST_CASE("a trade tells its aggressor: when the buyer is the maker, somebody sold") {
  Feed feed;
  auto events = feed.hear(trade(100, "61837.63000000", "0.02000000", true));
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == ZM_EVENT_TRADE);
  CHECK(events[0].flags == (ZM_FLAG_LAST | ZM_FLAG_AGGRESSOR | ZM_FLAG_SELL));
  CHECK(events[0].u.trade.price == 6'183'763);
  CHECK(events[0].u.trade.quantity == 2'000);
  CHECK(events[0].u.trade.trade_id == 100);
  CHECK(events[0].exchange_ns == 1'700'000'000'342'000'000);
  events = feed.hear(trade(101, "61837.63000000", "0.02000000", false));
  REQUIRE(events.size() == 1);
  CHECK(events[0].flags == (ZM_FLAG_LAST | ZM_FLAG_AGGRESSOR));
}

TEST_CASE("trades repeated are dropped, trades missing are counted") {
  Feed feed;
  CHECK(feed.hear(trade(100, "1.00", "1", true)).size() == 1);
  CHECK(feed.hear(trade(100, "1.00", "1", true)).empty());
  CHECK(feed.hear(trade(104, "1.00", "1", true)).size() == 1);
  CHECK(feed.decoder.streams().duplicate_trades == 1);
  CHECK(feed.decoder.streams().lost_trades == 3);
  CHECK(feed.decoder.counters().duplicates == 1);
  CHECK(feed.decoder.counters().lost == 3);
}

TEST_CASE("a trade outside the order book is no event") {
  Feed feed;
  const std::string text =
      R"({"stream":"btcusdt@trade","data":{"e":"trade","E":2,"T":1,"s":"BTCUSDT","t":7,)"
      R"("p":"5","q":"1","X":"INSURANCE_FUND","m":false}})";
  CHECK(feed.hear(text).empty());
  CHECK(feed.fault == Fault::none);
  CHECK(feed.decoder.streams().off_book_trades == 1);
  CHECK(feed.decoder.counters().ignored == 1);
}

TEST_CASE("a depth update is a run of levels that ends together") {
  Feed feed;
  const auto events =
      feed.hear(depth(1, 4, R"(["100.00","1.0"],["99.50","0.00000000"])", R"(["101.00","2.5"])"));
  REQUIRE(events.size() == 3);
  CHECK(only_the_last_is_last(events));
  CHECK(events[0].kind == ZM_EVENT_LEVEL);
  CHECK(events[0].u.level.price == 10'000);
  CHECK(events[0].u.level.quantity == 100'000);
  CHECK(events[0].u.level.update_id == 4);
  CHECK(events[1].u.level.quantity == 0);
  CHECK((events[2].flags & ZM_FLAG_SELL) != 0);
  CHECK(events[2].u.level.price == 10'100);
  CHECK(events[2].exchange_ns == 1'700'000'000'123'000'000);
}

TEST_CASE("fields may come in any order and unknown ones are passed over") {
  Feed feed;
  CHECK(feed.hear(R"({"stream":"btcusdt@bookTicker","data":{"A":"2","x":{"y":["}",1,{"z":null}]},)"
                  R"("a":"101.00","new":"\"]",)"
                  R"("s":"BTCUSDT","B":"1","b":"100.00","u":5}})")
            .size() == 1);
  CHECK(feed.fault == Fault::none);
  CHECK(feed.hear(R"({"data":{"u":6,"s":"BTCUSDT","b":"100.00","B":"1","a":"101.00","A":"2"},)"
                  R"("stream":"btcusdt@bookTicker"})")
            .size() == 1);
  CHECK(feed.fault == Fault::none);
}

TEST_CASE("a message that is not as it should be gives no event and is told apart") {
  const std::vector<std::pair<std::string, Fault>> faulty{
      {"", Fault::syntax},
      {"{", Fault::syntax},
      {"[]", Fault::syntax},
      {R"({"stream":"btcusdt@trade")", Fault::syntax},
      {R"({"stream":"btcusdt","data":{}})", Fault::syntax},
      {R"({"stream":"btcusdt@trade","data":{}})", Fault::missing_field},
      {quote(5, "61837.63", "oops"), Fault::bad_number},
      {quote(5, "61837.63", "1e5"), Fault::bad_number},
      {quote(5, "-1.00", "1.00"), Fault::bad_number},
      {quote(5, "99999999999999999999", "1.00"), Fault::bad_number},
      {quote(5, "1.00", "2.00") + "x", Fault::syntax},
      {quote(5, "1.00", "2.00").substr(0, 60), Fault::syntax},
      {R"({"stream":"btcusdt@bookTicker","data":{"u":5,)"
       R"("s":"ETHUSDT","b":"1","B":"1","a":"1","A":"1"}})",
       Fault::other_symbol},
      {depth(5, 4, "", ""), Fault::bad_range},
      {depth(0, 4, "", ""), Fault::bad_range},
      {depth(1, 4, R"(["1.00"])", ""), Fault::syntax},
      {depth(1, 4, R"(["1.00","1"],)", ""), Fault::syntax},
      {R"({"stream":"btcusdt@depth","data":{"E":1,"s":"BTCUSDT","U":1,"u":2,"b":[]}})",
       Fault::missing_field},
      {R"({"lastUpdateId":5,"bids":[]})", Fault::missing_field},
  };
  for (const auto& [text, fault] : faulty) {
    INFO(text);
    Feed feed;
    feed.hear(quote(1, "1.00", "2.00"));
    CHECK(feed.hear(text).empty());
    CHECK(std::string(name_of(feed.fault)) == name_of(fault));
    CHECK(feed.decoder.counters().malformed == 1);
    CHECK(feed.hear(quote(6, "1.00", "2.00")).size() == 1);
  }
}

TEST_CASE("a faulty level takes the whole update back") {
  Feed feed;
  CHECK(feed.hear(depth(1, 4, R"(["100.00","1.0"],["99.50","x"])", "")).empty());
  CHECK(feed.hear(depth(1, 4, R"(["100.00","1.0"],["99.50","1.0"])", "")).size() == 2);
}

TEST_CASE("other streams and other symbols are counted and passed over") {
  Feed feed;
  CHECK(feed.hear(R"({"stream":"btcusdt@aggTrade","data":{"e":"aggTrade"}})").empty());
  CHECK(
      feed.hear(
              R"({"stream":"btcusdt@depth20@100ms","data":{"lastUpdateId":1,"bids":[],"asks":[]}})")
          .empty());
  CHECK(feed.decoder.counters().unknown_type == 2);
  CHECK(feed.hear(R"({"stream":"ethusdt@trade","data":{"e":"trade"}})").empty());
  CHECK(feed.decoder.counters().unknown_symbol == 1);
  CHECK(feed.decoder.counters().malformed == 0);
}

TEST_CASE("a number with more decimals than the instrument's is cut, counted and suspect") {
  Feed feed;
  auto events = feed.hear(quote(5, "100.001", "101.00"));
  REQUIRE(events.size() == 1);
  CHECK((events[0].flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(events[0].u.quote.bid_price == 10'000);
  events = feed.hear(depth(1, 6, R"(["100.00","1.0"],["99.999","1.0"])", ""));
  REQUIRE(events.size() == 2);
  CHECK((events[0].flags & ZM_FLAG_SUSPECT) == 0);
  CHECK((events[1].flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(feed.decoder.counters().inexact == 2);
}

TEST_CASE("a hole between two depth updates is a gap, and the depth is suspect until a snapshot") {
  Feed feed;
  feed.hear(depth(1, 4, R"(["100.00","1.0"])", ""));
  auto events = feed.hear(depth(7, 9, R"(["100.00","2.0"])", ""));
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == ZM_EVENT_GAP);
  CHECK(events[0].u.gap.first == 5);
  CHECK(events[0].u.gap.last == 6);
  CHECK(events[1].kind == ZM_EVENT_LEVEL);
  CHECK((events[1].flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(only_the_last_is_last(events));
  CHECK(feed.decoder.counters().gaps == 1);
  events = feed.hear(depth(10, 11, R"(["100.00","3.0"])", ""));
  REQUIRE(events.size() == 1);
  CHECK((events[0].flags & ZM_FLAG_SUSPECT) != 0);
  events = feed.hear(snapshot(11, R"(["100.00","3.0"])", R"(["101.00","1.0"])"));
  REQUIRE(events.size() == 3);
  events = feed.hear(depth(12, 12, R"(["100.00","4.0"])", ""));
  REQUIRE(events.size() == 1);
  CHECK(events[0].flags == ZM_FLAG_LAST);
}

TEST_CASE("a gap before an update without levels still ends its batch") {
  Feed feed;
  feed.hear(depth(1, 4, R"(["100.00","1.0"])", ""));
  const auto events = feed.hear(depth(7, 9, "", ""));
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == ZM_EVENT_GAP);
  CHECK(is_last(events[0]));
}

TEST_CASE("a futures update follows when it names the one before") {
  Feed feed;
  feed.hear(futures_depth(10, 20, 5, R"(["100.0","1"])"));
  CHECK(feed.hear(futures_depth(500, 600, 20, R"(["100.0","2"])")).size() == 1);
  CHECK(feed.decoder.streams().chain_links == 1);
  const auto events = feed.hear(futures_depth(900, 950, 800, R"(["100.0","3"])"));
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == ZM_EVENT_GAP);
  CHECK(events[0].u.gap.first == 601);
  CHECK(events[0].u.gap.last == 800);
}

TEST_CASE("a depth update that was heard before is dropped") {
  Feed feed;
  feed.hear(depth(1, 4, R"(["100.00","1.0"])", ""));
  feed.hear(depth(5, 6, R"(["100.00","2.0"])", ""));
  CHECK(feed.hear(depth(1, 4, R"(["100.00","1.0"])", "")).empty());
  CHECK(feed.decoder.counters().duplicates == 1);
  CHECK(feed.hear(depth(7, 8, R"(["100.00","3.0"])", "")).size() == 1);
  CHECK(feed.decoder.counters().gaps == 0);
}

TEST_CASE("one false id does not silence what follows") {
  Feed feed;
  feed.hear(depth(1, 10, R"(["100.00","1.0"])", ""));
  feed.hear(depth(11, 900'000, R"(["100.00","2.0"])", ""));  // the last id is damaged
  const auto events = feed.hear(depth(21, 30, R"(["100.00","3.0"])", ""));
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == ZM_EVENT_GAP);
  CHECK(feed.hear(depth(31, 40, R"(["100.00","4.0"])", "")).size() == 1);
  CHECK(feed.book.top().bid_quantity == 400'000);

  feed.hear(quote(50, "100.00", "101.00"));
  feed.hear(quote(700'000, "100.00", "101.00"));
  CHECK(feed.hear(quote(60, "100.50", "101.00")).size() == 1);
  // A leap that cannot be believed is refused outright.
  CHECK(feed.hear(quote(5'000'000'000'000, "90.00", "91.00")).empty());
  CHECK(feed.hear(quote(61, "100.60", "101.00")).size() == 1);
}

TEST_CASE("a snapshot replaces the book, and older updates heard before it are applied again") {
  Feed feed;
  feed.hear(quote(22, "100.50", "101.00"));
  feed.hear(depth(1, 10, R"(["90.00","1.0"])", ""));
  feed.hear(depth(11, 20, R"(["100.00","5.0"])", ""));
  // Taken at 15, between the two updates, and received late.
  const auto events =
      feed.hear(snapshot(15, R"(["100.00","4.0"],["99.00","1.0"])", R"(["101.00","2.0"])"));
  REQUIRE(events.size() == 6);
  CHECK(events[0].kind == ZM_EVENT_BOOK_CLEAR);
  CHECK(events[0].flags == ZM_FLAG_SNAPSHOT);
  for (std::size_t i = 1; i <= 3; ++i) CHECK((events[i].flags & ZM_FLAG_SNAPSHOT) != 0);
  CHECK(events[4].kind == ZM_EVENT_LEVEL);
  CHECK(events[4].u.level.update_id == 20);
  CHECK((events[4].flags & ZM_FLAG_SNAPSHOT) == 0);
  CHECK(events[5].kind == ZM_EVENT_QUOTE);  // newer than all of it
  CHECK(only_the_last_is_last(events));
  CHECK(feed.book.bids.size() == 3);
  CHECK(feed.book.bids.at(10'000) == 500'000);
  CHECK(feed.decoder.counters().gaps == 0);
  CHECK(feed.hear(depth(21, 25, R"(["100.00","6.0"])", "")).size() == 1);
  CHECK(feed.decoder.counters().gaps == 0);
}

TEST_CASE("a snapshot that reaches no further than a sound book is dropped") {
  Feed feed;
  feed.hear(snapshot(15, R"(["100.00","4.0"])", R"(["101.00","2.0"])"));
  CHECK(feed.decoder.counters().unknown_symbol ==
        1);  // it does not say its symbol, and nothing came before
  feed.hear(depth(10, 15, R"(["100.00","4.0"])", ""));
  CHECK(feed.hear(snapshot(15, R"(["100.00","4.0"])", R"(["101.00","2.0"])")).size() == 3);
  feed.hear(depth(16, 20, R"(["100.00","5.0"])", ""));
  CHECK(feed.hear(snapshot(18, R"(["100.00","4.0"])", R"(["101.00","2.0"])")).empty());
  CHECK(feed.decoder.streams().stale_snapshots == 1);
  CHECK(feed.hear(snapshot(30, R"(["100.00","9.0"])", R"(["101.00","2.0"])")).size() == 3);
  CHECK(feed.hear(depth(21, 25, R"(["100.00","7.0"])", "")).empty());  // older than the snapshot
  CHECK(feed.book.top().bid_quantity == 900'000);
}

TEST_CASE("a snapshot to which the updates do not reach leaves a gap") {
  Feed feed;
  feed.hear(depth(50, 60, R"(["100.00","1.0"])", ""));
  const auto events = feed.hear(snapshot(40, R"(["100.00","4.0"])", R"(["101.00","2.0"])"));
  CHECK(test::count(events, ZM_EVENT_GAP) == 1);
  CHECK(only_the_last_is_last(events));
  CHECK((events.back().flags & ZM_FLAG_SUSPECT) != 0);
}

TEST_CASE("where a snapshot is required nothing but trades comes before it") {
  Feed feed({true, "", 0});
  CHECK(feed.hear(quote(5, "100.00", "101.00")).empty());
  CHECK(feed.hear(depth(1, 10, R"(["100.00","1.0"])", "")).empty());
  CHECK(feed.hear(depth(12, 14, R"(["100.00","1.5"])", "")).empty());  // a hole where no book is
  CHECK(feed.hear(trade(1, "100.00", "1", true)).size() == 1);
  CHECK(feed.hear(snapshot(14, R"(["100.00","4.0"])", R"(["101.00","2.0"])")).size() == 3);
  CHECK(feed.hear(depth(15, 16, R"(["100.00","2.0"])", "")).size() == 1);
}

TEST_CASE("snapshots belong to the symbol that is named for them") {
  SymbolMap map = test::symbols("BTCUSDT", 2, 5, 3);
  REQUIRE(map.add("ETHUSDT", test::instrument(2, 4, 4)));
  binance::Decoder decoder(std::move(map), {false, "ETHUSDT", 0});
  EventBuffer out;
  const std::string text = snapshot(15, R"(["100.00","4.0"])", R"(["101.00","2.0"])");
  CHECK(decoder.decode(std::as_bytes(std::span(text)), {1}, out) == Fault::none);
  REQUIRE(out.size() == 3);
  CHECK(out.events()[0].instrument == 4);
  CHECK(out.events()[1].u.level.quantity == 40'000);
}

TEST_CASE("the newest of quote and depth knows the top") {
  Feed feed;
  feed.hear(
      depth(1, 10, R"(["100.00","1.0"],["99.00","1.0"])", R"(["101.00","1.0"],["102.00","1.0"])"));
  feed.hear(quote(20, "99.50", "101.00"));  // what stood at 100 is gone
  CHECK(feed.book.top().bid == 9'950);
  // Older than the quote: brings 100 back, and with it the quote once more.
  const auto older = feed.hear(depth(11, 15, R"(["100.00","2.0"])", ""));
  REQUIRE(older.size() == 2);
  CHECK(older[1].kind == ZM_EVENT_QUOTE);
  CHECK(only_the_last_is_last(older));
  CHECK(feed.book.top().bid == 9'950);
  CHECK(feed.decoder.streams().repeated_quotes == 1);
  // Newer than the quote: alone.
  const auto newer = feed.hear(depth(16, 25, R"(["99.50","0"],["100.50","2.0"])", ""));
  REQUIRE(newer.size() == 2);
  CHECK(feed.book.top().bid == 10'050);
  CHECK(feed.hear(quote(24, "98.00", "101.00")).empty());  // older than the depth
  CHECK(feed.decoder.streams().stale_book_tickers == 1);
  CHECK(feed.book.top().bid == 10'050);
}

TEST_CASE("a capture's lines carry their receive time, which is held back from falling") {
  const std::string text =
      "1700000000000000100 " + quote(1, "1.00", "2.00") + "\n" + "1700000000000000050 " +
      quote(2, "1.00", "2.00") + "\r\n" + "\n" + "not a line\n" + "1700000000000000200" +
      quote(3, "1.00", "2.00") + "\n" +
      "1700000000000000300 {\"stream\":\"btcusdt@trade\",\"data\":{\"t\":x}}\n" +
      "1700000000000000400 " + quote(4, "1.00", "2.00");
  const test::Bytes bytes = test::bytes_of(text);
  auto source = open_byte_source("capture", bytes);
  REQUIRE(source);
  binance::CaptureSource capture(LineReader("capture", std::move(*source)),
                                 test::symbols("BTCUSDT", 2, 5), {});
  const auto recording = test::read_all(capture);
  CHECK_FALSE(recording.error);
  REQUIRE(recording.events.size() == 3);
  CHECK(recording.events[0].ts_ns == 1'700'000'000'000'000'100);
  CHECK(recording.events[1].ts_ns == 1'700'000'000'000'000'100);
  CHECK(recording.events[2].ts_ns == 1'700'000'000'000'000'400);
  CHECK(capture.counters().clock_back == 1);
  CHECK(capture.counters().malformed == 3);
  REQUIRE(capture.first_problem());
  CHECK(capture.first_problem()->message ==
        "capture:4:1: the receive time in nanoseconds and a space were expected");
}
