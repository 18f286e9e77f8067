// No sin: it sells `size` contracts of every option that it sees a bid for, once each, and tells as
// signals what it hears afterwards: settlements, the dividends ahead, what margin leaves it.
#include <vector>

#include <zomma/ext/draft/agenda.h>
#include <zomma/ext/draft/chain.h>
#include <zomma/ext/draft/options.hpp>
#include <zomma/zomma.hpp>

struct seller : zm::strategy<seller> {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_STATE;
  std::int64_t size = 1, above = 0;
  static constexpr auto parameters = zm::parameters(
      zm::parameter<seller, std::int64_t>{&seller::size, "size", "contracts",
                                          "of an order; below zero: bought", -100, 100},
      zm::parameter<seller, std::int64_t>{
          &seller::above, "above", "cents",
          "asked above the bid, for the day; 0: the bid, until canceled", 0, 1000});

  zm_status on_activate(zm::context& ctx) {
    settled_ = ctx.declare("settled", "money", ZM_METRIC_SIGNAL);
    ahead_ = ctx.declare("dividends_ahead", "count", ZM_METRIC_SIGNAL);
    power_ = ctx.declare("buying_power", "money", ZM_METRIC_SIGNAL);
    account_.attach(ctx);
    agenda_ = static_cast<const zm_agenda_api*>(ctx.host()->get_ext(ctx.host(), ZM_EXT_AGENDA));
    chains_ = static_cast<const zm_chain_api*>(ctx.host()->get_ext(ctx.host(), ZM_EXT_CHAIN));
    return ZM_OK;
  }
  void on_chain(const zm_event& event, zm::context& ctx) {
    zm_agenda_entry entries[4];
    ctx.signal(ahead_, event.instrument,
               agenda_->upcoming(ctx.host(), event.instrument, entries, 4));
    if (const auto margin = account_.margin())
      ctx.signal(power_, event.instrument, static_cast<double>(margin->buying_power) * 1e-8);
    zm_chain chain{};
    chain.size = sizeof chain;
    if (chains_->get(ctx.host(), event.instrument, &chain) != ZM_OK) return;
    for (std::uint32_t row = 0; row < chain.count; ++row) {
      const std::uint32_t id = chain.contracts[row].instrument;
      const bool wanted = size > 0 ? chain.bid[row] > 0 : chain.ask[row] > 0;
      if (!wanted || sold(id)) continue;
      sold_.push_back(id);
      const zm_quote quote = ctx.best(id);
      if (size > 0)
        ctx.submit(zm::limit_order(id, ZM_SIDE_SELL, quote.bid_price + above, size,
                                   above > 0 ? ZM_TIF_DAY : ZM_TIF_GTC));
      else
        ctx.submit(zm::limit_order(id, ZM_SIDE_BUY, quote.ask_price, -size, ZM_TIF_GTC));
    }
  }
  void on_settlement(const zm_event& event, zm::context& ctx) {
    const std::uint32_t id =
        event.instrument == ZM_NO_INSTRUMENT ? ctx.instruments()[0] : event.instrument;
    ctx.signal(settled_, id, static_cast<double>(event.u.settlement.cash) * 1e-8);
    if (event.kind == ZM_EVENT_ADJUSTED) account_.decline(event.instrument, true);
  }
  void save(zm::writer& out) const { out.put(sold_); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(sold_, 4096); }

 private:
  bool sold(std::uint32_t id) const {
    for (const std::uint32_t known : sold_)
      if (known == id) return true;
    return false;
  }

  std::vector<std::uint32_t> sold_;
  std::uint32_t settled_ = 0, ahead_ = 0, power_ = 0;
  zm::option_account account_;
  const zm_agenda_api* agenda_ = nullptr;
  const zm_chain_api* chains_ = nullptr;
};

ZOMMA_STRATEGY(seller, "test.seller", "1.0.0", 1)
