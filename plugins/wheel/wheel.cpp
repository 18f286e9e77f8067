// wheel: sells puts that it can pay for, takes the shares when they are put to it, sells calls
// against them until they are called away, and begins again; over many underlyings at once.
//
// This file is the shell: it hears events and says when to think. Decisions are in desk.h and the
// plain functions below it (candidates.h, structure.h, roll.h, sizing.h), orders in executor.h,
// memory in book.h. docs/reference/wheel.md is for users.
#include "desk.h"

struct wheel : zm::strategy<wheel>, wheels::Settings {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_STATE;
  static constexpr auto parameters = wheels::parameter_table;
  using Underlying = wheels::Underlying;

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty() || ctx.instruments().size() > most_underlyings) {
      ctx.set_error("the wheel takes 1 to 256 underlyings: set instruments = [\"...\"]");
      return ZM_E_ARGUMENT;
    }
    underlyings_.resize(ctx.instruments().size());
    for (std::size_t i = 0; i < underlyings_.size(); ++i) {
      underlyings_[i].id = ctx.instrument(ctx.instruments()[i]).id;  // refuses an unknown one
    }
    desk_.attach(ctx, underlyings_.size());
    desk_.apply(*this);
    return ZM_OK;
  }
  void on_parameter(std::uint32_t, zm::context&) { desk_.apply(*this); }

  void on_quote(const zm_event& event, zm::context& ctx) {
    Underlying* u = find(event.instrument);
    const zm_quote& quote = event.u.quote;
    wheels::Scale scale;
    if (u == nullptr || quote.bid_price <= 0 || quote.ask_price < quote.bid_price ||
        !wheels::scale_of(ctx, event.instrument, scale))
      return;
    hear_price(*u, event.ts_ns,
               0.5 * (scale.money(quote.bid_price) + scale.money(quote.ask_price)));
  }
  void on_state(const zm_event& event, zm::context&) {
    if (event.kind != ZM_EVENT_MARKET_STATE) return;
    if (Underlying* u = find(event.instrument))
      u->halted = event.u.state.state == ZM_MARKET_HALT ? 1 : 0;
  }
  void on_chain(const zm_event& event, zm::context& ctx) {
    Underlying* u = find(event.instrument);
    if (u == nullptr) return;
    u->fresh = 1;
    if (timer_at_ns_ > ctx.now_ns())
      return;  // gathering: the chains of one time are decided on together
    timer_at_ns_ = ctx.now_ns() + static_cast<std::int64_t>(gather_ms * 1e6);
    ctx.arm(timer_at_ns_, 0);
  }
  void on_timer(const zm_event&, zm::context& ctx) {
    timer_at_ns_ = 0;
    decide(ctx);
  }
  void on_batch_end(zm::context& ctx) {
    if (timer_at_ns_ == 0) work_plans(ctx);
    if (moved_) report(ctx);
    moved_ = false;
  }

  void on_order(const zm_event& event, zm::context& ctx) {
    for (Underlying& u : underlyings_) {
      if (u.plan.order_id == 0 || u.plan.order_id != event.u.order_update.order_id) continue;
      zm_chain chain;
      wheels::Columns columns;
      const bool there = desk_.columns_of(u, chain, columns, ctx);
      moved_ = true;
      return desk_.executor.heard(u, event, there ? &columns : nullptr, desk_.telemetry, ctx);
    }
  }
  void on_settlement(const zm_event& event, zm::context& ctx) {
    for (Underlying& u : underlyings_) {
      if (wheels::Keeper::settle(u, event, desk_.telemetry, ctx)) moved_ = true;
    }
  }
  void on_corporate(const zm_event& event, zm::context& ctx) {
    Underlying* u = find(event.instrument);
    const zm_corporate_action& action = event.u.corporate;
    if (u == nullptr) return;
    if (action.type == ZM_CORPORATE_DIVIDEND)
      return expect_dividend(*u, wheels::day_of_date(action.ex_date),
                             static_cast<double>(action.cash) * wheels::money_unit);
    if (action.type == ZM_CORPORATE_SPLIT && action.new_units > 0 && action.old_units > 0) {
      u->history.rescale(static_cast<double>(action.old_units) / action.new_units);
    }
    wheels::tell(ctx, ZM_LOG_INFO,
                 "%s: a corporate action takes effect; its open order is withdrawn",
                 wheels::symbol_of(*u, ctx));
    wheels::Executor::withdraw(*u, ctx);
  }

  void save(zm::writer& out) const {
    out.put(timer_at_ns_);
    out.put(underlyings_);
  }
  bool load(zm::reader& in, std::uint32_t) {
    std::int64_t timer = 0;
    std::vector<Underlying> saved;
    if (!in.get(timer) || !in.get(saved, most_underlyings)) return false;
    for (const Underlying& s : saved) {
      if (!s.sane()) return false;
    }
    timer_at_ns_ = timer;
    for (Underlying& u :
         underlyings_) {  // an underlying that was taken off the list is the operator's from now on
      for (const Underlying& s : saved) {
        if (s.id == u.id) u = s;
      }
    }
    return true;
  }

 private:
  static constexpr std::size_t most_underlyings = 256;

  Underlying* find(std::uint32_t instrument) {
    for (Underlying& u : underlyings_) {
      if (u.id == static_cast<std::int64_t>(instrument)) return &u;
    }
    return nullptr;
  }
  static void hear_price(Underlying& u, std::int64_t ts_ns, double price) {
    u.spot = price;
    u.history.hear(wheels::day_of_time(ts_ns), price);
  }
  static void expect_dividend(Underlying& u, std::int64_t day, double cash) {
    u.dividend_every =
        u.dividend_day > 0 && day > u.dividend_day + 20 ? day - u.dividend_day : u.dividend_every;
    u.dividend_day = day;
    u.dividend_cash = cash;
  }

  void decide(zm::context& ctx) {
    ctx.add(desk_.telemetry.decisions, 1);
    for (std::size_t i = 0; i < underlyings_.size(); ++i) {
      Underlying& u = underlyings_[i];
      zm_chain chain;
      wheels::Columns columns;
      if (u.fresh == 0 || !desk_.usable(u, chain, columns, ctx)) continue;
      hear_price(u, chain.ts_ns, chain.spot);
      wheels::Keeper::reconcile(u, columns, ctx);
      wheels::Keeper::value(u, columns);
      desk_.executor.withdraw_if_late(u, ctx);
      const auto pause = static_cast<std::int64_t>(decide_every_s * 1e9);
      if (u.plan.active() || ctx.now_ns() - u.decided_ns < pause || ctx.now_ns() < u.not_before_ns)
        continue;
      u.decided_ns = ctx.now_ns();
      desk_.consider(underlyings_, i, columns, ctx);
    }
    desk_.allocate(underlyings_, ctx);
    report(ctx);
    work_plans(ctx);
  }

  void work_plans(zm::context& ctx) {
    for (Underlying& u : underlyings_) {
      if (!u.plan.active() || u.plan.working() || ctx.now_ns() < u.not_before_ns) continue;
      if (u.plan.now().tries > 0 && u.fresh == 0)
        continue;  // not again at the price that did not fill
      zm_chain chain;
      wheels::Columns columns;
      if (desk_.usable(u, chain, columns, ctx))
        desk_.executor.send(u, columns, desk_.telemetry, ctx);
    }
  }

  void report(zm::context& ctx) {
    double income = 0, tied = 0, delta = 0, capital_days = 0;
    for (Underlying& u : underlyings_) {
      const double capital = u.book.secured() + u.book.ledger.shares * u.spot;
      u.book.ledger.account(ctx.now_ns(), capital);
      income += u.book.ledger.income();
      capital_days += u.book.ledger.capital_days;
      tied += capital;
      delta += u.exposure;
    }
    ctx.set(desk_.telemetry.income, income);
    ctx.set(desk_.telemetry.tied_up, tied);
    ctx.set(desk_.telemetry.delta, delta);
    ctx.set(desk_.telemetry.yield, capital_days > 0 ? income / capital_days * 365 : 0);
  }

  std::vector<Underlying> underlyings_;
  std::int64_t timer_at_ns_ =
      0;  // when the next decision falls due, 0: no chain was heard since the last
  wheels::Desk desk_;
  bool moved_ = false;  // the books changed since they were last reported
};

ZOMMA_STRATEGY(wheel, "dev.zomma.wheel", "1.0.0", 1)
