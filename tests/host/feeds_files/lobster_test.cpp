// LOBSTER's messages become events, and a book seeded from its first row has LOBSTER's own best
// prices after every row.
#include <catch2/catch.hpp>

#include <charconv>

#include "base/random.h"
#include "market/feeds/lobster/source.h"
#include "recordings.h"
#include "support/shared_data.h"

using namespace zomma;
using lobster::Fault;

namespace {

constexpr std::int64_t midnight = 1'340'251'200'000'000'000;
const char* const hour = "lobster/AAPL_2012-06-21_34200000_37800000_message_50.rows0-45999.csv.xz";
const char* const hour_bbo =
    "lobster/AAPL_2012-06-21_34200000_37800000_bbo_after_each_message.rows0-45999.csv.xz";
const char* const first_rows = "lobster/AAPL_2012-06-21_first672_orderbook_50.csv.xz";

lobster::Decoder decoder() {
  const SymbolMap map = test::symbols("AAPL", 4, 0);
  return lobster::Decoder(*map.find("AAPL"), {midnight});
}

std::vector<zm_event> decode(lobster::Decoder& into, std::string_view line) {
  EventBuffer out;
  CHECK(into.decode(line, out) == Fault::none);
  return {out.events().begin(), out.events().end()};
}

std::unique_ptr<lobster::FileSource> open(const std::string& path, const std::string& orderbook,
                                          int price_digits = 4) {
  lobster::SourceOptions options;
  options.orderbook_path = orderbook;
  options.midnight = {midnight};
  auto source = lobster::FileSource::open(path, test::symbols("AAPL", price_digits, 0), options);
  if (!source) FAIL(source.error().message);
  return std::move(*source);
}

std::vector<std::int64_t> numbers(std::string_view line) {
  std::vector<std::int64_t> result;
  for (const char *at = line.data(), *end = at + line.size(); at < end; ++at) {
    std::int64_t value = 0;
    at = std::from_chars(at, end, value).ptr;
    result.push_back(value);
  }
  return result;
}

}  // namespace

TEST_CASE("each LOBSTER type is its event, at the venue's time") {
  lobster::Decoder lobster = decoder();
  auto events = decode(lobster, "34200.004241176,1,16113575,18,5853300,1");
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == ZM_EVENT_ORDER_ADD);
  CHECK(events[0].flags == ZM_FLAG_LAST);
  CHECK(events[0].ts_ns == midnight + 34'200'004'241'176);
  CHECK(events[0].exchange_ns == events[0].ts_ns);
  CHECK(events[0].u.order.ref == 16'113'575);
  CHECK(events[0].u.order.price == 5'853'300);
  CHECK(events[0].u.order.quantity == 18);

  events = decode(lobster, "34200.5,2,16113575,5,5853300,-1");
  CHECK(events.at(0).kind == ZM_EVENT_ORDER_REDUCE);
  CHECK(events.at(0).flags == (ZM_FLAG_LAST | ZM_FLAG_SELL));
  CHECK(events.at(0).ts_ns == midnight + 34'200'500'000'000);
  CHECK(decode(lobster, "34201,3,16113575,13,5853300,1").at(0).kind == ZM_EVENT_ORDER_DELETE);
  CHECK(decode(lobster, "34201.088778456004,3,44276101,100,5851500,1").at(0).exchange_ns ==
        midnight + 34'201'088'778'456);
  events = decode(lobster, "34202,4,77,13,5853300,1");
  CHECK(events.at(0).kind == ZM_EVENT_ORDER_EXECUTE);
  CHECK(events.at(0).u.execute.ref == 77);
  CHECK(events.at(0).u.execute.quantity == 13);

  // A hidden buy order was hit: the aggressor sold.
  events = decode(lobster, "34203,5,0,13,5853350,1");
  CHECK(events.at(0).kind == ZM_EVENT_TRADE);
  CHECK(events.at(0).flags == (ZM_FLAG_LAST | ZM_FLAG_HIDDEN | ZM_FLAG_AGGRESSOR | ZM_FLAG_SELL));
  events = decode(lobster, "34203,5,0,13,5853350,-1");
  CHECK(events.at(0).flags == (ZM_FLAG_LAST | ZM_FLAG_HIDDEN | ZM_FLAG_AGGRESSOR));
  events = decode(lobster, "34204,6,0,5000,5853300,-1");
  CHECK(events.at(0).kind == ZM_EVENT_TRADE);
  CHECK(events.at(0).flags == (ZM_FLAG_LAST | ZM_FLAG_CROSS));

  CHECK(decode(lobster, "36023,7,0,0,-1,-1").at(0).u.state.state == ZM_MARKET_HALT);
  CHECK(decode(lobster, "36323,7,0,0,0,-1").at(0).u.state.state == ZM_MARKET_QUOTE_ONLY);
  CHECK(decode(lobster, "36723,7,0,0,1,-1").at(0).u.state.state == ZM_MARKET_OPEN);
  CHECK(lobster.counters().events == 11);
}

TEST_CASE("a line that is no LOBSTER message gives no event and is told apart") {
  const std::pair<const char*, Fault> faulty[] = {
      {"", Fault::too_few_columns},
      {"34200", Fault::too_few_columns},
      {"x,1,2,3,4,1", Fault::bad_time},
      {"86400,1,2,3,4,1", Fault::bad_time},
      {"34200.5x,1,2,3,4,1", Fault::bad_type},
      {"34200.,1,2,3,4,1", Fault::bad_time},
      {"34200,8,2,3,4,1", Fault::bad_type},
      {"34200,0,2,3,4,1", Fault::bad_type},
      {"34200,1,-2,3,4,1", Fault::bad_number},
      {"34200,1,2,-3,4,1", Fault::bad_number},
      {"34200,1,2,0,4,1", Fault::bad_number},
      {"34200,1,2,3,-4,1", Fault::bad_number},
      {"34200,1,99999999999999999999,3,4,1", Fault::bad_number},
      {"34200,1,9223372036854775808,3,4,1", Fault::bad_number},
      {"34200,1,2,3,4", Fault::too_few_columns},
      {"34200,1,2,3,4,0", Fault::bad_direction},
      {"34200,1,2,3,4,1,5", Fault::too_many_columns},
      {"34200,1,2,3,4,1 ", Fault::too_many_columns},
  };
  for (const auto& [line, fault] : faulty) {
    INFO(line);
    lobster::Decoder lobster = decoder();
    EventBuffer out;
    CHECK(std::string(name_of(lobster.decode(line, out))) == name_of(fault));
    CHECK(out.empty());
    CHECK(lobster.counters().malformed == 1);
    CHECK(decode(lobster, "34200,1,2,3,4,1").size() == 1);
  }
}

TEST_CASE("a price that the instrument cannot hold is cut, counted and suspect") {
  const SymbolMap map = test::symbols("AAPL", 2, 0);
  lobster::Decoder lobster(*map.find("AAPL"), {midnight});
  CHECK(decode(lobster, "34200,1,2,3,5853300,1").at(0).u.order.price == 58'533);
  const auto events = decode(lobster, "34200,1,3,3,5853350,1");
  CHECK(events.at(0).u.order.price == 58'533);
  CHECK((events.at(0).flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(lobster.counters().inexact == 1);
}

TEST_CASE("a seed is the book before the first message") {
  const lobster::BookRowLevel row[] = {{101, 5, true}, {100, 30, false}, {99, 10, false}};
  const auto seeded = [&](std::string_view first) {
    lobster::Decoder lobster = decoder();
    lobster::Message message;
    std::size_t offset = 0;
    REQUIRE(parse_message(first, message, offset) == Fault::none);
    EventBuffer out;
    lobster.seed(row, message, out);
    CHECK(out.events()[0].kind == ZM_EVENT_BOOK_CLEAR);
    CHECK((out.events().back().flags & ZM_FLAG_LAST) != 0);
    for (const zm_event& event : out.events()) CHECK((event.flags & ZM_FLAG_SNAPSHOT) != 0);
    test::PlainOrders book;
    for (const zm_event& event : out.events()) book.apply(event);
    const test::Top before = book.top();
    lobster.decode(first, out);
    book.apply(out.events().back());
    CHECK(book.unknown == 0);
    CHECK(book.top() == test::Top{100, 30, 101, 5});  // the row is the book after the first message
    return before;
  };
  CHECK(seeded("34200,1,1,18,100,1") == test::Top{100, 12, 101, 5});
  CHECK(seeded("34200,1,1,30,100,1") == test::Top{99, 10, 101, 5});
  CHECK(seeded("34200,2,1,4,100,1") == test::Top{100, 34, 101, 5});
  CHECK(seeded("34200,3,1,7,102,1") == test::Top{102, 7, 101, 5});
  CHECK(seeded("34200,4,1,2,101,-1") == test::Top{100, 30, 101, 7});
}

TEST_CASE("orders older than the recording take from what rested at their price") {
  lobster::Decoder lobster = decoder();
  const lobster::BookRowLevel row[] = {{101, 5, true}, {100, 30, false}};
  EventBuffer out;
  lobster.seed(row, {}, out);
  test::PlainOrders book;
  for (const zm_event& event : out.events()) book.apply(event);
  const auto apply = [&](std::string_view line) {
    const auto events = decode(lobster, line);
    for (const zm_event& event : events) book.apply(event);
    return events.at(0);
  };
  apply("34200,1,5,10,100,1");
  CHECK(apply("34200,3,900,12,100,1").kind ==
        ZM_EVENT_ORDER_REDUCE);  // an old order's deletion leaves the others
  CHECK(book.top().bid_quantity == 28);
  CHECK(apply("34200,4,901,18,100,1").kind == ZM_EVENT_ORDER_EXECUTE);
  CHECK(book.top().bid_quantity == 10);
  CHECK(lobster.older_orders().unexplained == 0);
  // Nothing old is left at 100: the reference goes out as it is.
  const zm_event unexplained = apply("34200,2,902,3,100,1");
  CHECK(unexplained.u.order.ref == 902);
  CHECK((unexplained.flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(book.top().bid_quantity == 10);
  // More than there was: what there was.
  CHECK((apply("34200,4,903,9,101,-1").flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(book.top().ask == 0);
  CHECK(lobster.older_orders().references == 4);
  CHECK(lobster.older_orders().unexplained == 2);
  CHECK(apply("34200,3,5,10,100,1").kind == ZM_EVENT_ORDER_DELETE);
  CHECK(book.orders.empty());
}

TEST_CASE("an hour of AAPL: LOBSTER's best bid and offer after each of 46,000 messages") {
  ZOMMA_SHARED_DATA(path, hour);
  ZOMMA_SHARED_DATA(seed, first_rows);
  ZOMMA_SHARED_DATA(truth, hour_bbo);
  auto source = open(path, seed);
  const auto recording = test::read_all(*source);
  CHECK_FALSE(recording.error);
  auto bytes = open_byte_source(truth);
  REQUIRE(bytes);
  LineReader rows(truth, std::move(*bytes));

  test::PlainOrders book;
  std::uint64_t right = 0, row_count = 0;
  for (const zm_event& event : recording.events) {
    book.apply(event);
    if ((event.flags & ZM_FLAG_SNAPSHOT) != 0) continue;
    Line row;
    REQUIRE(rows.next(row));
    const auto columns = numbers(row.text);
    REQUIRE(columns.size() == 4);
    ++row_count;
    right += book.top() == test::Top{columns[2], columns[3], columns[0], columns[1]};
  }
  CHECK(row_count == 46'000);
  CHECK(right == 46'000);
  CHECK(source->older_orders().references == 59);  // of the whole hour's 84
  CHECK(source->counters().malformed == 0);
  CHECK(book.unknown == source->older_orders().unexplained);
}

TEST_CASE("the seeded book is LOBSTER's own to the depth that it shows") {
  ZOMMA_SHARED_DATA(path, "lobster/AAPL_2012-06-21_first672_message_50.csv");
  ZOMMA_SHARED_DATA(rows_path, first_rows);
  auto source = open(path, rows_path);
  const auto recording = test::read_all(*source);
  CHECK_FALSE(recording.error);
  auto bytes = open_byte_source(rows_path);
  REQUIRE(bytes);
  LineReader rows(rows_path, std::move(*bytes));
  test::PlainOrders book;
  std::uint64_t all_fifty = 0, at_least_forty = 0, row_count = 0;
  for (const zm_event& event : recording.events) {
    book.apply(event);
    if ((event.flags & ZM_FLAG_SNAPSHOT) != 0) continue;
    Line row;
    REQUIRE(rows.next(row));
    const auto columns = numbers(row.text);
    REQUIRE(columns.size() == 200);
    std::size_t same = 0;
    auto ask = book.levels.asks.begin();
    auto bid = book.levels.bids.begin();
    for (; same < 50 && ask != book.levels.asks.end() && bid != book.levels.bids.end();
         ++same, ++ask, ++bid) {
      const std::int64_t* level = columns.data() + same * 4;
      if (*ask != std::pair<const std::int64_t, std::int64_t>{level[0], level[1]}) break;
      if (*bid != std::pair<const std::int64_t, std::int64_t>{level[2], level[3]}) break;
    }
    ++row_count;
    all_fifty += same == 50;
    at_least_forty += same >= 40;
  }
  CHECK(row_count == 672);
  CHECK(all_fifty == 556);
  CHECK(at_least_forty == 672);
}

TEST_CASE("without a seed the messages go out as they are") {
  ZOMMA_SHARED_DATA(path, "lobster/AAPL_2012-06-21_first672_message_50.csv");
  auto source = open(path, "");
  const auto recording = test::read_all(*source);
  CHECK(recording.events.size() == 672);
  CHECK(test::count(recording.events, ZM_EVENT_BOOK_CLEAR) == 0);
}

TEST_CASE("a LOBSTER run can go on in the middle") {
  ZOMMA_SHARED_DATA(path, "lobster/AAPL_2012-06-21_first672_message_50.csv");
  ZOMMA_SHARED_DATA(rows, first_rows);
  const auto whole = test::read_all(*open(path, rows));
  for (const std::uint64_t position : {std::uint64_t{1}, std::uint64_t{100}, std::uint64_t{700}}) {
    auto source = open(path, rows);
    REQUIRE(source->skip(position));
    const auto rest = test::read_all(*source, 16);
    CHECK(test::same(rest.events, {whole.events.begin() + static_cast<std::ptrdiff_t>(position),
                                   whole.events.end()}));
  }
}

TEST_CASE("damaged lines are passed over, counted, and the first is named") {
  const test::TemporaryFile messages(
      test::bytes_of(
          "34200.0,1,1,18,5853300,1\n34200.1,9,2,18,5853300,1\n34200.2,1,3,18,5853200,1"),
      "AAPL_messages.csv");
  const test::TemporaryFile rows(test::bytes_of("5859400,200,5853300,18\n"));
  auto source = open(messages.path(), rows.path());
  const auto recording = test::read_all(*source);
  CHECK_FALSE(recording.error);
  CHECK(recording.events.size() == 4);  // clear, the ask, two adds
  CHECK(source->counters().malformed == 1);
  REQUIRE(source->first_problem());
  CHECK(source->first_problem()->message ==
        messages.path() + ":2:10: a message type from 1 to 7 was expected");
}

TEST_CASE("a seed behind a damaged first message is the row as it stands") {
  const test::TemporaryFile messages(
      test::bytes_of("34200.0,1,1,18,58\xff,1\n34200.2,1,3,18,5853300,1"), "AAPL_x.csv");
  const test::TemporaryFile rows(test::bytes_of("5859400,200,5853300,18"));
  auto source = open(messages.path(), rows.path());
  test::PlainOrders book;
  for (const zm_event& event : test::read_all(*source).events) {
    book.apply(event);
    CHECK(event.ts_ns == midnight + 34'200'200'000'000);
  }
  CHECK(book.top() == test::Top{5'853'300, 36, 5'859'400, 200});
}

TEST_CASE("what keeps a LOBSTER recording from being opened is said") {
  const test::TemporaryFile messages(test::bytes_of("34200.0,1,1,18,5853300,1\n"), "AAPL_x.csv");
  const auto fails = [&](const std::string& orderbook, const std::string& symbol) {
    auto source = lobster::FileSource::open(messages.path(), test::symbols("AAPL", 4, 0),
                                            {symbol, orderbook, {midnight}});
    REQUIRE_FALSE(source);
    return source.error();
  };
  CHECK(fails("", "MSFT").code == Errc::not_found);
  CHECK(fails("", "MSFT").message.find("'MSFT'") != std::string::npos);
  CHECK(fails("/nowhere", "").code == Errc::not_found);
  const test::TemporaryFile empty({});
  CHECK(fails(empty.path(), "").code == Errc::truncated);
  const test::TemporaryFile text(test::bytes_of("ask,bid\n"));
  CHECK(fails(text.path(), "").code == Errc::corrupt);
  CHECK(fails(text.path(), "").message.find(":1:1: an integer was expected") != std::string::npos);
  const test::TemporaryFile odd(test::bytes_of("5859400,200,5853300\n"));
  CHECK(fails(odd.path(), "").code == Errc::corrupt);
}

TEST_CASE("live orders are found, and only they, through growth and removal") {
  lobster::LiveOrders orders;
  std::map<std::uint64_t, std::int64_t> plain;
  SplitMix64 random(17);
  for (int i = 0; i < 300'000; ++i) {
    const std::uint64_t id = 1 + random() % 60'000;
    const std::int64_t size = 1 + static_cast<std::int64_t>(random() % 100);
    switch (random() % 3) {
      case 0:
        REQUIRE(orders.add(id, size) == plain.emplace(id, size).second);
        break;
      case 1:
        orders.reduce(id, size);
        if (const auto found = plain.find(id); found != plain.end() && (found->second -= size) <= 0)
          plain.erase(found);
        break;
      default:
        if (random() % 4 != 0) break;
        orders.remove(id);
        plain.erase(id);
    }
    REQUIRE(orders.size() == plain.size());
    REQUIRE(orders.contains(id) == (plain.count(id) == 1));
  }
  for (std::uint64_t id = 1; id <= 60'000; ++id)
    REQUIRE(orders.contains(id) == (plain.count(id) == 1));
}
