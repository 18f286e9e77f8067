// options_trader: trades options against the fitted surface and keeps what it holds within bounds:
// delta by the underlying, vega by options at the money, a crash by puts far out of it.
//
// One option order and one hedge at a time for each underlying, both immediate-or-cancel at the
// price that was judged. Each decision says in the log which contract, at what edge, and what the
// book's Greeks and worst scenario are. docs/reference/options_trader.md is for users.
#include "../options/shell.h"
#include "hedge.h"
#include "position.h"
#include "settings.h"

#include <utility>

struct options_trader : zm::strategy<options_trader>, options::TraderSettings {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_STATE;
  static constexpr auto parameters = options::trader_parameters;
  using Position = options::Position;
  using Reason = options::Reason;
  using Columns = options::Columns;

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty() || ctx.instruments().size() > most_underlyings) {
      ctx.set_error("options_trader takes 1 to 64 underlyings: set instruments = [\"...\"]");
      return ZM_E_ARGUMENT;
    }
    positions_.resize(ctx.instruments().size());
    for (std::size_t i = 0; i < positions_.size(); ++i)
      positions_[i].id = ctx.instrument(ctx.instruments()[i]).id;
    attention_.assign(positions_.size(), none);
    strikes_.resize(most_contracts);
    if (!chains_.attach(ctx))
      ctx.log(ZM_LOG_ERROR,
              "this host has no option chains; the options trader hears, and trades nothing");
    constexpr const char* gauges[] = {"delta",          "gamma",      "vega",        "theta",
                                      "worst_scenario", "hedge_band", "options_held"};
    for (std::size_t i = 0; i < std::size(gauges); ++i)
      gauge_[i] = ctx.declare(gauges[i], i == 6 ? "options" : "currency", ZM_METRIC_GAUGE);
    for (std::size_t i = 0; i < traded_.size(); ++i) {
      constexpr const char* names[] = {"traded_value", "traded_gamma", "traded_vega",
                                       "traded_tail",  "traded_exit",  "traded_stress"};
      traded_[i] = ctx.declare(names[i], "contracts", ZM_METRIC_COUNTER);
    }
    hedged_ = ctx.declare("hedged", "units", ZM_METRIC_COUNTER);
    refused_ = ctx.declare("refused_by_limits", "orders", ZM_METRIC_COUNTER);
    edge_ = ctx.declare("option_edge", "half spreads", ZM_METRIC_SIGNAL);
    return ZM_OK;
  }

  void on_state(const zm_event& event, zm::context&) {
    Position* p = event.kind == ZM_EVENT_MARKET_STATE ? find(event.instrument) : nullptr;
    if (p != nullptr) p->halted = event.u.state.state == ZM_MARKET_HALT ? 1 : 0;
  }
  void on_corporate(const zm_event& event, zm::context&) {
    Position* p = find(event.instrument);
    const zm_corporate_action& action = event.u.corporate;
    if (p == nullptr || action.type != ZM_CORPORATE_SPLIT || action.new_units == 0 ||
        action.old_units == 0)
      return;
    p->history.rescale(static_cast<double>(action.old_units) / action.new_units);
  }
  void on_chain(const zm_event& event, zm::context&) {
    if (Position* p = find(event.instrument)) attention_[index_of(*p)] = decide;
  }
  void on_order(const zm_event& event, zm::context& ctx) {
    for (Position& p : positions_) {
      const std::uint64_t id = event.u.order_update.order_id;
      if (id == 0 || (p.option.order_id != id && p.hedge.order_id != id)) continue;
      if (p.option.order_id == id)
        on_option_order(p, event, ctx);
      else if (over(event))
        p.hedge = {};
      if (event.kind == ZM_EVENT_REJECTED)
        p.not_before_ns = ctx.now_ns() + 300 * options::second_ns;
      // Nothing more was there at that price: another quote has to come first.
      if (event.kind == ZM_EVENT_CANCELED || event.kind == ZM_EVENT_EXPIRED)
        p.not_before_ns = std::max(p.not_before_ns, ctx.now_ns() + options::second_ns);
      attend(p);
      return;
    }
  }
  void on_settlement(const zm_event& event, zm::context& ctx) {
    for (Position& p : positions_) {
      options::Lot* lot = p.find(event.instrument);
      options::Scale scale;
      if (lot == nullptr || event.kind == ZM_EVENT_CASH ||
          !options::scale_of(ctx, event.instrument, scale))
        continue;
      options::tell(ctx, ZM_LOG_INFO, "%s: %lld contracts left or changed by settlement",
                    symbol(p, ctx),
                    static_cast<long long>(scale.units(event.u.settlement.quantity)));
      if (event.kind == ZM_EVENT_ADJUSTED && event.u.settlement.delivered != ZM_NO_INSTRUMENT)
        lot->instrument = event.u.settlement.delivered;
      else
        p.change(event.instrument, scale.units(event.u.settlement.quantity), Reason::exit,
                 ctx.now_ns());
      attend(p);
    }
  }
  void on_batch_end(zm::context& ctx) {
    for (Position& p : positions_) {
      const Attention wanted = std::exchange(attention_[index_of(p)], none);
      if (wanted != none) look(p, wanted, ctx);
    }
  }

  void save(zm::writer& out) const { out.put(positions_); }
  bool load(zm::reader& in, std::uint32_t) {
    std::vector<Position> saved;
    if (!in.get(saved, most_underlyings)) return false;
    for (const Position& s : saved) {
      if (!s.sane()) return false;
    }
    for (Position& p : positions_) {
      for (const Position& s : saved) {
        if (s.id == p.id) p = s;
      }
    }
    return true;
  }

 private:
  static constexpr std::size_t most_underlyings = 64, most_contracts = 16384;
  static constexpr double entry_share =
      0.9;  // of the stress limit; the rest is room for the market to move
  enum Attention : std::uint8_t { none, measure_only, decide };
  using Book = std::array<options::Held, Position::capacity>;

  static bool over(const zm_event& event) {
    if (event.kind == ZM_EVENT_FILL) return event.u.fill.leaves_quantity == 0;
    return event.kind == ZM_EVENT_REJECTED || event.kind == ZM_EVENT_CANCELED ||
           event.kind == ZM_EVENT_EXPIRED;
  }
  std::size_t index_of(const Position& p) const {
    return static_cast<std::size_t>(&p - positions_.data());
  }
  void attend(const Position& p) {
    attention_[index_of(p)] = std::max(attention_[index_of(p)], measure_only);
  }
  Position* find(std::uint32_t instrument) {
    for (Position& p : positions_) {
      if (p.id == static_cast<std::int64_t>(instrument)) return &p;
    }
    return nullptr;
  }
  const char* symbol(const Position& p, const zm::context& ctx) const {
    zm_instrument info{};
    return ctx.find_instrument(static_cast<std::uint32_t>(p.id), info) ? info.symbol : "?";
  }

  void on_option_order(Position& p, const zm_event& event, zm::context& ctx) {
    options::Scale scale;
    if (event.kind == ZM_EVENT_FILL && options::scale_of(ctx, event.instrument, scale)) {
      const std::int64_t contracts = scale.units(event.u.fill.quantity);
      if (!p.change(p.option.instrument, p.option.side == ZM_SIDE_BUY ? contracts : -contracts,
                    static_cast<Reason>(p.option.reason), ctx.now_ns())) {
        ctx.log(ZM_LOG_ERROR, "more options on one underlying than the trader can remember");
      }
      ctx.add(traded_[static_cast<std::size_t>(p.option.reason)], static_cast<double>(contracts));
    }
    if (over(event)) p.option = {};
  }

  // --- what is held ---
  void look(Position& p, Attention wanted, zm::context& ctx) {
    zm_chain chain;
    Columns columns;
    const auto id = static_cast<std::uint32_t>(p.id);
    if (!options::look(chains_, ctx, id, strikes_, chain, columns)) return;
    if ((chain.flags & ZM_CHAIN_SUSPECT) != 0) return tell_once(p, 1, "its chain is suspect", ctx);
    if (ctx.now_ns() - chain.ts_ns > static_cast<std::int64_t>(max_chain_age_s * 1e9))
      return tell_once(p, 2, "its chain is old", ctx);
    if (!(chain.spot > 0)) return tell_once(p, 3, "the underlying has no price", ctx);
    p.history.hear(options::day_of_time(chain.ts_ns), chain.spot);
    reconcile(p, columns, ctx);
    Book room;
    const auto book = book_of(p, columns, room);
    measure(p, columns, book, ctx);
    if (p.halted != 0) return tell_once(p, 4, "the market is halted", ctx);
    if (ctx.now_ns() < p.not_before_ns) return;
    if (delta_hedging && p.hedge.order_id == 0) hedge(p, columns, ctx);
    if (wanted != decide || p.option.order_id != 0 ||
        ctx.now_ns() - p.decided_ns < static_cast<std::int64_t>(decide_every_s * 1e9))
      return;
    p.decided_ns = ctx.now_ns();
    act(p, columns, book, ctx);
  }
  void tell_once(Position& p, std::int64_t why, const char* text, zm::context& ctx) {
    const std::int64_t day = options::day_of_time(ctx.now_ns());
    if (p.told_day == day && p.told_why == why) return;
    p.told_day = day;
    p.told_why = why;
    options::tell(ctx, ZM_LOG_INFO, "%s: no trade: %s", symbol(p, ctx), text);
  }
  void reconcile(Position& p, const Columns& columns, zm::context& ctx) {
    options::Scale scale;
    for (options::Lot& lot : p.lots) {
      const auto id = static_cast<std::uint32_t>(lot.instrument);
      if (lot.quantity == 0 || !options::scale_of(ctx, id, scale)) continue;
      lot.quantity = scale.units(ctx.position(id).quantity);
      if (lot.quantity == 0) lot = {};
    }
    for (std::uint32_t row = 0; p.adopted == 0 && row < columns.chain->count;
         ++row) {  // options held before we began
      const std::uint32_t id = columns.contract(row).instrument;
      const zm_position there = ctx.position(id);
      if (there.quantity == 0 || p.find(id) != nullptr || !options::scale_of(ctx, id, scale))
        continue;
      p.change(id, scale.units(there.quantity), Reason::exit, ctx.now_ns());
    }
    p.adopted = 1;
  }
  std::span<const options::Held> book_of(const Position& p, const Columns& columns,
                                         Book& room) const {
    std::size_t count = 0;
    for (const options::Lot& lot : p.lots) {
      const std::uint32_t row =
          lot.quantity == 0 ? options::no_row : options::row_of(columns, lot.instrument);
      if (row != options::no_row) room[count++] = {row, static_cast<double>(lot.quantity)};
    }
    return {room.data(), count};
  }
  double shares_of(const Position& p, zm::context& ctx) const {
    options::Scale scale;
    const auto id = static_cast<std::uint32_t>(p.id);
    return options::scale_of(ctx, id, scale)
               ? static_cast<double>(scale.units(ctx.position(id).quantity))
               : 0;
  }
  void measure(Position& p, const Columns& columns, std::span<const options::Held> book,
               zm::context& ctx) {
    const double shares = shares_of(p, ctx);
    const options::Greeks greeks = options::greeks_of(columns, book, shares);
    p.delta = greeks.delta;
    p.gamma = greeks.gamma;
    p.vega = greeks.vega / 100;  // per point
    p.theta = greeks.theta / 365;
    p.worst = options::stress_of(columns, book, shares).worst;
    p.band = band_of(columns, greeks);
    double sums[7] = {};
    for (const Position& each : positions_) {
      const double here[] = {each.delta,
                             each.gamma,
                             each.vega,
                             each.theta,
                             each.worst,
                             each.band,
                             static_cast<double>(each.count())};
      for (std::size_t i = 0; i < std::size(sums); ++i) sums[i] += here[i];
    }
    for (std::size_t i = 0; i < std::size(sums); ++i) ctx.set(gauge_[i], sums[i]);
  }
  double band_of(const Columns& columns, const options::Greeks& greeks) const {
    return std::max(options::hedge_band(hedge_cost_bps * 1e-4, columns.chain->spot, greeks.gamma,
                                        risk_aversion, 0, 0),
                    min_band);
  }
  double all_worst() const {
    double sum = 0;
    for (const Position& p : positions_) sum += p.worst;
    return sum;
  }

  // --- hedging ---
  void hedge(Position& p, const Columns& columns, zm::context& ctx) {
    options::Scale scale;
    const auto id = static_cast<std::uint32_t>(p.id);
    const double wanted = options::hedge_trade(p.delta, p.band);
    if (!options::scale_of(ctx, id, scale)) return;
    const zm_quantity lots = scale.raw(std::llround(std::abs(wanted))) / scale.lot * scale.lot;
    const bool buy = wanted > 0;
    const zm_quote best = ctx.best(id);
    const zm_price far = buy ? best.ask_price : best.bid_price;
    if (lots <= 0 || far == ZM_NO_PRICE || far <= 0) return;
    const auto result =
        ctx.submit(zm::limit_order(id, buy ? ZM_SIDE_BUY : ZM_SIDE_SELL, far, lots, ZM_TIF_IOC));
    if (result.status != ZM_OK) {
      p.not_before_ns = ctx.now_ns() + 60 * options::second_ns;
      return options::tell(ctx, ZM_LOG_WARNING, "%s: a hedge of %lld was refused (reason %u)",
                           symbol(p, ctx), static_cast<long long>(lots), result.code);
    }
    p.hedge = {result.order_id, p.id, buy ? ZM_SIDE_BUY : ZM_SIDE_SELL, 0};
    ctx.add(hedged_, static_cast<double>(scale.units(lots)));
    options::tell(ctx, ZM_LOG_INFO,
                  "%s: delta %.1f is outside +-%.1f (gamma %.3f): %s %lld at %.2f", symbol(p, ctx),
                  p.delta, p.band, p.gamma, buy ? "buys" : "sells",
                  static_cast<long long>(scale.units(lots)), scale.money(far));
    (void)columns;
  }

  // --- decisions, the most urgent first; at most one order ---
  void act(Position& p, const Columns& columns, std::span<const options::Held> book,
           zm::context& ctx) {
    if (-all_worst() > max_stress_loss && relieve(p, columns, book, ctx)) return;
    if (vega_hedging && std::abs(p.vega) > max_vega && hedge_vega(p, columns, book, ctx)) return;
    if (leave(p, columns, ctx)) return;
    if (gamma_scalping && scalp(p, columns, book, ctx)) return;
    if (relative_value) trade_value(p, columns, book, ctx);
  }

  // Buys crash protection, or else buys back the sold option that loses most in the worst scenario.
  bool relieve(Position& p, const Columns& columns, std::span<const options::Held> book,
               zm::context& ctx) {
    const options::Stress stress = options::stress_of(columns, book, shares_of(p, ctx));
    if (tail_hedging && stress.worst_move < 1) {
      const std::uint32_t row = options::tail_put(columns, tail_days, tail_delta);
      if (row != options::no_row) {
        const options::Held one{row, 1};
        const double gain =
            options::loss_at(columns, {&one, 1}, 0, stress.worst_move, stress.worst_vol);
        const double contracts = std::min(
            options::tail_trade(stress.worst,
                                max_stress_loss / static_cast<double>(positions_.size()), gain),
            max_contracts);
        if (contracts > 0)
          return order(p, columns, row, contracts, Reason::tail, -stress.worst, ctx);
      }
    }
    const options::Held* worst = nullptr;
    double least = 0;
    for (const options::Held& held : book) {
      const double loss =
          options::loss_at(columns, {&held, 1}, 0, stress.worst_move, stress.worst_vol);
      if (held.quantity < 0 && loss < least && options::tradable(columns, held.row)) {
        least = loss;
        worst = &held;
      }
    }
    if (worst == nullptr) return false;
    const double needed = std::ceil((-all_worst() - max_stress_loss) /
                                    (least / worst->quantity));  // loss of one contract
    return order(p, columns, worst->row,
                 std::clamp(needed, 1.0, std::min(-worst->quantity, max_contracts)), Reason::stress,
                 stress.worst, ctx);
  }
  bool hedge_vega(Position& p, const Columns& columns, std::span<const options::Held> book,
                  zm::context& ctx) {
    const std::uint32_t row = options::at_the_money(columns, vega_days, false);
    if (row == options::no_row) return false;
    const double one =
        columns.chain->vega[row] * static_cast<double>(columns.contract(row).multiplier) / 100;
    const double contracts =
        options::vega_trade(p.vega, one, 0.5 * max_vega);  // well inside, not to be back tomorrow
    return contracts != 0 && within(p, columns, book, row, contracts, ctx) &&
           order(p, columns, row, contracts, Reason::vega, p.vega, ctx);
  }
  // What is spent, and what is near its end.
  bool leave(Position& p, const Columns& columns, zm::context& ctx) {
    for (const options::Lot& lot : p.lots) {
      const std::uint32_t row =
          lot.quantity == 0 ? options::no_row : options::row_of(columns, lot.instrument);
      if (row == options::no_row || !options::tradable(columns, row)) continue;
      const zm_chain_expiry* expiry = options::expiry_of(columns, row);
      const bool late = expiry != nullptr && expiry->years * 365 <= close_days;
      const bool spent = lot.reason == static_cast<std::int64_t>(Reason::value) &&
                         options::spent(columns, row, lot.quantity > 0, rules_for(columns, row));
      // A straddle has done its work when volatility is no longer on its side.
      const double wanted = volatility_edge(p, columns);
      const bool turned = lot.reason == static_cast<std::int64_t>(Reason::scalp) &&
                          (lot.quantity > 0 ? wanted < 0 : wanted > 0);
      if (late || spent || turned)
        return order(p, columns, row, static_cast<double>(-lot.quantity), Reason::exit,
                     late     ? close_days
                     : turned ? wanted
                              : exit_spreads,
                     ctx);
    }
    return false;
  }
  // Realised less implied volatility at the money; 0 while either is unknown.
  double volatility_edge(const Position& p, const Columns& columns) const {
    const std::uint32_t call = options::at_the_money(columns, scalp_days, false);
    if (call == options::no_row || static_cast<double>(p.history.size()) < history_days) return 0;
    return p.history.volatility() - columns.chain->implied_vol[call];
  }
  options::ValueRules rules_for(const Columns& columns, std::uint32_t row) const {
    return rules(std::max(static_cast<double>(columns.contract(row).multiplier), 1.0));
  }

  // Straddles: bought where the underlying moves more than its options are paid for, sold where it
  // moves less.
  bool scalp(Position& p, const Columns& columns, std::span<const options::Held> book,
             zm::context& ctx) {
    if (static_cast<double>(p.history.size()) < history_days) return false;
    const std::uint32_t call = options::at_the_money(columns, scalp_days, false),
                        put = options::at_the_money(columns, scalp_days, true);
    if (call == options::no_row || put == options::no_row) return false;
    const double edge = volatility_edge(p, columns);
    if (std::abs(edge) < scalp_edge || (edge < 0 && !short_gamma)) return false;
    double held = 0, calls = 0, puts = 0;
    for (const options::Lot& lot : p.lots) {
      const std::uint32_t row =
          lot.quantity == 0 || lot.reason != static_cast<std::int64_t>(Reason::scalp)
              ? options::no_row
              : options::row_of(columns, lot.instrument);
      if (row == options::no_row) continue;
      const double units =
          static_cast<double>(lot.quantity) * static_cast<double>(columns.contract(row).multiplier);
      held += units * options::finite(columns.chain->vega[row]) / 100;
      (columns.is_put(row) ? puts : calls) += static_cast<double>(lot.quantity);
    }
    const double sign = edge > 0 ? 1 : -1;
    if (held * sign >= scalp_vega) return false;
    const std::uint32_t row =
        std::abs(calls) <= std::abs(puts) ? call : put;  // one leg after the other
    const double contracts = sign * size_of(columns, row, scalp_vega - held * sign);
    return contracts != 0 && within(p, columns, book, row, contracts, ctx) &&
           order(p, columns, row, contracts, Reason::scalp, edge, ctx);
  }

  void trade_value(Position& p, const Columns& columns, std::span<const options::Held> book,
                   zm::context& ctx) {
    if (columns.chain->count == 0 || p.count() >= max_positions) return;
    const options::Pair pair = options::extremes(columns, rules_for(columns, 0));
    const bool sell_first = pair.rich.row != options::no_row &&
                            (pair.cheap.row == options::no_row || pair.rich.sell >= pair.cheap.buy);
    for (const bool sell : {sell_first, !sell_first}) {
      const options::Edge& edge = sell ? pair.rich : pair.cheap;
      if (edge.row == options::no_row) continue;
      const double sign = sell ? -1 : 1;
      double contracts = size_of(columns, edge.row, order_vega);
      while (contracts > 1 && !within(p, columns, book, edge.row, sign * contracts, ctx))
        contracts = std::floor(contracts / 2);
      if (!within(p, columns, book, edge.row, sign * contracts, ctx)) continue;
      order(p, columns, edge.row, sign * contracts, Reason::value, sell ? edge.sell : edge.buy,
            ctx);
      return;
    }
  }

  // Contracts of about that much vega (per point), at least one.
  double size_of(const Columns& columns, std::uint32_t row, double vega) const {
    const double one =
        columns.chain->vega[row] * static_cast<double>(columns.contract(row).multiplier) / 100;
    const double quoted = std::max(std::min(options::finite(columns.chain->bid_quantity[row]),
                                            options::finite(columns.chain->ask_quantity[row])),
                                   1.0);
    return one > 0 ? std::clamp(std::floor(vega / one), 1.0, std::min(quoted, max_contracts)) : 1.0;
  }
  // Whether the book with that trade stays within its limits, or is at least better than it was.
  bool within(Position& p, const Columns& columns, std::span<const options::Held> book,
              std::uint32_t row, double contracts, zm::context& ctx) {
    std::array<options::Held, Position::capacity + 1> after;
    std::copy(book.begin(), book.end(), after.begin());
    after[book.size()] = {row, contracts};
    const std::span<const options::Held> whole{after.data(), book.size() + 1};
    double held = contracts;
    for (const options::Held& h : book) held += h.row == row ? h.quantity : 0;
    // The hedge moves along with the option: judged with the delta that the band leaves.
    const options::Greeks greeks = options::greeks_of(columns, whole, shares_of(p, ctx));
    const double shares =
        shares_of(p, ctx) + options::hedge_trade(greeks.delta, band_of(columns, greeks));
    const double worst = options::stress_of(columns, whole, shares).worst, vega = greeks.vega / 100;
    const bool stress =
        -(all_worst() - p.worst + worst) <= entry_share * max_stress_loss || worst > p.worst;
    const bool vegas = std::abs(vega) <= max_vega || std::abs(vega) < std::abs(p.vega);
    if (stress && vegas && std::abs(held) <= max_contracts) return true;
    ctx.add(refused_, 1);
    tell_once(p, 5,
              stress ? vegas ? "a trade would pass max_contracts" : "a trade would pass max_vega"
                     : "a trade would pass max_stress_loss",
              ctx);
    return false;
  }

  bool order(Position& p, const Columns& columns, std::uint32_t row, double contracts,
             Reason reason, double edge, zm::context& ctx) {
    options::Scale scale;
    const std::uint32_t id = columns.contract(row).instrument;
    if (!options::scale_of(ctx, id, scale)) return false;
    const bool sell = contracts < 0;
    const double price = sell ? columns.chain->bid[row] : columns.chain->ask[row];
    const std::uint32_t side = sell ? ZM_SIDE_SELL : ZM_SIDE_BUY;
    const auto units = static_cast<std::int64_t>(std::llround(std::abs(contracts)));
    if (!(price > 0) || units == 0) return false;
    const auto result = ctx.submit(
        zm::limit_order(id, side, scale.limit(price, sell), scale.raw(units), ZM_TIF_IOC));
    options::tell(
        ctx, ZM_LOG_INFO,
        "%s: %s: %s %lld of %u %.2f %s at %.2f (model %.2f, edge %.3f); delta %.1f, gamma %.3f, "
        "vega %.1f, worst %.0f",
        symbol(p, ctx), options::reason_names[static_cast<int>(reason)], sell ? "sells" : "buys",
        static_cast<long long>(units), columns.contract(row).expiry_date, columns.strike[row],
        columns.is_put(row) ? "put" : "call", price, options::at(columns.chain->model_price, row),
        edge, p.delta, p.gamma, p.vega, p.worst);
    if (result.status != ZM_OK) {
      p.not_before_ns = ctx.now_ns() + 300 * options::second_ns;
      options::tell(ctx, ZM_LOG_WARNING, "%s: the order was refused (reason %u)", symbol(p, ctx),
                    result.code);
      return true;
    }
    p.option = {result.order_id, id, side, static_cast<std::int64_t>(reason)};
    if (reason == Reason::value) ctx.signal(edge_, id, sell ? -edge : edge);
    return true;
  }

  std::vector<Position> positions_;
  // What follows is made again by every activation, or lives for one batch.
  zm::chains chains_;
  std::vector<double> strikes_;
  std::vector<Attention> attention_;
  std::array<std::uint32_t, 7> gauge_{};
  std::array<std::uint32_t, 6> traded_{};
  std::uint32_t hedged_ = 0, refused_ = 0, edge_ = 0;
};

ZOMMA_STRATEGY(options_trader, "dev.zomma.options_trader", "1.0.0", 1)
