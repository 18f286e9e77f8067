// The pre-trade checks against 620 recorded questions: an order, a state, limits, at the limit and
// one step to both sides, with the first code and all codes that must refuse.
#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "risk/risk_engine.h"
#include "support/shared_data.h"

namespace json = boost::json;
using namespace zomma;

namespace {

constexpr double cents = 100, money = 1e8;

std::int64_t integer(const json::object& from, const char* key) {
  return from.at(key).to_number<std::int64_t>();
}
std::int64_t scaled(const json::object& from, const char* key, double scale) {
  return std::llround(from.at(key).to_number<double>() * scale);
}
std::string text(const json::object& from, const char* key) {
  return std::string(from.at(key).as_string());
}

Instrument instrument_of(const json::object& state) {
  Instrument instrument;
  instrument.id = {0};
  instrument.price_digits = 2;
  instrument.quantity_digits = 0;
  instrument.tick = {scaled(state, "tick", cents)};
  instrument.lot = {integer(state, "lot")};
  instrument.multiplier = integer(state, "mult");
  return instrument;
}

LimitTree limits_of(const json::object& limits, std::int64_t tokens) {
  LimitTree tree;
  ScopeLimits own;
  own.min_quantity = Quantity{integer(limits, "min_qty")};
  own.max_quantity = Quantity{integer(limits, "max_qty")};
  // 10^12 and more is the vectors' way to say "none"; it does not fit Money's eight decimals.
  if (const double notional = limits.at("max_notional").to_number<double>(); notional < 9e10)
    own.max_order_notional = Money{std::llround(notional * money)};
  own.collar_bps = integer(limits, "collar_bp");
  own.max_volume_bps = scaled(limits, "max_adv_pct", 100);
  own.max_reference_age = Nanoseconds{integer(limits, "max_age_ns")};
  own.duplicate_window = Nanoseconds{integer(limits, "dup_ns")};
  own.max_position = Quantity{integer(limits, "max_pos")};
  own.max_gross_notional = Money{scaled(limits, "max_gross", money)};
  own.max_net_notional = Money{scaled(limits, "max_net", money)};
  own.max_delta = scaled(limits, "max_delta", money);
  own.max_vega = scaled(limits, "max_vega", money);
  own.max_daily_loss = Money{scaled(limits, "max_loss", money)};
  own.max_drawdown_bps = scaled(limits, "max_dd", 10'000);
  own.max_open_orders = integer(limits, "max_open");
  own.max_orders_per_second = 1;
  own.order_burst = tokens;
  own.cash_account = true;
  tree.instances.push_back({InstanceId{0}, own});
  return tree;
}

zm_intent intent_of(const json::object& order) {
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.kind = ZM_INTENT_NEW;
  intent.side = text(order, "side") == "B" ? ZM_SIDE_BUY : ZM_SIDE_SELL;
  intent.quantity = integer(order, "qty");
  intent.price = scaled(order, "px", cents);
  return intent;
}

std::uint32_t market_state(const std::string& name) {
  if (name == "OPEN") return ZM_MARKET_OPEN;
  if (name == "HALT") return ZM_MARKET_HALT;
  if (name == "AUCTION") return ZM_MARKET_AUCTION;
  REQUIRE(name == "CLOSED");
  return ZM_MARKET_CLOSED;
}

InstrumentFacts facts_of(const json::object& state) {
  InstrumentFacts facts;
  const std::string restricted = text(state, "restricted");
  facts.restricted_buy = restricted == "B" || restricted == "BOTH";
  facts.restricted_sell = restricted == "S" || restricted == "BOTH";
  facts.needs_locate = true;
  facts.short_sale_restricted = state.at("ssr").as_bool();
  facts.band_low = {scaled(state, "luld_lo", cents)};
  facts.band_high = {scaled(state, "luld_hi", cents)};
  facts.daily_volume = integer(state, "adv");
  facts.accepted_states = 1u << ZM_MARKET_OPEN;
  return facts;
}

RiskContext context_of(const json::object& order, const json::object& state) {
  RiskContext context;
  context.instance = {0};
  context.order_id = {1};
  context.now = {integer(state, "now")};
  context.gateway_ready = state.at("gw_up").as_bool();
  context.located = order.at("locate").as_bool();
  if (!order.at("expire").is_null()) context.expires = {integer(order, "expire")};
  context.market_state = market_state(text(state, "mkt"));
  context.bid = {scaled(state, "nbb", cents)};
  context.ask = {2 * scaled(state, "ref", cents) -
                 context.bid.value};  // so that the mid is the reference
  context.reference_time = {integer(state, "ref_ts")};
  context.position = context.firm_position = {integer(state, "pos")};
  context.open_buy = context.firm_open_buy = {integer(state, "open_buy")};
  context.open_sell = context.firm_open_sell = {integer(state, "open_sell")};
  for (const auto& entry : state.at("resting").as_array()) {
    const auto& resting = entry.as_object();
    if (text(resting, "side") != text(order, "side"))
      context.best_own_opposite = {scaled(resting, "px", cents)};
  }
  context.own.gross = {scaled(state, "gross", money)};
  context.own.net = {scaled(state, "net", money)};
  context.own.delta = scaled(state, "delta", money);
  context.own.vega = scaled(state, "vega", money);
  context.own.daily_pnl = {scaled(state, "pnl_day", money)};
  context.own.equity = {scaled(state, "equity", money)};
  context.own.high_water = {scaled(state, "hwm", money)};
  context.own.open_orders = integer(state, "open_orders");
  context.cash = {scaled(state, "cash", money)};
  context.unit_delta = scaled(state, "i_delta", money);
  context.unit_vega = scaled(state, "i_vega", money);
  return context;
}

// An engine in the recorded state: its tokens and recent orders are brought about by orders and
// time.
RiskEngine engine_of(const json::object& limits, const json::object& state) {
  const double tokens = state.at("tokens").to_number<double>();
  const std::int64_t burst = std::max<std::int64_t>(1, std::llround(std::ceil(tokens)));
  RiskEngine engine({instrument_of(state)}, limits_of(limits, burst));
  REQUIRE(engine.add_instance({0}, "alpha"));
  engine.set_facts({0}, facts_of(state));
  engine.set_kill(KillLevel::firm, 0, state.at("kill").as_bool());
  engine.set_reducing({0}, state.at("reducing").as_bool());

  const std::int64_t now = integer(state, "now");
  RiskContext past;
  past.instance = {0};
  const double full = static_cast<double>(burst);
  if (tokens <
      full) {  // drained so long ago that exactly `tokens` have come back at one per second
    past.now = {now - std::llround(tokens * 1e9)};
    zm_intent replace{};
    replace.kind = ZM_INTENT_REPLACE;
    for (std::int64_t i = 0; i < burst; ++i) engine.commit(replace, past);
  }
  for (const auto& entry : state.at("recent").as_array()) {
    const auto& recent = entry.as_object();
    past.now = {integer(recent, "ts")};
    past.order_id = {99};
    engine.commit(intent_of(recent), past);
  }
  return engine;
}

}  // namespace

TEST_CASE("every recorded question gets the recorded answer") {
  ZOMMA_SHARED_DATA(path, "orders/risk_vectors.json");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream buffer;
  buffer << file.rdbuf();
  const json::value root = json::parse(buffer.str());

  SECTION("checks come in the documented order") {
    std::size_t last = 0;
    for (const auto& entry : root.at("precedence").as_array()) {
      std::size_t found = check_count;
      for (std::size_t i = 0; i < check_count; ++i)
        if (check_table()[i].name == std::string_view(entry.as_string())) found = i;
      INFO(entry.as_string().c_str());
      REQUIRE(found < check_count);
      REQUIRE(found >= last);
      last = found;
    }
  }

  SECTION("first code and all codes") {
    const auto& cases = root.at("cases").as_array();
    REQUIRE(cases.size() == 620);
    for (const auto& entry : cases) {
      const auto& order = entry.at("order").as_object();
      const auto& state = entry.at("state").as_object();
      const RiskEngine engine = engine_of(entry.at("limits").as_object(), state);
      const Verdict verdict = engine.evaluate(intent_of(order), context_of(order, state));

      std::vector<std::string> refused, expected;
      for (const CheckInfo& check : check_table())
        if ((verdict.breaches & breach_bit(check.code)) != 0) refused.emplace_back(check.name);
      for (const auto& name : entry.at("expect_all").as_array())
        expected.emplace_back(name.as_string());
      INFO(entry.at("id").as_string().c_str() << ": " << describe(verdict, instrument_of(state)));
      CHECK(refused == expected);
      const CheckInfo* first = check_of_code(verdict.code);
      CHECK((first != nullptr ? std::string(first->name) : "OK") ==
            std::string(entry.at("expect").as_string()));
    }
  }
}
