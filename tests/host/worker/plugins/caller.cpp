// It calls every function of every extension, with good arguments and bad ones, and logs each
// answer. What the host hears of it must be the same wherever it runs.
#include <cstdio>
#include <string>
#include <vector>

#include <zomma/zomma.hpp>

struct caller : zm::strategy<caller> {
  static constexpr std::uint64_t subscribe =
      ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_TRADES | ZM_SUBSCRIBE_BOOK;
  double edge = 0.25;
  std::int64_t depth = 3;
  bool eager = true;
  static constexpr auto parameters =
      zm::parameters(zm::parameter<caller, double>{&caller::edge, "edge", "ticks",
                                                   "distance from the mid", 0.0, 10.0},
                     zm::parameter<caller, std::int64_t>{&caller::depth, "depth", "levels",
                                                         "how deep to look", 1, 300},
                     zm::parameter<caller, bool>{&caller::eager, "eager", "", "trade at once"});

  zm_status on_activate(zm::context& ctx) {
    say(ctx, "activate", ctx.instruments().size());
    const zm_host* host = ctx.host();
    tables_.orders = static_cast<const zm_orders_api*>(host->get_ext(host, ZM_EXT_ORDERS));
    tables_.market = static_cast<const zm_market_api*>(host->get_ext(host, ZM_EXT_MARKET));
    tables_.portfolio = static_cast<const zm_portfolio_api*>(host->get_ext(host, ZM_EXT_PORTFOLIO));
    tables_.timer = static_cast<const zm_timer_api*>(host->get_ext(host, ZM_EXT_TIMER));
    tables_.metrics = static_cast<const zm_metrics_api*>(host->get_ext(host, ZM_EXT_METRICS));
    say(ctx, "unknown extension", host->get_ext(host, "zomma.nothing/9") == nullptr);
    say(ctx, "no extension", host->get_ext(host, nullptr) == nullptr);
    market(ctx);
    std::uint32_t handle = 77;
    say(ctx, "declare",
        tables_.metrics->declare(host, "counted", "events", ZM_METRIC_COUNTER, &counted_));
    say(ctx, "declare", tables_.metrics->declare(host, "level", nullptr, ZM_METRIC_GAUGE, &level_));
    say(ctx, "declare", tables_.metrics->declare(host, "view", "ratio", ZM_METRIC_SIGNAL, &view_));
    say(ctx, "declare refused",
        tables_.metrics->declare(host, "refuse me", "x", ZM_METRIC_GAUGE, &handle));
    say(ctx, "handle untouched", handle);
    say(ctx, "declare null",
        tables_.metrics->declare(host, nullptr, "x", ZM_METRIC_GAUGE, &handle));
    say(ctx, "declare kind", tables_.metrics->declare(host, "y", "x", 99, &handle));
    return ZM_OK;
  }
  void on_start(zm::context& ctx) { say(ctx, "start", 0); }
  void on_quote(const zm_event& event, zm::context& ctx) {
    last_seq_ = event.seq;
    say(ctx, "quote", static_cast<std::uint64_t>(event.u.quote.bid_price));
    market(ctx);
    orders(ctx);
    portfolio(ctx);
    timers(ctx);
    numbers(ctx);
  }
  void on_trade(const zm_event& event, zm::context& ctx) {
    last_seq_ = event.seq;
    heard_ ^= event.seq * 0x9E3779B97F4A7C15u + event.u.trade.trade_id;
    if (event.u.trade.trade_id % 1000 == 999) say(ctx, "trades", heard_);
  }
  void on_book(const zm_event&, zm::context& ctx) {
    ctx.set_error("this sentence is replaced");
    throw std::runtime_error("the book is not for me");
  }
  void on_parameter(std::uint32_t index, zm::context& ctx) {
    say(ctx, "parameter", index * 1000 + static_cast<std::uint64_t>(depth));
  }
  void on_quiesce(std::int64_t deadline) { quiesced_ = static_cast<std::uint64_t>(deadline); }
  void on_resume() { ++quiesced_; }

  void save(zm::writer& out) const {
    out.put(last_seq_);
    out.put(heard_);
    out.put(quiesced_);
    std::string bulk(300'000, 'x');
    for (std::size_t i = 0; i < bulk.size(); ++i) bulk[i] = static_cast<char>(i * 7 + last_seq_);
    for (const char c : bulk.substr(0, 3000)) out.put(c);
    struct Block {
      char bytes[297'000];
    } block;
    for (std::size_t i = 0; i < sizeof block; ++i) block.bytes[i] = bulk[3000 + i];
    out.put(block);
  }
  bool load(zm::reader& in, std::uint32_t) {
    struct Block {
      char bytes[300'000];
    } block;
    return in.get(last_seq_) && in.get(heard_) && in.get(quiesced_) && in.get(block) &&
           block.bytes[1] == static_cast<char>(7 + last_seq_);
  }

 private:
  void say(zm::context& ctx, const char* what, std::uint64_t value) {
    char line[128];
    std::snprintf(line, sizeof line, "%s %llu", what, static_cast<unsigned long long>(value));
    ctx.log(ZM_LOG_INFO, line);
  }
  void market(zm::context& ctx) {
    const zm_host* host = ctx.host();
    const zm_market_api& api = *tables_.market;
    say(ctx, "instruments", api.instrument_count(host));
    say(ctx, "find", api.find(host, "SECOND"));
    say(ctx, "find none", api.find(host, "NOT THERE"));
    say(ctx, "find null", api.find(host, nullptr));
    for (std::uint32_t id = 0; id < 3; ++id) {
      zm_instrument info{};
      say(ctx, "too small", api.instrument(host, id, &info));
      info.size = sizeof info;
      say(ctx, "instrument", api.instrument(host, id, &info));
      if (info.symbol != nullptr) {
        ctx.log(ZM_LOG_DEBUG, info.symbol);
        ctx.log(ZM_LOG_DEBUG, info.venue);
        ctx.log(ZM_LOG_DEBUG, info.currency);
        say(ctx, "tick", static_cast<std::uint64_t>(info.tick));
        say(ctx, "digits", info.price_digits * 100 + info.quantity_digits);
      }
      zm_quote quote{1, 2, 3, 4};
      say(ctx, "best", api.best(host, id, &quote));
      say(ctx, "bid", static_cast<std::uint64_t>(quote.bid_price));
      zm_price_level levels[300]{};
      say(ctx, "levels",
          api.levels(host, id, ZM_SIDE_SELL, levels, static_cast<std::uint32_t>(depth)));
      say(ctx, "level", static_cast<std::uint64_t>(levels[1].price));
      say(ctx, "levels side", api.levels(host, id, 7, levels, 3));
    }
    say(ctx, "best null", api.best(host, 0, nullptr));
  }
  void orders(zm::context& ctx) {
    const zm_host* host = ctx.host();
    const zm_orders_api& api = *tables_.orders;
    zm_intent intents[1000];
    zm_intent_result results[1000]{};
    for (int i = 0; i < 1000; ++i)
      intents[i] =
          zm::limit_order(static_cast<std::uint32_t>(i % 3), ZM_SIDE_BUY, 100 + i, 1 + i % 11);
    say(ctx, "submit none", api.submit(host, intents, 0, results));
    say(ctx, "submit null", api.submit(host, nullptr, 1, results));
    say(ctx, "submit no results", api.submit(host, intents, 1, nullptr));
    say(ctx, "submit three", api.submit(host, intents, 3, results));
    say(ctx, "submit all", api.submit(host, intents, 1000, results));
    std::uint64_t mixed = 0;
    for (const auto& result : results)
      mixed = mixed * 31 + result.order_id + result.status * 7 + result.code;
    say(ctx, "results", mixed);
    intents[0].size = 20;
    say(ctx, "submit small", api.submit(host, intents, 1, results));
    say(ctx, "cancel", ctx.cancel(12).status);
    say(ctx, "cancel all", api.cancel_all(host, 1));
    say(ctx, "cancel everything", api.cancel_all(host, ZM_NO_INSTRUMENT));
  }
  void portfolio(zm::context& ctx) {
    const zm_host* host = ctx.host();
    const zm_portfolio_api& api = *tables_.portfolio;
    zm_position position{};
    say(ctx, "position", api.position(host, 1, &position));
    say(ctx, "quantity", static_cast<std::uint64_t>(position.quantity));
    say(ctx, "position none", api.position(host, 9, &position));
    say(ctx, "untouched", static_cast<std::uint64_t>(position.fees));
    say(ctx, "position null", api.position(host, 0, nullptr));
    zm_account account{};
    say(ctx, "account", api.account(host, &account));
    say(ctx, "cash", static_cast<std::uint64_t>(account.cash));
    std::vector<zm_open_order> open(2000);
    say(ctx, "count only", api.open_orders(host, nullptr, 5));
    say(ctx, "few", api.open_orders(host, open.data(), 2));
    say(ctx, "second", open[1].order_id);
    say(ctx, "third", open[2].order_id);
    say(ctx, "many", api.open_orders(host, open.data(), 2000));
    std::uint64_t mixed = 0;
    for (const auto& order : open) mixed = mixed * 31 + order.order_id;
    say(ctx, "all of them", mixed);
  }
  void timers(zm::context& ctx) {
    const zm_host* host = ctx.host();
    std::uint64_t id = 5;
    say(ctx, "arm", tables_.timer->arm(host, 1234567, 42, &id));
    say(ctx, "timer", id);
    say(ctx, "arm without an id", tables_.timer->arm(host, 1, 2, nullptr));
    say(ctx, "arm refused", tables_.timer->arm(host, -1, 2, &id));
    say(ctx, "timer", id);
    tables_.timer->cancel(host, id);
  }
  void numbers(zm::context& ctx) {
    const zm_host* host = ctx.host();
    tables_.metrics->add(host, counted_, 1.5);
    tables_.metrics->set(host, level_, -0.0);
    tables_.metrics->signal(host, view_, 0, 0.1 + static_cast<double>(last_seq_));
    for (std::uint32_t i = 0; i < 3000; ++i)
      tables_.metrics->set(host, level_, i);  // more than one message holds
    ctx.health(ZM_HEALTH_DEGRADED, 3, "a little slow");
    ctx.health(ZM_HEALTH_OK, 3, "");
    ctx.log(ZM_LOG_WARNING, "");
    ctx.log(ZM_LOG_ERROR, std::string(9000, 'l') + '\n');
  }

  struct {
    const zm_orders_api* orders;
    const zm_market_api* market;
    const zm_portfolio_api* portfolio;
    const zm_timer_api* timer;
    const zm_metrics_api* metrics;
  } tables_{};
  std::uint32_t counted_ = 0, level_ = 0, view_ = 0;
  std::uint64_t last_seq_ = 0, heard_ = 0, quiesced_ = 0;
};

ZOMMA_STRATEGY(caller, "test.caller", "1.2.3", 4)
