// Option positions in the engine: what strategies hear and the journal keeps of exercise,
// assignment, expiry, dividends and splits; orders refused for margin, Greeks and concentration;
// and that all of it comes out again from a journal and from any snapshot.
#include <catch2/catch.hpp>

#include "market/options/calendar.h"
#include "market/options/open_interest.h"
#include "observe/report/run_analysis.h"
#include "tape.h"

using namespace zomma;
using namespace zomma::test;

namespace {

constexpr InstrumentId stock{0};
constexpr std::int64_t cent = 1'000'000, dollar = 100 * cent;
constexpr std::int64_t second = 1'000'000'000;
using options::Date;

std::int64_t open_of(Date date) { return options::session_times(date)->open.value; }
std::int64_t close_of(Date date) { return options::session_times(date)->close.value; }

struct World {
  EngineSettings settings = test_settings();
  std::vector<zm_event> tape;
  std::vector<std::pair<std::string, double>> parameters;
  EngineObserver* observer = nullptr;

  World() { settings.instruments.front().symbol = "ACME"; }
  std::uint32_t option(bool put, std::int64_t strike_cents, Date expiry) {
    Instrument one = test_instrument(static_cast<std::uint32_t>(settings.instruments.size()));
    one.kind = InstrumentKind::option;
    one.multiplier = 100;
    one.maker_fee_bps = one.taker_fee_bps = 0;
    one.option = OptionTerms{"ACME", expiry, {strike_cents}, put};
    settings.instruments.push_back(one);
    settings.books.push_back(BookKind::l2);
    return one.id.value;
  }
  zm_event& add(std::int64_t ts, std::uint32_t instrument, std::uint16_t kind) {
    zm_event event{};
    event.ts_ns = event.exchange_ns = ts;
    event.instrument = instrument;
    event.kind = kind;
    event.flags = ZM_FLAG_LAST;
    tape.push_back(event);
    return tape.back();
  }
  void quote(std::int64_t ts, std::uint32_t instrument, std::int64_t bid, std::int64_t ask) {
    add(ts, instrument, ZM_EVENT_QUOTE).u.quote = {bid, ask, 50, 50};
  }
  void trade(std::int64_t ts, std::int64_t cents) {
    add(ts, 0, ZM_EVENT_TRADE).u.trade = {cents, 100, 0, 0};
    quote(ts, 0, cents - 1, cents + 1);
  }
  void interest(std::int64_t ts, std::uint32_t instrument, std::int64_t contracts) {
    set_open_interest(add(ts, instrument, event_open_interest), contracts);
  }
  void corporate(std::int64_t ts, std::uint16_t kind, std::uint32_t type, Date ex,
                 std::int64_t cents, std::uint32_t fresh = 0, std::uint32_t old = 0) {
    zm_corporate_action& action = add(ts, 0, kind).u.corporate;
    action.type = type;
    action.ex_date = ex;
    action.cash = cents * cent;
    action.new_units = fresh;
    action.old_units = old;
  }
  std::unique_ptr<Engine> engine(EngineLog& log) const {
    auto made = std::make_unique<Engine>(settings, log, observer);
    auto image = load_plugin("seller");
    REQUIRE(image);
    InstanceSettings own{"seller", {0}, OnFault::hold, parameters};
    own.cash = {100'000 * dollar};
    const zm_strategy_factory& factory = image->factory();
    REQUIRE(made->add_instance(std::move(own), factory, image));
    return made;
  }
  std::unique_ptr<Engine> run(MemoryLog& log) const {
    auto made = engine(log);
    REQUIRE(made->start({tape.front().ts_ns}));
    run_tape(*made, tape, 7);
    REQUIRE(made->instances()[0]->phase() == InstancePhase::started);
    return made;
  }
};

std::vector<OrderRecord> settlements(const MemoryLog& log) {
  std::vector<OrderRecord> out;
  for (const std::string& bytes : log.outputs) {
    OrderRecord record;
    if (bytes[0] != 'o') continue;
    std::memcpy(&record, bytes.data() + 1, sizeof record);
    if (record.event.kind == event_delivery || record.event.kind >= ZM_EVENT_ASSIGNED)
      out.push_back(record);
  }
  return out;
}
std::vector<std::uint32_t> refusals(const MemoryLog& log) {
  std::vector<std::uint32_t> out;
  for (const std::string& bytes : log.outputs) {
    IntentRecord record;
    if (bytes[0] != 'i') continue;
    std::memcpy(&record, bytes.data() + 1, sizeof record);
    if (record.result.status != ZM_OK) out.push_back(record.result.code);
  }
  return out;
}

constexpr Date monday = 20240115 + 1, friday = 20240119;  // the fifteenth is a holiday

// A put that ends in the money and a call that ends out of it.
World expiring() {
  World w;
  const std::uint32_t put = w.option(true, 5000, friday), call = w.option(false, 5500, friday);
  w.trade(open_of(monday), 5100);
  w.quote(open_of(monday) + second, put, 100, 110);
  w.quote(open_of(monday) + second, call, 40, 50);
  w.trade(open_of(monday) + 2 * second, 5101);
  w.trade(close_of(friday) - second, 4810);
  w.trade(close_of(friday), 4800);
  return w;
}

}  // namespace

TEST_CASE("a recording that ends on the day of expiry ends with its positions settled") {
  MemoryLog log;
  const World w = expiring();
  const auto engine = w.run(log);
  const auto heard = settlements(log);
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].event.kind == ZM_EVENT_ASSIGNED);
  CHECK(heard[0].event.instrument == 1);
  CHECK(heard[0].event.u.settlement.quantity == 1);
  CHECK(heard[0].event.u.settlement.price == 5000);
  CHECK(heard[0].event.u.settlement.cash == -5'000 * dollar);
  CHECK(heard[0].event.u.settlement.delivered == 0);
  CHECK(heard[1].event.kind == event_delivery);
  CHECK(heard[1].event.instrument == 0);
  CHECK(heard[1].event.u.settlement.quantity == 100);
  CHECK(heard[2].event.kind == ZM_EVENT_LAPSED);
  CHECK(heard[2].event.u.settlement.cash == 0);
  CHECK(engine->position_of({0}, stock).quantity == 100);
  CHECK(engine->position_of({0}, {1}).quantity == 0);
  CHECK(engine->position_of({0}, {2}).quantity == 0);
  CHECK(engine->account_of({0}).cash == (100'000 + 100 + 40 - 5'000) * dollar);
  CHECK(engine->account_of({0}).equity == (100'000 + 140 - 200) * dollar);
}

TEST_CASE("with the next session in the recording, the evening before comes first") {
  World w = expiring();
  w.trade(open_of(20240122), 4700);
  MemoryLog log;
  const auto engine = w.run(log);
  const auto heard = settlements(log);
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].event.ts_ns == close_of(friday) + 5'400 * second);
  CHECK(engine->account_of({0}).equity == (100'000 + 140 - 300) * dollar);
}

TEST_CASE("without clearing, nothing expires") {
  World w = expiring();
  w.settings.clearing.enabled = false;
  MemoryLog log;
  const auto engine = w.run(log);
  CHECK(settlements(log).empty());
  CHECK(engine->position_of({0}, {1}).quantity == -1);
}

TEST_CASE(
    "a day's order in an option ends with its session, one made after the close with the next") {
  const auto canceled_at = [](std::int64_t seen) {
    World w;
    const std::uint32_t put = w.option(true, 5000, 20240216);
    w.parameters = {{"above", 5}};
    w.trade(open_of(monday), 5100);
    w.quote(seen, put, 100, 110);
    w.trade(seen + second, 5101);
    w.trade(open_of(friday), 5100);
    MemoryLog log;
    w.run(log);
    for (const std::string& bytes : log.outputs) {
      IntentRecord record;
      if (bytes[0] != 'i') continue;
      std::memcpy(&record, bytes.data() + 1, sizeof record);
      if (record.intent.kind == ZM_INTENT_CANCEL) return record.ts_ns;
    }
    return std::int64_t{0};
  };
  const std::int64_t evening = 5'400 * second;
  CHECK(canceled_at(open_of(monday) + second) == close_of(monday) + evening);
  CHECK(canceled_at(close_of(monday)) == close_of(20240117) + evening);
}

namespace {

// Dividends announced and paid, an early assignment, two splits, an order that rests meanwhile.
World eventful() {
  World w;
  const std::uint32_t call = w.option(false, 4000, 20240216), put = w.option(true, 4000, 20240216),
                      later = w.option(false, 6000, 20240315),
                      halved = w.option(false, 3000, 20240315);
  w.trade(open_of(monday), 5000);
  w.interest(open_of(monday), call, 1);
  w.quote(open_of(monday) + second, call, 1010, 1020);
  w.quote(open_of(monday) + second, put, 1, 2);
  w.quote(open_of(monday) + second, later, 30, 40);
  w.corporate(open_of(monday) + 2 * second, options::event_announcement, ZM_CORPORATE_DIVIDEND,
              20240118, 60);
  w.trade(open_of(monday) + 3 * second, 5001);
  w.trade(close_of(20240117), 5000);
  w.corporate(options::new_york(20240118, 0, 0).value, ZM_EVENT_CORPORATE, ZM_CORPORATE_DIVIDEND,
              20240118, 60);
  w.trade(open_of(20240118), 4940);
  w.corporate(options::new_york(20240122, 0, 0).value, ZM_EVENT_CORPORATE, ZM_CORPORATE_SPLIT,
              20240122, 0, 2, 1);
  w.trade(open_of(20240122), 2470);
  w.quote(open_of(20240122) + second, halved, 15, 20);
  w.trade(open_of(20240122) + 2 * second, 2471);
  w.trade(close_of(20240216), 2500);
  w.trade(open_of(20240220), 2500);
  return w;
}

}  // namespace

TEST_CASE("dividends, early assignment and a split, one after the other") {
  MemoryLog log;
  const World w = eventful();
  const auto engine = w.run(log);
  std::vector<std::uint16_t> kinds;
  for (const OrderRecord& one : settlements(log)) kinds.push_back(one.event.kind);
  CHECK(kinds == std::vector<std::uint16_t>{ZM_EVENT_ASSIGNED, event_delivery, ZM_EVENT_CASH,
                                            ZM_EVENT_ADJUSTED, ZM_EVENT_ADJUSTED, ZM_EVENT_ADJUSTED,
                                            event_delivery, ZM_EVENT_LAPSED});
  CHECK(engine->position_of({0}, stock).quantity == -200);
  // Sold once at 60 and moved, and sold again as what it is listed as now.
  CHECK(engine->position_of({0}, {4}).quantity == -3);
  CHECK(engine->position_of({0}, {3}).quantity == 0);
  CHECK(engine->account_of({0}).cash == (100'000 + 1'010 + 1 + 30 + 15 + 4'000 - 60) * dollar);
}

namespace {

struct Books final : EngineObserver {
  explicit Books(const World& world) : analysis(options_of(world)) {}
  static AnalysisOptions options_of(const World& world) {
    AnalysisOptions options;
    options.instruments = world.settings.instruments;
    options.instances = {"seller"};
    return options;
  }
  void on_bbo(Nanoseconds ts, InstrumentId id, const Bbo& bbo) override {
    analysis.on_bbo(ts, id, bbo.bid, bbo.ask);
  }
  void on_input(const zm_event& event) override { analysis.add_input(event); }
  void on_intent(const IntentRecord& record) override { analysis.add_intent(record); }
  void on_order(const OrderRecord& record) override { analysis.add_order(record); }
  bool wants_books() const override { return true; }
  void on_book(const options::BookSample& sample) override {
    analysis.add_book(sample);
    ++looks;
  }
  RunAnalysis analysis;
  int looks = 0;
};

}  // namespace

TEST_CASE("a report's own books agree with the account through dividends, splits and expiry") {
  for (World w : {eventful(), expiring()}) {
    MemoryLog alone, watched;
    w.run(alone);
    Books books(w);
    w.observer = &books;
    const auto engine = w.run(watched);
    CHECK((watched.outputs == alone.outputs));  // looking changes nothing
    const RunResult run = books.analysis.result();
    REQUIRE(run.options.size() == 1);
    CHECK(books.looks > 3);
    CHECK(run.options[0].books_differ.value == 0);
    const Money earned{engine->account_of({0}).equity - 100'000 * dollar};
    CHECK(run.total.pnl.net().value == earned.value);
    CHECK(run.options[0].why.total().value == earned.value);
  }
}

TEST_CASE("what was settled comes out again from its inputs, and from any snapshot") {
  const World w = eventful();
  MemoryLog log;
  w.run(log);
  {
    MemoryLog again;
    auto engine = w.engine(again);
    REQUIRE(engine->activate({w.tape.front().ts_ns}));
    REQUIRE(engine->replay(log.input_events));
    engine->drain();
    CHECK((again.outputs == log.outputs));
  }
  for (std::size_t cut = 1; cut < w.tape.size(); ++cut) {
    MemoryLog first;
    ArchiveWriter snapshot;
    {
      auto engine = w.engine(first);
      REQUIRE(engine->start({w.tape.front().ts_ns}));
      auto head = std::vector(w.tape.begin(), w.tape.begin() + static_cast<std::ptrdiff_t>(cut));
      REQUIRE(engine->process(head));
      REQUIRE(engine->save(snapshot));
    }
    MemoryLog second_part;
    auto engine = w.engine(second_part);
    REQUIRE(engine->activate({w.tape.front().ts_ns}));
    ArchiveReader reader(snapshot.bytes());
    const auto loaded = engine->load(reader);
    INFO(cut << (loaded ? "" : loaded.error().message));
    REQUIRE(loaded);
    run_tape(*engine, std::vector(w.tape.begin() + static_cast<std::ptrdiff_t>(cut), w.tape.end()),
             3);
    auto joined = first.outputs;
    joined.insert(joined.end(), second_part.outputs.begin(), second_part.outputs.end());
    CHECK((joined == log.outputs));
  }
}

TEST_CASE("orders that need more margin than there is are refused, by the rule that holds") {
  const auto first_refusal = [](options::MarginRule rule, double size, std::int64_t cash) {
    World w;
    const std::uint32_t put = w.option(true, 5000, friday);
    w.settings.clearing.margin = rule;
    w.parameters = {{"size", size}};
    w.trade(open_of(monday), 5100);
    w.quote(open_of(monday) + second, put, 100, 110);
    w.trade(open_of(monday) + 2 * second, 5101);
    MemoryLog log;
    auto engine = std::make_unique<Engine>(w.settings, log);
    auto image = load_plugin("seller");
    InstanceSettings own{"seller", {0}, OnFault::hold, w.parameters};
    own.cash = {cash * dollar};
    const zm_strategy_factory& factory = image->factory();
    REQUIRE(engine->add_instance(std::move(own), factory, image));
    REQUIRE(engine->start({w.tape.front().ts_ns}));
    run_tape(*engine, w.tape);
    const auto codes = refusals(log);
    return codes.empty() ? 0 : codes.front();
  };
  using options::MarginRule;
  CHECK(first_refusal(MarginRule::none, 10, 1'000) == 0);
  CHECK(first_refusal(MarginRule::cash, 2, 9'800) == 0);   // with the premium, 10,000 to the cent
  CHECK(first_refusal(MarginRule::cash, 2, 9'799) == 30);  // MARGIN
  // 105 (the mark) + 20 % of 51 less 1 out of the money: 1,025.40 a contract; 100 come in.
  CHECK(first_refusal(MarginRule::reg_t, 2, 1'900) == 0);
  CHECK(first_refusal(MarginRule::reg_t, 2, 1'800) == 30);
  CHECK(first_refusal(MarginRule::portfolio, 2, 2'000) == 0);
  CHECK(first_refusal(MarginRule::portfolio, 2, 500) == 30);
  // Bought options are paid for.
  CHECK(first_refusal(MarginRule::reg_t, -2, 220) == 0);
  CHECK(first_refusal(MarginRule::reg_t, -2, 219) == 30);
}

TEST_CASE("limits on Greeks and on one underlying's share of the equity hold for options") {
  const auto codes = [](ScopeLimits limits) {
    World w;
    std::vector<std::uint32_t> puts;
    for (const std::int64_t strike : {4800, 4900, 5000, 5200, 5300})
      puts.push_back(w.option(true, strike, 20240216));
    std::vector<std::uint32_t> calls;
    for (const std::int64_t strike : {4800, 4900, 5000, 5200, 5300})
      calls.push_back(w.option(false, strike, 20240216));
    w.settings.limits.firm = limits;
    w.trade(open_of(monday), 5100);
    std::int64_t at = open_of(monday) + second;
    const std::int64_t put_price[] = {90, 130, 175, 280, 350},
                       call_price[] = {390, 330, 275, 180, 150};
    for (std::size_t i = 0; i < puts.size(); ++i) {
      w.quote(at, puts[i], put_price[i], put_price[i] + 4);
      w.quote(at, calls[i], call_price[i], call_price[i] + 4);
    }
    w.trade(at + second, 5100);
    w.trade(at + 2 * second, 5100);
    MemoryLog log;
    w.run(log);
    return refusals(log);
  };
  CHECK(codes({}).empty());
  ScopeLimits limits;
  limits.max_vega = 10 * dollar;
  const auto by_vega = codes(limits);
  CHECK(!by_vega.empty());
  CHECK(std::all_of(by_vega.begin(), by_vega.end(), [](auto code) { return code == 28; }));
  limits = {};
  limits.max_gamma = 300 * dollar;
  const auto by_gamma = codes(limits);
  CHECK(!by_gamma.empty());
  CHECK(std::all_of(by_gamma.begin(), by_gamma.end(), [](auto code) { return code == 31; }));
  limits = {};
  limits.max_delta = 4'000 * dollar;
  const auto by_delta = codes(limits);
  CHECK(!by_delta.empty());
  CHECK(std::all_of(by_delta.begin(), by_delta.end(), [](auto code) { return code == 27; }));
  limits = {};
  limits.max_underlying_bps = 1'500;
  const auto by_share = codes(limits);
  CHECK(by_share.size() >= 6);
  CHECK(std::all_of(by_share.begin(), by_share.end(), [](auto code) { return code == 32; }));
}
