// What each ITCH message becomes, and what is counted when it becomes nothing.
#include <catch2/catch.hpp>

#include "market/feeds/itch/decoder.h"
#include "wire.h"

using namespace zomma;
using test::Bytes;
using test::itch_header;

namespace {

constexpr std::int64_t midnight = 1'340'251'200'000'000'000;  // 2012-06-21 04:00 UTC
constexpr Nanoseconds received{midnight + 40'000'000'000'000};

struct Fixture {
  explicit Fixture(int price_digits = 4, itch::DecoderOptions options = {})
      : decoder(test::symbols_of({"AAPL", "MSFT"}, price_digits), with_midnight(options)) {}
  static itch::DecoderOptions with_midnight(itch::DecoderOptions options) {
    options.midnight = {midnight};
    return options;
  }
  // The events of one message.
  std::vector<zm_event> decode(const Bytes& message) {
    out.clear();
    decoder.decode(message, received, out);
    return {out.events().begin(), out.events().end()};
  }
  zm_event one(const Bytes& message) {
    const auto events = decode(message);
    REQUIRE(events.size() == 1);
    return events[0];
  }
  Fixture& knows_aapl() {
    CHECK(decode(test::itch_directory("AAPL", {1, 34'100'000'000'000})).empty());
    return *this;
  }
  itch::Decoder decoder;
  EventBuffer out;
};

}  // namespace

TEST_CASE("an add carries times, instrument, side, price and quantity") {
  Fixture f;
  f.knows_aapl();
  const zm_event event = f.one(test::itch_add(77, 'S', 200, "AAPL", 5'859'400));
  CHECK(event.seq == 0);
  CHECK(event.ts_ns == received.value);
  CHECK(event.exchange_ns == midnight + 34'200'000'000'000);
  CHECK(event.instrument == 0);
  CHECK(event.kind == ZM_EVENT_ORDER_ADD);
  CHECK(event.flags == (ZM_FLAG_SELL | ZM_FLAG_LAST));
  CHECK(event.u.order.ref == 77);
  CHECK(event.u.order.price == 5'859'400);
  CHECK(event.u.order.quantity == 200);
  CHECK(f.one(test::itch_add(78, 'B', 1, "AAPL", 1)).flags == ZM_FLAG_LAST);
  const zm_event mpid = f.one(
      itch_header('F', {}).u64(79).text("B", 1).u32(5).text("AAPL", 8).u32(6).text("GSCO", 4));
  CHECK(mpid.kind == ZM_EVENT_ORDER_ADD);
  CHECK(mpid.u.order.ref == 79);
}

TEST_CASE("executions, reductions, deletes and replaces name the resting order") {
  Fixture f;
  f.knows_aapl();
  const zm_event executed = f.one(itch_header('E', {}).u64(7).u32(30).u64(900));
  CHECK(executed.kind == ZM_EVENT_ORDER_EXECUTE);
  CHECK(executed.u.execute.ref == 7);
  CHECK(executed.u.execute.price == ZM_NO_PRICE);
  CHECK(executed.u.execute.quantity == 30);
  CHECK(executed.u.execute.trade_id == 900);

  const zm_event printed =
      f.one(itch_header('C', {}).u64(7).u32(30).u64(901).text("Y", 1).u32(5'000));
  CHECK(printed.kind == ZM_EVENT_ORDER_EXECUTE);
  CHECK(printed.flags == ZM_FLAG_LAST);
  CHECK(printed.u.execute.price == 5'000);
  CHECK(f.one(itch_header('C', {}).u64(7).u32(30).u64(901).text("N", 1).u32(5'000)).flags ==
        (ZM_FLAG_LAST | ZM_FLAG_NO_PRINT));

  const zm_event reduced = f.one(itch_header('X', {}).u64(7).u32(40));
  CHECK(reduced.kind == ZM_EVENT_ORDER_REDUCE);
  CHECK(reduced.u.order.ref == 7);
  CHECK(reduced.u.order.quantity == 40);
  const zm_event deleted = f.one(test::itch_delete(8));
  CHECK(deleted.kind == ZM_EVENT_ORDER_DELETE);
  CHECK(deleted.u.order.ref == 8);
  const zm_event replaced = f.one(itch_header('U', {}).u64(8).u64(9).u32(50).u32(6'000));
  CHECK(replaced.kind == ZM_EVENT_ORDER_REPLACE);
  CHECK(replaced.u.replace.ref == 8);
  CHECK(replaced.u.replace.new_ref == 9);
  CHECK(replaced.u.replace.quantity == 50);
  CHECK(replaced.u.replace.price == 6'000);
}

TEST_CASE("a hidden trade has an aggressor only where the venue still says who rested") {
  const auto trade = [](const char* side) -> Bytes {
    return itch_header('P', {}).u64(0).text(side, 1).u32(5).text("AAPL", 8).u32(6'000).u64(902);
  };
  Fixture today;
  const zm_event event = today.one(trade("B"));
  CHECK(event.kind == ZM_EVENT_TRADE);
  CHECK(event.flags == (ZM_FLAG_LAST | ZM_FLAG_HIDDEN));
  CHECK(event.u.trade.price == 6'000);
  CHECK(event.u.trade.quantity == 5);
  CHECK(event.u.trade.trade_id == 902);
  CHECK(today.one(trade("S")).flags == (ZM_FLAG_LAST | ZM_FLAG_HIDDEN | ZM_FLAG_SELL));

  itch::DecoderOptions options;
  options.trade_side_is_real = true;
  Fixture old(4, options);
  CHECK(old.one(trade("B")).flags ==
        (ZM_FLAG_LAST | ZM_FLAG_HIDDEN | ZM_FLAG_AGGRESSOR | ZM_FLAG_SELL));
  CHECK(old.one(trade("S")).flags == (ZM_FLAG_LAST | ZM_FLAG_HIDDEN | ZM_FLAG_AGGRESSOR));
}

TEST_CASE("an auction's print is a trade unless nothing traded") {
  Fixture f;
  f.knows_aapl();
  const auto cross = [](std::uint64_t shares) -> Bytes {
    return itch_header('Q', {}).u64(shares).text("AAPL", 8).u32(6'000).u64(903).text("O", 1);
  };
  const zm_event event = f.one(cross(5'000'000'000));
  CHECK(event.kind == ZM_EVENT_TRADE);
  CHECK(event.flags == (ZM_FLAG_LAST | ZM_FLAG_CROSS));
  CHECK(event.u.trade.quantity == 5'000'000'000);
  CHECK(f.decode(cross(0)).empty());
}

TEST_CASE("trading actions, operational halts and the session's phases are market states") {
  Fixture f;
  f.knows_aapl();
  const auto action = [](const char* state) -> Bytes {
    return itch_header('H', {}).text("AAPL", 8).text(state, 1).text(" ", 1).text("T1", 4);
  };
  CHECK(f.one(action("H")).u.state.state == ZM_MARKET_HALT);
  CHECK(f.one(action("P")).u.state.state == ZM_MARKET_HALT);
  CHECK(f.one(action("Q")).u.state.state == ZM_MARKET_QUOTE_ONLY);
  const zm_event open = f.one(action("T"));
  CHECK(open.kind == ZM_EVENT_MARKET_STATE);
  CHECK(open.instrument == 0);
  CHECK(open.u.state.state == ZM_MARKET_OPEN);
  CHECK(open.u.state.reason == 0x54312020);
  CHECK(f.one(itch_header('h', {}).text("AAPL", 8).text("QH", 2)).u.state.state == ZM_MARKET_HALT);
  CHECK(f.one(itch_header('h', {}).text("AAPL", 8).text("QT", 2)).u.state.state == ZM_MARKET_OPEN);
  CHECK(f.decode(itch_header('h', {}).text("AAPL", 8).text("BH", 2)).empty());
  const std::pair<const char*, std::uint32_t> phases[] = {
      {"O", ZM_MARKET_PRE_OPEN}, {"S", ZM_MARKET_PRE_OPEN}, {"Q", ZM_MARKET_OPEN},
      {"M", ZM_MARKET_CLOSED},   {"E", ZM_MARKET_CLOSED},   {"C", ZM_MARKET_CLOSED}};
  for (const auto& [code, state] : phases) {
    const zm_event phase = f.one(itch_header('S', {0}).text(code, 1));
    CHECK(phase.instrument == ZM_NO_INSTRUMENT);
    CHECK(phase.u.state.state == state);
  }
}

TEST_CASE("a stock is known from its directory entry, or from the first message that names it") {
  Fixture f;
  CHECK(f.decode(test::itch_delete(1, {5})).empty());  // nobody said who 5 is
  CHECK(f.decoder.counters().unknown_symbol == 1);
  CHECK(f.one(test::itch_add(1, 'B', 1, "MSFT", 1, {5})).instrument == 1);
  CHECK(f.one(test::itch_delete(1, {5})).instrument == 1);
  f.decode(test::itch_directory("AAPL", {5}));
  CHECK(f.one(test::itch_delete(1, {5})).instrument == 0);
}

TEST_CASE("a damaged directory entry does not hide a stock for the day") {
  Fixture f;
  f.decode(test::itch_directory("ABPL", {1}));
  CHECK(f.decode(test::itch_delete(1, {1})).empty());
  CHECK(f.one(test::itch_add(1, 'B', 1, "AAPL", 1, {1})).instrument == 0);
  CHECK(f.one(test::itch_delete(1, {1})).instrument == 0);
}

TEST_CASE("stocks that are not configured are counted and skipped") {
  Fixture f;
  f.decode(test::itch_directory("IBM", {9}));
  CHECK(f.decode(test::itch_add(1, 'B', 1, "IBM", 1, {9})).empty());
  CHECK(f.decode(test::itch_delete(1, {9})).empty());
  CHECK(f.decode(test::itch_add(1, 'B', 1, "IBM", 1, {10})).empty());
  CHECK(f.decoder.counters().unknown_symbol == 3);
  CHECK(f.decoder.counters().messages == 4);
  CHECK(f.decoder.counters().events == 0);
}

TEST_CASE("a new session forgets the old one's numbers") {
  Fixture f;
  f.knows_aapl();
  f.decoder.reset_session();
  CHECK(f.decode(test::itch_delete(1, {1})).empty());
  CHECK(f.one(test::itch_add(1, 'B', 1, "MSFT", 1, {1})).instrument == 1);
}

TEST_CASE("prices are rescaled exactly; one that cannot be is marked and counted") {
  Fixture cents(2);
  cents.knows_aapl();
  const zm_event exact = cents.one(test::itch_add(1, 'B', 1, "AAPL", 5'859'400));
  CHECK(exact.u.order.price == 58'594);
  CHECK((exact.flags & ZM_FLAG_SUSPECT) == 0);
  CHECK(cents.decoder.counters().inexact == 0);
  const zm_event inexact = cents.one(test::itch_add(1, 'B', 1, "AAPL", 5'859'450));
  CHECK(inexact.u.order.price == 58'594);
  CHECK((inexact.flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(cents.decoder.counters().inexact == 1);
  Fixture eight(8);
  eight.knows_aapl();
  CHECK(eight.one(test::itch_add(1, 'B', 1, "AAPL", 5'859'450)).u.order.price == 58'594'500'000);
}

TEST_CASE("what no event can carry is counted as ignored, unknown, truncated or malformed") {
  Fixture f;
  f.knows_aapl();
  CHECK(f.decoder.counters().ignored == 1);
  CHECK(f.decode(itch_header('B', {}).u64(1)).empty());
  CHECK(f.decode(itch_header('Y', {}).text("AAPL", 8).text("0", 1)).empty());
  CHECK(f.decoder.counters().ignored == 3);
  CHECK(f.decode(itch_header('z', {}).u64(1)).empty());
  CHECK(f.decoder.counters().unknown_type == 1);
  Bytes add = test::itch_add(1, 'B', 1, "AAPL", 1);
  for (std::size_t size = 0; size < add.size(); ++size)
    CHECK(f.decode({add.begin(), add.begin() + static_cast<long>(size)}).empty());
  CHECK(f.decoder.counters().truncated == add.size());
  CHECK(f.decode(test::itch_add(1, 'b', 1, "AAPL", 1)).empty());
  CHECK(f.decode(itch_header('S', {0}).text("?", 1)).empty());
  CHECK(f.decoder.counters().malformed == 2);
}

TEST_CASE("a recording's clock never falls and is not dragged ahead by one wrong timestamp") {
  Fixture f;
  f.knows_aapl();
  const auto at = [&](std::uint64_t time) {
    f.out.clear();
    f.decoder.decode_recorded(test::itch_delete(1, {1, time}), f.out);
    REQUIRE(f.out.size() == 1);
    return f.out.events()[0];
  };
  const std::uint64_t start = 34'200'000'000'000, hour = 3'600'000'000'000;
  CHECK(at(start).ts_ns == midnight + static_cast<std::int64_t>(start));
  CHECK(at(start + 5).ts_ns == midnight + static_cast<std::int64_t>(start + 5));
  const zm_event back = at(start - 7);
  CHECK(back.ts_ns == midnight + static_cast<std::int64_t>(start + 5));
  CHECK(back.exchange_ns == midnight + static_cast<std::int64_t>(start - 7));
  CHECK(f.decoder.counters().clock_back == 1);
  const zm_event wrong = at(start + 3 * hour);
  CHECK(wrong.ts_ns == midnight + static_cast<std::int64_t>(start + 5));
  CHECK(wrong.exchange_ns == midnight + static_cast<std::int64_t>(start + 3 * hour));
  CHECK(f.decoder.counters().clock_back == 2);
  CHECK(at(start + 6).ts_ns == midnight + static_cast<std::int64_t>(start + 6));
  const zm_event impossible = at((1ull << 48) - 1);
  CHECK(impossible.exchange_ns == 0);
  CHECK(impossible.ts_ns == midnight + static_cast<std::int64_t>(start + 6));
  CHECK(f.decoder.counters().clock_back == 3);
  at(start + 5 * hour);  // two that agree: the venue was silent that long
  CHECK(at(start + 5 * hour + 1).ts_ns ==
        midnight + static_cast<std::int64_t>(start + 5 * hour + 1));
}

TEST_CASE("a gap concerns every instrument and names what is missing") {
  itch::DecoderOptions options;
  options.feed = 3;
  Fixture f(4, options);
  f.decoder.gap(10, 19, received, f.out);
  REQUIRE(f.out.size() == 1);
  const zm_event& event = f.out.events()[0];
  CHECK(event.kind == ZM_EVENT_GAP);
  CHECK(event.instrument == ZM_NO_INSTRUMENT);
  CHECK(event.flags == ZM_FLAG_LAST);
  CHECK(event.u.gap.first == 10);
  CHECK(event.u.gap.last == 19);
  CHECK(event.u.gap.feed == 3);
  CHECK(f.decoder.counters().gaps == 1);
  CHECK(f.decoder.counters().lost == 10);
}
