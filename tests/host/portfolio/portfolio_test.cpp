// Positions, cash and profit: exact after every fill, whatever the order of fills, against a model
// that keeps every execution and works in 128 bits.
#include <catch2/catch.hpp>

#include <deque>
#include <vector>

#include "base/random.h"
#include "portfolio/portfolio.h"

using namespace zomma;

namespace {

Instrument instrument(std::uint32_t id, int price_digits, int quantity_digits, double maker_bps = 0,
                      double taker_bps = 0) {
  Instrument out;
  out.id = {id};
  out.price_digits = price_digits;
  out.quantity_digits = quantity_digits;
  out.maker_fee_bps = maker_bps;
  out.taker_fee_bps = taker_bps;
  return out;
}

std::vector<Instrument> some_instruments() {
  return {instrument(0, 2, 0, -0.2, 0.3), instrument(1, 2, 5, 1, 5), instrument(2, 8, 8, 1, 7.5)};
}

Portfolio portfolio_with(const std::vector<Instrument>& instruments, std::size_t instances) {
  Portfolio portfolio(instruments);
  for (std::uint32_t i = 0; i < instances; ++i) REQUIRE(portfolio.add_instance({i}));
  return portfolio;
}

void check_identities(const Account& account) {
  REQUIRE(account.cash.value == account.deposits.value + account.realised.value -
                                    account.cost.value - account.fees.value);
  REQUIRE(account.equity().value == account.cash.value + account.value.value);
  REQUIRE(account.equity().value == account.deposits.value + account.realised.value +
                                        account.unrealised().value - account.fees.value);
  REQUIRE(account.high_water >= account.equity());
}

}  // namespace

TEST_CASE("a round trip realises what it earned") {
  Portfolio portfolio = portfolio_with({instrument(0, 2, 0)}, 1);
  portfolio.on_fill({0}, {0}, Side::buy, {100'00}, {10}, false);
  portfolio.mark({0}, {101'00}, {102'00});
  CHECK(portfolio.position({0}, {0}).quantity.value == 10);
  CHECK(portfolio.average_price({0}, {0}).value == 100'00);
  CHECK(portfolio.account({0}).unrealised().value == 15'00000000);
  CHECK(portfolio.account({0}).gross_notional.value == 1015'00000000);
  portfolio.on_fill({0}, {0}, Side::sell, {103'00}, {10}, false);
  CHECK(portfolio.account({0}).realised.value == 30'00000000);
  CHECK(portfolio.account({0}).unrealised().value == 0);
  CHECK(portfolio.account({0}).cash.value == 30'00000000);
  CHECK(portfolio.account({0}).gross_notional.value == 0);
  CHECK(portfolio.firm_quantity({0}).value == 0);
}

TEST_CASE(
    "a fill that carries the position through zero closes the old and opens the new at its price") {
  Portfolio portfolio = portfolio_with({instrument(0, 2, 0)}, 1);
  portfolio.on_fill({0}, {0}, Side::sell, {50'00}, {4}, false);
  portfolio.on_fill({0}, {0}, Side::buy, {48'00}, {10}, false);
  const Position& position = portfolio.position({0}, {0});
  CHECK(position.quantity.value == 6);
  CHECK(portfolio.average_price({0}, {0}).value == 48'00);
  CHECK(position.realised.value == 8'00000000);
  CHECK(position.bought.value == 10);
  CHECK(position.sold.value == 4);
  check_identities(portfolio.account({0}));
}

TEST_CASE("closing everything leaves no cost behind, however unevenly it was built up") {
  Portfolio portfolio =
      portfolio_with({instrument(0, 8, 8)}, 1);  // sixteen decimals: every notional is rounded
  Random random(9);
  for (int round = 0; round < 200; ++round) {
    std::int64_t held = 0;
    const Side side = random.chance(1, 2) ? Side::buy : Side::sell;
    for (int i = 0; i < 5; ++i) {
      const std::int64_t quantity = random.between(1, 999'999'999);
      portfolio.on_fill({0}, {0}, side, {random.between(1, 999'999'999)}, {quantity}, false);
      held += quantity;
    }
    while (held > 0) {
      const std::int64_t quantity = std::min(held, random.between(1, 999'999'999));
      portfolio.on_fill({0}, {0}, opposite(side), {random.between(1, 999'999'999)}, {quantity},
                        false);
      held -= quantity;
    }
    REQUIRE(portfolio.position({0}, {0}).quantity.value == 0);
    REQUIRE(portfolio.position({0}, {0}).cost.value == 0);
    REQUIRE(portfolio.account({0}).cash.value == portfolio.account({0}).realised.value);
  }
}

TEST_CASE("cash, positions and values reconcile with a record of all fills after every step") {
  const std::vector<Instrument> instruments = some_instruments();
  constexpr std::uint32_t instances = 3;
  Portfolio portfolio = portfolio_with(instruments, instances);
  Random random(2024);
  struct Book {
    Int128 cash = 0, fees = 0;
    std::int64_t quantity = 0;
  };
  std::vector<Book> books(instances * instruments.size());
  std::vector<std::int64_t> doubled(instruments.size(), 0);
  std::vector<Int128> high(instances, 0);
  Int128 firm_high = 0;

  const auto equity_of = [&](std::uint32_t instance, Int128& gross) {
    Int128 equity = 0;
    for (std::size_t s = 0; s < instruments.size(); ++s) {
      const Book& book = books[instance * instruments.size() + s];
      const Int128 value =
          Valuation(instruments[s]).value_at_half(doubled[s], {book.quantity}).value;
      equity += book.cash - book.fees + value;
      gross += value < 0 ? -value : value;
    }
    return equity;
  };
  for (int step = 0; step < 20'000; ++step) {
    const auto s = static_cast<std::uint32_t>(random.below(instruments.size()));
    const std::int64_t centre = s == 2 ? 50'000'000 : 6'000'000;
    if (random.chance(1, 2)) {
      const auto i = static_cast<std::uint32_t>(random.below(instances));
      const Side side = random.chance(1, 2) ? Side::buy : Side::sell;
      const Price price{centre + random.between(-100'000, 100'000)};
      const Quantity quantity{random.between(1, s == 0 ? 500 : 200'000)};
      const bool maker = random.chance(1, 2);
      const Money fee = portfolio.on_fill({i}, {s}, side, price, quantity, maker);
      Book& book = books[i * instruments.size() + s];
      const Money value = notional(instruments[s], price, quantity);
      // The fee in exact rational arithmetic: |2 * (fee - exact)| <= 1 unit.
      const double bps = maker ? instruments[s].maker_fee_bps : instruments[s].taker_fee_bps;
      const auto rate = static_cast<std::int64_t>(bps * 10 + (bps < 0 ? -0.5 : 0.5));  // of 10^5
      const Int128 error =
          static_cast<Int128>(fee.value) * 100'000 - static_cast<Int128>(value.value) * rate;
      REQUIRE(2 * (error < 0 ? -error : error) <= 100'000);
      book.cash -= sign(side) * static_cast<Int128>(value.value);
      book.fees += fee.value;
      book.quantity += sign(side) * quantity.value;
      if (doubled[s] == 0) doubled[s] = 2 * price.value;
    } else {
      const std::int64_t bid = centre + random.between(-100'000, 100'000),
                         ask = bid + random.between(1, 9);
      portfolio.mark({s}, {bid}, {ask});
      doubled[s] = bid + ask;
    }

    Int128 firm_equity = 0, firm_gross = 0;
    for (std::uint32_t i = 0; i < instances; ++i) {
      Int128 gross = 0;
      const Int128 equity = equity_of(i, gross);
      const Account& account = portfolio.account({i});
      REQUIRE(account.equity().value == equity);
      REQUIRE(account.gross_notional.value == gross);
      check_identities(account);
      high[i] = std::max(high[i], equity);
      REQUIRE(account.high_water.value == high[i]);
      firm_equity += equity;
      firm_gross += gross;
      for (std::uint32_t t = 0; t < instruments.size(); ++t)
        REQUIRE(portfolio.position({i}, {t}).quantity.value ==
                books[i * instruments.size() + t].quantity);
    }
    firm_high = std::max(firm_high, firm_equity);
    REQUIRE(portfolio.firm().equity().value == firm_equity);
    REQUIRE(portfolio.firm().gross_notional.value == firm_gross);
    REQUIRE(portfolio.firm().high_water.value == firm_high);
    check_identities(portfolio.firm());
  }
  CHECK(portfolio.overflows() == 0);
  CHECK(portfolio.rejected() == 0);
}

TEST_CASE(
    "a position is marked at its fill until the market says more, and a one-sided market says "
    "nothing") {
  Portfolio portfolio = portfolio_with({instrument(0, 2, 0)}, 1);
  portfolio.on_fill({0}, {0}, Side::buy, {100'00}, {1}, false);
  CHECK(portfolio.account({0}).unrealised().value == 0);
  portfolio.mark({0}, {90'00}, no_price);
  CHECK(portfolio.account({0}).unrealised().value == 0);
  portfolio.mark({0}, {90'00}, {90'01});
  CHECK(portfolio.account({0}).unrealised().value == -9'99500000);
}

TEST_CASE("drawdown is measured from the high water, daily profit from the day's start") {
  constexpr std::int64_t day = 86'400'000'000'000;
  Portfolio portfolio = portfolio_with({instrument(0, 2, 0)}, 1);
  portfolio.deposit({0}, {1000'00000000});
  CHECK(portfolio.account({0}).drawdown().value == 0);
  portfolio.on_time({5 * day + 1});
  portfolio.on_fill({0}, {0}, Side::buy, {100'00}, {1}, false);
  portfolio.mark({0}, {110'00}, {110'00});
  portfolio.mark({0}, {95'00}, {95'00});
  CHECK(portfolio.account({0}).high_water.value == 1010'00000000);
  CHECK(portfolio.account({0}).drawdown().value == 15'00000000);
  CHECK(portfolio.account({0}).daily_pnl().value == -5'00000000);
  portfolio.on_time({6 * day - 1});
  CHECK(portfolio.account({0}).daily_pnl().value == -5'00000000);
  portfolio.on_time({6 * day});
  CHECK(portfolio.account({0}).daily_pnl().value == 0);
  portfolio.mark({0}, {97'00}, {97'00});
  CHECK(portfolio.account({0}).daily_pnl().value == 2'00000000);
  CHECK(portfolio.account({0}).worst_drawdown.value == 15'00000000);
  CHECK(portfolio.firm().daily_pnl().value == 2'00000000);
}

TEST_CASE("calls about what does not exist are counted and change nothing") {
  Portfolio portfolio = portfolio_with({instrument(0, 2, 0)}, 1);
  CHECK(portfolio.on_fill({1}, {0}, Side::buy, {1}, {1}, false).value == 0);
  CHECK(portfolio.on_fill({0}, {1}, Side::buy, {1}, {1}, false).value == 0);
  CHECK(portfolio.on_fill({0}, {0}, Side::buy, {1}, {0}, false).value == 0);
  CHECK(portfolio.on_fill({}, {}, Side::buy, {1}, {-1}, false).value == 0);
  portfolio.mark({7}, {1}, {2});
  CHECK(portfolio.rejected() == 4);
  CHECK(portfolio.firm().fills == 0);
  CHECK_FALSE(portfolio.add_instance({5}));
}

TEST_CASE("numbers that leave the range stop at its end and are counted") {
  Portfolio portfolio = portfolio_with({instrument(0, 0, 0)}, 1);
  for (int i = 0; i < 4; ++i)
    portfolio.on_fill({0}, {0}, Side::buy, {INT64_MAX / 2}, {INT64_MAX / 2}, false);
  portfolio.mark({0}, {INT64_MAX}, {INT64_MAX});
  CHECK(portfolio.overflows() > 0);
  CHECK(portfolio.account({0}).cash.value == INT64_MIN);
  CHECK(portfolio.position({0}, {0}).quantity.value == INT64_MAX);
}

TEST_CASE("a loaded portfolio goes on exactly like the one that was saved") {
  const std::vector<Instrument> instruments = some_instruments();
  Portfolio original = portfolio_with(instruments, 2);
  Portfolio copy = portfolio_with(instruments, 2);
  Random random(4);
  const auto play = [&](Portfolio& portfolio, Random source) {
    for (int step = 0; step < 500; ++step) {
      const auto s = static_cast<std::uint32_t>(source.below(instruments.size()));
      const std::int64_t price = source.between(1'000, 2'000'000);
      portfolio.on_time({step * 1'000'000'000'000ll});
      if (source.chance(1, 2))
        portfolio.on_fill({static_cast<std::uint32_t>(source.below(2))}, {s},
                          source.chance(1, 2) ? Side::buy : Side::sell, {price},
                          {source.between(1, 1000)}, false);
      else
        portfolio.mark({s}, {price}, {price + 1});
    }
    ArchiveWriter out;
    portfolio.save(out);
    return std::vector<std::byte>(out.bytes().begin(), out.bytes().end());
  };
  const auto saved = play(original, random);
  ArchiveReader in(saved);
  copy.load(in);
  REQUIRE(in.ok());
  CHECK(in.remaining() == 0);
  CHECK(play(original, Random(5)) == play(copy, Random(5)));

  SECTION("snapshots of another shape or cut ones are refused") {
    Portfolio other = portfolio_with(instruments, 1);
    ArchiveReader wrong(saved);
    other.load(wrong);
    CHECK_FALSE(wrong.ok());
    for (std::size_t length = 0; length < saved.size(); length += 41) {
      Portfolio target = portfolio_with(instruments, 2);
      ArchiveReader cut(std::span<const std::byte>(saved).first(length));
      target.load(cut);
      CHECK_FALSE(cut.ok());
    }
  }
}
