// keeper.h: keeps a book true: against the host's positions, through assignment, expiry and
// adjustment.
#pragma once

#include "../options/shell.h"
#include "telemetry.h"
#include "underlying.h"

namespace wheels {

inline const char* symbol_of(const Underlying& u, const zm::context& ctx) {
  zm_instrument info{};
  return ctx.find_instrument(static_cast<std::uint32_t>(u.id), info) ? info.symbol : "?";
}

inline Holding terms_of(const Columns& columns, std::uint32_t row, Kind kind, std::int64_t now_ns) {
  const zm_contract& contract = columns.contract(row);
  Holding terms;
  terms.instrument = contract.instrument;
  terms.put = columns.is_put(row) ? 1 : 0;
  terms.strike = columns.strike[row];
  terms.multiplier = static_cast<double>(contract.multiplier);
  terms.deliverable = static_cast<double>(contract.deliverable);
  terms.expiry_date = contract.expiry_date;
  terms.expiry_ns = contract.expiry_ns;
  terms.opened_ns = now_ns;
  terms.kind = static_cast<std::int64_t>(kind);
  return terms;
}

class Keeper {
 public:
  // What is held, against the host's books, which are right.
  static void reconcile(Underlying& u, const Columns& columns, const zm::context& ctx) {
    Scale scale;
    for (Holding& held : u.book.holdings) {
      if (held.empty() || !scale_of(ctx, static_cast<std::uint32_t>(held.instrument), scale))
        continue;
      refresh(held, columns, ctx);
      const std::int64_t there =
          scale.units(ctx.position(static_cast<std::uint32_t>(held.instrument)).quantity);
      if (there == held.quantity) continue;
      tell(ctx, ZM_LOG_WARNING, "%s: %lld contracts of %u %.2f are held, %lld were known",
           symbol_of(u, ctx), static_cast<long long>(there),
           static_cast<unsigned>(held.expiry_date), held.strike,
           static_cast<long long>(held.quantity));
      if (there == 0)
        held = Holding{};
      else
        held.quantity = there;
    }
    if (scale_of(ctx, static_cast<std::uint32_t>(u.id), scale)) count_shares(u, scale, ctx);
    if (u.adopted == 0) adopt(u, columns, ctx);
    u.adopted = 1;
    u.book.end_cycle_if_flat();
  }

  // Delta in currency, and the volatility to see it with.
  static void value(Underlying& u, const Columns& columns) {
    double delta = u.book.ledger.shares;
    for (const Holding& held : u.book.holdings) {
      const std::uint32_t row = held.empty() ? no_row : row_of(columns, held.instrument);
      if (row == no_row) continue;
      const double known = columns.chain->delta[row];
      delta += static_cast<double>(held.quantity) * held.multiplier *
               (std::isfinite(known) ? known
                : held.put != 0      ? -0.5
                                     : 0.5);
    }
    u.exposure = delta * u.spot;
    u.volatility = u.history.size() >= 20 ? u.history.volatility() : middle_vol(columns);
  }

  // Standard contracts that the shares can cover and no short call has claimed.
  static std::int64_t free_lots(const Underlying& u, const Columns& columns) {
    double deliverable = 0;
    for (std::uint32_t row = 0; row < columns.chain->count && deliverable == 0; ++row) {
      if ((columns.contract(row).flags & ZM_CONTRACT_ADJUSTED) == 0)
        deliverable = static_cast<double>(columns.contract(row).deliverable);
    }
    if (!(deliverable > 0)) return 0;
    double claimed = 0;
    for (const Holding& held : u.book.holdings) {
      if (held.quantity < 0 && held.put == 0)
        claimed -= static_cast<double>(held.quantity) * held.deliverable;
    }
    return static_cast<std::int64_t>(
        std::floor((u.book.ledger.shares - claimed) / deliverable + 1e-9));
  }

  // True if the event concerns this underlying.
  static bool settle(Underlying& u, const zm_event& event, const Telemetry& telemetry,
                     const zm::context& ctx) {
    const zm_settlement& s = event.u.settlement;
    const double cash = static_cast<double>(s.cash) * money_unit;
    Scale scale;
    if (const Holding* held = u.book.find(event.instrument)) {
      scale_of(ctx, event.instrument, scale);
      settle_option(u, *held, event, scale.units(s.quantity), cash, telemetry, ctx);
      return true;
    }
    if (u.id != static_cast<std::int64_t>(event.instrument)) return false;
    if (event.kind == ZM_EVENT_CASH) u.book.ledger.dividends += cash;
    // A split: more or fewer shares for the same money.
    if (event.kind == ZM_EVENT_ADJUSTED && scale_of(ctx, event.instrument, scale))
      u.book.ledger.shares += static_cast<double>(scale.units(s.quantity));
    return true;
  }

 private:
  static void count_shares(Underlying& u, const Scale& scale, const zm::context& ctx) {
    const zm_position stock = ctx.position(static_cast<std::uint32_t>(u.id));
    const double more = static_cast<double>(scale.units(stock.quantity)) - u.book.ledger.shares;
    if (more > 0) u.book.ledger.buy_shares(more, more * scale.money(stock.average_price));
    if (more < 0) u.book.ledger.sell_shares(-more, -more * u.spot);
  }
  // A corporate action may have given the contract other terms.
  static void refresh(Holding& held, const Columns& columns, const zm::context& ctx) {
    const std::uint32_t row = row_of(columns, held.instrument);
    if (row == no_row) return;
    Holding terms = terms_of(columns, row, static_cast<Kind>(held.kind), ctx.now_ns());
    terms.opened_ns = held.opened_ns;
    terms.quantity = held.quantity;
    terms.money = held.money;
    held = terms;
  }
  // Options that were held before the wheel began.
  static void adopt(Underlying& u, const Columns& columns, const zm::context& ctx) {
    Scale scale;
    for (std::uint32_t row = 0; row < columns.chain->count; ++row) {
      const std::uint32_t id = columns.contract(row).instrument;
      const zm_position held = ctx.position(id);
      if (held.quantity == 0 || u.book.find(id) != nullptr || !scale_of(ctx, id, scale)) continue;
      const std::int64_t contracts = scale.units(held.quantity);
      const Holding terms =
          terms_of(columns, row, columns.is_put(row) ? Kind::put : Kind::call, ctx.now_ns());
      u.book.trade(
          terms, contracts,
          -static_cast<double>(contracts) * scale.money(held.average_price) * terms.multiplier);
      tell(ctx, ZM_LOG_INFO, "%s: takes over %lld contracts of %u %.2f", symbol_of(u, ctx),
           static_cast<long long>(contracts), static_cast<unsigned>(terms.expiry_date),
           terms.strike);
    }
  }
  static double middle_vol(const Columns& columns) {
    double vol = 0.3, nearest = INFINITY;  // of the contract nearest to the money
    for (std::uint32_t row = 0; row < columns.chain->count; ++row) {
      const double off = std::abs(columns.strike[row] - columns.chain->spot);
      if (columns.chain->status[row] == ZM_CHAIN_OK && off < nearest) {
        nearest = off;
        vol = columns.chain->implied_vol[row];
      }
    }
    return vol;
  }

  static void settle_option(Underlying& u, const Holding held, const zm_event& event,
                            std::int64_t change, double cash, const Telemetry& telemetry,
                            const zm::context& ctx) {
    const std::uint32_t delivered = event.u.settlement.delivered;
    Ledger& ledger = u.book.ledger;
    const double contracts = std::abs(static_cast<double>(change)),
                 shares = contracts * held.deliverable;
    if (event.kind == ZM_EVENT_ADJUSTED && delivered != ZM_NO_INSTRUMENT)
      return follow(u, held.instrument, delivered, ctx);
    if (event.kind ==
        ZM_EVENT_ADJUSTED) {  // the same contract, more of it; the premium stays what it was
      if (Holding* same = u.book.find(event.instrument)) same->quantity += change;
      return;
    }
    if (event.kind == ZM_EVENT_CASH) {
      ledger.premium += cash;
      ledger.cycle_premium += cash;
      return;
    }
    if (event.kind != ZM_EVENT_LAPSED) exchange(ledger, held, shares, cash);
    if (event.kind == ZM_EVENT_LAPSED) ++ledger.lapsed, ctx.add(telemetry.lapsed, contracts);
    if (event.kind == ZM_EVENT_ASSIGNED) {
      ++(held.put != 0 ? ledger.assigned : ledger.called_away);
      ctx.add(held.put != 0 ? telemetry.assigned : telemetry.called_away, contracts);
    }
    constexpr const char* what[] = {"assigned", "exercised", "lapsed"};
    tell(ctx, ZM_LOG_INFO, "%s: %s %lld of %u %.2f; %.0f shares at %.2f, less premiums %.2f",
         symbol_of(u, ctx), what[event.kind - ZM_EVENT_ASSIGNED], static_cast<long long>(contracts),
         static_cast<unsigned>(held.expiry_date), held.strike, ledger.shares,
         ledger.cost_per_share(), ledger.basis_per_share());
    u.book.leave(static_cast<std::uint32_t>(held.instrument), change);
  }
  static void exchange(Ledger& ledger, const Holding& held, double shares, double cash) {
    if (!(held.deliverable > 0)) {  // settled in cash
      ledger.premium += cash;
      ledger.cycle_premium += cash;
    } else if (cash < 0) {
      ledger.buy_shares(shares, -cash);
    } else {
      ledger.sell_shares(shares, cash);
    }
  }
  // The contract became another one; its premium stays what it was.
  static void follow(Underlying& u, std::int64_t from, std::uint32_t to, const zm::context& ctx) {
    Holding* held = u.book.find(static_cast<std::uint32_t>(from));
    Scale scale;
    if (held == nullptr || !scale_of(ctx, to, scale)) return;
    held->instrument = to;
    held->quantity = scale.units(ctx.position(to).quantity);
    if (held->quantity == 0) *held = Holding{};
    tell(ctx, ZM_LOG_INFO, "%s: a contract was adjusted and is followed under its new name",
         symbol_of(u, ctx));
  }
};

}  // namespace wheels
