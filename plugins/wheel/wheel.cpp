// wheel: sells puts that it can pay for, takes the shares when they are put to it, sells calls against them until they are
// called away, and begins again; over many underlyings at once.
//
// This file is the shell: it hears events, asks the decisions (candidates.h, roll.h, sizing.h) and works their orders
// (plan.h). What it remembers is in underlying.h. docs/reference/wheel.md says what each parameter does.
#include <algorithm>

#include "settings.h"
#include "shell.h"

namespace {

using namespace wheels;

struct Choice {
  Candidate best;
  std::size_t underlying = 0;
};

}  // namespace

struct wheel : zm::strategy<wheel>, Settings {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_STATE;
  static constexpr auto parameters = wheels::parameter_table;

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty()) {
      ctx.set_error("the wheel needs underlyings: set instruments = [\"...\"]");
      return ZM_E_ARGUMENT;
    }
    if (ctx.instruments().size() > most_underlyings) {
      ctx.set_error("the wheel takes at most 256 underlyings an instance");
      return ZM_E_ARGUMENT;
    }
    underlyings_.resize(ctx.instruments().size());
    for (std::size_t i = 0; i < underlyings_.size(); ++i) {
      ctx.instrument(ctx.instruments()[i]);  // refuses an unknown one
      underlyings_[i].id = ctx.instruments()[i];
    }
    strikes_.resize(most_contracts);
    choices_.reserve(underlyings_.size());
    for (auto* room : {&exposure_, &volatility_, &correlation_}) room->resize(underlyings_.size());
    if (!chains_.attach(ctx)) ctx.log(ZM_LOG_ERROR, "this host has no option chains; the wheel hears, and trades nothing");
    clearing_.attach(ctx);
    declare(ctx);
    return ZM_OK;
  }

  void on_parameter(std::uint32_t, zm::context&) {
    rules_ = rules();
    limits_ = limits();
  }
  void on_quote(const zm_event& event, zm::context& ctx) {
    Underlying* u = find(event.instrument);
    if (u == nullptr || event.u.quote.bid_price <= 0 || event.u.quote.ask_price < event.u.quote.bid_price) return;
    Scale scale;
    if (scale_of(ctx, event.instrument, scale)) hear_price(*u, event.ts_ns, scale.money(event.u.quote.bid_price / 2 + event.u.quote.ask_price / 2));
  }
  void on_state(const zm_event& event, zm::context&) {
    if (event.kind != ZM_EVENT_MARKET_STATE) return;
    if (Underlying* u = find(event.instrument)) u->halted = event.u.state.state == ZM_MARKET_HALT ? 1 : 0;
  }
  void on_chain(const zm_event& event, zm::context& ctx) {
    Underlying* u = find(event.instrument);
    if (u == nullptr) return;
    u->fresh = 1;
    if (timer_at_ns_ <= ctx.now_ns()) {  // gather the chains that come at one time, then decide once
      timer_at_ns_ = ctx.now_ns() + static_cast<std::int64_t>(gather_ms * 1e6);
      ctx.arm(timer_at_ns_, 0);
    }
  }
  void on_timer(const zm_event&, zm::context& ctx) {
    timer_at_ns_ = 0;
    decide(ctx);
  }
  void on_batch_end(zm::context& ctx) {
    if (timer_at_ns_ == 0) work_plans(ctx);
  }

  void on_order(const zm_event& event, zm::context& ctx) {
    for (Underlying& u : underlyings_) {
      if (u.plan.order_id == 0 || u.plan.order_id != event.u.order_update.order_id) continue;
      if (event.kind == ZM_EVENT_FILL) return on_fill(u, event, ctx);
      const bool over = event.kind == ZM_EVENT_REJECTED || event.kind == ZM_EVENT_CANCELED || event.kind == ZM_EVENT_EXPIRED;
      if (event.kind == ZM_EVENT_REJECTED) on_reject(u, event.u.order_update.code, ctx);
      if (event.kind == ZM_EVENT_CANCEL_REJECTED) u.plan.canceling = 0;
      if (over) end_order(u, ctx);
      return;
    }
  }
  void on_settlement(const zm_event& event, zm::context& ctx) { settle(event, ctx); }
  void on_corporate(const zm_event& event, zm::context& ctx) {
    Underlying* u = find(event.instrument);
    const zm_corporate_action& action = event.u.corporate;
    if (u == nullptr || action.type != ZM_CORPORATE_SPLIT || action.new_units == 0 || action.old_units == 0) return;
    u->history.rescale(static_cast<double>(action.old_units) / action.new_units);
    tell(ctx, ZM_LOG_INFO, "%s: split %u for %u; open orders are withdrawn", symbol(*u, ctx), action.new_units, action.old_units);
    if (u->plan.working()) ctx.cancel(u->plan.order_id);
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
      if (!sane(s)) return false;
    }
    timer_at_ns_ = timer;
    if (underlyings_.empty()) underlyings_ = saved;
    for (Underlying& u : underlyings_) {  // an underlying that was taken off the list is the operator's from now on
      for (const Underlying& s : saved) {
        if (s.id == u.id) u = s;
      }
    }
    return true;
  }

 private:
  static constexpr std::size_t most_underlyings = 256, most_contracts = 16384;

  static bool sane(const Underlying& s) {
    const auto within = [](std::int64_t value, std::int64_t most) { return value >= 0 && value <= most; };
    bool kinds = within(s.plan.kind, static_cast<std::int64_t>(Kind::collar));
    for (const Holding& held : s.book.holdings) kinds = kinds && within(held.kind, static_cast<std::int64_t>(Kind::collar));
    return kinds && s.history.sane() && s.plan.sane();
  }

  Underlying* find(std::uint32_t instrument) {
    for (Underlying& u : underlyings_) {
      if (u.id == static_cast<std::int64_t>(instrument)) return &u;
    }
    return nullptr;
  }
  const char* symbol(const Underlying& u, zm::context& ctx) const {
    zm_instrument info{};
    return ctx.find_instrument(static_cast<std::uint32_t>(u.id), info) ? info.symbol : "?";
  }
  void hear_price(Underlying& u, std::int64_t ts_ns, double price) {
    if (!(price > 0)) return;
    u.spot = price;
    u.history.hear(day_of_time(ts_ns), price);
  }

  // --- decisions ---
  enum class Why : std::int64_t { none = -1, no_chain, suspect, old, halted, resting, no_spot, no_candidate, no_size, waiting };
  void skip(Underlying& u, Why why, const char* text, zm::context& ctx) {
    ctx.add(skipped_, 1);
    const std::int64_t day = day_of_time(ctx.now_ns());
    if (u.told_day == day && u.told_why == static_cast<std::int64_t>(why)) return;  // once a day and reason
    u.told_day = day;
    u.told_why = static_cast<std::int64_t>(why);
    tell(ctx, ZM_LOG_INFO, "%s: no trade: %s", symbol(u, ctx), text);
  }

  void decide(zm::context& ctx) {
    choices_.clear();
    ctx.add(decisions_, 1);
    for (std::size_t i = 0; i < underlyings_.size(); ++i) {
      Underlying& u = underlyings_[i];
      if (u.fresh == 0) continue;
      zm_chain chain;
      Columns columns;
      if (!usable(u, chain, columns, ctx)) continue;
      hear_price(u, chain.ts_ns, chain.spot);
      reconcile(u, columns, ctx);
      value(u, columns);
      if (u.plan.active()) {
        withdraw_if_late(u, ctx);
        continue;
      }
      if (ctx.now_ns() - u.decided_ns < static_cast<std::int64_t>(decide_every_s * 1e9) || ctx.now_ns() < u.not_before_ns) continue;
      u.decided_ns = ctx.now_ns();
      consider(i, columns, ctx);
    }
    allocate(ctx);
    report(ctx);
    work_plans(ctx);
  }

  bool usable(Underlying& u, zm_chain& chain, Columns& columns, zm::context& ctx) {
    if (!look(chains_, ctx, static_cast<std::uint32_t>(u.id), strikes_, chain, columns)) return skip(u, Why::no_chain, "no chain", ctx), false;
    if ((chain.flags & ZM_CHAIN_SUSPECT) != 0) return skip(u, Why::suspect, "its chain is suspect", ctx), false;
    if (ctx.now_ns() - chain.ts_ns > static_cast<std::int64_t>(max_chain_age_s * 1e9)) return skip(u, Why::old, "its chain is old", ctx), false;
    if (!(chain.spot > 0)) return skip(u, Why::no_spot, "the underlying has no price", ctx), false;
    if (u.halted != 0) return skip(u, Why::halted, "the market is halted", ctx), false;
    return true;
  }

  // What is held, against the host's books, which are right.
  void reconcile(Underlying& u, const Columns& columns, zm::context& ctx) {
    Scale scale;
    for (Holding& held : u.book.holdings) {
      if (held.empty() || !scale_of(ctx, static_cast<std::uint32_t>(held.instrument), scale)) continue;
      refresh(held, columns, ctx);
      const std::int64_t there = scale.units(ctx.position(static_cast<std::uint32_t>(held.instrument)).quantity);
      if (there == held.quantity) continue;
      tell(ctx, ZM_LOG_WARNING, "%s: %lld contracts of %u %.2f are held, %lld were known", symbol(u, ctx), static_cast<long long>(there),
           static_cast<unsigned>(held.expiry_date), held.strike, static_cast<long long>(held.quantity));
      if (there == 0) held = Holding{};
      else held.quantity = there;
    }
    if (!scale_of(ctx, static_cast<std::uint32_t>(u.id), scale)) return;
    const zm_position stock = ctx.position(static_cast<std::uint32_t>(u.id));
    const double shares = static_cast<double>(scale.units(stock.quantity));
    if (shares > u.book.ledger.shares) u.book.ledger.buy_shares(shares - u.book.ledger.shares, (shares - u.book.ledger.shares) * scale.money(stock.average_price));
    if (shares < u.book.ledger.shares) u.book.ledger.sell_shares(u.book.ledger.shares - shares, (u.book.ledger.shares - shares) * u.spot);
    if (u.adopted == 0) adopt(u, columns, ctx);
    u.adopted = 1;
    u.book.end_cycle_if_flat();
  }
  // A corporate action may have given the contract other terms.
  void refresh(Holding& held, const Columns& columns, zm::context& ctx) const {
    const std::uint32_t row = row_of(columns, held.instrument);
    if (row == no_row) return;
    Holding terms = terms_of(columns, row, static_cast<Kind>(held.kind), ctx);
    terms.opened_ns = held.opened_ns;
    terms.quantity = held.quantity;
    terms.money = held.money;
    held = terms;
  }
  // Options that were held before the wheel began.
  void adopt(Underlying& u, const Columns& columns, zm::context& ctx) {
    Scale scale;
    for (std::uint32_t row = 0; row < columns.chain->count; ++row) {
      const std::uint32_t id = columns.contract(row).instrument;
      const zm_position held = ctx.position(id);
      if (held.quantity == 0 || u.book.find(id) != nullptr || !scale_of(ctx, id, scale)) continue;
      const std::int64_t contracts = scale.units(held.quantity);
      const Holding terms = terms_of(columns, row, Kind::none, ctx);
      u.book.trade(terms, contracts, -static_cast<double>(contracts) * scale.money(held.average_price) * terms.multiplier);
      tell(ctx, ZM_LOG_INFO, "%s: takes over %lld contracts of %u %.2f", symbol(u, ctx), static_cast<long long>(contracts),
           static_cast<unsigned>(terms.expiry_date), terms.strike);
    }
  }
  Holding terms_of(const Columns& columns, std::uint32_t row, Kind kind, zm::context& ctx) const {
    const zm_contract& contract = columns.contract(row);
    Holding terms;
    terms.instrument = contract.instrument;
    terms.put = columns.is_put(row) ? 1 : 0;
    terms.strike = columns.strike[row];
    terms.multiplier = static_cast<double>(contract.multiplier);
    terms.deliverable = static_cast<double>(contract.deliverable);
    terms.expiry_date = contract.expiry_date;
    terms.expiry_ns = contract.expiry_ns;
    terms.opened_ns = ctx.now_ns();
    terms.kind = static_cast<std::int64_t>(kind);
    return terms;
  }

  // Delta in currency, and the volatility to see it with.
  void value(Underlying& u, const Columns& columns) {
    double delta = u.book.ledger.shares;
    for (const Holding& held : u.book.holdings) {
      const std::uint32_t row = held.empty() ? no_row : row_of(columns, held.instrument);
      if (row == no_row) continue;
      const double known = columns.chain->delta[row];
      delta += static_cast<double>(held.quantity) * held.multiplier * (std::isfinite(known) ? known : held.put != 0 ? -0.5 : 0.5);
    }
    u.exposure = delta * u.spot;
    u.volatility = u.history.size() >= 20 ? u.history.volatility() : middle_vol(columns);
  }
  static double middle_vol(const Columns& columns) {
    double vol = 0.3, nearest = INFINITY;  // of the contract nearest to the money
    for (std::uint32_t row = 0; row < columns.chain->count; ++row) {
      const double off = std::abs(columns.strike[row] - columns.chain->spot);
      if (columns.chain->status[row] == ZM_CHAIN_OK && off < nearest) { nearest = off; vol = columns.chain->implied_vol[row]; }
    }
    return vol;
  }

  void consider(std::size_t index, const Columns& columns, zm::context& ctx) {
    Underlying& u = underlyings_[index];
    Request request;
    request.today = date_of_day(day_of_time(ctx.now_ns()));
    const std::int64_t lots = free_lots(u, columns);
    request.over_shares = lots > 0;
    if (!request.over_shares && (u.book.short_option(true) != nullptr || u.book.short_option(false) != nullptr)) return;
    if (!request.over_shares && u.book.ledger.shares > 0 && !puts_beside_shares) return;
    request.floor_strike = call_floor == 0 ? 0 : call_floor == 1 ? u.book.ledger.basis_per_share() : u.book.ledger.cost_per_share();
    Census census;
    KnownDays known;
    Choice choice{Search(columns, rules_, request, known, census).run(u.history, work_), index};
    count(census, ctx);
    if (choice.best.kind == Kind::none) {
      char text[96];
      std::snprintf(text, sizeof text, "no %s among %u contracts; most fail by %s", request.over_shares ? "call" : "put", census.seen,
                    refusal_names[static_cast<std::size_t>(census.commonest())]);
      return skip(u, Why::no_candidate, text, ctx);
    }
    if (request.over_shares) open(u, choice.best, lots, "shares", columns, ctx);
    else choices_.push_back(choice);
  }
  // Standard contracts that the shares can cover and no short call has claimed.
  std::int64_t free_lots(const Underlying& u, const Columns& columns) const {
    double deliverable = 0;
    for (std::uint32_t row = 0; row < columns.chain->count && deliverable == 0; ++row) {
      if ((columns.contract(row).flags & ZM_CONTRACT_ADJUSTED) == 0) deliverable = static_cast<double>(columns.contract(row).deliverable);
    }
    if (!(deliverable > 0)) return 0;
    double claimed = 0;
    for (const Holding& held : u.book.holdings) {
      if (held.quantity < 0 && held.put == 0) claimed -= static_cast<double>(held.quantity) * held.deliverable;
    }
    return static_cast<std::int64_t>(std::floor((u.book.ledger.shares - claimed) / deliverable + 1e-9));
  }

  // The best first, each as large as what the ones before it left.
  void allocate(zm::context& ctx) {
    std::stable_sort(choices_.begin(), choices_.end(), [](const Choice& a, const Choice& b) { return a.best.score > b.best.score; });
    for (const Choice& choice : choices_) {
      Underlying& u = underlyings_[choice.underlying];
      zm_chain chain;
      Columns columns;
      if (!look(chains_, ctx, static_cast<std::uint32_t>(u.id), strikes_, chain, columns)) continue;
      const Candidate& best = choice.best;
      const double capital = best.capital * best.multiplier;
      const Size size = size_of(best.kelly, capital, capital, -best.delta * u.spot * best.multiplier, u.volatility, standing(choice.underlying, ctx), limits_);
      if (size.contracts == 0) {
        char text[96];
        std::snprintf(text, sizeof text, "one contract of %.0f is more than %s allows", capital, bound_names[static_cast<int>(size.bound)]);
        skip(u, Why::no_size, text, ctx);
        continue;
      }
      open(u, best, size.contracts, bound_names[static_cast<int>(size.bound)], columns, ctx);
      u.exposure -= best.delta * u.spot * best.multiplier * static_cast<double>(size.contracts);
    }
  }
  Standing standing(std::size_t candidate, zm::context& ctx) {
    const zm_account account = ctx.account();
    Standing now;
    now.equity = static_cast<double>(account.equity) * money_unit;
    now.free_cash = static_cast<double>(account.cash) * money_unit;
    for (std::size_t i = 0; i < underlyings_.size(); ++i) {
      const Underlying& u = underlyings_[i];
      const double secured = u.book.secured() + reserved(u);
      const double tied = secured + u.book.ledger.shares * u.spot;
      now.free_cash -= secured;
      now.tied_up += tied;
      if (i == candidate) now.tied_up_here = tied;
      exposure_[i] = u.exposure;
      volatility_[i] = u.volatility;
      correlation_[i] = i == candidate ? 1 : u.exposure == 0 ? 0 : pair(i, candidate);
    }
    for (std::size_t i = 0; i < underlyings_.size(); ++i) {
      for (std::size_t j = 0; j < underlyings_.size(); ++j) {
        if (exposure_[i] == 0 || exposure_[j] == 0) continue;
        now.variance += exposure_[i] * volatility_[i] * exposure_[j] * volatility_[j] * (i == j ? 1 : pair(i, j));
      }
    }
    now.exposure = exposure_;
    now.volatility = volatility_;
    now.correlation = correlation_;
    if (const auto margin = clearing_.margin()) now.buying_power = static_cast<double>(margin->buying_power) * money_unit;
    return now;
  }
  double pair(std::size_t i, std::size_t j) const {
    return correlation(underlyings_[i].history, underlyings_[j].history, correlation_prior, correlation_prior_days);
  }
  // Capital that a plan under way will still take.
  static double reserved(const Underlying& u) { return u.plan.active() && u.plan.purpose == Purpose::open ? u.plan.capital : 0; }

  void open(Underlying& u, const Candidate& c, std::int64_t contracts, const char* bound, const Columns& columns, zm::context& ctx) {
    u.plan = Plan{};
    u.plan.purpose = Purpose::open;
    u.plan.kind = static_cast<std::int64_t>(c.kind);
    u.plan.capital = over_shares(c.kind) ? 0 : c.capital * c.multiplier * static_cast<double>(contracts);
    plan_legs(u.plan, c, contracts);
    const Leg& leg = c.leg[0];
    tell(ctx, ZM_LOG_INFO,
         "%s: %s, sells %lld of %u %.2f at %.2f: delta %.3f, P(ITM) %.3f, EV %.2f a contract (surface %.2f, history %.2f), yield %.1f %%, "
         "expected %.1f %% a year, Kelly %.3f, size by %s",
         symbol(u, ctx), name_of(c.kind), static_cast<long long>(contracts), c.expiry_date, leg.strike, leg.price, c.delta, c.probability,
         c.ev * c.multiplier, c.ev_surface * c.multiplier, c.ev_history * c.multiplier, c.yield * 100, c.expected_yield * 100, c.kelly, bound);
    ctx.signal(edge_, leg.instrument, leg.price > 0 ? -c.ev / leg.price : 0);
    ctx.add(opened_, static_cast<double>(contracts));
    (void)columns;
  }
  // What is bought goes first; what is sold leans on it.
  void plan_legs(Plan& plan, const Candidate& c, std::int64_t contracts) const {
    std::int64_t protection = -1;
    for (int i = 0; i < c.legs; ++i) {
      if (c.leg[i].side < 0) continue;
      protection = plan.count;
      plan.add({c.leg[i].instrument, ZM_SIDE_BUY, contracts, 0, -1, c.leg[i].price * (1 + max_slippage), 0});
    }
    for (int i = c.legs - 1; i >= 0; --i) {
      if (c.leg[i].side > 0) continue;
      plan.add({c.leg[i].instrument, ZM_SIDE_SELL, contracts, 0, protection, c.leg[i].price * (1 - max_slippage), 0});
    }
  }

  // --- orders ---
  void work_plans(zm::context& ctx) {
    for (Underlying& u : underlyings_) {
      if (!u.plan.active() || u.plan.working() || u.halted != 0 || ctx.now_ns() < u.not_before_ns) continue;
      if (u.plan.now().tries > 0 && u.fresh == 0) continue;  // not again at the price that did not fill
      zm_chain chain;
      Columns columns;
      if (!usable(u, chain, columns, ctx)) continue;
      send(u, columns, ctx);
    }
  }
  void send(Underlying& u, const Columns& columns, zm::context& ctx) {
    Step& step = u.plan.now();
    const std::uint32_t row = row_of(columns, step.instrument);
    Scale scale;
    if (row == no_row || !scale_of(ctx, static_cast<std::uint32_t>(step.instrument), scale)) return drop(u, "its contract left the chain", ctx);
    if (!tradable(columns, row)) return skip(u, Why::waiting, "the contract of its plan has no fit quote", ctx);
    const bool sell = step.side == ZM_SIDE_SELL;
    const double price = sell ? std::max(sell_price(columns, row, rules_.limit_aggression), step.worst)
                              : std::min(buy_price(columns, row, rules_.limit_aggression), step.worst);
    const zm_quantity quantity = scale.raw(u.plan.wanted());
    const zm_price limit = std::max(scale.limit(price, sell), scale.tick);
    const auto result = ctx.submit(zm::limit_order(static_cast<std::uint32_t>(step.instrument), static_cast<std::uint32_t>(step.side), limit,
                                                   quantity, ZM_TIF_DAY));
    u.fresh = 0;
    if (result.status != ZM_OK) {
      on_reject(u, result.code, ctx);
      return end_order(u, ctx);
    }
    u.plan.order_id = result.order_id;
    u.plan.sent_ns = ctx.now_ns();
  }
  void withdraw_if_late(Underlying& u, zm::context& ctx) {
    if (!u.plan.working() || u.plan.canceling != 0) return;
    if (ctx.now_ns() - u.plan.sent_ns < static_cast<std::int64_t>(reprice_s * 1e9)) return;
    if (ctx.cancel(u.plan.order_id).status == ZM_OK) u.plan.canceling = 1;
  }
  void drop(Underlying& u, const char* why, zm::context& ctx) {
    tell(ctx, ZM_LOG_WARNING, "%s: gives its plan up: %s", symbol(u, ctx), why);
    u.plan = Plan{};
  }
  void on_reject(Underlying& u, std::uint32_t code, zm::context& ctx) {
    ++u.rejects;
    ctx.add(rejected_, 1);
    const std::int64_t pause = second_ns * 60 << std::min<std::int64_t>(u.rejects, 10);
    u.not_before_ns = ctx.now_ns() + pause;
    tell(ctx, ZM_LOG_WARNING, "%s: an order was refused (reason %u), the %lld. in a row; waits %lld minutes", symbol(u, ctx), code,
         static_cast<long long>(u.rejects), static_cast<long long>(pause / second_ns / 60));
  }
  void on_fill(Underlying& u, const zm_event& event, zm::context& ctx) {
    const Step step = u.plan.now();
    Scale scale;
    zm_chain chain;
    Columns columns;
    if (!scale_of(ctx, static_cast<std::uint32_t>(step.instrument), scale)) return;
    const std::int64_t contracts = scale.units(event.u.fill.quantity);
    Holding terms;
    terms.instrument = step.instrument;
    const bool seen = look(chains_, ctx, static_cast<std::uint32_t>(u.id), strikes_, chain, columns);
    const std::uint32_t row = seen ? row_of(columns, step.instrument) : no_row;
    if (row != no_row) terms = terms_of(columns, row, static_cast<Kind>(u.plan.kind), ctx);
    const double sign = step.side == ZM_SIDE_SELL ? 1 : -1, amount = static_cast<double>(contracts);
    const double money = amount * (sign * scale.money(event.u.fill.price) * terms.multiplier - rules_.fee_per_contract);
    if (!u.book.trade(terms, step.side == ZM_SIDE_SELL ? -contracts : contracts, money)) {
      ctx.log(ZM_LOG_ERROR, "more option positions on one underlying than the wheel can remember");
    }
    u.plan.fill(contracts);
    u.rejects = 0;
    ctx.add(premium_in_, std::max(money, 0.0));
    if (event.u.fill.leaves_quantity == 0) end_order(u, ctx);
  }
  void end_order(Underlying& u, zm::context& ctx) {
    if (u.plan.order_ended(most_tries)) return;
    ++u.book.ledger.opened;
    unwind_orphans(u, ctx);
  }
  // Protection that was bought for something that could not be sold is sold again.
  void unwind_orphans(Underlying& u, zm::context& ctx) {
    Plan unwind;
    unwind.purpose = Purpose::unwind;
    for (std::int64_t i = 0; i < u.plan.count; ++i) {
      const Step& step = u.plan.step[static_cast<std::size_t>(i)];
      const std::int64_t orphans = step.side == ZM_SIDE_BUY && u.plan.protects(i) ? u.plan.orphans(i) : 0;
      if (orphans > 0) unwind.add({step.instrument, ZM_SIDE_SELL, orphans, 0, -1, 0, 0});
    }
    u.plan = unwind.count > 0 ? unwind : Plan{};
    if (unwind.count > 0) tell(ctx, ZM_LOG_WARNING, "%s: sells protection that protects nothing", symbol(u, ctx));
  }

  // --- settlement ---
  void settle(const zm_event& event, zm::context& ctx) {
    const zm_settlement& s = event.u.settlement;
    for (Underlying& u : underlyings_) {
      Holding* held = u.book.find(event.instrument);
      if (held != nullptr) {
        Scale scale;
        scale_of(ctx, event.instrument, scale);
        return settle_option(u, *held, event.kind, scale.units(s.quantity), static_cast<double>(s.cash) * money_unit, s.delivered, ctx);
      }
      if (u.id != static_cast<std::int64_t>(event.instrument)) continue;
      if (event.kind == ZM_EVENT_CASH) u.book.ledger.dividends += static_cast<double>(s.cash) * money_unit;
      if (event.kind == ZM_EVENT_ADJUSTED) {  // a split: more or fewer shares for the same money
        Scale scale;
        if (scale_of(ctx, event.instrument, scale)) u.book.ledger.shares += static_cast<double>(scale.units(s.quantity));
      }
      return;
    }
  }
  void settle_option(Underlying& u, const Holding held, std::uint16_t kind, std::int64_t change, double cash, std::uint32_t delivered,
                     zm::context& ctx) {
    const double shares = std::abs(static_cast<double>(change)) * held.deliverable;
    const bool exchanged = kind == ZM_EVENT_ASSIGNED || kind == ZM_EVENT_EXERCISED;
    if (exchanged && held.deliverable > 0) {
      if (cash < 0) u.book.ledger.buy_shares(shares, -cash);
      else u.book.ledger.sell_shares(shares, cash);
    } else if (exchanged) {
      u.book.ledger.premium += cash;
      u.book.ledger.cycle_premium += cash;
    }
    if (kind == ZM_EVENT_ASSIGNED) {
      ++(held.put != 0 ? u.book.ledger.assigned : u.book.ledger.called_away);
      ctx.add(held.put != 0 ? assigned_ : called_away_, std::abs(static_cast<double>(change)));
    }
    if (kind == ZM_EVENT_LAPSED) ++u.book.ledger.lapsed;
    if (kind == ZM_EVENT_ADJUSTED && delivered != ZM_NO_INSTRUMENT) return follow(u, held.instrument, delivered, ctx);
    constexpr const char* what[] = {"assigned", "exercised", "lapsed", "adjusted"};
    if (kind <= ZM_EVENT_ADJUSTED) {
      tell(ctx, ZM_LOG_INFO, "%s: %s %lld of %u %.2f; %.0f shares at %.2f, basis %.2f", symbol(u, ctx), what[kind - ZM_EVENT_ASSIGNED],
           static_cast<long long>(std::abs(change)), static_cast<unsigned>(held.expiry_date), held.strike, u.book.ledger.shares,
           u.book.ledger.cost_per_share(), u.book.ledger.basis_per_share());
    }
    u.book.leave(static_cast<std::uint32_t>(held.instrument), change);
  }

  // The contract became another one; its premium stays what it was.
  void follow(Underlying& u, std::int64_t from, std::uint32_t to, zm::context& ctx) {
    Holding* held = u.book.find(static_cast<std::uint32_t>(from));
    Scale scale;
    if (held == nullptr || !scale_of(ctx, to, scale)) return;
    held->instrument = to;
    held->quantity = scale.units(ctx.position(to).quantity);
    if (held->quantity == 0) *held = Holding{};
    tell(ctx, ZM_LOG_INFO, "%s: a contract was adjusted and is followed under its new name", symbol(u, ctx));
  }

  // --- for the operator ---
  void declare(zm::context& ctx) {
    decisions_ = ctx.declare("decisions", "decisions", ZM_METRIC_COUNTER);
    skipped_ = ctx.declare("skipped", "underlyings", ZM_METRIC_COUNTER);
    opened_ = ctx.declare("opened", "contracts", ZM_METRIC_COUNTER);
    assigned_ = ctx.declare("assigned", "contracts", ZM_METRIC_COUNTER);
    called_away_ = ctx.declare("called_away", "contracts", ZM_METRIC_COUNTER);
    rejected_ = ctx.declare("rejected", "orders", ZM_METRIC_COUNTER);
    premium_in_ = ctx.declare("premium_received", "currency", ZM_METRIC_COUNTER);
    priced_ = ctx.declare("candidates_priced", "contracts", ZM_METRIC_COUNTER);
    income_ = ctx.declare("income", "currency", ZM_METRIC_GAUGE);
    tied_up_ = ctx.declare("tied_up", "currency", ZM_METRIC_GAUGE);
    delta_ = ctx.declare("delta", "currency", ZM_METRIC_GAUGE);
    edge_ = ctx.declare("option_edge", "ratio", ZM_METRIC_SIGNAL);
    for (std::size_t i = 0; i < refused_.size(); ++i) {
      char name[48];
      std::snprintf(name, sizeof name, "refused_%s", refusal_names[i]);
      refused_[i] = ctx.declare(name, "contracts", ZM_METRIC_COUNTER);
    }
  }
  void count(const Census& census, zm::context& ctx) const {
    ctx.add(priced_, census.priced);
    for (std::size_t i = 0; i < refused_.size(); ++i) {
      if (census.refused[i] > 0) ctx.add(refused_[i], census.refused[i]);
    }
  }
  void report(zm::context& ctx) {
    double income = 0, tied = 0, delta = 0;
    for (Underlying& u : underlyings_) {
      const double capital = u.book.secured() + u.book.ledger.shares * u.spot;
      u.book.ledger.account(ctx.now_ns(), capital);
      income += u.book.ledger.income();
      tied += capital;
      delta += u.exposure;
    }
    ctx.set(income_, income);
    ctx.set(tied_up_, tied);
    ctx.set(delta_, delta);
  }

  std::vector<Underlying> underlyings_;
  std::int64_t timer_at_ns_ = 0;  // when the next decision falls due, 0: no chain was heard since the last
  // What follows is made again by every activation.
  zm::chains chains_;
  zm::option_account clearing_;
  Rules rules_;
  Limits limits_;
  Workspace work_;
  std::vector<double> strikes_, exposure_, volatility_, correlation_;
  std::vector<Choice> choices_;
  std::uint32_t decisions_ = 0, skipped_ = 0, opened_ = 0, assigned_ = 0, called_away_ = 0, rejected_ = 0, premium_in_ = 0, priced_ = 0,
                income_ = 0, tied_up_ = 0, delta_ = 0, edge_ = 0;
  std::array<std::uint32_t, static_cast<std::size_t>(Refusal::count)> refused_{};
};

ZOMMA_STRATEGY(wheel, "dev.zomma.wheel", "1.0.0", 1)
