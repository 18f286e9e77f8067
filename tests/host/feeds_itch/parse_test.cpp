// Every field of every ITCH message type, and the totals of recorded sessions.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "market/feeds/itch/framing.h"
#include "market/feeds/itch/parse.h"
#include "support/shared_data.h"
#include "wire.h"

using namespace zomma;
using namespace zomma::itch;
using test::Bytes;
using test::itch_header;
using test::Wire;

namespace {

// Remembers the one message of type `Message` it was given.
template <class Message>
Message parsed(const Bytes& bytes) {
  Message found{};
  int calls = 0;
  const auto status = parse(bytes, [&](const Message& message) {
    found = message;
    ++calls;
  });
  REQUIRE(status == Parsed::ok);
  REQUIRE(calls == 1);
  REQUIRE(bytes.size() == message_size(bytes[0]));
  CHECK(found.locate == 0xfedc);
  CHECK(found.tracking == 7);
  CHECK(found.timestamp == 0x8090a0b0c0d0);
  return found;
}
const test::Stamp stamp{0xfedc, 0x8090a0b0c0d0};
constexpr std::uint64_t ref = 0x8877665544332211;
constexpr std::uint64_t other = 0x99aabbccddeeff01;

// Frames of a file, all of which must be whole.
template <class Visit>
std::uint64_t each_frame(const Bytes& file, Visit&& visit) {
  BinaryFile frames(file);
  std::span<const std::byte> message;
  std::uint64_t count = 0;
  BinaryFile::Step step;
  while ((step = frames.next(message)) == BinaryFile::Step::message) {
    ++count;
    visit(message);
  }
  CHECK(step == BinaryFile::Step::end);
  CHECK(frames.odd_lengths() == 0);
  CHECK(frames.bytes_lost() == 0);
  return count;
}

std::map<char, int> types_of(const Bytes& file) {
  std::map<char, int> types;
  each_frame(file,
             [&](std::span<const std::byte> message) { ++types[static_cast<char>(message[0])]; });
  return types;
}

}  // namespace

TEST_CASE("order messages carry every field") {
  const auto add =
      parsed<AddOrder>(test::itch_add(ref, 'B', 0x81020304, "AAPL", 0x91020304, stamp));
  CHECK(add.type == 'A');
  CHECK(add.ref == ref);
  CHECK(add.side == 'B');
  CHECK(add.shares == 0x81020304);
  CHECK(add.stock.trimmed() == "AAPL");
  CHECK(add.stock.padded() == "AAPL    ");
  CHECK(add.price == 0x91020304);

  const auto mpid = parsed<AddOrderMpid>(
      itch_header('F', stamp).u64(ref).text("S", 1).u32(5).text("BRK.A", 8).u32(6).text("GSCO", 4));
  CHECK(mpid.ref == ref);
  CHECK(mpid.side == 'S');
  CHECK(mpid.shares == 5);
  CHECK(mpid.stock.trimmed() == "BRK.A");
  CHECK(mpid.price == 6);
  CHECK(mpid.mpid.trimmed() == "GSCO");

  const auto executed = parsed<OrderExecuted>(itch_header('E', stamp).u64(ref).u32(5).u64(other));
  CHECK(executed.ref == ref);
  CHECK(executed.shares == 5);
  CHECK(executed.match == other);

  const auto at_price = parsed<OrderExecutedPrice>(
      itch_header('C', stamp).u64(ref).u32(5).u64(other).text("N", 1).u32(9));
  CHECK(at_price.ref == ref);
  CHECK(at_price.shares == 5);
  CHECK(at_price.match == other);
  CHECK(at_price.printable == 'N');
  CHECK(at_price.price == 9);

  const auto cancel = parsed<OrderCancel>(itch_header('X', stamp).u64(ref).u32(5));
  CHECK(cancel.ref == ref);
  CHECK(cancel.shares == 5);
  CHECK(parsed<OrderDelete>(test::itch_delete(ref, stamp)).ref == ref);
  const auto replace =
      parsed<OrderReplace>(itch_header('U', stamp).u64(ref).u64(other).u32(5).u32(6));
  CHECK(replace.ref == ref);
  CHECK(replace.new_ref == other);
  CHECK(replace.shares == 5);
  CHECK(replace.price == 6);
}

TEST_CASE("trade messages carry every field") {
  const auto trade = parsed<Trade>(
      itch_header('P', stamp).u64(ref).text("S", 1).u32(5).text("A", 8).u32(6).u64(other));
  CHECK(trade.ref == ref);
  CHECK(trade.side == 'S');
  CHECK(trade.shares == 5);
  CHECK(trade.stock.trimmed() == "A");
  CHECK(trade.price == 6);
  CHECK(trade.match == other);
  const auto cross = parsed<CrossTrade>(
      itch_header('Q', stamp).u64(ref).text("ABCDEFGH", 8).u32(6).u64(other).text("O", 1));
  CHECK(cross.shares == ref);
  CHECK(cross.stock.trimmed() == "ABCDEFGH");
  CHECK(cross.price == 6);
  CHECK(cross.match == other);
  CHECK(cross.cross == 'O');
  CHECK(parsed<BrokenTrade>(itch_header('B', stamp).u64(other)).match == other);
  const auto imbalance = parsed<Imbalance>(itch_header('I', stamp)
                                               .u64(ref)
                                               .u64(other)
                                               .text("N", 1)
                                               .text("A", 8)
                                               .u32(1)
                                               .u32(2)
                                               .u32(3)
                                               .text("C", 1)
                                               .text("L", 1));
  CHECK(imbalance.paired == ref);
  CHECK(imbalance.imbalance == other);
  CHECK(imbalance.direction == 'N');
  CHECK(imbalance.stock.trimmed() == "A");
  CHECK(imbalance.far_price == 1);
  CHECK(imbalance.near_price == 2);
  CHECK(imbalance.reference == 3);
  CHECK(imbalance.cross == 'C');
  CHECK(imbalance.variation == 'L');
}

TEST_CASE("administrative messages carry every field") {
  CHECK(parsed<SystemEvent>(itch_header('S', stamp).text("Q", 1)).event == 'Q');
  const auto stock = parsed<StockDirectory>(itch_header('R', stamp)
                                                .text("ZVZZT", 8)
                                                .text("QN", 2)
                                                .u32(100)
                                                .text("YCZ PNY1N", 9)
                                                .u32(3)
                                                .text("Y", 1));
  CHECK(stock.stock.trimmed() == "ZVZZT");
  CHECK(stock.market_category == 'Q');
  CHECK(stock.financial_status == 'N');
  CHECK(stock.round_lot_size == 100);
  CHECK(stock.round_lots_only == 'Y');
  CHECK(stock.issue_classification == 'C');
  CHECK(stock.issue_subtype.trimmed() == "Z");
  CHECK(stock.authenticity == 'P');
  CHECK(stock.short_sale_threshold == 'N');
  CHECK(stock.ipo_flag == 'Y');
  CHECK(stock.luld_tier == '1');
  CHECK(stock.etp_flag == 'N');
  CHECK(stock.etp_leverage == 3);
  CHECK(stock.inverse == 'Y');
  const auto action = parsed<TradingAction>(
      itch_header('H', stamp).text("A", 8).text("H", 1).text(" ", 1).text("T12", 4));
  CHECK(action.stock.trimmed() == "A");
  CHECK(action.state == 'H');
  CHECK(action.reason.trimmed() == "T12");
  CHECK(parsed<RegSho>(itch_header('Y', stamp).text("A", 8).text("2", 1)).action == '2');
  const auto position = parsed<ParticipantPosition>(
      itch_header('L', stamp).text("GSCO", 4).text("A", 8).text("YNA", 3));
  CHECK(position.mpid.trimmed() == "GSCO");
  CHECK(position.stock.trimmed() == "A");
  CHECK(position.primary == 'Y');
  CHECK(position.mode == 'N');
  CHECK(position.state == 'A');
  const auto levels = parsed<MwcbLevels>(itch_header('V', stamp).u64(ref).u64(other).u64(3));
  CHECK(levels.level1 == ref);
  CHECK(levels.level2 == other);
  CHECK(levels.level3 == 3);
  CHECK(parsed<MwcbStatus>(itch_header('W', stamp).text("3", 1)).breached_level == '3');
  const auto ipo = parsed<IpoQuoting>(
      itch_header('K', stamp).text("A", 8).u32(36'000).text("A", 1).u32(170'000));
  CHECK(ipo.stock.trimmed() == "A");
  CHECK(ipo.release_seconds == 36'000);
  CHECK(ipo.qualifier == 'A');
  CHECK(ipo.price == 170'000);
  const auto collar =
      parsed<LuldCollar>(itch_header('J', stamp).text("A", 8).u32(1).u32(2).u32(3).u32(4));
  CHECK(collar.reference == 1);
  CHECK(collar.upper == 2);
  CHECK(collar.lower == 3);
  CHECK(collar.extension == 4);
  const auto halt =
      parsed<OperationalHalt>(itch_header('h', stamp).text("A", 8).text("Q", 1).text("H", 1));
  CHECK(halt.market == 'Q');
  CHECK(halt.action == 'H');
  CHECK(parsed<RetailInterest>(itch_header('N', stamp).text("A", 8).text("S", 1)).interest == 'S');
  const auto discovery = parsed<PriceDiscovery>(itch_header('O', stamp)
                                                    .text("A", 8)
                                                    .text("Y", 1)
                                                    .u32(1)
                                                    .u32(2)
                                                    .u32(3)
                                                    .u64(ref)
                                                    .u32(4)
                                                    .u32(5));
  CHECK(discovery.eligibility == 'Y');
  CHECK(discovery.min_price == 1);
  CHECK(discovery.max_price == 2);
  CHECK(discovery.near_price == 3);
  CHECK(discovery.near_time == ref);
  CHECK(discovery.lower_collar == 4);
  CHECK(discovery.upper_collar == 5);
}

TEST_CASE("a message too short for its type is refused, one too long is read like a whole one") {
  int calls = 0;
  const auto visitor = [&](const AddOrder&) { ++calls; };
  Bytes add = test::itch_add(1, 'B', 2, "A", 3);
  for (std::size_t size = 0; size < add.size(); ++size)
    CHECK(parse(std::span(add).first(size), visitor) == Parsed::truncated);
  CHECK(calls == 0);
  add.push_back(std::byte{});
  CHECK(parse(add, visitor) == Parsed::ok);
  CHECK(calls == 1);
  const Bytes unknown{std::byte{'z'}, std::byte{}};
  CHECK(parse(unknown, visitor) == Parsed::unknown_type);
}

TEST_CASE("the first thousand messages of a Nasdaq session have their known totals") {
  ZOMMA_SHARED_DATA(path, "itch/nasdaq_session_first1000.itch");
  const Bytes file = test::read_file(path);
  REQUIRE(file.size() == 40'874);
  struct Visitor {
    std::map<char, int> types, categories, financial;
    std::map<std::uint32_t, int> leverage;
    std::set<std::string> reg_sho;
    std::uint64_t last_time = 0;
    int etps = 0;
    std::uint16_t last_locate = 0;
    std::string first_stock, last_stock;
    void operator()(const StockDirectory& m) {
      ++types[m.type];
      ++categories[m.market_category];
      ++financial[m.financial_status];
      ++leverage[m.etp_leverage];
      etps += m.etp_flag == 'Y';
      if (m.locate == 1) first_stock = m.stock.trimmed();
      CHECK(m.locate == last_locate + 1);
      last_locate = m.locate;
      last_stock = m.stock.trimmed();
      last_time = m.timestamp;
    }
    void operator()(const SystemEvent& m) {
      ++types[m.type];
      CHECK(m.event == 'O');
      CHECK(m.timestamp == 11'072'057'543'747);
    }
    void operator()(const RegSho& m) {
      ++types[m.type];
      reg_sho.insert(std::string(m.stock.trimmed()));
      last_time = m.timestamp;
    }
    void operator()(const Header& m) {
      ++types[m.type];
      last_time = m.timestamp;
    }
  } seen;
  CHECK(each_frame(file, [&](std::span<const std::byte> message) {
          CHECK(parse(message, seen) == Parsed::ok);
        }) == 1'000);
  CHECK(seen.types == std::map<char, int>{{'S', 1}, {'R', 993}, {'H', 3}, {'Y', 3}});
  CHECK(seen.categories ==
        std::map<char, int>{
            {'N', 408}, {'Q', 203}, {'S', 140}, {'G', 94}, {'P', 81}, {'A', 38}, {'Z', 29}});
  CHECK(seen.financial == std::map<char, int>{{' ', 556}, {'N', 413}, {'D', 23}, {'H', 1}});
  CHECK(seen.leverage == std::map<std::uint32_t, int>{{0, 612}, {1, 379}, {2, 2}});
  CHECK(seen.etps == 124);
  CHECK(seen.last_locate == 993);
  CHECK(seen.first_stock == "A");
  CHECK(seen.last_stock == "BPFH");
  CHECK(seen.reg_sho == std::set<std::string>{"A", "AA", "AAAU"});
  CHECK(seen.last_time == 11'354'360'581'176);
}

TEST_CASE("a file whose lengths are all zero is advanced by type") {
  ZOMMA_SHARED_DATA(path, "itch/RITCH_ex20101224.TEST_ITCH_50.gz");
  const Bytes file = test::read_file(path);
  REQUIRE(file.size() == 465'048);
  CHECK(types_of(file) == std::map<char, int>{{'P', 5'000},
                                              {'A', 4'997},
                                              {'D', 1'745},
                                              {'E', 198},
                                              {'X', 45},
                                              {'U', 12},
                                              {'S', 6},
                                              {'F', 3},
                                              {'R', 3},
                                              {'H', 3}});
}

TEST_CASE("an hour of AAPL order flow has its known totals") {
  ZOMMA_SHARED_DATA(path, "itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  const Bytes file = test::read_file(path);
  REQUIRE(file.size() == 1'404'749);
  CHECK(types_of(file) == std::map<char, int>{{'S', 4},
                                              {'R', 1},
                                              {'H', 1},
                                              {'A', 22'139},
                                              {'X', 245},
                                              {'D', 20'085},
                                              {'E', 2'317},
                                              {'P', 1'282}});
  struct {
    std::uint64_t executed = 0, hidden = 0;
    void operator()(const OrderExecuted& m) { executed += m.shares; }
    void operator()(const Trade& m) { hidden += m.shares; }
  } sums;
  CHECK(each_frame(file, [&](std::span<const std::byte> message) { parse(message, sums); }) ==
        46'074);
  CHECK(sums.executed == 199'157);
  CHECK(sums.hidden == 112'076);
}
