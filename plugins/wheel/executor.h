// executor.h: works the orders of a plan (plan.h), one at a time, at prices of the chain of the
// moment.
#pragma once

#include "keeper.h"

namespace wheels {

struct Execution {  // the operator's
  double aggression = 1, fee_per_contract = 0, max_slippage = 0.1;
  std::int64_t reprice_ns = 300 * second_ns, most_tries = 3;
};

class Executor {
 public:
  Execution rules;

  // Sends the current step's order if there is one to send. The chain is the underlying's, fit to
  // trade on.
  void send(Underlying& u, const Columns& columns, const Telemetry& telemetry,
            const zm::context& ctx) const {
    Step& step = u.plan.now();
    if (step.instrument == u.id) return buy_shares(u, telemetry, ctx);
    const auto id = static_cast<std::uint32_t>(step.instrument);
    const std::uint32_t row = row_of(columns, step.instrument);
    Scale scale;
    if (row == no_row || !scale_of(ctx, id, scale))
      return give_up(u, "its contract left the chain", ctx);
    const bool sell = step.side == ZM_SIDE_SELL;
    const Holding* held = u.book.find(id);
    const bool closes = held != nullptr && (held->quantity < 0) != sell;
    if (closes ? !closable(columns, row) : !tradable(columns, row)) return;
    const double price = sell ? std::max(sell_price(columns, row, rules.aggression), step.worst)
                              : std::min(buy_price(columns, row, rules.aggression),
                                         step.worst > 0 ? step.worst : INFINITY);
    const zm_price limit = std::max(scale.limit(price, sell), scale.tick);
    const auto side = static_cast<std::uint32_t>(step.side);
    submit(u, zm::limit_order(id, side, limit, scale.raw(u.plan.wanted()), ZM_TIF_DAY), telemetry,
           ctx);
  }

  void withdraw_if_late(Underlying& u, const zm::context& ctx) const {
    if (!u.plan.working() || u.plan.canceling != 0 ||
        ctx.now_ns() - u.plan.sent_ns < rules.reprice_ns)
      return;
    withdraw(u, ctx);
  }
  static void withdraw(Underlying& u, const zm::context& ctx) {
    if (u.plan.working() && ctx.cancel(u.plan.order_id).status == ZM_OK) u.plan.canceling = 1;
  }

  // An update of the plan's own order. `chain` is null where the host has none now.
  void heard(Underlying& u, const zm_event& event, const Columns* chain, const Telemetry& telemetry,
             const zm::context& ctx) const {
    if (event.kind == ZM_EVENT_FILL) return filled(u, event, chain, telemetry, ctx);
    if (event.kind == ZM_EVENT_CANCEL_REJECTED) u.plan.canceling = 0;
    if (event.kind == ZM_EVENT_REJECTED) refused(u, event.u.order_update.code, telemetry, ctx);
    const bool over = event.kind == ZM_EVENT_REJECTED || event.kind == ZM_EVENT_CANCELED ||
                      event.kind == ZM_EVENT_EXPIRED;
    if (over) ended(u, ctx);
  }

 private:
  void submit(Underlying& u, const zm_intent& intent, const Telemetry& telemetry,
              const zm::context& ctx) const {
    const auto result = ctx.submit(intent);
    u.fresh = 0;
    u.plan.order_id = result.status == ZM_OK ? result.order_id : 0;
    u.plan.sent_ns = ctx.now_ns();
    if (result.status == ZM_OK) return;
    refused(u, result.code, telemetry, ctx);
    ended(u, ctx);
  }
  void buy_shares(Underlying& u, const Telemetry& telemetry, const zm::context& ctx) const {
    const auto id = static_cast<std::uint32_t>(u.id);
    const zm_price ask = ctx.best(id).ask_price;
    Scale scale;
    if (ask == ZM_NO_PRICE || ask <= 0 || !scale_of(ctx, id, scale)) return;
    submit(u, zm::limit_order(id, ZM_SIDE_BUY, ask, scale.raw(u.plan.wanted()), ZM_TIF_DAY),
           telemetry, ctx);
  }
  static void give_up(Underlying& u, const char* why, const zm::context& ctx) {
    tell(ctx, ZM_LOG_WARNING, "%s: gives its plan up: %s", symbol_of(u, ctx), why);
    unwind_orphans(u, ctx);
  }
  // Each refusal in a row doubles the pause, from two minutes to a day and a half.
  static void refused(Underlying& u, std::uint32_t code, const Telemetry& telemetry,
                      const zm::context& ctx) {
    ++u.rejects;
    ctx.add(telemetry.rejected, 1);
    const std::int64_t minutes = std::int64_t{1} << std::min<std::int64_t>(u.rejects, 11);
    u.not_before_ns = ctx.now_ns() + minutes * 60 * second_ns;
    tell(ctx, ZM_LOG_WARNING,
         "%s: an order was refused (reason %u), %lld in a row; waits %lld minutes",
         symbol_of(u, ctx), code, static_cast<long long>(u.rejects),
         static_cast<long long>(minutes));
  }
  void filled(Underlying& u, const zm_event& event, const Columns* chain,
              const Telemetry& telemetry, const zm::context& ctx) const {
    const Step step = u.plan.now();
    Scale scale;
    if (!scale_of(ctx, static_cast<std::uint32_t>(step.instrument), scale)) return;
    if (step.instrument == u.id) {
      const std::int64_t shares = scale.units(event.u.fill.quantity);
      u.book.ledger.buy_shares(static_cast<double>(shares),
                               static_cast<double>(shares) * scale.money(event.u.fill.price));
      u.plan.fill(shares);
      if (event.u.fill.leaves_quantity == 0) ended(u, ctx);
      return;
    }
    Holding terms;
    terms.instrument = step.instrument;
    const std::uint32_t row = chain != nullptr ? row_of(*chain, step.instrument) : no_row;
    if (row != no_row) terms = terms_of(*chain, row, static_cast<Kind>(u.plan.kind), ctx.now_ns());
    const std::int64_t contracts = scale.units(event.u.fill.quantity);
    const double sign = step.side == ZM_SIDE_SELL ? 1 : -1;
    const double money =
        static_cast<double>(contracts) *
        (sign * scale.money(event.u.fill.price) * terms.multiplier - rules.fee_per_contract);
    if (!u.book.trade(terms, step.side == ZM_SIDE_SELL ? -contracts : contracts, money)) {
      ctx.log(ZM_LOG_ERROR, "more option positions on one underlying than the wheel can remember");
    }
    u.plan.fill(contracts);
    ctx.add(telemetry.premium, std::max(money, 0.0));
    if (event.u.fill.leaves_quantity == 0) ended(u, ctx);
  }
  void ended(Underlying& u, const zm::context& ctx) const {
    if (u.plan.order_ended(rules.most_tries)) return;
    if (u.plan.filled_whole()) u.rejects = 0;
    unwind_orphans(u, ctx);
  }
  // Protection that was bought for something that could not be sold is sold again.
  static void unwind_orphans(Underlying& u, const zm::context& ctx) {
    Plan unwind;
    unwind.kind = u.plan.kind;
    for (std::int64_t i = 0; i < u.plan.count; ++i) {
      const Step& step = u.plan.step[static_cast<std::size_t>(i)];
      const std::int64_t orphans = step.protection != 0 ? u.plan.orphans(i) : 0;
      if (orphans > 0) unwind.add({step.instrument, ZM_SIDE_SELL, orphans});
    }
    if (unwind.count > 0) {
      unwind.purpose = Purpose::unwind;
      u.opens_after_ns = ctx.now_ns() + day_ns / 2;  // not the same again today
      tell(ctx, ZM_LOG_WARNING, "%s: sells protection that protects nothing", symbol_of(u, ctx));
    }
    u.plan = unwind;
  }
};

}  // namespace wheels
