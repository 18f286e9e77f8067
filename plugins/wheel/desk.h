// desk.h: where decisions become plans: what to open, what to do about what is held, how much, and
// the sentence that says why.
#pragma once

#include <zomma/ext/draft/agenda.h>

#include "executor.h"
#include "roll.h"
#include "settings.h"

namespace wheels {

enum class Why : std::int64_t {
  none = -1,
  no_chain,
  suspect,
  old,
  halted,
  no_spot,
  no_candidate,
  no_size,
  waiting,
  holds
};

class Desk {
 public:
  Settings settings;
  Telemetry telemetry;
  Executor executor;

  void attach(const zm::context& ctx, std::size_t underlyings) {
    constexpr std::size_t most_contracts = 16384;
    if (!chains_.attach(ctx))
      ctx.log(ZM_LOG_ERROR, "this host has no option chains; the wheel hears, and trades nothing");
    clearing_.attach(ctx);
    agenda_ = static_cast<const zm_agenda_api*>(ctx.host()->get_ext(ctx.host(), ZM_EXT_AGENDA));
    strikes_.resize(most_contracts);
    choices_.reserve(underlyings);
    for (auto* room : {&exposure_, &volatility_, &correlation_}) room->resize(underlyings);
    telemetry.declare(ctx);
    apply(settings);
  }
  void apply(const Settings& now) {
    settings = now;
    rules_ = now.rules();
    limits_ = now.limits();
    roll_ = now.roll();
    executor.rules = now.execution();
  }

  // The underlying's chain; false where there is none.
  bool columns_of(const Underlying& u, zm_chain& chain, Columns& columns, const zm::context& ctx) {
    return look(chains_, ctx, static_cast<std::uint32_t>(u.id), strikes_, chain, columns);
  }
  // The same, fit to trade on; otherwise says why not.
  bool usable(Underlying& u, zm_chain& chain, Columns& columns, const zm::context& ctx) {
    if (!columns_of(u, chain, columns, ctx)) return skip(u, Why::no_chain, "no chain", ctx);
    if ((chain.flags & ZM_CHAIN_SUSPECT) != 0)
      return skip(u, Why::suspect, "its chain is suspect", ctx);
    if (ctx.now_ns() - chain.ts_ns > static_cast<std::int64_t>(settings.max_chain_age_s * 1e9))
      return skip(u, Why::old, "its chain is old", ctx);
    if (!(chain.spot > 0)) return skip(u, Why::no_spot, "the underlying has no price", ctx);
    if (u.halted != 0) return skip(u, Why::halted, "the market is halted", ctx);
    return true;
  }

  // Thinks about one underlying without a plan: what is held first, then what could be opened. What
  // needs capital waits for allocate(), which sees all underlyings.
  void consider(std::vector<Underlying>& all, std::size_t index, const Columns& columns,
                const zm::context& ctx) {
    Underlying& u = all[index];
    Request request;
    request.today = date_of_day(day_of_time(ctx.now_ns()));
    const std::int64_t lots = Keeper::free_lots(u, columns);
    for (const bool put : {true, false}) {
      const Holding* sold = u.book.short_option(put);
      if (sold != nullptr && !u.plan.active()) manage(all, index, *sold, columns, ctx);
    }
    if (!u.plan.active() && u.book.ledger.shares < 0) return buy_owed(u, ctx);
    if (!u.plan.active()) sell_leftovers(u, columns, ctx);
    if (u.plan.active() || ctx.now_ns() < u.opens_after_ns) return;
    request.over_shares = lots > 0;
    if (lots <= 0 &&
        (u.book.short_option(true) != nullptr || u.book.short_option(false) != nullptr))
      return;
    if (lots <= 0 && u.book.ledger.shares > 0 && !settings.puts_beside_shares) return;
    request.floor_strike = floor_of(u);
    Census census;
    const KnownDays known = known_days(u, request.today, ctx);
    Choice choice{Search(columns, rules_, request, known, census).run(u.history, work_), index};
    telemetry.count(census, ctx);
    if (choice.best.kind == Kind::none) {
      char text[96];
      std::snprintf(text, sizeof text,
                    "no %s among %u contracts; those that came furthest fail by %s",
                    request.over_shares ? "call" : "put", census.seen,
                    refusal_names[static_cast<std::size_t>(census.last_hurdle())]);
      skip(u, Why::no_candidate, text, ctx);
    } else if (request.over_shares) {
      open(u, choice.best, lots, "shares", ctx);
    } else {
      choices_.push_back(choice);
    }
  }

  // The best first, each as large as what the ones before it left.
  void allocate(std::vector<Underlying>& all, const zm::context& ctx) {
    std::sort(choices_.begin(), choices_.end(), [](const Choice& a, const Choice& b) {
      return a.best.score != b.best.score ? a.best.score > b.best.score
                                          : a.underlying < b.underlying;
    });
    for (const Choice& choice : choices_) {
      Underlying& u = all[choice.underlying];
      const Size size = size_for(all, choice.underlying, choice.best, 0, ctx);
      if (size.contracts > 0) {
        open(u, choice.best, size.contracts, bound_names[static_cast<int>(size.bound)], ctx);
        u.exposure -= choice.best.delta * u.spot * choice.best.multiplier *
                      static_cast<double>(size.contracts);
        continue;
      }
      char text[96];
      std::snprintf(text, sizeof text, "one contract ties up %.0f; %s does not allow it",
                    choice.best.capital * choice.best.multiplier,
                    bound_names[static_cast<int>(size.bound)]);
      skip(u, Why::no_size, text, ctx);
    }
    choices_.clear();
  }

  // False always, so that it can be returned. Says each reason once a day.
  bool skip(Underlying& u, Why why, const char* text, const zm::context& ctx) const {
    ctx.add(telemetry.skipped, 1);
    const std::int64_t day = day_of_time(ctx.now_ns());
    if (u.told_day == day && u.told_why == static_cast<std::int64_t>(why)) return false;
    u.told_day = day;
    u.told_why = static_cast<std::int64_t>(why);
    tell(ctx, ZM_LOG_INFO, "%s: no trade: %s", symbol_of(u, ctx), text);
    return false;
  }

 private:
  struct Choice {
    Candidate best;
    std::size_t underlying = 0;
  };

  double floor_of(const Underlying& u) const {
    if (settings.call_floor == 0) return 0;
    return settings.call_floor == 1 ? u.book.ledger.basis_per_share()
                                    : u.book.ledger.cost_per_share();
  }

  // The host's agenda; without one, a dividend is expected as long after the last as that was after
  // the one before.
  KnownDays known_days(const Underlying& u, std::uint32_t today, const zm::context& ctx) const {
    KnownDays known;
    zm_agenda_entry entries[KnownDays::capacity];
    const std::uint32_t there =
        agenda_ == nullptr ? 0
                           : agenda_->upcoming(ctx.host(), static_cast<std::uint32_t>(u.id),
                                               entries, KnownDays::capacity);
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(there, KnownDays::capacity); ++i) {
      const bool dividend = entries[i].type == ZM_AGENDA_EX_DIVIDEND;
      known.add(
          {entries[i].date,
           dividend ? std::max(static_cast<double>(entries[i].cash) * money_unit, 1e-9) : 0.0});
    }
    if (there == 0 && u.dividend_every > 0) {
      std::int64_t next = u.dividend_day + u.dividend_every;
      const std::int64_t now = day_of_date(today);
      if (next < now - 10) next += u.dividend_every;  // one was missed: it may have been left out
      known.add({date_of_day(std::max(next, now + 1)), u.dividend_cash});
    }
    return known;
  }

  // --- what is held ---
  void manage(std::vector<Underlying>& all, std::size_t index, const Holding sold,
              const Columns& columns, const zm::context& ctx) {
    Underlying& u = all[index];
    HeldStructure held = stand(columns, u.book, sold, rules_);
    if (!held.known) {
      skip(u, Why::waiting, "an option that it holds has no fit quote", ctx);
      return;
    }
    Request request;
    request.today = date_of_day(day_of_time(ctx.now_ns()));
    const KnownDays known = known_days(u, request.today, ctx);
    const Trigger trigger = triggered(
        held, roll_,
        known.dividend_between(request.today, static_cast<std::uint32_t>(sold.expiry_date)));
    if (trigger == Trigger::none) return;
    judge(held, columns, u);
    request.over_shares = sold.put == 0;
    request.floor_strike = floor_of(u);
    request.min_days = held.now.days + 1;
    request.max_days = std::max(rules_.max_days, held.now.days + 1);
    request.min_credit = roll_.credit_only ? std::max(held.cost, 0.0) : 0;
    Census census;
    Candidate to = Search(columns, rules_, request, known, census).run(u.history, work_);
    telemetry.count(census, ctx);
    std::int64_t contracts = held.contracts;
    if (to.kind != Kind::none && !request.over_shares) {
      contracts = std::min(
          contracts,
          size_for(all, index, to,
                   held.now.capital * held.now.multiplier * static_cast<double>(contracts), ctx)
              .contracts);
      if (contracts == 0) to.kind = Kind::none;
    }
    const RollChoice choice = choose(held, to, roll_);
    const Leg& leg = held.now.leg[0];
    if (choice.action == Action::hold) {
      char text[120];
      std::snprintf(text, sizeof text,
                    "%s asks for a roll; holding is worth %.2f, closing %.2f, rolling %.2f",
                    trigger_names[static_cast<int>(trigger)], choice.ev_hold * held.now.multiplier,
                    choice.ev_close * held.now.multiplier, choice.ev_roll * held.now.multiplier);
      skip(u, Why::holds, text, ctx);
      return;
    }
    tell(ctx, ZM_LOG_INFO,
         "%s: %s %lld of %u %.2f (%s: delta %.3f, %.1f days, sold at %.2f, costs %.2f); EV hold "
         "%.2f, close %.2f, roll %.2f",
         symbol_of(u, ctx), action_names[static_cast<int>(choice.action)],
         static_cast<long long>(held.contracts), held.now.expiry_date, leg.strike,
         trigger_names[static_cast<int>(trigger)], held.now.delta, held.now.days, held.entry,
         held.cost, choice.ev_hold * held.now.multiplier, choice.ev_close * held.now.multiplier,
         choice.ev_roll * held.now.multiplier);
    u.plan = Plan{};
    u.plan.purpose = choice.action == Action::roll ? Purpose::roll : Purpose::close;
    plan_end(u, held, columns);
    ctx.add(choice.action == Action::roll ? telemetry.rolled : telemetry.closed,
            static_cast<double>(held.contracts));
    ++(choice.action == Action::roll ? u.book.ledger.rolled : u.book.ledger.closed);
    if (choice.action == Action::roll) sell(u, to, contracts, 0, "what is held", ctx);
  }
  // What keeping it to expiry is expected to cost, under the laws of that expiry; its cost now
  // where there are none.
  void judge(HeldStructure& held, const Columns& columns, const Underlying& u) {
    for (std::uint32_t e = 0; e < columns.chain->expiry_count; ++e) {
      if (columns.chain->expiries[e].date != held.now.expiry_date) continue;
      const Laws laws = make_laws(columns, columns.chain->expiries[e], rules_, u.history, work_);
      if (laws.surface.known)
        return evaluate(held.now, laws, columns.chain->spot, rules_.kelly_fraction);
    }
    held.now.capital = capital_of(held.now, columns.chain->spot);
    held.now.ev = -held.cost;
  }
  static void buy_owed(Underlying& u, const zm::context& ctx) {
    u.plan = Plan{};
    u.plan.purpose = Purpose::unwind;
    u.plan.add({u.id, ZM_SIDE_BUY, std::llround(-u.book.ledger.shares)});
    tell(ctx, ZM_LOG_WARNING, "%s: owes %.0f shares after an early assignment and buys them",
         symbol_of(u, ctx), -u.book.ledger.shares);
  }
  // Bought options beyond what is still sold beside them: their short leg was assigned, called away
  // or bought back. Exercised at expiry they would sell shares that are not there, so the clearing
  // house is told not to, and they are sold.
  void sell_leftovers(Underlying& u, const Columns& columns, const zm::context& ctx) const {
    for (const Holding& held : u.book.holdings) {
      std::int64_t excess = held.quantity;
      for (const Holding& other : u.book.holdings) {
        if (other.quantity < 0 && other.expiry_date == held.expiry_date && other.kind == held.kind)
          excess = std::min(excess, held.quantity + other.quantity);
      }
      if (excess <= 0) continue;
      clearing_.decline(static_cast<std::uint32_t>(held.instrument), true);
      const std::uint32_t row = row_of(columns, held.instrument);
      if (row == no_row || !(columns.chain->bid[row] > 0)) continue;
      u.plan = Plan{};
      u.plan.purpose = Purpose::unwind;
      u.plan.kind = held.kind;
      u.plan.add({held.instrument, ZM_SIDE_SELL, excess});
      tell(ctx, ZM_LOG_INFO, "%s: sells %lld of %u %.2f left over from a %s", symbol_of(u, ctx),
           static_cast<long long>(excess), static_cast<unsigned>(held.expiry_date), held.strike,
           name_of(static_cast<Kind>(held.kind)));
      return;
    }
  }
  // Buys back what is sold, then sells what protected it.
  void plan_end(Underlying& u, const HeldStructure& held, const Columns& columns) const {
    for (const double side : {-1.0, 1.0}) {
      for (int i = 0; i < held.now.legs; ++i) {
        const Leg& leg = held.now.leg[i];
        const Holding* now = leg.side == side ? u.book.find(leg.instrument) : nullptr;
        if (now == nullptr) continue;
        Step step;
        step.instrument = leg.instrument;
        step.side = side < 0 ? ZM_SIDE_BUY : ZM_SIDE_SELL;
        step.quantity = std::abs(now->quantity);
        step.leans_on = side < 0 ? -1 : 0;
        step.worst = side < 0 ? buy_price(columns, leg.row, 1) * (1 + settings.max_slippage) : 0;
        u.plan.add(step);
      }
    }
  }

  // --- what is opened ---
  void open(Underlying& u, const Candidate& c, std::int64_t contracts, const char* bound,
            const zm::context& ctx) {
    u.plan = Plan{};
    u.plan.purpose = Purpose::open;
    u.plan.capital =
        over_shares(c.kind) ? 0 : c.capital * c.multiplier * static_cast<double>(contracts);
    ++u.book.ledger.opened;
    ctx.add(telemetry.opened, static_cast<double>(contracts));
    sell(u, c, contracts, -1, bound, ctx);
  }
  // Adds the candidate's legs to the plan: what is bought goes first, what is sold leans on it.
  // `after` is the step that all lean on, or -1.
  void sell(Underlying& u, const Candidate& c, std::int64_t contracts, std::int64_t after,
            const char* bound, const zm::context& ctx) const {
    u.plan.kind = static_cast<std::int64_t>(c.kind);
    std::int64_t leans_on = after;
    for (int i = 0; i < c.legs; ++i) {
      if (c.leg[i].side < 0) continue;
      u.plan.add({c.leg[i].instrument, ZM_SIDE_BUY, contracts, 0, leans_on,
                  c.leg[i].price * (1 + settings.max_slippage), 0, 1});
      leans_on = u.plan.count - 1;
    }
    for (int i = c.legs - 1; i >= 0; --i) {
      if (c.leg[i].side > 0) continue;
      u.plan.add({c.leg[i].instrument, ZM_SIDE_SELL, contracts, 0, leans_on,
                  c.leg[i].price * (1 - settings.max_slippage), 0, 0});
    }
    const Leg& leg = c.leg[0];
    tell(ctx, ZM_LOG_INFO,
         "%s: %s, sells %lld of %u %.2f at %.2f: delta %.3f, P(ITM) %.3f, EV %.2f a contract "
         "(surface %.2f, history %.2f), yield %.1f %%, "
         "expected %.1f %% a year, Kelly %.3f, size by %s",
         symbol_of(u, ctx), name_of(c.kind), static_cast<long long>(contracts), c.expiry_date,
         leg.strike, leg.price, c.delta, c.probability, c.ev * c.multiplier,
         c.ev_surface * c.multiplier, c.ev_history * c.multiplier, c.yield * 100,
         c.expected_yield * 100, c.kelly, bound);
    ctx.signal(telemetry.edge, leg.instrument, leg.price > 0 ? -c.ev / leg.price : 0);
  }

  // --- how much ---
  // `freed`: capital in currency that this very plan gives back first.
  Size size_for(const std::vector<Underlying>& all, std::size_t index, const Candidate& c,
                double freed, const zm::context& ctx) {
    const Underlying& u = all[index];
    Standing now = standing(all, index, ctx);
    now.free_cash += freed;
    now.tied_up -= freed;
    now.tied_up_here -= freed;
    const double capital = c.capital * c.multiplier;
    return size_of(c.kelly, capital, capital, -c.delta * u.spot * c.multiplier, u.volatility, now,
                   limits_);
  }
  Standing standing(const std::vector<Underlying>& all, std::size_t candidate,
                    const zm::context& ctx) {
    const zm_account account = ctx.account();
    Standing now;
    now.equity = static_cast<double>(account.equity) * money_unit;
    now.free_cash = static_cast<double>(account.cash) * money_unit;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Underlying& u = all[i];
      const double secured = u.book.secured() + (u.plan.active() ? u.plan.capital : 0),
                   tied = secured + u.book.ledger.shares * u.spot;
      now.free_cash -= secured;
      now.tied_up += tied;
      if (i == candidate) now.tied_up_here = tied;
      exposure_[i] = u.exposure;
      volatility_[i] = u.volatility;
      correlation_[i] = i == candidate ? 1 : u.exposure == 0 ? 0 : pair(all[i], all[candidate]);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        if (exposure_[i] == 0 || exposure_[j] == 0) continue;
        const double both = exposure_[i] * volatility_[i] * exposure_[j] * volatility_[j];
        now.variance += i == j ? both : 2 * both * pair(all[i], all[j]);
      }
    }
    now.exposure = exposure_;
    now.volatility = volatility_;
    now.correlation = correlation_;
    if (const auto margin = clearing_.margin())
      now.buying_power = static_cast<double>(margin->buying_power) * money_unit;
    return now;
  }
  double pair(const Underlying& a, const Underlying& b) const {
    return correlation(a.history, b.history, settings.correlation_prior,
                       settings.correlation_prior_days);
  }

  zm::chains chains_;
  zm::option_account clearing_;
  const zm_agenda_api* agenda_ = nullptr;
  Rules rules_;
  Limits limits_;
  RollRules roll_;
  Workspace work_;
  std::vector<double> strikes_, exposure_, volatility_, correlation_;
  std::vector<Choice> choices_;
};

}  // namespace wheels
